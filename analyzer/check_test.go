package analyzer

import (
	"errors"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/ctxflow"
)

// TestEngineError checks that the reason why a package could not be analyzed is
// given once, by a check that drivers show.
func TestEngineError(t *testing.T) {
	want := errors.New("internal error in package p at p.go:1:1")
	pass := &analysis.Pass{ResultOf: map[*analysis.Analyzer]any{ctxflow.Analyzer: &ctxflow.Result{Err: want}}}
	got, err := runChecks(pass)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, c := range checks {
		pass.ResultOf[findings] = got
		pass.Report = func(d analysis.Diagnostic) { t.Errorf("%s reports %q", c.name, d.Message) }
		if _, err := c.analyzer().Run(pass); err != nil {
			said++
			if !errors.Is(err, want) {
				t.Errorf("%s gives the error %v", c.name, err)
			}
		}
	}
	if said != 1 {
		t.Errorf("%d checks give the error, want one", said)
	}
}
