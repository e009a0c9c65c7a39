package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// This file hands the contexts of spans on.

// Span returns the edits that use the context of a span, nil if there is no safe
// way.
//
// What they change is the parent of the spans that are started below. A tracer's
// context is derived from the one that it is given, so that it ends with it.
// One that can fail may give nil, so that its context is not used by a fix.
func (s *Site) Span(l loss.Span) []analysis.TextEdit {
	if l.Kind == loss.SpanNotTaken {
		return s.takeGiven(l)
	}
	if s.mayFail(l.Call) || slices.ContainsFunc(l.Uses, func(use ast.Expr) bool { return s.Changes.isReplaced(use.Pos()) }) {
		return nil // another fix, of a span around this one or inside it, changes a use already
	}
	if slices.ContainsFunc(l.Uses, func(use ast.Expr) bool { return !inside(l.Block, use.Pos()) || s.Flow.LeavesSpan(use, l.In) }) {
		return nil // a name that is declared in the block does not reach it; what leaves would have a span that is over
	}
	for _, use := range l.Uses {
		s.Changes.replaces(use.Pos())
	}
	switch l.Kind {
	case loss.SpanDropped:
		if s.canRedeclare(l) {
			return []analysis.TextEdit{replace(s.droppedName(l), l.Outer.(*ast.Ident).Name)}
		}
		name := s.spanName(l)
		if name == "" {
			return nil
		}
		edits := s.useInstead(l.Uses, name)
		if edits == nil {
			return nil
		}
		return append(edits, replace(s.droppedName(l), name))
	case loss.SpanPassedBy:
		if l.Ctx.IsField() {
			return nil // of which struct, the place of the use may not say
		}
		return s.useCtx(l)
	case loss.SpanCarried:
		return s.ofOneRound(l)
	}
	return nil // the span has to be started somewhere else
}

// takeGiven uses the context that a function is given which is run under a span, if that
// has a name.
//
//	inSpan(ctx, "place", func(spanCtx context.Context) error { return s.Save(spanCtx, o) })
//
// It is derived from the one that is used now, so that it ends with it.
func (s *Site) takeGiven(l loss.Span) []analysis.TextEdit {
	if l.Ctx == nil {
		return nil
	}
	for _, use := range l.Uses {
		s.Changes.replaces(use.Pos())
	}
	return s.useCtx(l)
}

// useCtx uses the context of the span by its name, nil where another one has that.
func (s *Site) useCtx(l loss.Span) []analysis.TextEdit {
	for _, use := range l.Uses {
		inner := s.Flow.ScopeAt(use.Pos())
		if _, obj := inner.LookupParent(l.Ctx.Name(), use.Pos()); obj != l.Ctx {
			return nil // hidden, or out of scope
		}
	}
	if !s.Changes.Unchanged(l.Ctx) {
		return nil
	}
	return s.useInstead(l.Uses, l.Ctx.Name())
}

// mayFail reports whether a call returns an error.
func (s *Site) mayFail(call *ast.CallExpr) bool {
	results, _ := s.Pass.TypesInfo.TypeOf(call).(*types.Tuple)
	for i := range results.Len() {
		if types.Identical(results.At(i).Type(), types.Universe.Lookup("error").Type()) {
			return true
		}
	}
	return false
}

// droppedName returns the blank identifier that the span's context is assigned
// to.
func (s *Site) droppedName(l loss.Span) *ast.Ident {
	results, ok := s.Pass.TypesInfo.TypeOf(l.Call).(*types.Tuple)
	for i := 0; ok && i < results.Len(); i++ {
		if id, ok := l.Assign.Lhs[i].(*ast.Ident); ok && id.Name == "_" && kind.IsStandard(results.At(i).Type()) {
			return id
		}
	}
	return nil
}

// canRedeclare reports whether the dropped context can simply get the name of the
// one that the span is started with.
//
//	_, span := tracer.Start(ctx, "Place")
//	ctx, span := tracer.Start(ctx, "Place")
//	defer span.End()
//
// In a block of its own that is another variable, and all that follows in the
// block is done under the span. In the list of statements that declares ctx it
// changes that variable, so nothing that was written before may capture it, nor
// anything after that runs on behalf of somebody else.
func (s *Site) canRedeclare(l loss.Span) bool {
	id, ok := l.Outer.(*ast.Ident)
	if !ok || !l.Deferred || l.Assign.Tok != token.DEFINE || s.droppedName(l) == nil {
		return false
	}
	v, ok := s.Pass.TypesInfo.Uses[id].(*types.Var)
	if !ok || !kind.IsStandard(v.Type()) || !s.usesFollow(l, v) {
		return false
	}
	if slices.ContainsFunc(l.Uses, func(e ast.Expr) bool { return s.Flow.VarOf(e) != v }) {
		return false // a request, which has the outer context
	}
	scope := s.Flow.ScopeAt(l.Assign.Pos())
	if scope.Lookup(id.Name) != v {
		// Another variable, unless the fix of a span that is carried into the next round
		// declares it in the block.
		return v.Parent() != s.Pass.Pkg.Scope() && (!s.setBefore(l, v) || !s.capturedBefore(l, v))
	}
	return s.Pass.TypesInfo.Scopes[l.In.Type] == scope && !s.capturedBefore(l, v)
}

