package analyzer

import (
	"fmt"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/fix"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
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
		d := analysis.Diagnostic{Pos: l.Call.Pos(), End: l.Call.Fun.End(), Message: lostSpanMessage(rep, l)}
		for _, use := range l.Uses {
			d.Related = append(d.Related, analysis.RelatedInformation{
				Pos: use.Pos(), End: use.End(), Message: types.ExprString(use) + " is used while " + l.Span.Name() + " is open",
			})
		}
		rep.offer(&d, file, "Use the context of "+l.Span.Name(), func(s *fix.Site) []analysis.TextEdit { return s.Span(l) })
		rep.report(d)
	}
	for _, s := range rep.flow.SafeSpans() {
		if rep.file(s.Call.Pos()) != nil {
			rep.silent(s.Call.Pos(), s.Call.Fun.End(), s.Why)
		}
	}
}

// lostSpanMessage words a finding:
//
//	the context of span is dropped, and ctx is used under it (orders.go:31): what that starts is no child of span
func lostSpanMessage(rep *reporter, l loss.Span) string {
	outer, span := types.ExprString(l.Outer), l.Span.Name()
	line := 0
	if len(l.Uses) > 0 {
		line = rep.pass.Fset.Position(l.Uses[0].Pos()).Line
	}
	switch l.Kind {
	case loss.SpanDropped:
		if len(l.Assign.Lhs) == 1 {
			return fmt.Sprintf("the context of %s is dropped, and %s is used under it (line %d): what that starts is no child of %[1]s; use %[1]s.Context()", span, outer, line)
		}
		return fmt.Sprintf("the context of %s is dropped, and %s is used under it (line %d): what that starts is no child of %[1]s; name the context and use it", span, outer, line)
	case loss.SpanPassedBy:
		return fmt.Sprintf("%s is used while %s is open (line %d): what that starts is no child of %[2]s; use %[4]s", outer, span, line, l.Ctx.Name())
	case loss.SpanOver:
		return fmt.Sprintf("%s is over before the function that is returned does its work: start it there, and use its context", span)
	case loss.SpanCarried:
		return fmt.Sprintf("%s carries the span of one round of the loop into the next: each %s becomes a child of the last; declare the context in the loop", outer, span)
	}
	panic("a loss of no kind")
}
