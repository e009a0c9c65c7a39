package ctxflow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// This file follows spans: what a function starts with a context, gets a
// context of its own for, and ends.

// A SpanLoss is a span whose context does not reach what is done under it.
type SpanLoss struct {
	Kind  SpanLossKind
	Call  *ast.CallExpr // what starts the span
	Span  *types.Var
	Ctx   *types.Var // the span's context, nil if it is dropped
	Outer ast.Expr   // the context that the span was started with
	Uses  []ast.Expr // where the outer context is used instead

	In       *Func
	Assign   *ast.AssignStmt // of the results of Call
	Block    ast.Node        // the list of statements that has Assign
	Deferred bool            // the end of the span is
	Loop     *ast.BlockStmt  // with SpanCarried: the body of the loop
}

// A SpanLossKind is how the context of a span is lost.
type SpanLossKind uint8

const (
	SpanDropped  SpanLossKind = iota // _, span := Start(ctx); f(ctx)
	SpanPassedBy                     // spanCtx, span := Start(ctx); f(ctx)
	SpanOver                         // _, span := Start(ctx); defer span.End(); return func(ctx) { f(ctx) }
	SpanCarried                      // for .. { ctx, span = Start(ctx) }
)

// A spanStart is a call that starts a span.
type spanStart struct {
	*site
	in    *Func
	outer ast.Expr   // the context it is given
	span  *types.Var // nil if that is dropped
	ctx   *types.Var // nil if that is dropped

	open      *openSpan // memo of openOf
	openKnown bool
}

// spanStarts returns the calls of f that start a span.
func (r *Result) spanStarts(f *Func) []*spanStart {
	if !f.spansKnown {
		f.spansKnown = true
		for _, c := range f.calls {
			if s := r.spanStart(c, f); s != nil {
				f.spans = append(f.spans, s)
			}
		}
	}
	return f.spans
}

// SpanLosses returns the spans of the package whose context is lost, in source
// order.
func (r *Result) SpanLosses() []SpanLoss {
	var got []SpanLoss
	r.funcs(func(f *Func) {
		for _, s := range r.spanStarts(f) {
			if loss := r.spanLoss(s); loss != nil {
				got = append(got, *loss)
			}
		}
	})
	return got
}

// spanStart returns what a call starts if that is a span: it is given a
// context, and gives a context and something to End or Finish.
func (r *Result) spanStart(c *site, f *Func) *spanStart {
	if c.assign == nil || len(c.assign.Rhs) != 1 {
		return nil
	}
	if len(c.assign.Lhs) == 1 {
		return r.spanWithContext(c, f)
	}
	results, ok := r.info.TypeOf(c.expr).(*types.Tuple)
	if !ok || results.Len() != len(c.assign.Lhs) {
		return nil
	}
	s := &spanStart{site: c, in: f}
	ctx := -1
	for i := range results.Len() {
		v := r.varOf(c.assign.Lhs[i])
		if v != nil && v.Name() == "_" {
			v = nil
		}
		switch t := results.At(i).Type(); {
		case IsContext(t):
			ctx = i
			s.ctx = v
		case r.canEnd(t) || r.endsAsFunc(c, t):
			s.span = v
		}
	}
	if ctx < 0 || s.span == nil || s.span.IsField() || s.ctx != nil && s.ctx.IsField() {
		return nil
	}
	for _, arg := range c.expr.Args {
		if IsContext(typeOf(r.info, arg)) {
			s.outer = arg
			return s
		}
	}
	return nil
}

// spanWithContext returns what a call starts if that is a span which has its context
// itself, and that nobody asks for it or is given:
//
//	span := sentry.StartSpan(ctx, "op")
//	defer span.Finish()
func (r *Result) spanWithContext(c *site, f *Func) *spanStart {
	t := typeOf(r.info, c.expr)
	v := r.varOf(c.assign.Lhs[0])
	if v == nil || v.IsField() || !r.canEnd(t) || !r.givesContext(t) {
		return nil
	}
	i := slices.IndexFunc(c.expr.Args, func(arg ast.Expr) bool { return IsContext(typeOf(r.info, arg)) })
	if i < 0 || r.isAskedForContext(v, f) {
		return nil
	}
	return &spanStart{site: c, in: f, outer: c.expr.Args[i], span: v}
}

// isAskedForContext reports whether a function asks a span for its context, or hands the
// span to somebody who may.
func (r *Result) isAskedForContext(v *types.Var, f *Func) bool {
	asked := false
	ast.PreorderStack(f.Root().node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.info.Uses[id] != v || isAssigned(id, stack) {
			return !asked
		}
		p, _ := parent(stack)
		sel, ok := p.(*ast.SelectorExpr)
		asked = asked || !ok || sel.Sel.Name == "Context"
		return !asked
	})
	return asked
}

// endsAsFunc reports whether a result of a call is the function that ends the span which
// the call starts, as a function of the package shows:
//
//	ctx, end := start(ctx, "op")
//	defer end()
func (r *Result) endsAsFunc(c *site, t types.Type) bool {
	if _, ok := t.Underlying().(*types.Signature); !ok || r.makesCancel(c.expr) {
		return false
	}
	f := r.byObj[c.callee]
	return f != nil && f.body != nil && c.callee != nil && !r.startsKnown[f] && r.startsSpanIn(f)
}

