package flow

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds spawners that may also run the task themselves, before they return:
//
//	select {
//	case p.tasks <- f:
//	default:
//		f() // the queue is full
//	}
//
// What they are given must leave the caller's goroutine as it was.

// solveInPlace finds them among the spawners of the package.
func (r *Result) solveInPlace() {
	for again := true; again; {
		again = false
		for _, f := range r.Decls {
			if f.Body == nil || r.known(f.Obj).Spawns == 0 {
				continue
			}
			for i := range f.Sig.Params().Len() {
				s := r.known(f.Obj)
				if Has(s.Spawns, i) && !Has(s.InPlace, i) && r.callsItself(f, f.Sig.Params().At(i)) {
					r.own(f.Obj).InPlace |= bit(i)
					again = true
				}
			}
		}
	}
	r.liftUnion(func(s *Summary) *uint64 { return &s.InPlace })
}

// callsItself reports whether f, or a literal that runs as part of it, calls v, or
// passes it to what does.
func (r *Result) callsItself(f *syntax.Func, v *types.Var) bool {
	for _, c := range f.Calls {
		if c.Go != nil {
			continue
		}
		if r.VarOf(c.Expr.Fun) == v {
			return true
		}
		if sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr); ok && r.VarOf(sel.X) == v {
			return true // a job, see jobs.go
		}
		for i, arg := range c.Expr.Args {
			if r.VarOf(arg) == v && r.mayCallInPlace(c.Expr, i) {
				return true
			}
		}
	}
	for _, lit := range f.Lits {
		if r.runsAsPart(f, lit) && r.callsItself(lit, v) {
			return true
		}
	}
	return false
}

// runsAsPart reports whether a literal of f runs before f returns, on the same
// goroutine.
func (r *Result) runsAsPart(f, lit *syntax.Func) bool {
	switch lit.Role {
	case syntax.RoleDeferred:
		return true
	case syntax.RolePassed:
		return r.mayCallInPlace(lit.Call, lit.Arg)
	case syntax.RoleAssigned:
		for _, c := range f.Calls {
			if c.Go == nil && r.AssignedLit(c.Expr.Fun) == lit {
				return true
			}
		}
		return false
	}
	return r.RunsInPlace(lit)
}

// mayCallInPlace reports whether a call may call its argument i before it returns,
// as far as is known.
func (r *Result) mayCallInPlace(call *ast.CallExpr, i int) bool {
	callee := r.Callee(call)
	return callee != nil && Has(r.Of(callee).InPlace, kind.ParamIndex(callee.Signature(), i)) || r.CallsInPlace(call, i)
}

// MayRunInPlace reports whether a spawner may run the task of a spawn itself.
func (r *Result) MayRunInPlace(s *Spawn) bool {
	if s.Go != nil || s.Spawner == nil {
		return false
	}
	for i, arg := range s.Call.Args {
		if syntax.Encloses(arg, s.Arg.Pos()) {
			return r.mayCallInPlace(s.Call, i)
		}
	}
	return true // what runs was set before
}
