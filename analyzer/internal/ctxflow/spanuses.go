package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// This file finds the uses of the context that a span was started with.

// usesInstead returns the uses of the outer context while the span is open by
// which something could start a span.
func (r *Result) usesInstead(s *spanStart, open *openSpan) []ast.Expr {
	outer, request := r.varOf(s.outer), r.requestBehind(s.outer)
	if outer == nil && request == nil || outer != nil && outer.IsField() {
		return nil
	}
	inner := r.spansUnder(s, open)
	var uses []ast.Expr
	add := func(e ast.Expr) {
		if r.openAt(s, open, e.Pos()) && !slices.ContainsFunc(inner, func(i *spanStart) bool { return r.openAt(i, i.open, e.Pos()) }) {
			uses = append(uses, e) // else lost to that one
		}
	}
	visit := func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			f := r.byLit[n]
			return f != nil && r.onBehalf(f)
		case *ast.Ident:
			if outer != nil && r.info.Uses[n] == outer && r.levelAt(n, stack) == reads && !r.madeToLast(n, stack, s.in) && !r.isMeant(n, stack, s) {
				add(n)
			}
		case *ast.CallExpr:
			if request != nil && r.requestOf(n) == request && r.levelAt(n, stack) == reads && !r.isMeant(n, stack, s) {
				add(n)
			}
			if arg := r.handledWith(n, request); arg != nil {
				add(arg)
			}
		}
		return true
	}
	ast.PreorderStack(s.in.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if n.End() <= s.assign.End() && !s.in.inLoop(s.assign.Pos()) || n == s.assign {
			return false
		}
		return len(stack) == 0 || visit(n, stack)
	})
	return uses
}

// isMeant reports whether a use of the outer context while s is open, whose parents are
// stack, is meant: for a task that is detached from the request, or for a sibling of s
// that is open beside it.
func (r *Result) isMeant(e ast.Expr, stack []ast.Node, s *spanStart) bool {
	p, rest := parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok {
		return false
	}
	if callee := r.callee(call); callee != nil && r.detaches(callee) {
		for i := len(rest) - 1; i >= 0; i-- {
			if _, ok := rest[i].(*ast.GoStmt); ok {
				return true
			}
		}
		return false
	}
	return s.ctx != nil && slices.ContainsFunc(r.spanStarts(s.in), func(o *spanStart) bool {
		return o.expr == call && o.ctx != nil && o.ctx != s.ctx && r.mentionedIn(s.in, s.ctx, call.End())
	})
}

// mentionedIn reports whether f mentions v after pos.
func (r *Result) mentionedIn(f *Func, v *types.Var, pos token.Pos) bool {
	found := false
	ast.Inspect(f.body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Pos() > pos && r.info.Uses[id] == v
		return !found
	})
	return found
}

// spansUnder returns the other spans that are started with the same context while
// s is open, as far as it is known where they are.
func (r *Result) spansUnder(s *spanStart, open *openSpan) []*spanStart {
	var got []*spanStart
	starts := r.spanStarts(s.in)
	for _, o := range starts[sort.Search(len(starts), func(i int) bool { return starts[i].expr.Pos() > s.assign.End() }):] {
		if types.ExprString(o.outer) == types.ExprString(s.outer) && open.region.Has(o.assign) && r.openOf(o) != nil {
			got = append(got, o)
		}
	}
	return got
}

// changesOuter reports whether a step gives v another value: what follows uses another
// context.
func (r *Result) changesOuter(step path.Step, v *types.Var) bool {
	info := r.vars[v]
	if v == nil || info == nil {
		return false
	}
	return slices.ContainsFunc(info.defs, func(d def) bool { return d.at == step.Node && !r.isNilGuard(d, v) })
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

// replaces reports whether a step gives a request another context:
//
//	r = r.WithContext(ctx)
//	c.SetRequest(c.Request().WithContext(ctx))
//	c.SetUserContext(ctx)
func (r *Result) replaces(step path.Step, request *types.Var) bool {
	if request == nil {
		return false
	}
	switch n := step.Node.(type) {
	case *ast.AssignStmt:
		return slices.ContainsFunc(n.Lhs, func(lhs ast.Expr) bool {
			if star, ok := lhs.(*ast.StarExpr); ok {
				lhs = star.X
			}
			return r.baseVar(lhs) == request
		})
	case *ast.CallExpr:
		sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
		return ok && r.baseVar(sel.X) == request && slices.ContainsFunc(n.Args, func(arg ast.Expr) bool {
			return r.isHTTPRequest(typeOf(r.info, arg)) || IsContext(typeOf(r.info, arg)) && !r.isHTTPRequest(request.Type())
		})
	}
	return false
}

// handledWith returns the request as an argument of a call that hands it on to what
// works with its context, or as what is asked to go on to the next handler, or nil. Most
// functions that take a request only ask it.
func (r *Result) handledWith(call *ast.CallExpr, request *types.Var) ast.Expr {
	if request == nil {
		return nil
	}
	for i, arg := range call.Args {
		if r.varOf(arg) == request && r.isRequest(request.Type()) && (r.isNextHandler(call) || r.worksRequest(call, i, arg)) {
			return arg
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if ok && sel.Sel.Name == "Next" && len(call.Args) == 0 && r.varOf(sel.X) == request && !r.isHTTPRequest(request.Type()) {
		return sel.X // gin's and fiber's
	}
	return nil
}

// isNextHandler reports whether a call is that of a function value that handles requests,
// which the function has been given: next(w, r), handler(srv, stream).
func (r *Result) isNextHandler(call *ast.CallExpr) bool {
	v := r.varOf(call.Fun)
	if v == nil || r.callee(call) != nil {
		return false
	}
	_, ok := v.Type().Underlying().(*types.Signature)
	return ok && r.assignedLit(call.Fun) == nil
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