// startsSpanIn reports whether f starts a span itself.
func (r *Result) startsSpanIn(f *Func) bool {
	r.startsKnown[f] = true // recursion starts none
	defer delete(r.startsKnown, f)
	return len(r.spanStarts(f)) > 0
}

// canEnd reports whether a value of type t is a span, going by its methods: it ends, with
// options or with an error.
func (r *Result) canEnd(t types.Type) bool {
	for _, name := range []string{"End", "Finish"} {
		if namedOf(t) == nil {
			return false
		}
		if m := r.method(t, name); m != nil {
			params := m.Signature().Params()
			return params.Len() == 0 || params.Len() == 1 && (m.Signature().Variadic() || isError(params.At(0).Type()))
		}
	}
	return false
}

// spanLoss tells how the context of s is lost, nil if it is not, or if nobody
// knows how long the span is open.
func (r *Result) spanLoss(s *spanStart) *SpanLoss {
	if outer := r.varOf(s.outer); outer != nil && outer == s.ctx {
		if l := r.carriedOn(s, outer); l != nil && r.isEndedIn(l.body, s.span) {
			loss := s.loss(false)
			loss.Kind, loss.Loop = SpanCarried, l.body
			return loss
		}
		return nil
	}
	open := r.openOf(s)
	if open == nil {
		return nil
	}
	loss := s.loss(open.deferred)
	loss.Uses = r.usesInstead(s, open)
	switch {
	case len(loss.Uses) > 0 && s.ctx == nil:
		loss.Kind = SpanDropped
	case len(loss.Uses) > 0:
		loss.Kind = SpanPassedBy
	case s.ctx == nil && open.deferred && r.returnsWork(s):
		loss.Kind = SpanOver
	default:
		return nil
	}
	return loss
}

// loss returns what is known of a span whose end is deferred or not.
func (s *spanStart) loss(deferred bool) *SpanLoss {
	return &SpanLoss{
		Call: s.expr, Span: s.span, Ctx: s.ctx, Outer: s.outer,
		In: s.in, Assign: s.assign, Block: s.block, Deferred: deferred,
	}
}

// DroppedSpanAt returns the span that is open at pos, in f, and was started with
// the context outer, if its context is dropped, else nil: who uses outer there
// would lose it.
func (r *Result) DroppedSpanAt(f *Func, pos token.Pos, outer string) *SpanLoss {
	var last *SpanLoss
	for ; f != nil && last == nil; f = f.outer {
		for _, s := range r.spanStarts(f) {
			if s.ctx != nil || s.assign.End() > pos || !encloses(s.block, pos) || types.ExprString(s.outer) != outer {
				continue
			}
			if open := r.openOf(s); open != nil && r.openAt(s, open, pos) {
				last = s.loss(open.deferred)
				last.Uses = r.usesInstead(s, open)
			}
		}
		if !r.onBehalf(f) {
			break
		}
	}
	return last
}

// DropsSpan reports whether the context of a span is dropped that is started in n,
// a node of f, or in a block around n.
func (r *Result) DropsSpan(f *Func, n ast.Node) bool {
	root := f.Root()
	if !root.droppedKnown {
		root.droppedKnown = true
		root.all(func(f *Func) {
			for _, s := range r.spanStarts(f) {
				if s.ctx == nil {
					root.dropped = append(root.dropped, s)
				}
			}
		})
	}
	return slices.ContainsFunc(root.dropped, func(s *spanStart) bool {
		return encloses(n, s.assign.Pos()) || encloses(s.block, n.Pos())
	})
}

// isEndedIn reports whether a span is ended in a round of a loop, or by a task of it.
func (r *Result) isEndedIn(body *ast.BlockStmt, span *types.Var) bool {
	ended := false
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		ended = ended || ok && r.endsSpan(call, span)
		return !ended
	})
	return ended
}

