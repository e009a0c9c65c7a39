package analyzer_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// TestRules wants each rule of silence that names a directory of the corpus to be the
// reason for a silence there, and each silence to have a rule.
func TestRules(t *testing.T) {
	prog := newWorld(t).prog
	reasons := suite(t, analyzer.Settings{}).Reasons()
	seen := make(map[string]bool) // directory and rule
	for _, pkg := range prog.Packages {
		rest, ok := strings.CutPrefix(pkg.ImportPath, prog.Module+"/")
		if !ok {
			continue
		}
		directory, _, _ := strings.Cut(rest, "/")
		src, err := pkg.Source()
		if err != nil {
			t.Fatal(err)
		}
		u := prog.Check(pkg.ImportPath, src)
		run := u.Run([]*analysis.Analyzer{reasons})
		for _, r := range run.Result(reasons).([]analyzer.Reason) {
			if _, ok := loss.Rules[flow.Reason(r.Rule)]; !ok {
				t.Errorf("%s: a silence for a reason that has no rule: %q", prog.Fset.Position(r.Pos), r.Rule)
			}
			seen[directory+" "+r.Rule] = true
		}
		u.Release()
	}
	for name, r := range loss.Rules {
		if r.Case != "" && !seen[r.Case+" "+string(name)] {
			var where []string
			for s := range seen {
				if directory, rule, _ := strings.Cut(s, " "); rule == string(name) {
					where = append(where, directory)
				}
			}
			slices.Sort(where)
			t.Errorf("nothing in the corpus' %s is silenced by %s (%v)", r.Case, name, where)
		}
	}
}
