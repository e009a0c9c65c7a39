package analyzer_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer"
)

// corpus is a module of its own, which the module zip does not contain.
func corpus(t testing.TB) string {
	dir, err := filepath.Abs("../testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Skip("the corpus is not part of the module zip: run this test in a clone of the repository")
	}
	return dir
}

// TestChecks runs each check over its part of the corpus: what it says, what it
// leaves alone, and what its fixes write.
func TestChecks(t *testing.T) {
	for _, a := range analyzer.All() {
		t.Run(a.Name, func(t *testing.T) {
			expect(t, true, []*analysis.Analyzer{a}, "./"+a.Name+"/...")
		})
	}
}

// suite returns the checks with settings.
func suite(t *testing.T, settings analyzer.Settings) *analyzer.Suite {
	t.Helper()
	s, err := analyzer.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// only returns one of the checks with settings.
func only(t *testing.T, name string, settings analyzer.Settings) []*analysis.Analyzer {
	t.Helper()
	as, err := suite(t, settings).Choose([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	return as
}

// TestSettings runs checks over the parts of the corpus that need a setting. Suites share
// nothing, so they run side by side.
func TestSettings(t *testing.T) {
	own := "example.com/corpus/flags/own/"
	const wrapper = "example.com/corpus/flags/safego.Go"
	for _, test := range []struct {
		check    string
		settings analyzer.Settings
		goldens  bool
		packages []string
	}{
		{"lostcall", analyzer.Settings{Logs: true}, false, []string{"./flags/logs"}},
		{"lostgo", analyzer.Settings{Tests: true}, false, []string{"./flags/tests"}},
		{"lostgo", analyzer.Settings{Strict: true}, false, []string{"./flags/strict"}},
		{"lostgo", analyzer.Settings{Fix: analyzer.FixSettings{Style: "plain"}}, true, []string{"./flags/plain"}},
		{"lostgo", analyzer.Settings{Fix: analyzer.FixSettings{Cancel: "inherit"}}, true, []string{"./flags/inherit"}},
		{"lostroot", analyzer.Settings{Fix: analyzer.FixSettings{Cancel: "inherit"}}, true, []string{"./flags/inheritroot"}},
		{"lostgo", analyzer.Settings{Fix: analyzer.FixSettings{Wrapper: wrapper}}, true, []string{"./flags/wrapper"}},
		{"lostroot", analyzer.Settings{Fix: analyzer.FixSettings{All: true}}, true, []string{"./flags/fixall"}},
		{"lostroot", analyzer.Settings{Fix: analyzer.FixSettings{All: true}}, true, []string{"./flags/fixlink"}},
		{"lostgo", analyzer.Settings{Fix: analyzer.FixSettings{All: true}}, true, []string{"./flags/fixlinkgo"}},
		// A team's own wrapper is as good as that of ctxrun, and may start goroutines itself.
		{"lostgo", analyzer.Settings{Strict: true, Fix: analyzer.FixSettings{Wrapper: wrapper}}, false, []string{"./flags/strictwrapper", "./flags/safego"}},
		// What is wanted there is not said without the settings.
		{"all", analyzer.Settings{
			Carriers: []string{own + "web.(*Request).Ctx", own + "web.ContextOf"},
			Fresh:    []string{own + "tracing.NewRoot", own + "tracing.StartRoot", own + "tracing.Detach"},
		}, true, []string{"./flags/own/..."}},
	} {
		t.Run(test.check+" "+test.packages[0], func(t *testing.T) {
			t.Parallel()
			expect(t, test.goldens, only(t, test.check, test.settings), test.packages...)
		})
	}
}

// TestSuitesSideBySide runs suites with different settings over one package at the same
// time: each says what it says alone. It is for the race detector too.
func TestSuitesSideBySide(t *testing.T) {
	world, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	all := []analyzer.Settings{
		{},
		{Logs: true, Strict: true},
		{Fix: analyzer.FixSettings{Style: "plain", Cancel: "inherit"}},
		{Fresh: []string{"context.Background"}},
	}
	said := func(settings analyzer.Settings) string {
		prog := world.Clone()
		var b strings.Builder
		for _, pkg := range prog.Packages {
			if !matches(prog.Module, pkg.ImportPath, []string{"./flags/...", "./lostcall/..."}) {
				continue
			}
			src, err := pkg.Source()
			if err != nil {
				return err.Error()
			}
			b.WriteString(prog.Check(pkg.ImportPath, src).Run(suite(t, settings).All()).String())
		}
		return b.String()
	}
	alone := make([]string, len(all))
	for i, settings := range all {
		alone[i] = said(settings)
		if i > 0 && alone[i] == alone[0] {
			t.Errorf("settings %+v change nothing", settings)
		}
	}
	together := make([]string, len(all))
	var wg sync.WaitGroup
	for i, settings := range all {
		wg.Go(func() { together[i] = said(settings) })
	}
	wg.Wait()
	for i := range all {
		if together[i] != alone[i] {
			t.Errorf("settings %+v say something else beside others:\n%s\nand alone\n%s", all[i], together[i], alone[i])
		}
	}
}
