package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// Link returns the edits by which the traces that sinks begin have a link to the
// caller's, nil if that is not all that the sinks need.
//
//	ctx, span := tracer.Start(context.Background(), "rebuild")
//	ctx, span := tracer.Start(context.Background(), "rebuild", trace.WithLinks(trace.LinkFromContext(ctx)))
//
// It is for work that is too long for the caller's trace, which only a person can
// tell.
func (s *Site) Link(sinks []flow.Sink) []analysis.TextEdit {
	var edits []analysis.TextEdit
	linked := make(map[token.Pos]bool)
	for _, sink := range sinks {
		if link := s.linkStart(sink); link != nil {
			edits = merge(edits, link)
			linked[sink.Roots[0].Pos()] = true
		}
	}
	for _, sink := range sinks {
		if sink.Arg < 0 {
			return nil
		}
		for _, root := range sink.Roots {
			if !linked[root.Pos()] {
				return nil
			}
		}
	}
	return edits
}

// linkStart returns the edits that link the span which a call starts with a root,
// nil if it starts none or if its package, which the file has to import, knows no
// links as that of OpenTelemetry does.
func (s *Site) linkStart(sink flow.Sink) []analysis.TextEdit {
	call := sink.Call
	if sink.Arg < 0 || len(sink.Roots) != 1 || ast.Unparen(call.Args[sink.Arg]) != sink.Roots[0] || call.Ellipsis.IsValid() ||
		sink.Callee == nil || sink.Callee.Pkg() == nil || !sink.Callee.Signature().Variadic() {
		return nil
	}
	api := sink.Callee.Pkg()
	for _, name := range []string{"WithLinks", "LinkFromContext"} {
		if _, ok := api.Scope().Lookup(name).(*types.Func); !ok {
			return nil
		}
	}
	pkg, imports := s.Import(call.Pos(), api.Name(), api.Path())
	hand := s.Flow.HandAt(sink.In, call.Pos())
	if pkg == "" || len(imports) > 0 || hand == nil || !s.stays(hand, sink.In) {
		return nil
	}
	ctx, edits := s.name(hand, sink.In, call.Pos())
	if ctx == "" {
		return nil
	}
	last := call.Args[len(call.Args)-1]
	return append(edits, insert(last.End(), ", "+pkg+".WithLinks("+pkg+".LinkFromContext("+ctx+"))")...)
}
