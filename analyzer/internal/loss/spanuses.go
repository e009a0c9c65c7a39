package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds the uses of the context that a span was started with.

// usesInstead returns the uses of the outer context while the span is open by
// which something could start a span. Where the context of the span is out of scope, it
// has been left behind with its block: that may be meant.
func (r *Result) usesInstead(s *syntax.SpanStart, open *openSpan) []ast.Expr {
	outer, behind := r.VarOf(s.Outer), r.requestsBehind(s.Outer, s.In)
	if outer == nil && len(behind) == 0 || outer != nil && outer.IsField() {
		return nil
	}
	inner := r.spansUnder(s, open)
	requests := append(r.requestsMadeWith(outer, s), behind...)
	var uses []ast.Expr
	add := func(e ast.Expr) {
		if s.Ctx != nil && !s.Ctx.IsField() && !s.Ctx.Parent().Contains(e.Pos()) {
			return
		}
		if r.openAt(s, open, e.Pos()) && !slices.ContainsFunc(inner, func(i *syntax.SpanStart) bool {
			return e.Pos() > i.Assign.End() && r.openAt(i, r.opened[i], e.Pos())
		}) {
			uses = append(uses, e) // else lost to that one
		}
	}
	visit := func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			f := r.Lit(n)
			return f != nil && r.OnBehalf(f)
		case *ast.Ident:
			if outer != nil && r.Info.Uses[n] == outer && r.LevelAt(n, stack) == flow.Reads && !r.madeToLast(n, stack, s.In) && !r.isMeant(stack, s) && r.usedUnder(s, open, n, stack, maxDerived) {
				add(n)
			}
		case *ast.CallExpr:
			if of := r.RequestOf(n); of != nil && slices.Contains(behind, of) && r.LevelAt(n, stack) == flow.Reads && !r.isMeant(stack, s) {
				add(n)
			}
			for _, request := range requests {
				if arg := r.handledWith(n, request); arg != nil {
					add(arg)
				}
			}
		}
		return true
	}
	again := s.In.InLoop(s.Assign.Pos()) || s.In.Gotos && r.GraphOf(s.In).Between(s.Assign, s.Assign, nil)
	within := ast.Node(s.In.Body)
	if open.region.IsWithin(s.Block) {
		within = s.Block
	}
	ast.PreorderStack(within, nil, func(n ast.Node, stack []ast.Node) bool {
		if n.End() <= s.Assign.End() || n == s.Assign {
			return false
		}
		if _, isStmt := n.(ast.Stmt); isStmt && n.Pos() >= s.Block.End() && again {
			return false // of the rounds of a loop several may be open
		}
		return len(stack) == 0 || visit(n, stack)
	})
	return uses
}

// usedUnder reports whether what a use e of the outer context, whose parents are stack, comes
// to is done while s is open: where another context is derived there, its uses tell.
//
//	ctx2 := context.WithValue(ctx, key, 1)
//	span.End()
//	work(ctx2)
func (r *Result) usedUnder(s *syntax.SpanStart, open *openSpan, e ast.Expr, stack []ast.Node, depth int) bool {
	made := r.derivedInto(e, stack)
	if depth == 0 || made == nil || made.IsField() || made == r.VarOf(s.Outer) || !syntax.Encloses(s.In.Body, made.Pos()) {
		return true
	}
	under := false
	ast.PreorderStack(s.In.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if lit := r.Lit(n); lit == nil || !r.OnBehalf(lit) {
				under = under || r.Mentions(n, made)
				return false
			}
		case *ast.Ident:
			under = under || r.Info.Uses[n] == made && r.LevelAt(n, stack) == flow.Reads && r.openAt(s, open, n.Pos()) && r.usedUnder(s, open, n, stack, depth-1)
		}
		return !under
	})
	return under
}

// derivedInto returns the variable that is set to e, a context whose parents are stack, or to
// what is derived from it there, or nil.
func (r *Result) derivedInto(e ast.Expr, stack []ast.Node) *types.Var {
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.CallExpr:
			if !r.onlyDerives(r.Callee(p), maxDerived) {
				return nil
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			return r.VarOf(r.TargetOf(e, p.Lhs, p.Rhs))
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(p.Names))
			for i, name := range p.Names {
				names[i] = name
			}
			return r.VarOf(r.TargetOf(e, names, p.Values))
		}
		return nil
	}
}

