package nogo

import (
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// TestRules makes sure that nogo takes the analyzer.
func TestRules(t *testing.T) {
	if err := analysis.Validate([]*analysis.Analyzer{Analyzer}); err != nil {
		t.Error(err)
	}
	if len(Analyzer.FactTypes) != 1 || len(Analyzer.Requires) != 0 {
		t.Errorf("%d types of facts and %d requirements, whose facts nobody would complete", len(Analyzer.FactTypes), len(Analyzer.Requires))
	}
	for _, name := range []string{"module", "checks", "tests", "lostcall.logs", "lostgo.strict", "fix.style", "fix.cancel", "fix.wrapper", "ctx.carriers", "ctx.fresh"} {
		if Analyzer.Flags.Lookup(name) == nil {
			t.Errorf("there is no flag %s, which the package comment names", name)
		}
	}
	if err := Analyzer.Flags.Set("checks", "lostgoo"); err == nil || !strings.Contains(err.Error(), `no check "lostgoo"`) {
		t.Errorf("for a check that is none the error is %v", err)
	}
}
