package loss

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows spans: what a function starts with a context, gets a
// context of its own for, and ends.

// A Span is a span whose context does not reach what is done under it.
type Span struct {
	Kind  SpanKind
	Call  *ast.CallExpr // what starts the span
	Span  *types.Var
	Ctx   *types.Var // the span's context, nil if it is dropped
	Outer ast.Expr   // the context that the span was started with
	Uses  []ast.Expr // where the outer context is used instead

	In       *syntax.Func
	Assign   *ast.AssignStmt // of the results of Call
	Block    ast.Node        // the list of statements that has Assign
	Deferred bool            // the end of the span is
	Loop     *ast.BlockStmt  // with SpanCarried: the body of the loop
}

// CtxText returns the span's context as it is written, "" if it is dropped.
func (s *Span) CtxText() string {
	for _, lhs := range s.Assign.Lhs {
		name := ""
		switch e := ast.Unparen(lhs).(type) {
		case *ast.Ident:
			name = e.Name
		case *ast.SelectorExpr:
			name = e.Sel.Name
		}
		if s.Ctx != nil && name == s.Ctx.Name() {
			return types.ExprString(lhs)
		}
	}
	return ""
}

// A SpanKind is how the context of a span is lost.
type SpanKind uint8

const (
	SpanDropped  SpanKind = iota // _, span := Start(ctx); f(ctx)
	SpanPassedBy                 // spanCtx, span := Start(ctx); f(ctx)
	SpanOver                     // _, span := Start(ctx); defer span.End(); return func(ctx) { f(ctx) }
	SpanCarried                  // for .. { ctx, span = Start(ctx) }
	SpanNotTaken                 // inSpan(ctx, func(spanCtx) { f(ctx) })
)

// SpanLosses returns the spans of the package whose context is lost, in source
// order.
func (r *Result) SpanLosses() []Span {
	var got []Span
	r.Funcs(func(f *syntax.Func) {
		for _, s := range r.SpanStarts(f) {
			switch loss := r.spanLoss(s); {
			case loss == nil:
				r.safeSpans = append(r.safeSpans, SafeSpan{s.Expr, r.isSafe(s)})
			case r.isLeaf(loss):
				r.safeSpans = append(r.safeSpans, SafeSpan{s.Expr, silence(Leaf, token.NoPos, "")})
			default:
				got = append(got, *loss)
			}
		}
		if loss := r.spanPassedOver(f); loss != nil {
			got = append(got, *loss)
		}
	})
	return got
}

// A SafeSpan is a span whose context is not lost.
type SafeSpan struct {
	Call *ast.CallExpr
	Why  *Silence
}

// SafeSpans returns those of the package, in source order. SpanLosses has been asked
// before.
func (r *Result) SafeSpans() []SafeSpan { return r.safeSpans }

// isSafe tells why a span without a loss has none.
func (r *Result) isSafe(s *syntax.SpanStart) *Silence {
	if outer := r.VarOf(s.Outer); (outer == nil || outer != s.Ctx) && r.openOf(s) == nil {
		return silence(UnknownEnd, token.NoPos, "")
	}
	return silence(SpanUnused, token.NoPos, "")
}

// spanLoss tells how the context of s is lost, nil if it is not, or if nobody
// knows how long the span is open.
func (r *Result) spanLoss(s *syntax.SpanStart) *Span {
	if outer := r.VarOf(s.Outer); outer != nil && outer == s.Ctx {
		if l := r.carriedOn(s, outer); l != nil && r.isEndedIn(l.Body, s) {
			loss := lossOf(s, false)
			loss.Kind, loss.Loop = SpanCarried, l.Body
			return loss
		}
		return nil
	}
	open := r.openOf(s)
	if open == nil {
		return nil
	}
	loss := lossOf(s, open.deferred)
	loss.Uses = r.usesInstead(s, open)
	switch {
	case len(loss.Uses) > 0 && s.Ctx == nil:
		loss.Kind = SpanDropped
	case len(loss.Uses) > 0:
		loss.Kind = SpanPassedBy
	case s.Ctx == nil && open.deferred && r.returnsWork(s):
		loss.Kind = SpanOver
	default:
		return nil
	}
	return loss
}