// carriedOn returns the loop whose next round starts a span with the context of
// this round's: it is assigned to a variable of the loop's outside. It returns
// nil if there is none.
func (r *Result) carriedOn(s *spanStart, v *types.Var) *loop {
	if s.assign.Tok != token.ASSIGN && encloses(s.block, v.Pos()) {
		return nil
	}
	for _, n := range s.in.loops {
		l := n.node
		if encloses(l.body, s.expr.Pos()) && !encloses(l, v.Pos()) && r.varDefinedBy(s, v) {
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
func (r *Result) varDefinedBy(s *spanStart, v *types.Var) bool {
	for _, lhs := range s.assign.Lhs {
		if id, ok := lhs.(*ast.Ident); ok && r.info.Uses[id] == v {
			return true
		}
	}
	return false
}

// leavesAfter reports whether the list of statements that starts a span leaves
// the loop at its end.
func leavesAfter(s *spanStart) bool {
	list := listOf(s.block)
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
func (r *Result) resets(l *loop, s *spanStart, v *types.Var) bool {
	info := r.vars[v]
	if info == nil {
		return true
	}
	for _, d := range info.defs {
		if d.at != s.assign && encloses(l, d.at.Pos()) {
			return true
		}
	}
	return false
}

// following returns the statements of its list that follow the one that starts s.
func (s *spanStart) following() []ast.Stmt {
	list := listOf(s.block)
	return list[sort.Search(len(list), func(i int) bool { return list[i].Pos() > s.assign.Pos() }):]
}

func listOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// An openSpan is where a span is open.
type openSpan struct {
	region   path.Region
	deferred bool // it is ended by a deferred call
}

// openOf returns where s is open and has what it was started with: from its start to
// where it is ended, or where that is changed. It is nil if nobody knows that it is ended: by a deferred call, in
// the list of statements that starts it, or on every path.
func (r *Result) openOf(s *spanStart) *openSpan {
	if s.openKnown {
		return s.open
	}
	s.openKnown = true
	ends := func(step path.Step) bool {
		call, ok := step.Node.(*ast.CallExpr)
		return ok && step.Kind == path.Node && r.endsSpan(call, s.span)
	}
	deferred := slices.ContainsFunc(s.in.defers, func(d deferred) bool {
		return d.stmt.Pos() > s.assign.Pos() && r.endsDeferred(d.stmt, s.span)
	})
	g := r.graphOf(s.in)
	if !deferred && !r.endsInList(s) && !g.AlwaysAfter(s.assign, path.Order{Is: ends}).Always {
		return nil
	}
	outer, request := r.varOf(s.outer), r.requestBehind(s.outer)
	s.open = &openSpan{deferred: deferred, region: g.After(s.assign, func(step path.Step) bool {
		return ends(step) || step.Node == s.assign || r.changesOuter(step, outer) || r.replaces(step, request)
	})}
	return s.open
}

// endsInList reports whether a statement of the list that starts s ends it.
func (r *Result) endsInList(s *spanStart) bool {
	return slices.ContainsFunc(s.following(), func(stmt ast.Stmt) bool {
		x, ok := stmt.(*ast.ExprStmt)
		if !ok {
			return false
		}
		call, ok := x.X.(*ast.CallExpr)
		return ok && r.endsSpan(call, s.span)
	})
}

// openAt reports whether s is open when s.in, or a literal in it, comes to pos.
func (r *Result) openAt(s *spanStart, open *openSpan, pos token.Pos) bool {
	at := r.placeIn(s.in, innermost(s.in, pos), pos)
	return at != nil && open.region.Has(at)
}

// endsDeferred reports whether a deferred call ends a span: itself, in its
// literal, or in a function that it passes the span to. Other methods of the
// span do not.
func (r *Result) endsDeferred(stmt *ast.DeferStmt, span *types.Var) bool {
	found := false
	ast.PreorderStack(stmt, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.info.Uses[id] != span {
			return !found
		}
		p, _ := parent(stack)
		sel, ok := p.(*ast.SelectorExpr)
		found = found || !ok || sel.Sel.Name == "End" || sel.Sel.Name == "Finish"
		return !found
	})
	return found
}

func (r *Result) mentions(n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && r.info.Uses[id] == v
		return !found
	})
	return found
}

func (r *Result) endsSpan(call *ast.CallExpr, span *types.Var) bool {
	if r.varOf(call.Fun) == span {
		return true // its end is a function
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "End" || sel.Sel.Name == "Finish") && r.varOf(sel.X) == span
}

// returnsWork reports whether all that is done under the span is to return a
// literal that does the work, when the span is over. Where more is done, the
// span may be there for that.
func (r *Result) returnsWork(s *spanStart) bool {
	for _, stmt := range s.following() {
		if ret, ok := stmt.(*ast.ReturnStmt); ok {
			return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.worksLater(e, s) })
		}
		if !r.mentions(stmt, s.span) && !r.isNamedForFunc(s) {
			return false
		}
	}
	return false
}

// isNamedForFunc reports whether a span has the name of the function that starts
// it, and so is meant to span all of its work.
func (r *Result) isNamedForFunc(s *spanStart) bool {
	fn := s.in.obj
	return fn != nil && slices.ContainsFunc(s.expr.Args, func(arg ast.Expr) bool {
		tv := r.info.Types[arg]
		return tv.Value != nil && tv.Value.Kind() == constant.String && strings.HasSuffix(strings.ToLower(constant.StringVal(tv.Value)), strings.ToLower(fn.Name()))
	})
}

// worksLater reports whether e is a literal that works with a context of its own,
// or with the one that the span was started with.
func (r *Result) worksLater(e ast.Expr, s *spanStart) bool {
	lit, ok := ast.Unparen(e).(*ast.FuncLit)
	if !ok || r.byLit[lit] == nil {
		return false
	}
	for _, v := range contextParams(r.byLit[lit].sig) {
		if r.levels[v] == reads {
			return true
		}
	}
	outer, works := r.varOf(s.outer), false
	ast.PreorderStack(lit.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		works = works || ok && outer != nil && r.info.Uses[id] == outer && r.levelAt(id, stack) == reads
		return !works
	})
	return works
}