// onlyDerives reports whether all that a function does with the context that it is given is to
// make another one.
func (r *Result) onlyDerives(fn *types.Func, depth int) bool {
	if fn == nil || depth == 0 || !r.OnlyDerives(fn.Signature()) {
		return false
	}
	f := r.Func(fn)
	return f == nil || len(r.SpanStarts(f)) == 0 && !slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return kind.IsContext(r.TypeOf(arg)) }) && !r.onlyDerives(c.Callee, depth-1)
	})
}

// isMeant reports whether a use of the outer context while s is open, whose parents are
// stack, is meant: for a task that is detached from the request, for a sibling of s
// that is open beside it, or for a context that is given the span itself.
func (r *Result) isMeant(stack []ast.Node, s *syntax.SpanStart) bool {
	if r.getsSpan(stack, s) {
		return true
	}
	p, rest := syntax.Parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok {
		return false
	}
	if i := slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return kind.IsContext(r.TypeOf(arg)) }); i >= 0 && r.Extracts(call, i) {
		return true // the span in it is replaced by a message's
	}
	if callee := r.Callee(call); callee != nil && r.Detaches(callee) {
		for i := len(rest) - 1; i >= 0; i-- {
			if _, ok := rest[i].(*ast.GoStmt); ok {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(r.SpanStarts(s.In), func(o *syntax.SpanStart) bool {
		switch {
		case o.Expr != call:
			return false
		case s.Ctx == nil && r.endsAtReturn(s) && s.Span != nil && !s.Span.IsField() && !s.Span.Parent().Contains(call.Pos()):
			return o.Ctx != nil && r.mentionedIn(s.In, o.Ctx, call.End()) // the next phase, and s has been left behind
		case s.Ctx == nil:
			return o.Ctx == nil && r.isPhase(s)
		}
		if o.Ctx == nil || o.Ctx == s.Ctx {
			return false
		}
		return r.mentionedIn(s.In, s.Ctx, call.End()) || r.endsAtReturn(s) && r.endsAtReturn(o) && r.mentionedIn(s.In, s.Ctx, s.Assign.End()) && r.mentionedIn(s.In, o.Ctx, call.End())
	})
}

// endsAtReturn reports whether the end of a span is deferred: phases that come one after the
// other are ended so too.
func (r *Result) endsAtReturn(s *syntax.SpanStart) bool {
	return slices.ContainsFunc(s.In.Defers, func(d syntax.Deferred) bool { return r.endsDeferred(d.Stmt, s) })
}

// getsSpan reports whether a use of a context, whose parents are stack, is part of a call
// that makes a context of it and of the span.
//
//	ctx = trace.ContextWithSpan(ctx, span)
func (r *Result) getsSpan(stack []ast.Node, s *syntax.SpanStart) bool {
	for i := len(stack) - 1; i >= 0 && s.Span != nil; i-- {
		call, ok := stack[i].(*ast.CallExpr)
		if !ok {
			if _, isExpr := stack[i].(ast.Expr); !isExpr {
				return false
			}
			continue
		}
		if kind.IsContext(r.TypeOf(call)) && slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return r.VarOf(arg) == s.Span }) {
			return true
		}
	}
	return false
}

// isPhase reports whether a span is started with the context of another one that its
// function starts: one whose context is dropped too may stand beside it.
func (r *Result) isPhase(s *syntax.SpanStart) bool {
	outer := r.VarOf(s.Outer)
	return outer != nil && slices.ContainsFunc(r.SpanStarts(s.In), func(o *syntax.SpanStart) bool {
		return o != s && o.Ctx == outer && o.Expr.Pos() < s.Expr.Pos()
	})
}

// mentionedIn reports whether f mentions v after pos.
func (r *Result) mentionedIn(f *syntax.Func, v *types.Var, pos token.Pos) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Pos() > pos && r.Info.Uses[id] == v
		return !found
	})
	return found
}

