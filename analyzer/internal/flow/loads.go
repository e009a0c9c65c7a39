package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds caches that load what they lack: what is loaded is for all who ask later,
// and whoever came first only has to wait for it.

// loadsForAll reports whether what a call in f gives is kept, under a lock, where f has
// looked first and found nothing:
//
//	c.mu.Lock()
//	defer c.mu.Unlock()
//	if v, ok := c.items[key]; ok {
//		return v, nil
//	}
//	v, err := c.load(key)
//	c.items[key] = v
//
// The place may be a field or an element of it, or a value in a field that is asked and
// filled by methods.
func (r *Result) loadsForAll(c *syntax.Call, f *syntax.Func) bool {
	if c.Assign == nil || f.Outer != nil {
		return false
	}
	for _, stmt := range f.Body.List {
		s, ok := stmt.(*ast.IfStmt)
		if !ok || !leaves(s.Body) {
			continue
		}
		if s.End() > c.Expr.Pos() {
			break
		}
		for _, l := range r.looksIn(s, f) {
			if r.keepsIn(l, c, f) {
				return true
			}
		}
	}
	return false
}

// A look is where something is looked for: in a field of what outlives the call, by a
// method of that or by itself.
type look struct {
	field *types.Var
	by    *ast.CallExpr
}

// looksIn returns where a statement that returns early has found what it gives, or, where
// f gives nothing but an error, what it has found to be there.
func (r *Result) looksIn(s *ast.IfStmt, f *syntax.Func) (looks []look) {
	results := f.Sig.Results()
	if results.Len() == 0 || results.Len() == 1 && kind.IsError(results.At(0).Type()) {
		if b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr); ok && b.Op == token.NEQ && r.Info.Types[b.Y].IsNil() {
			return r.looksOf(b.X, s, f)
		}
		return nil
	}
	for _, e := range s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt).Results {
		if !kind.IsError(r.TypeOf(e)) {
			looks = append(looks, r.looksOf(e, s, f)...)
		}
	}
	return looks
}

// looksOf returns where an expression comes from: a field, or a variable that was set to
// what a field has, or a method of a field gives, before a statement or by it.
func (r *Result) looksOf(e ast.Expr, s *ast.IfStmt, f *syntax.Func) (looks []look) {
	if field := r.lastingField(e, f); field != nil {
		return []look{{field: field}}
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := r.Info.Uses[id].(*types.Var)
	for _, rhs := range r.assignedTo(v, f) {
		if rhs.Pos() > s.Body.Pos() {
			continue
		}
		if field := r.lastingField(rhs, f); field != nil {
			looks = append(looks, look{field: field})
		}
		if call, ok := ast.Unparen(rhs).(*ast.CallExpr); ok {
			if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
				if field := r.lastingField(sel.X, f); field != nil {
					looks = append(looks, look{field, call})
				}
			}
		}
	}
	return looks
}

// lastingField returns the field, of what outlives a call of f, that an expression names, or
// an element of which it names, or nil.
func (r *Result) lastingField(e ast.Expr, f *syntax.Func) *types.Var {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		e = x.X
	case *ast.StarExpr:
		e = x.X
	case *ast.TypeAssertExpr:
		e = x.X
	}
	if v := r.VarOf(e); v != nil && v.IsField() && r.outlivesCall(r.BaseVar(e), f) {
		return v
	}
	return nil
}

// keepsIn reports whether f puts what a call gives, or what is made of that, where it has
// looked before: under a lock, or by a method that takes what it was asked for too and gives
// nothing back, but perhaps an error.
func (r *Result) keepsIn(l look, c *syntax.Call, f *syntax.Func) bool {
	var made []*types.Var
	kept := false
	assigned := func(lhs []ast.Expr) {
		for _, e := range lhs {
			if v := r.VarOf(e); v != nil && !v.IsField() && !kind.IsError(v.Type()) {
				made = append(made, v)
			}
			kept = kept || l.by == nil && r.lastingField(e, f) == l.field
		}
	}
	assigned(c.Assign.Lhs)
	has := func(e ast.Expr) bool {
		return slices.ContainsFunc(made, func(v *types.Var) bool { return r.Mentions(e, v) })
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Pos() > c.Expr.Pos() && slices.ContainsFunc(n.Rhs, has) {
				assigned(n.Lhs)
			}
		case *ast.CallExpr:
			if l.by != nil && n.Pos() > c.Expr.Pos() && slices.ContainsFunc(n.Args, has) && r.fills(n, l, f) {
				kept = true
			}
		}
		return true
	})
	return kept && (l.by != nil || r.locks(f))
}

// fills reports whether a call is of a method of the field that was asked by another one,
// for the same:
//
//	v, ok := c.items.Get(key)
//	c.items.Set(key, v)
func (r *Result) fills(call *ast.CallExpr, l look, f *syntax.Func) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || r.lastingField(sel.X, f) != l.field {
		return false
	}
	if tuple, ok := r.TypeOf(call).(*types.Tuple); ok && tuple.Len() > 0 || !ok && !kind.IsError(r.TypeOf(call)) {
		return false
	}
	return slices.ContainsFunc(l.by.Args, func(key ast.Expr) bool {
		return !kind.IsContext(r.TypeOf(key)) && slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return types.ExprString(arg) == types.ExprString(key) })
	})
}

// locks reports whether f, or each function of the package that calls it, takes a lock
// that outlives it.
func (r *Result) locks(f *syntax.Func) bool {
	if r.takesLock(f) {
		return true
	}
	if f.Obj == nil || !r.Private(f.Obj) {
		return false
	}
	calls := r.CallsOf(f.Obj)
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c syntax.CallIn) bool { return !r.takesLock(c.In.Root()) })
}

// takesLock reports whether f locks something that outlives it.
func (r *Result) takesLock(f *syntax.Func) bool {
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		if c.Callee == nil || c.Callee.Name() != "Lock" && c.Callee.Name() != "RLock" {
			return false
		}
		return r.outlivesCall(r.BaseVar(c.Expr.Fun), f)
	})
}
