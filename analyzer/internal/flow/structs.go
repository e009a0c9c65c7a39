package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows contexts that a task gets in a struct, whose method it is or which it
// is given:
//
//	v := &visit{ctx: r.Context(), id: id}
//	go v.file()

// maxMethods bounds how deep methods of a struct that call each other are followed.
const maxMethods = 3

// structUses returns the contexts that a task works with as fields of structs that are
// written where it is started.
func (r *Result) structUses(s *Spawn) (uses []use) {
	add := func(value ast.Expr, of *types.Var) {
		if value == nil || of == nil {
			return
		}
		for _, field := range r.workedFields(of, maxMethods) {
			if ctx := r.fieldValue(value, field); ctx != nil && kind.IsContext(r.TypeOf(ctx)) && r.funcAround(ctx.Pos()) == s.In.Root() {
				uses = append(uses, use{ctx: ctx, in: syntax.Innermost(s.In.Root(), ctx.Pos())})
			}
		}
	}
	if sel, ok := ast.Unparen(s.Task()).(*ast.SelectorExpr); ok {
		if f := r.Func(r.NamedFunc(sel)); f != nil && f.Body != nil {
			add(sel.X, f.Sig.Recv())
		}
	}
	if f := r.TaskFunc(s); s.Go != nil && f != nil && !f.Sig.Variadic() {
		for i, arg := range s.Call.Args {
			if i < f.Sig.Params().Len() {
				add(arg, f.Sig.Params().At(i))
			}
		}
	}
	for _, b := range r.bodies(s) {
		if syntax.LitOf(b.f) == nil || b.f.Root() != s.In.Root() {
			continue
		}
		for _, c := range b.f.Calls {
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			if f := r.Func(c.Callee); ok && f != nil && f.Body != nil && f.Sig.Recv() != nil {
				add(sel.X, f.Sig.Recv())
			}
		}
	}
	return uses
}

// workedFields returns the context fields of a receiver or parameter that its function works
// with, itself or by other methods.
func (r *Result) workedFields(v *types.Var, depth int) []*types.Var {
	st, ok := kind.Pointee(v.Type()).Underlying().(*types.Struct)
	if !ok || depth == 0 || kind.IsHTTPRequest(v.Type()) || !hasContext(st) {
		return nil
	}
	if got, known := r.fields[v]; known {
		return got
	}
	f := r.ownerOf(v)
	if f == nil || f.Body == nil || r.serves[f] || r.Watches(f) {
		return nil
	}
	r.fields[v] = nil // methods that call each other
	var fields []*types.Var
	add := func(field *types.Var) {
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if field := r.VarOf(n); field != nil && field.IsField() && kind.IsContext(field.Type()) && r.VarOf(n.X) == v && r.worksAt(n, stack) {
				add(field)
			}
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if !ok || r.VarOf(sel.X) != v {
				break
			}
			if g := r.Func(r.Callee(n)); g != nil && g.Sig.Recv() != nil {
				for _, field := range r.workedFields(g.Sig.Recv(), depth-1) {
					add(field)
				}
			}
		}
		return true
	})
	r.fields[v] = fields
	return fields
}

// hasContext reports whether a struct has a field with a context, as few do.
func hasContext(st *types.Struct) bool {
	for field := range st.Fields() {
		if kind.IsContext(field.Type()) {
			return true
		}
	}
	return false
}

// ownerOf returns the declaration that v is the receiver or a parameter of, or nil.
func (r *Result) ownerOf(v *types.Var) *syntax.Func {
	f := r.funcAround(v.Pos())
	if f == nil || f.Sig.Recv() != v && kind.ParamOf(f.Sig, v) < 0 {
		return nil
	}
	return f
}
