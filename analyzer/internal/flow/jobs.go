package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows tasks that are no functions but have one: values of an interface of
// one method, structs with a function in a field. A worker that takes them out of a
// channel and runs that shows that they are tasks:
//
//	for j := range p.jobs { j.Do() }

// A job is how the values of a type run: by a method of an interface, or by a field.
type job struct {
	method *types.Func
	field  *types.Var
}

func (j job) known() bool { return j.method != nil || j.field != nil }

// jobOf returns how a value of type t runs that is taken out of a channel. Of the types of
// other packages, only the parameters of spawners are asked for: there an interface has
// one method, and of a struct the one field is meant that is a function without data.
func (r *Result) jobOf(t types.Type) job {
	n := kind.NamedOf(t)
	if n == nil {
		return job{}
	}
	if n.Obj().Pkg() == r.Pass.Pkg {
		return r.jobTypes()[n.Obj()]
	}
	if kind.IsRunnable(n) {
		return job{method: n.Underlying().(*types.Interface).Method(0)}
	}
	var found job
	if st, ok := n.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if sig, ok := f.Type().Underlying().(*types.Signature); ok && !kind.TakesData(sig) {
				if found.known() {
					return job{} // which of them runs, nobody knows here
				}
				found.field = f
			}
		}
	}
	return found
}

// jobTypes returns the types of the package whose values workers of the package run.
func (r *Result) jobTypes() map[*types.TypeName]job {
	if r.jobs != nil {
		return r.jobs
	}
	r.jobs = make(map[*types.TypeName]job)
	r.Funcs(func(f *syntax.Func) {
		for _, c := range f.Calls {
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			if !ok {
				continue
			}
			v := r.VarOf(sel.X)
			if v == nil || v.IsField() || kind.NamedOf(v.Type()) == nil {
				continue
			}
			j := job{}
			switch field := r.VarOf(sel); {
			case c.Callee != nil && kind.IsRunnable(v.Type()):
				j.method = c.Callee
			case c.Callee == nil && field != nil && field.IsField() && r.hasItsData(c.Expr, v):
				j.field = field
			}
			if j.known() && (r.isReceived(v, f) || c.Go != nil && j.method != nil) {
				r.jobs[kind.NamedOf(v.Type()).Obj()] = j
			}
		}
	})
	return r.jobs
}

// hasItsData reports whether all that a call is given is a context, or comes out of v:
//
//	j.work(j.id)
func (r *Result) hasItsData(call *ast.CallExpr, v *types.Var) bool {
	return !slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		return !kind.IsContext(r.TypeOf(arg)) && r.BaseVar(arg) != v
	})
}

// isReceived reports whether a local variable of f is what is received from a channel.
func (r *Result) isReceived(v *types.Var, f *syntax.Func) bool {
	for _, n := range syntax.PathTo(v.Pos(), f.Root().Node) {
		switch n := n.(type) {
		case *ast.RangeStmt:
			_, ok := r.TypeOf(n.X).Underlying().(*types.Chan)
			if ok && n.Key != nil && r.VarOf(n.Key) == v {
				return true
			}
		case *ast.AssignStmt:
			if syntax.ReceivedFrom(n) != nil {
				return true
			}
		}
	}
	return slices.ContainsFunc(r.assignedTo(v, f), func(e ast.Expr) bool {
		u, ok := ast.Unparen(e).(*ast.UnaryExpr)
		return ok && u.Op == token.ARROW
	})
}

// runOf returns what runs of the value e that is handed over as a t: a function, as it is
// written, or the method of the type that e is known to have. It returns neither if t is
// no job, or what e is is not known.
func (r *Result) runOf(e ast.Expr, t types.Type) (task ast.Expr, method *types.Func) {
	switch j := r.jobOf(t); {
	case j.method != nil:
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && r.Info.Types[call.Fun].IsType() && len(call.Args) == 1 && r.isTask(call.Args[0]) {
			return call.Args[0], nil // JobFunc(func() { .. })
		}
		if t := r.dynamicType(e); t != nil {
			return e, r.Method(t, j.method.Name())
		}
	case j.field != nil:
		return r.fieldValue(e, j.field), nil
	}
	return nil, nil
}

// isJob reports whether a literal is what runs of a value that the function around it
// sends, or gives to who does.
func (r *Result) isJob(lit *syntax.Func) bool {
	path := syntax.PathTo(lit.Node.Pos(), lit.Outer.Node)
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.SendStmt:
			task, _ := r.sent(n)
			return task == lit.Node
		case *ast.CallExpr:
			if r.Info.Types[n.Fun].IsType() {
				continue // JobFunc(func() { .. })
			}
			c := lit.Outer.CallOf(n)
			return c != nil && slices.ContainsFunc(r.SpawnsAt(c, lit.Outer), func(s *Spawn) bool { return s.Go == nil && s.Arg == lit.Node })
		case ast.Stmt:
			return false
		}
	}
	return false
}

// dynamicType returns the type of what an expression gives, nil if that is an interface
// and not known to have one type only.
func (r *Result) dynamicType(e ast.Expr) types.Type {
	t := r.TypeOf(e)
	if !types.IsInterface(t) {
		return t
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	once := r.onlyValue(id, r.funcAround(id.Pos()))
	if once == nil || types.IsInterface(r.TypeOf(once)) {
		return nil
	}
	return r.TypeOf(once)
}

// dynamicMethod returns the method that a call of an interface's runs, if what it is
// called of is known, else nil.
//
//	var j Job = refund{id}
//	go j.Do()
func (r *Result) dynamicMethod(call *ast.CallExpr, callee *types.Func) *types.Func {
	if callee == nil || !kind.IsMethodOfInterface(callee) {
		return nil
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if _, ok := ast.Unparen(sel.X).(*ast.Ident); !ok {
		return nil
	}
	t := r.dynamicType(sel.X)
	if t == nil || types.IsInterface(t) {
		return nil
	}
	return r.Method(t, callee.Name())
}

// fieldValue returns what a field of a struct is set to, where that is written in place,
// or a variable that is set once and given the field; nil if it is not known.
func (r *Result) fieldValue(e ast.Expr, field *types.Var) ast.Expr {
	f := r.funcAround(e.Pos())
	lit := r.literalOf(e, f)
	if _, isVar := ast.Unparen(e).(*ast.Ident); !isVar {
		f = nil // nobody sets a field of it later
	}
	is := func(v *types.Var) bool { return v.Origin() == field.Origin() }
	if value := r.elementOf(lit, f, is); value != nil {
		return value
	}
	if v := r.VarOf(e); lit != nil && v != nil && !v.IsField() {
		return r.setLater(v, field)
	}
	return nil
}

// setLater returns what a field of a local variable is set to by a statement of its
// own, nil if that is not one.
func (r *Result) setLater(v, field *types.Var) (value ast.Expr) {
	f := r.funcAround(v.Pos())
	if f == nil || f.Body == nil {
		return nil
	}
	times := 0
	ast.Inspect(f.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) != len(as.Rhs) {
			return true
		}
		for i, lhs := range as.Lhs {
			sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
			if ok && r.VarOf(sel.X) == v && r.VarOf(sel) == field {
				value = as.Rhs[i]
				times++
			}
		}
		return true
	})
	if times != 1 {
		return nil
	}
	return value
}