// lossOf returns what is known of a span whose end is deferred or not.
func lossOf(s *syntax.SpanStart, deferred bool) *Span {
	return &Span{
		Call: s.Expr, Span: s.Span, Ctx: s.Ctx, Outer: s.Outer,
		In: s.In, Assign: s.Assign, Block: s.Block, Deferred: deferred,
	}
}

// DroppedSpanAt returns the span that is open at pos, in f, and was started with
// the context outer, if its context is dropped, else nil: who uses outer there
// would lose it.
func (r *Result) DroppedSpanAt(f *syntax.Func, pos token.Pos, outer string) *Span {
	var last *Span
	for ; f != nil && last == nil; f = f.Outer {
		for _, s := range r.SpanStarts(f) {
			if s.Ctx != nil || s.Assign.End() > pos || !syntax.Encloses(s.Block, pos) || types.ExprString(s.Outer) != outer {
				continue
			}
			if open := r.openOf(s); open != nil && r.openAt(s, open, pos) {
				last = lossOf(s, open.deferred)
				last.Uses = r.usesInstead(s, open)
			}
		}
		if !r.OnBehalf(f) {
			break
		}
	}
	return last
}

// DropsSpan reports whether the context of a span is dropped that is started in n,
// a node of f, or in a block around n.
func (r *Result) DropsSpan(f *syntax.Func, n ast.Node) bool {
	root := f.Root()
	dropped, known := r.dropped[root]
	if !known {
		root.All(func(f *syntax.Func) {
			for _, s := range r.SpanStarts(f) {
				if s.Ctx == nil {
					dropped = append(dropped, s)
				}
			}
		})
		r.dropped[root] = dropped
	}
	return slices.ContainsFunc(dropped, func(s *syntax.SpanStart) bool {
		return syntax.Encloses(n, s.Assign.Pos()) || syntax.Encloses(s.Block, n.Pos())
	})
}

// isEndedIn reports whether a span is ended in a round of a loop, or by a task of it.
func (r *Result) isEndedIn(body *ast.BlockStmt, s *syntax.SpanStart) bool {
	ended := false
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		ended = ended || ok && r.EndsSpan(call, s)
		return !ended
	})
	return ended
}

// carriedOn returns the loop whose next round starts a span with the context of
// this round's: it is assigned to a variable of the loop's outside. It returns
// nil if there is none.
func (r *Result) carriedOn(s *syntax.SpanStart, v *types.Var) *syntax.Loop {
	if s.Assign.Tok != token.ASSIGN && syntax.Encloses(s.Block, v.Pos()) {
		return nil
	}
	for _, n := range s.In.Loops {
		l := n.Node
		if syntax.Encloses(l.Body, s.Expr.Pos()) && !syntax.Encloses(l, v.Pos()) && r.varDefinedBy(s, v) {
			if leavesAfter(s) || r.resets(l, s, v) {
				return nil
			}
			return l
		}
	}
	return nil
}

// varDefinedBy reports whether the assignment of s changes v rather than
// declaring another variable of that name.
func (r *Result) varDefinedBy(s *syntax.SpanStart, v *types.Var) bool {
	for _, lhs := range s.Assign.Lhs {
		if id, ok := lhs.(*ast.Ident); ok && r.Info.Uses[id] == v {
			return true
		}
	}
	return false
}

// leavesAfter reports whether the list of statements that starts a span leaves
// the loop at its end.
func leavesAfter(s *syntax.SpanStart) bool {
	list := syntax.ListOf(s.Block)
	if len(list) == 0 {
		return true
	}
	switch last := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok == token.BREAK || last.Tok == token.GOTO
	}
	return false
}