// spansUnder returns the other spans that are started with the same context while
// s is open, as far as it is known where they are.
func (r *Result) spansUnder(s *syntax.SpanStart, open *openSpan) []*syntax.SpanStart {
	var got []*syntax.SpanStart
	starts := r.SpanStarts(s.In)
	for _, o := range starts[sort.Search(len(starts), func(i int) bool { return starts[i].Expr.Pos() > s.Assign.End() }):] {
		if types.ExprString(o.Outer) == types.ExprString(s.Outer) && open.region.Has(o.Assign) && r.openOf(o) != nil {
			got = append(got, o)
		}
	}
	return got
}

// changesOuter reports whether a step gives v another value: what follows uses another
// context.
func (r *Result) changesOuter(step path.Step, v *types.Var) bool {
	info := r.Var(v)
	if v == nil || info == nil {
		return false
	}
	return slices.ContainsFunc(info.Defs, func(d syntax.Def) bool { return d.At == step.Node && !r.isNilGuard(d, v) })
}

// isNilGuard reports whether a definition of v is made because v is nil: it is
// another context only for callers who give none.
func (r *Result) isNilGuard(d syntax.Def, v *types.Var) bool {
	found := false
	ast.Inspect(d.In.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.IfStmt); ok && s.Body == d.Scope {
			b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
			found = ok && b.Op == token.EQL && r.VarOf(b.X) == v && r.Info.Types[b.Y].IsNil()
		}
		return !found
	})
	return found
}

// maxDerived bounds how often a context is derived from that of a request.
const maxDerived = 3

// requestsBehind returns the variable r of a context expression r.Context(), of a variable
// that is set to that, or of what is derived from it; and the framework's value that r has
// been asked of.
//
//	ctx := propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
//	req := c.Request()
func (r *Result) requestsBehind(e ast.Expr, f *syntax.Func) []*types.Var {
	for range maxDerived {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			call, ok = r.AssignedOnce(e).(*ast.CallExpr)
		}
		if !ok {
			return nil
		}
		if v := r.RequestOf(call); v != nil {
			return append(r.askedOf(v, f), v)
		}
		i := slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return kind.IsContext(r.TypeOf(arg)) })
		if callee := r.Callee(call); i < 0 || callee == nil || r.Detaches(callee) {
			return nil
		}
		e = call.Args[i]
	}
	return nil
}

// askedOf returns the framework's value for a request that v, a request, is what that was
// asked for.
func (r *Result) askedOf(v *types.Var, f *syntax.Func) []*types.Var {
	if r.SetTimes(v, f) != 1 {
		return nil
	}
	for _, value := range r.ValuesOf(v, f) {
		if call, ok := ast.Unparen(value).(*ast.CallExpr); ok && len(call.Args) == 0 {
			if from := r.BaseVar(call); from != nil && from != v && !kind.IsHTTPRequest(from.Type()) && r.IsRequest(from.Type()) {
				return []*types.Var{from}
			}
		}
	}
	return nil
}

// requestsMadeWith returns the variables that are set once, to a request which is made
// with a context before a span is started with it:
//
//	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
//	_, span := tracer.Start(ctx, "fetch")
func (r *Result) requestsMadeWith(ctx *types.Var, s *syntax.SpanStart) (made []*types.Var) {
	if ctx == nil {
		return nil
	}
	for _, c := range r.requestsMade(s.In) {
		if c.Expr.Pos() < s.Assign.Pos() && r.VarOf(c.Expr.Args[0]) == ctx {
			made = append(made, r.VarOf(c.Assign.Lhs[0]))
		}
	}
	return made
}

// requestsMade returns the calls of f by which variables are set once, to a request.
func (r *Result) requestsMade(f *syntax.Func) []*syntax.Call {
	made, known := r.requests[f]
	if known {
		return made
	}
	for _, c := range f.Calls {
		if c.Assign == nil || len(c.Expr.Args) == 0 {
			continue
		}
		v := r.VarOf(c.Assign.Lhs[0])
		if v != nil && kind.IsHTTPRequest(v.Type()) && r.SetTimes(v, f) == 1 {
			made = append(made, c)
		}
	}
	r.requests[f] = made
	return made
}

