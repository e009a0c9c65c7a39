package analyzer

import (
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// lostSpan finds spans whose context does not reach what is done under them.
var lostSpan = &check{name: "lostspan", run: runLostSpan}

func runLostSpan(rep *reporter) {
	for _, l := range rep.flow.SpanLosses() {
		rep.at = l.Call.Pos()
		file := rep.file(l.Call.Pos())
		if file == nil {
			continue // not reported
		}
		if l.Kind == loss.SpanNotTaken {
			reportNotTaken(rep, l)
			continue
		}
		f := &finding{Diagnostic: analysis.Diagnostic{Pos: l.Call.Pos(), End: l.Call.Fun.End()}, say: lostSpanMessage(rep, l)}
		for _, use := range l.Uses {
			f.Related = append(f.Related, analysis.RelatedInformation{
				Pos: use.Pos(), End: use.End(), Message: wording.UsedWhileOpen(types.ExprString(use), l.Span.Name()),
			})
		}
		rep.offer(f, file, "Use the context of "+l.Span.Name(), func(s *fix.Site) []analysis.TextEdit { return s.Span(l) })
		rep.report(f)
	}
	for _, s := range rep.flow.SafeSpans() {
		if rep.file(s.Call.Pos()) != nil {
			rep.silent(s.Call.Pos(), s.Call.Fun.End(), s.Why)
		}
	}
}

// reportNotTaken reports the first use of the outer context in a function that is run
// under a span, and names the others.
func reportNotTaken(rep *reporter, l loss.Span) {
	use, fn := l.Uses[0], kind.FuncName(rep.flow.Callee(l.Call))
	advice := wording.NameAndUse
	if l.Ctx != nil {
		advice = wording.Use(l.Ctx.Name())
	}
	f := &finding{
		Diagnostic: analysis.Diagnostic{Pos: use.Pos(), End: use.End()},
		say:        wording.Message{Loss: wording.SpanNotTaken(types.ExprString(use), fn), Advice: advice},
	}
	for _, use := range l.Uses[1:] {
		f.Related = append(f.Related, analysis.RelatedInformation{Pos: use.Pos(), End: use.End(), Message: wording.UsedWhileOpen(types.ExprString(use), "that span")})
	}
	f.Related = append(f.Related, analysis.RelatedInformation{Pos: l.Call.Pos(), End: l.Call.Fun.End(), Message: wording.Called(fn)})
	rep.offer(f, rep.file(use.Pos()), "Use the context of the span", func(s *fix.Site) []analysis.TextEdit { return s.Span(l) })
	rep.report(f)
}

// lostSpanMessage words a finding:
//
//	the context of span is dropped, and ctx is used under it (line 31): spans started there are not children of span
func lostSpanMessage(rep *reporter, l loss.Span) wording.Message {
	outer, span := types.ExprString(l.Outer), l.Span.Name()
	line := 0
	if len(l.Uses) > 0 {
		line = rep.pass.Fset.Position(l.Uses[0].Pos()).Line
		if v := rep.flow.VarOf(l.Outer); v != nil && kind.IsStandard(v.Type()) && rep.flow.VarOf(l.Uses[0]) != v {
			outer = types.ExprString(l.Uses[0]) // a request, which has the outer context
		}
	}
	switch l.Kind {
	case loss.SpanDropped:
		advice := wording.NameAndUse
		if len(l.Assign.Lhs) == 1 {
			advice = wording.Use(span + ".Context()")
		}
		return wording.Message{Loss: wording.SpanDropped(span, outer, line), Advice: advice}
	case loss.SpanPassedBy:
		return wording.Message{Loss: wording.SpanPassedBy(span, outer, line), Advice: wording.Use(l.CtxText())}
	case loss.SpanOver:
		return wording.Message{Loss: wording.SpanOver(span), Advice: wording.StartThere}
	case loss.SpanCarried:
		return wording.Message{Loss: wording.SpanCarried(outer), Advice: wording.DeclareInLoop}
	}
	panic("a loss of no kind")
}