// resets reports whether v gets another value in the loop.
func (r *Result) resets(l *syntax.Loop, s *syntax.SpanStart, v *types.Var) bool {
	info := r.Var(v)
	if info == nil {
		return true
	}
	for _, d := range info.Defs {
		if d.At != s.Assign && syntax.Encloses(l, d.At.Pos()) {
			return true
		}
	}
	return false
}

// An openSpan is where a span is open.
type openSpan struct {
	region   path.Region
	deferred bool // it is ended by a deferred call
}

// openOf returns where s is open and has what it was started with: from its start to
// where it is ended, or a task is started that ends it, or where that is changed. It is nil if
// nobody knows that it is ended: by a deferred call, in the list of statements that starts it,
// by a task that is started there, or on every path.
func (r *Result) openOf(s *syntax.SpanStart) *openSpan {
	if r.openKnown[s] {
		return r.opened[s]
	}
	r.openKnown[s] = true
	ends := func(step path.Step) bool {
		call, ok := step.Node.(*ast.CallExpr)
		return ok && step.Kind == path.Node && r.EndsSpan(call, s)
	}
	deferred := slices.ContainsFunc(s.In.Defers, func(d syntax.Deferred) bool {
		return d.Stmt.Pos() > s.Assign.Pos() && r.endsDeferred(d.Stmt, s)
	})
	g := r.GraphOf(s.In)
	var ending ast.Node // what starts the task that ends it
	if !deferred && !r.endsInList(s) && !g.AlwaysAfter(s.Assign, path.Order{Is: ends}).Always {
		if ending = r.endsInTask(s); ending == nil {
			return nil
		}
	}
	outer, requests := r.VarOf(s.Outer), r.requestsBehind(s.Outer, s.In)
	r.opened[s] = &openSpan{deferred: deferred, region: g.After(s.Assign, func(step path.Step) bool {
		return ends(step) || step.Node == s.Assign || step.Node == ending || r.changesOuter(step, outer) || r.replaces(step, requests)
	})}
	return r.opened[s]
}

// endsInTask returns what starts a task, in the list of statements that starts s, which defers
// the end of s: it is open for as long as the task runs. It returns nil if there is none.
//
//	_, span := tracer.Start(ctx, "send")
//	go func() {
//		defer span.End()
//		send(ctx)
//	}()
func (r *Result) endsInTask(s *syntax.SpanStart) ast.Node {
	if s.Span == nil {
		return nil
	}
	for _, id := range r.MentionsOf(s.Span, s.In.Root()) {
		lit := syntax.Innermost(s.In, id.Pos())
		for lit != s.In && lit.Outer != s.In {
			lit = lit.Outer
		}
		if lit == s.In || id.Pos() < s.Assign.End() || lit.Role != syntax.RoleGo && (lit.Role != syntax.RolePassed || !r.IsSpawned(lit)) {
			continue
		}
		if !slices.ContainsFunc(lit.Defers, func(d syntax.Deferred) bool {
			return syntax.Encloses(d.Stmt, id.Pos()) && slices.Contains(lit.Body.List, ast.Stmt(d.Stmt)) && r.endsDeferred(d.Stmt, s)
		}) {
			continue
		}
		start := flow.StartOf(lit)
		if slices.ContainsFunc(s.Following(), func(stmt ast.Stmt) bool {
			x, ok := stmt.(*ast.ExprStmt)
			return stmt == start || ok && x.X == start
		}) {
			return start
		}
	}
	return nil
}

// endsInList reports whether a statement of the list that starts s ends it.
func (r *Result) endsInList(s *syntax.SpanStart) bool {
	return slices.ContainsFunc(s.Following(), func(stmt ast.Stmt) bool {
		x, ok := stmt.(*ast.ExprStmt)
		if !ok {
			return false
		}
		call, ok := x.X.(*ast.CallExpr)
		return ok && r.EndsSpan(call, s)
	})
}

