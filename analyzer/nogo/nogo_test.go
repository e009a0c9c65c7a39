package nogo

import (
	"go/version"
	"runtime"
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

// TestStd makes sure that the embedded facts are about this Go. That they are
// what the engine says today is tested in testdata/nogo.
func TestStd(t *testing.T) {
	if made, now := version.Lang(std().Go), version.Lang(runtime.Version()); made != now {
		t.Errorf("std.json.gz is about %s, this is %s: run go generate ./analyzer/nogo", made, now)
	}
	if f := std().Facts["database/sql"]["(*database/sql.DB).Query"]; f == nil || len(f.Sink) == 0 {
		t.Errorf("sql.DB.Query has the facts %v", f)
	}
}
