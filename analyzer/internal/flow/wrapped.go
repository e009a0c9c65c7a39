package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows contexts into the structs that a function makes of them and uses
// itself: a context of a team's own type, or a field.
//
//	c := &userContext{Context: ctx, user: u}
//	go save(c)
//	job := job{ctx: ctx}
//	go func() { save(job.ctx) }()

// wrapped returns the context that a struct literal has been given, where e, written in
// f, is that literal as a context, a variable that is set to it once, or the field of
// such a one; else nil.
func (r *Result) wrapped(e ast.Expr, f *syntax.Func) ast.Expr {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		field := r.VarOf(e)
		if field == nil || !field.IsField() || !kind.IsStandard(field.Type()) {
			return nil
		}
		return r.elementOf(r.literalOf(e.X, f), f, func(v *types.Var) bool { return v == field })
	case *ast.Ident, *ast.UnaryExpr, *ast.CompositeLit:
		t := r.TypeOf(e)
		if kind.IsStandard(t) || !r.ContextLike(t) || r.declares(t, "Value") || r.declares(t, "Done") {
			return nil
		}
		lit := r.literalOf(e, f)
		ctx := r.elementOf(lit, f, func(v *types.Var) bool { return v.Embedded() && r.ContextLike(v.Type()) })
		if ctx != nil && slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool { return elt != ctx && valueOfElement(elt) != ctx && r.tracing(elt, f) }) {
			return nil // it has something of another trace too
		}
		return ctx
	}
	return nil
}

// declares reports whether a type has a method itself, and not by what it embeds: what it
// does with its context is its decision.
func (r *Result) declares(t types.Type, name string) bool {
	_, index, _ := types.LookupFieldOrMethod(t, true, r.Pass.Pkg, name)
	return len(index) == 1
}

func valueOfElement(elt ast.Expr) ast.Expr {
	if kv, ok := elt.(*ast.KeyValueExpr); ok {
		return kv.Value
	}
	return elt
}

// literalOf returns the struct literal that e is, points to, or is a variable of: one that
// is set once, and of which no field is set. It returns nil for anything else.
func (r *Result) literalOf(e ast.Expr, f *syntax.Func) *ast.CompositeLit {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return StructLit(e)
	}
	value := r.onlyValue(id, f)
	if _, isVar := value.(*ast.Ident); value == nil || isVar {
		return nil // another name for it
	}
	return r.literalOf(value, f)
}

// onlyValue returns what a local variable of any type is set to, if that is one thing, and
// set once; else nil.
func (r *Result) onlyValue(id *ast.Ident, f *syntax.Func) ast.Expr {
	v, ok := r.Info.Uses[id].(*types.Var)
	if !ok || f == nil || v.IsField() {
		return nil
	}
	values := r.assignedTo(v, f)
	if len(values) != 1 || r.assignmentsOf(f).times[v] != 1 {
		return nil
	}
	return ast.Unparen(values[0])
}

// madeContext returns the call that a variable of a team's own type of context is set to,
// else nil.
func (r *Result) madeContext(id *ast.Ident, f *syntax.Func) ast.Expr {
	if t := r.TypeOf(id); kind.IsStandard(t) || !r.ContextLike(t) || r.IsRequest(t) {
		return nil
	}
	call, ok := r.onlyValue(id, f).(*ast.CallExpr)
	if !ok {
		return nil
	}
	return call
}

// elementOf returns what a struct literal gives the field that is looked for, nil if it
// gives it nothing or if the function sets it later.
func (r *Result) elementOf(lit *ast.CompositeLit, f *syntax.Func, is func(*types.Var) bool) ast.Expr {
	if lit == nil {
		return nil
	}
	st, ok := r.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i, elt := range lit.Elts {
		var field *types.Var
		value := elt
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			key, ok := kv.Key.(*ast.Ident)
			if !ok {
				continue
			}
			field, _ = r.Info.Uses[key].(*types.Var)
			value = kv.Value
		} else if i < st.NumFields() {
			field = st.Field(i)
		}
		if field == nil || !is(field.Origin()) {
			continue
		}
		if f != nil && r.assignmentsOf(f).fields[field.Origin()] {
			return nil
		}
		return value
	}
	return nil
}