// openAt reports whether s is open when s.in, or a literal in it, comes to pos.
func (r *Result) openAt(s *syntax.SpanStart, open *openSpan, pos token.Pos) bool {
	at := r.placeIn(s.In, syntax.Innermost(s.In, pos), pos)
	return at != nil && open.region.Has(at) && !r.overBefore(s, pos)
}

// overBefore reports whether pos is in a deferred call that is made when s is over: after a
// deferred end that was deferred later, or one that comes before the function's end.
func (r *Result) overBefore(s *syntax.SpanStart, pos token.Pos) bool {
	i := slices.IndexFunc(s.In.Defers, func(d syntax.Deferred) bool { return syntax.Encloses(d.Stmt, pos) })
	if i < 0 {
		return false
	}
	ends := func(step path.Step) bool {
		call, ok := step.Node.(*ast.CallExpr)
		return ok && (r.EndsSpan(call, s) || step.Kind == path.Defer && slices.ContainsFunc(s.In.Defers, func(d syntax.Deferred) bool {
			return d.Stmt.Call == call && r.endsDeferred(d.Stmt, s)
		}))
	}
	stmt := s.In.Defers[i].Stmt
	// In a loop it may be deferred once more first, which does nothing yet.
	uses := func(step path.Step) bool {
		return syntax.Encloses(step.Node, pos) && !syntax.Encloses(step.Node, stmt.Pos())
	}
	return r.GraphOf(s.In).AlwaysAfter(stmt, path.Order{Is: ends, Before: uses}).Always
}

// endsDeferred reports whether a deferred call ends a span: itself, in its
// literal, or in a function that it passes the span to. Other methods of the
// span do not.
func (r *Result) endsDeferred(stmt *ast.DeferStmt, s *syntax.SpanStart) bool {
	found := false
	ast.PreorderStack(stmt, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.VarOf(id) != s.Span {
			return !found
		}
		p, rest := syntax.Parent(stack)
		if s.Span.IsField() {
			p, _ = syntax.Parent(rest)
		}
		sel, ok := p.(*ast.SelectorExpr)
		found = found || !ok || s.Ends(sel)
		return !found
	})
	return found
}

// returnsWork reports whether all that is done under the span is to return a
// literal that does the work, when the span is over. Where more is done, the
// span may be there for that.
func (r *Result) returnsWork(s *syntax.SpanStart) bool {
	for _, stmt := range s.Following() {
		if ret, ok := stmt.(*ast.ReturnStmt); ok {
			return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.worksLater(e, s) })
		}
		if !r.Mentions(stmt, s.Span) && !r.isNamedForFunc(s) {
			return false
		}
	}
	return false
}

// isNamedForFunc reports whether a span has the name of the function that starts
// it, and so is meant to span all of its work.
func (r *Result) isNamedForFunc(s *syntax.SpanStart) bool {
	fn := s.In.Obj
	return fn != nil && slices.ContainsFunc(s.Expr.Args, func(arg ast.Expr) bool {
		tv := r.Info.Types[arg]
		return tv.Value != nil && tv.Value.Kind() == constant.String && strings.HasSuffix(strings.ToLower(constant.StringVal(tv.Value)), strings.ToLower(fn.Name()))
	})
}

// worksLater reports whether e is a literal that works with a context of its own,
// or with the one that the span was started with.
func (r *Result) worksLater(e ast.Expr, s *syntax.SpanStart) bool {
	lit, ok := ast.Unparen(e).(*ast.FuncLit)
	if !ok || r.Lit(lit) == nil {
		return false
	}
	for _, v := range kind.ContextParams(r.Lit(lit).Sig) {
		if r.Level(v) == flow.Reads {
			return true
		}
	}
	outer, works := r.VarOf(s.Outer), false
	ast.PreorderStack(lit.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		works = works || ok && outer != nil && r.Info.Uses[id] == outer && r.LevelAt(id, stack) == flow.Reads
		return !works
	})
	return works
}