// replaces reports whether a step gives one of the requests another context:
//
//	r = r.WithContext(ctx)
//	c.SetRequest(c.Request().WithContext(ctx))
//	c.SetUserContext(ctx)
func (r *Result) replaces(step path.Step, requests []*types.Var) bool {
	return slices.ContainsFunc(requests, func(v *types.Var) bool { return r.replacesIn(step, v) })
}

func (r *Result) replacesIn(step path.Step, request *types.Var) bool {
	switch n := step.Node.(type) {
	case *ast.AssignStmt:
		return slices.ContainsFunc(n.Lhs, func(lhs ast.Expr) bool {
			if star, ok := lhs.(*ast.StarExpr); ok {
				lhs = star.X
			}
			return r.BaseVar(lhs) == request
		})
	case *ast.CallExpr:
		sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
		return ok && r.BaseVar(sel.X) == request && slices.ContainsFunc(n.Args, func(arg ast.Expr) bool {
			return kind.IsHTTPRequest(r.TypeOf(arg)) || kind.IsContext(r.TypeOf(arg)) && !kind.IsHTTPRequest(request.Type())
		})
	}
	return false
}

// handledWith returns the request as an argument of a call that hands it on to what
// works with its context, or as what is asked to go on to the next handler, or nil. Most
// functions that take a request only ask it.
func (r *Result) handledWith(call *ast.CallExpr, request *types.Var) ast.Expr {
	for i, arg := range call.Args {
		if r.VarOf(arg) == request && r.IsRequest(request.Type()) && (r.isNextHandler(call) || r.WorksRequest(call, i, arg)) {
			return arg
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if ok && sel.Sel.Name == "Next" && len(call.Args) == 0 && r.VarOf(sel.X) == request && !kind.IsHTTPRequest(request.Type()) {
		return sel.X // gin's and fiber's
	}
	return nil
}

// isNextHandler reports whether a call is that of a function value that handles requests,
// which the function has been given: next(w, r), handler(srv, stream).
func (r *Result) isNextHandler(call *ast.CallExpr) bool {
	v := r.VarOf(call.Fun)
	if v == nil || r.Callee(call) != nil {
		return false
	}
	_, ok := v.Type().Underlying().(*types.Signature)
	return ok && r.AssignedLit(call.Fun) == nil
}

// madeToLast reports whether a use of a context, whose parents in f are stack, is
// to make one that lasts longer than the function, for tasks which do too:
//
//	ctx, cancel := context.WithCancel(ctx)
//	go p.run(ctx)
//	p.cancel = cancel
//
// A span that the function ends is not meant to span them.
func (r *Result) madeToLast(e ast.Expr, stack []ast.Node, f *syntax.Func) bool {
	p, rest := syntax.Parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok || !r.MakesCancel(call) {
		return false
	}
	p, _ = syntax.Parent(rest)
	as, ok := p.(*ast.AssignStmt)
	if !ok || len(as.Lhs) < 2 {
		return false
	}
	f = syntax.Innermost(f, e.Pos())
	made := r.VarOf(as.Lhs[0])
	return made != nil && r.HandedOn(r.VarOf(as.Lhs[1]), f) && r.onlyInTasks(made, as.End(), f)
}

// onlyInTasks reports whether the values of v, a context of f, are read by tasks
// alone that f does not wait for, in what is written after pos.
func (r *Result) onlyInTasks(v *types.Var, pos token.Pos, f *syntax.Func) bool {
	var tasks []*flow.Spawn
	for _, c := range f.Calls {
		for _, s := range r.SpawnsAt(c, f) {
			if !r.Joined(s, r.TaskOf(s), nil) {
				tasks = append(tasks, s)
			}
		}
	}
	only := true
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() > pos && r.Info.Uses[id] == v && r.LevelAt(id, stack) == flow.Reads {
			only = only && slices.ContainsFunc(tasks, func(s *flow.Spawn) bool { return s.Runs(id) })
		}
		return only
	})
	return only
}
