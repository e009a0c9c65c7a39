package analyzer

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/starts"
)

// What is told of a package for the lostctx command, which joins all packages to walk from
// the span that a trace begins with to the line that cut it.
type (
	Starts         = starts.Package  // of a package
	StartsFunction = starts.Function // of a function
	SpanStart      = starts.Start
	SpanCall       = starts.Call
	SpanPlace      = starts.Place
	SpanType       = starts.Type
)

// isMain reports whether packages of a module are the user's own.
func isMain(m *analysis.Module) bool {
	return m == nil || m.Path != "std" && m.Path != "cmd" && m.Version == ""
}

// Starts returns an analyzer that is no check: it reports nothing. Its result, of type
// *[Starts], says where the spans of a package start, and who calls whom. It is nil, and
// costs nothing, unless wanted says so when the package is looked at.
func (s *Suite) Starts(wanted *bool) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "lostctxstarts",
		Doc:        "lostctxstarts: tell where spans start, for lostctx -traces",
		URL:        docURL,
		Requires:   []*analysis.Analyzer{s.flow, s.findings}, // findings so as not to run beside it: the engine's memos have no lock
		ResultType: reflect.TypeFor[*Starts](),
		Run: func(pass *analysis.Pass) (result any, err error) {
			facts := pass.ResultOf[s.flow].(*flow.Result)
			if !*wanted || facts.Err != nil || !isMain(pass.Module) {
				return (*Starts)(nil), nil
			}
			defer func() {
				if p := recover(); p != nil {
					// Not an error of this analyzer: drivers do not show it, and run no
					// other that needs this one.
					result, err = &Starts{Path: pass.Pkg.Path(), Err: flow.InternalError("", pass, 0, p)}, nil
				}
			}()
			return starts.Of(facts), nil
		},
	}
}
