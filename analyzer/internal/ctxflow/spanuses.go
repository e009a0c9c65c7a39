package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"
)

// This file finds the uses of the context that a span was started with.

// usesInstead returns the uses of the outer context while the span is open by
// which something could start a span.
func (r *Result) usesInstead(s *spanStart, until token.Pos) []ast.Expr {
	outer, request := r.varOf(s.outer), r.requestBehind(s.outer)
	if outer == nil && request == nil || outer != nil && outer.IsField() {
		return nil
	}
	until = min(r.changedFrom(outer, s, until), r.replacedFrom(request, s, until))
	inner := r.spansUnder(s, until)
	var uses []ast.Expr
	visit := func(n ast.Node, stack []ast.Node) bool {
		if n.Pos() >= until {
			return false
		}
		if slices.ContainsFunc(inner, func(i span) bool { return i.from < n.Pos() && n.End() <= i.until }) {
			return false // lost to that one
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			f := r.byLit[n]
			return f != nil && r.onBehalf(f)
		case *ast.Ident:
			if outer != nil && r.info.Uses[n] == outer && r.levelAt(n, stack) == reads && !r.madeToLast(n, stack, s.in) {
				uses = append(uses, n)
			}
		case *ast.CallExpr:
			if request != nil && r.requestOf(n) == request && r.levelAt(n, stack) == reads {
				uses = append(uses, n)
			}
			if arg := r.handledWith(n, request); arg != nil {
				uses = append(uses, arg)
			}
		}
		return true
	}
	for _, stmt := range s.following() {
		if stmt.Pos() >= until {
			break
		}
		ast.PreorderStack(stmt, []ast.Node{s.block}, visit)
	}
	return uses
}

// A span is where one is open.
type span struct{ from, until token.Pos }

// spansUnder returns the other spans that are started with the same context while
// s is open.
func (r *Result) spansUnder(s *spanStart, until token.Pos) []span {
	var got []span
	starts := r.spanStarts(s.in)
	for _, o := range starts[sort.Search(len(starts), func(i int) bool { return starts[i].expr.Pos() > s.assign.End() }):] {
		if o.expr.Pos() >= until {
			break
		}
		if types.ExprString(o.outer) == types.ExprString(s.outer) {
			if end, _ := r.openUntil(o); end.IsValid() {
				got = append(got, span{o.assign.End(), end})
			}
		}
	}
	return got
}

// changedFrom returns where v is changed after s, until at the latest: what
// follows uses another context.
func (r *Result) changedFrom(v *types.Var, s *spanStart, until token.Pos) token.Pos {
	if info := r.vars[v]; v != nil && info != nil {
		for _, d := range info.defs {
			if d.pos > s.assign.End() && d.pos < until && !r.isNilGuard(d, v) {
				return d.pos
			}
		}
	}
	return until
}

// isNilGuard reports whether a definition of v is made because v is nil: it is
// another context only for callers who give none.
func (r *Result) isNilGuard(d def, v *types.Var) bool {
	found := false
	ast.Inspect(d.in.body, func(n ast.Node) bool {
		if s, ok := n.(*ast.IfStmt); ok && s.Body == d.scope {
			b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
			found = ok && b.Op == token.EQL && r.varOf(b.X) == v && r.info.Types[b.Y].IsNil()
		}
		return !found
	})
	return found
}

// requestBehind returns the variable r of a context expression r.Context(), or of
// a variable that is set to that, or nil.
func (r *Result) requestBehind(e ast.Expr) *types.Var {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		call, ok = r.assignedOnce(e).(*ast.CallExpr)
	}
	if !ok {
		return nil
	}
	return r.requestOf(call)
}