// usesFollow reports whether every use of v behind the start of the span is in
// the list of statements that it is started in, no more is captured there
// than what is known to run under the span, and nothing leaves it.
func (s *Site) usesFollow(l loss.Span, v *types.Var) bool {
	ok := true
	ast.PreorderStack(l.In.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, isIdent := n.(*ast.Ident)
		if !isIdent || id.Pos() < l.Assign.End() || s.Pass.TypesInfo.Uses[id] != v {
			return ok
		}
		if id.Pos() >= l.Block.End() {
			return ok // not changed in another block
		}
		known := slices.ContainsFunc(l.Uses, func(e ast.Expr) bool { return e == id })
		captured := slices.ContainsFunc(stack, func(n ast.Node) bool { _, ok := n.(*ast.FuncLit); return ok })
		if !known && (captured || s.Flow.LeavesSpan(id, l.In)) {
			ok = false
		}
		return ok
	})
	return ok
}

// capturedBefore reports whether a literal that is written before the start of
// the span, or around it, uses v.
func (s *Site) capturedBefore(l loss.Span, v *types.Var) bool {
	found := false
	ast.Inspect(l.In.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && lit.Pos() < l.Assign.Pos() {
			ast.Inspect(lit, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				found = found || ok && s.Pass.TypesInfo.Uses[id] == v
				return !found
			})
		}
		return !found
	})
	return found
}

// setBefore reports whether the block that starts the span sets v before, which is declared
// around it.
func (s *Site) setBefore(l loss.Span, v *types.Var) bool {
	found := false
	ast.Inspect(l.Block, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && as.Pos() < l.Assign.Pos() {
			found = found || slices.ContainsFunc(as.Lhs, func(lhs ast.Expr) bool { return s.Flow.VarOf(lhs) == v })
		}
		return !found
	})
	return found
}

// spanNames are the names that the context of a span gets, in order of preference,
// before one with the name of the span.
var spanNames = []string{"ctx", "spanCtx"}

// spanName chooses the name of the span's context: one that nothing around it is
// called, nor the context of another span that a fix names.
func (s *Site) spanName(l loss.Span) string {
	if l.Assign.Tok != token.DEFINE || s.droppedName(l) == nil {
		return ""
	}
	if name := s.Changes.span(l.Assign); name != "" {
		return name
	}
	decl := l.In.Root().Node
	for _, name := range append(slices.Clone(spanNames), l.Span.Name()+"Ctx") {
		if d := (declared{decl, name}); token.IsIdentifier(name) && !s.Changes.usedIn(decl)[name] && !s.Changes.isDeclared(d) {
			s.Changes.declares(d)
			s.Changes.making.spans[l.Assign] = name
			return name
		}
	}
	return ""
}

// useInstead replaces contexts, and requests that are handled with theirs, by the
// variable name.
func (s *Site) useInstead(uses []ast.Expr, name string) []analysis.TextEdit {
	var edits []analysis.TextEdit
	for _, use := range uses {
		switch {
		case kind.IsStandard(s.Pass.TypesInfo.TypeOf(use)):
			edits = append(edits, replace(use, name))
		case s.isHTTPRequest(use) && !s.Flow.IsUsedAfter(use):
			edits = append(edits, insert(use.End(), ".WithContext("+name+")")...)
		default:
			// A framework's own value: each has a way of its own. Of a request the callee gets
			// a copy: what it does to that, such as to parse its form, nobody sees here.
			return nil
		}
	}
	return edits
}

// ofOneRound declares the context anew in each round of a loop.
//
//	for _, o := range orders {
//		ctx := ctx
//		ctx, span = tracer.Start(ctx, o.ID)
//
// What the loop's outside uses is then the context that it had.
func (s *Site) ofOneRound(l loss.Span) []analysis.TextEdit {
	id, ok := l.Outer.(*ast.Ident)
	if !ok || len(l.Loop.List) == 0 || s.line(l.Loop.List[0].Pos()) == s.line(l.Loop.Lbrace) {
		return nil
	}
	scope := s.Pass.TypesInfo.Scopes[l.Loop]
	if scope == nil || scope.Lookup(id.Name) != nil {
		return nil
	}
	return insert(l.Loop.Lbrace+1, "\n"+s.indent(l.Loop.List[0].Pos())+id.Name+" := "+id.Name)
}
