package flow

import (
	"go/ast"
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
	var kept []*types.Var
	return slices.ContainsFunc(f.Body.List, func(stmt ast.Stmt) bool {
		s, ok := stmt.(*ast.IfStmt)
		if !ok || s.End() > c.Expr.Pos() || !leaves(s.Body) {
			return false
		}
		ret := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
		asked := r.givenBack(ret, s, f)
		if len(asked) == 0 {
			return false
		}
		if kept == nil {
			fields, byMethod := r.keptIn(c, f)
			if kept = []*types.Var{}; byMethod || r.locks(f) {
				kept = append(kept, fields...)
			}
		}
		return slices.ContainsFunc(kept, func(v *types.Var) bool { return slices.Contains(asked, v) })
	})
}

// givenBack returns the fields that an early return gives, or that its condition asks if
// f gives nothing but an error.
func (r *Result) givenBack(ret *ast.ReturnStmt, s *ast.IfStmt, f *syntax.Func) (fields []*types.Var) {
	results := f.Sig.Results()
	if results.Len() == 0 || results.Len() == 1 && kind.IsError(results.At(0).Type()) {
		return r.fieldsIn(s.Cond, f, 1)
	}
	for _, e := range ret.Results {
		fields = append(fields, r.fieldsIn(e, f, 1)...)
	}
	return fields
}

// keptIn returns the fields of what outlives f that get what a call gives, or what is made of
// that, and whether one of them gets it by a method, which may take a lock itself.
func (r *Result) keptIn(c *syntax.Call, f *syntax.Func) (fields []*types.Var, byMethod bool) {
	add := func(e ast.Expr) {
		if index, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			e = index.X
		}
		if v := r.VarOf(e); v != nil && v.IsField() && r.outlivesCall(r.BaseVar(e), f) {
			fields = append(fields, v)
		}
	}
	var made []*types.Var
	local := func(lhs ast.Expr) {
		if v := r.VarOf(lhs); v != nil && !v.IsField() && !kind.IsError(v.Type()) {
			made = append(made, v)
		}
	}
	for _, lhs := range c.Assign.Lhs {
		add(lhs)
		local(lhs)
	}
	has := func(e ast.Expr) bool {
		return slices.ContainsFunc(made, func(v *types.Var) bool { return r.Mentions(e, v) })
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Pos() > c.Expr.Pos() && slices.ContainsFunc(n.Rhs, has) {
				for _, lhs := range n.Lhs {
					add(lhs)
					local(lhs)
				}
			}
		case *ast.CallExpr: // c.items.Set(key, v)
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && n.Pos() > c.Expr.Pos() && slices.ContainsFunc(n.Args, has) {
				before := len(fields)
				add(sel.X)
				byMethod = byMethod || len(fields) > before
			}
		}
		return true
	})
	return fields, byMethod
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