// replacedFrom returns where the request is given another context after s, until
// at the latest:
//
//	r = r.WithContext(ctx)
//	c.SetRequest(c.Request().WithContext(ctx))
func (r *Result) replacedFrom(request *types.Var, s *spanStart, until token.Pos) token.Pos {
	if request == nil {
		return until
	}
	ast.Inspect(s.in.body, func(n ast.Node) bool {
		replaced := false
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if star, ok := lhs.(*ast.StarExpr); ok {
					lhs = star.X
				}
				replaced = replaced || r.baseVar(lhs) == request
			}
		case *ast.CallExpr:
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && r.baseVar(sel.X) == request {
				for _, arg := range n.Args {
					replaced = replaced || r.isHTTPRequest(typeOf(r.info, arg))
				}
			}
		}
		if replaced && n.Pos() > s.assign.End() {
			until = min(until, n.End())
		}
		return true
	})
	return until
}

// handledWith returns the request as an argument of a call that hands it to an
// http.Handler, which works with its context, or nil. Most functions that take
// a request only ask it.
func (r *Result) handledWith(call *ast.CallExpr, request *types.Var) ast.Expr {
	if request == nil || len(call.Args) != 2 || r.varOf(call.Args[1]) != request || !r.isHTTPRequest(request.Type()) {
		return nil
	}
	if n := namedOf(typeOf(r.info, call.Args[0])); n == nil || !r.hasMethods(n, "Header", "WriteHeader") {
		return nil
	}
	if callee := r.callee(call); callee != nil && callee.Name() != "ServeHTTP" {
		return nil
	}
	return call.Args[1]
}

// madeToLast reports whether a use of a context, whose parents in f are stack, is
// to make one that lasts longer than the function, for tasks which do too:
//
//	ctx, cancel := context.WithCancel(ctx)
//	go p.run(ctx)
//	p.cancel = cancel
//
// A span that the function ends is not meant to span them.
func (r *Result) madeToLast(e ast.Expr, stack []ast.Node, f *Func) bool {
	p, rest := parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok || !r.makesCancel(call) {
		return false
	}
	p, _ = parent(rest)
	as, ok := p.(*ast.AssignStmt)
	if !ok || len(as.Lhs) < 2 {
		return false
	}
	f = innermost(f, e.Pos())
	made := r.varOf(as.Lhs[0])
	return made != nil && r.handedOn(r.varOf(as.Lhs[1]), f) && r.onlyInTasks(made, as.End(), f)
}

// handedOn reports whether a cancel function that f makes is kept or returned.
func (r *Result) handedOn(cancel *types.Var, f *Func) bool {
	if cancel == nil || cancel.IsField() {
		return cancel != nil
	}
	found := false
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			found = found || r.byLit[lit] != nil && !r.onBehalf(r.byLit[lit]) && r.mentions(lit, cancel)
			return !found
		}
		if id, ok := n.(*ast.Ident); ok && r.info.Uses[id] == cancel && !isAssigned(id, stack) {
			p, _ := parent(stack)
			call, ok := p.(*ast.CallExpr)
			found = found || !ok || r.varOf(call.Fun) != cancel
		}
		return !found
	})
	return found
}

// onlyInTasks reports whether the values of v, a context of f, are read by tasks
// alone that f does not wait for, in what is written after pos.
func (r *Result) onlyInTasks(v *types.Var, pos token.Pos, f *Func) bool {
	var tasks []*Spawn
	for _, c := range f.calls {
		for _, s := range r.spawnsAt(c, f) {
			if !r.Joined(s, r.TaskOf(s), nil) {
				tasks = append(tasks, s)
			}
		}
	}
	only := true
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() > pos && r.info.Uses[id] == v && r.levelAt(id, stack) == reads {
			only = only && slices.ContainsFunc(tasks, func(s *Spawn) bool { return s.runs(id) })
		}
		return only
	})
	return only
}

// runs reports whether e is part of the task of a spawn, or an argument of it.
func (s *Spawn) runs(e ast.Expr) bool {
	if s.Go != nil {
		return encloses(s.Go, e.Pos())
	}
	return encloses(s.Arg, e.Pos())
}
