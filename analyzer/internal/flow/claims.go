package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds what lets one of several callers in, to work for all of them: an atomic
// operation, the only slot of a channel, a flight that the others wait for.

// leavesIfTaken reports whether a select returns if somebody else has the only slot.
//
//	select {
//	case r.slot <- struct{}{}:
//	default:
//		return
//	}
func (r *Result) leavesIfTaken(s *ast.SelectStmt) bool {
	takes, leaves := false, false
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		takes = takes || r.takesOnlySlot(c.Comm, nil)
		if c.Comm == nil && len(c.Body) > 0 {
			_, leaves = c.Body[len(c.Body)-1].(*ast.ReturnStmt)
		}
	}
	return takes && leaves
}

// takesOnlySlot reports whether a case of a select sends to a channel in a field that has
// room for one: it is a lock. One with more room is a limit.
func (r *Result) takesOnlySlot(comm ast.Stmt, f *syntax.Func) bool {
	send, ok := comm.(*ast.SendStmt)
	if !ok {
		return false
	}
	v := r.VarOf(send.Chan)
	if v == nil || !v.IsField() || f != nil && !r.OutlivesCall(r.BaseVar(send.Chan), f) {
		return false
	}
	return r.roomForOne(v)
}

// roomForOne reports whether all channels that the package puts into a field have room for
// one element.
func (r *Result) roomForOne(field *types.Var) bool {
	one, known := r.oneRoom[field]
	if known {
		return one
	}
	other := false
	note := func(e ast.Expr) {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		room := ok && len(call.Args) == 2 && r.Info.Types[call.Fun].IsBuiltin() && r.Info.Types[call.Args[1]].Value != nil && r.Info.Types[call.Args[1]].Value.String() == "1"
		other = other || !room
	}
	r.Stores(func(to *types.Var, value ast.Expr, _ *syntax.Func) {
		if to == field {
			note(value)
		}
	})
	r.oneRoom[field] = !other
	return !other
}

// letsOneIn reports whether a condition of f holds for one of several callers, by what it
// calls itself or by a variable that was set to what a call gives.
func (r *Result) letsOneIn(cond ast.Expr, f *syntax.Func) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || r.isClaim(n, f)
		case *ast.BinaryExpr:
			found = found || (n.Op == token.EQL || n.Op == token.NEQ) && r.countsTo(n.X, f)
		case *ast.Ident:
			v, ok := r.Info.Uses[n].(*types.Var)
			if ok && !v.IsField() && kind.IsBool(v.Type()) && syntax.Encloses(f.Root().Node, v.Pos()) && r.hasClaim(f) {
				found = found || slices.ContainsFunc(r.assignedTo(v, f), func(rhs ast.Expr) bool {
					call, ok := ast.Unparen(rhs).(*ast.CallExpr)
					return ok && r.isClaim(call, f)
				})
			}
		}
		return !found
	})
	return found
}

// hasClaim reports whether f calls anything by which the first of several is found, as few do.
func (r *Result) hasClaim(f *syntax.Func) bool {
	has, known := r.claiming[f]
	if !known {
		has = slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool { return c.Callee != nil && isClaimName(c.Callee.Name()) })
		r.claiming[f] = has
	}
	return has
}

// isClaimName reports whether a function of that name changes something and tells whether it
// was the first to do so, in package sync and its kin.
func isClaimName(name string) bool {
	switch name {
	case "CompareAndSwap", "TryLock", "LoadOrStore", "Swap":
		return true
	}
	return false
}

// isClaim reports whether a call changes what outlives the call of f and tells whether it
// was the first to do so.
func (r *Result) isClaim(call *ast.CallExpr, f *syntax.Func) bool {
	fn := r.Callee(call)
	if fn == nil {
		return false
	}
	if isClaimName(fn.Name()) {
		return fn.Name() != "Swap" || kind.IsBool(r.TypeOf(call))
	}
	return r.OutlivesCall(r.BaseVar(call.Fun), f) && r.claims(fn)
}

// countsTo reports whether an expression is what an atomic counter, which outlives the call
// of f, has been raised to, or its rest: to compare it lets one in, or one in so many.
//
//	if r.hits.Add(1)%1000 == 0 {
func (r *Result) countsTo(e ast.Expr, f *syntax.Func) bool {
	e = ast.Unparen(e)
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.REM {
		e = ast.Unparen(b.X)
	}
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := r.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" || !strings.HasPrefix(fn.Name(), "Add") {
		return false
	}
	counter := call.Fun
	if fn.Signature().Recv() == nil {
		counter = call.Args[0]
		if u, ok := ast.Unparen(counter).(*ast.UnaryExpr); ok {
			counter = u.X
		}
	}
	return r.OutlivesCall(r.BaseVar(counter), f)
}

// claims reports whether a method of the package says whether its caller is the first: it
// gives a bool alone, as a field tells that is one too and that it changes. A number, or
// a map, may let many in, each for its own work.
//
//	if o.running {
//		return false
//	}
//	o.running = true
func (r *Result) claims(fn *types.Func) bool {
	f, results := r.Func(fn), fn.Signature().Results()
	if f == nil || f.Body == nil || fn.Signature().Recv() == nil || results.Len() != 1 || !kind.IsBool(results.At(0).Type()) {
		return false
	}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.IfStmt); ok {
			found = found || slices.ContainsFunc(r.fieldsIn(s.Cond, f, 1), func(field *types.Var) bool {
				return kind.IsBool(field.Type()) && r.changesField(f, field)
			})
		}
		return !found
	})
	return found
}

// oneAtATime reports whether what f does at pos comes after it has gone home unless it is
// the only one: it works for those as well that did not get in.
//
//	if !mu.TryLock() {
//		return
//	}
func (r *Result) oneAtATime(f *syntax.Func, pos token.Pos) bool {
	from, known := r.alone[f]
	if !known {
		for _, stmt := range f.Body.List {
			if s, ok := stmt.(*ast.IfStmt); ok && leaves(s.Body) && (r.letsOneIn(s.Cond, f) || r.waitsForFirst(s, f)) {
				from = s.End()
				break
			}
		}
		r.alone[f] = from
	}
	return from.IsValid() && from <= pos
}

// waitsForFirst reports whether a statement that returns early waits for what somebody else
// does, and that is found in what outlives the call and f fills: a flight.
//
//	if c := g.calls[key]; c != nil {
//		c.wg.Wait()
//		return c.val, c.err
//	}
func (r *Result) waitsForFirst(s *ast.IfStmt, f *syntax.Func) bool {
	waits := slices.ContainsFunc(s.Body.List, func(stmt ast.Stmt) bool {
		as, ok := stmt.(*ast.AssignStmt)
		return r.onlyWaits(stmt) || ok && r.isWait(as.Rhs[0])
	})
	return waits && r.asksChanged(s.Cond, f)
}
