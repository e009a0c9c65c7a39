package analyzer_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
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

// TestFlags runs the checks over the parts of the corpus that need a flag.
func TestFlags(t *testing.T) {
	for _, test := range []struct{ check, flag, value, off, pkg string }{
		{"lostcall", "logs", "true", "false", "./flags/logs"},
		{"lostgo", "tests", "true", "false", "./flags/tests"},
		{"lostgo", "strict", "true", "false", "./flags/strict"},
	} {
		t.Run(test.check+"."+test.flag, func(t *testing.T) {
			i := slices.IndexFunc(analyzer.All(), func(a *analysis.Analyzer) bool { return a.Name == test.check })
			a := analyzer.All()[i]
			if err := a.Flags.Set(test.flag, test.value); err != nil {
				t.Fatal(err)
			}
			defer a.Flags.Set(test.flag, test.off) //nolint:errcheck // it took the other value
			expect(t, false, []*analysis.Analyzer{a}, test.pkg)
		})
	}
}

// TestFixFlags runs lostgo, or lostroot, over the parts of the corpus whose fixes
// need a flag.
func TestFixFlags(t *testing.T) {
	for _, test := range []struct{ check, flag, value, off, pkg string }{
		{"lostgo", "style", "plain", "wrap", "./flags/plain"},
		{"lostgo", "cancel", "inherit", "auto", "./flags/inherit"},
		{"lostgo", "wrapper", "example.com/corpus/flags/safego.Go", "", "./flags/wrapper"},
		{"lostroot", "all", "true", "false", "./flags/fixall"},
		{"lostroot", "all", "true", "false", "./flags/fixlink"},
		{"lostgo", "all", "true", "false", "./flags/fixlinkgo"},
	} {
		t.Run(test.pkg, func(t *testing.T) {
			flags := flag.NewFlagSet("", flag.ContinueOnError)
			analyzer.FixFlags(flags)
			if err := flags.Set("fix."+test.flag, test.value); err != nil {
				t.Fatal(err)
			}
			defer flags.Set("fix."+test.flag, test.off) //nolint:errcheck // it took the other value
			i := slices.IndexFunc(analyzer.All(), func(a *analysis.Analyzer) bool { return a.Name == test.check })
			expect(t, true, analyzer.All()[i:i+1], test.pkg)
		})
	}
}

// TestContextFlags runs checks over the part of the corpus that needs to be told
// about functions of its own: with the flags it says what is wanted there, without
// them it does not.
func TestContextFlags(t *testing.T) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	analyzer.ContextFlags(flags)
	own := "example.com/corpus/flags/own/"
	for name, list := range map[string]string{
		"ctx.carriers": own + "web.(*Request).Ctx," + own + "web.ContextOf",
		"ctx.fresh":    own + "tracing.NewRoot, " + own + "tracing.StartRoot, " + own + "tracing.Detach",
	} {
		if err := flags.Set(name, list); err != nil {
			t.Fatal(err)
		}
		defer flags.Set(name, "") //nolint:errcheck // it took another list
	}
	expect(t, true, analyzer.All(), "./flags/own/...")
}

// TestStrictWrapper runs lostgo with two flags: a team's own wrapper is as good as
// that of ctxrun, and may start goroutines itself.
func TestStrictWrapper(t *testing.T) {
	fixes := flag.NewFlagSet("", flag.ContinueOnError)
	analyzer.FixFlags(fixes)
	lostgo := analyzer.All()[0]
	for _, f := range []struct {
		flags            *flag.FlagSet
		name, value, off string
	}{
		{fixes, "fix.wrapper", "example.com/corpus/flags/safego.Go", ""},
		{&lostgo.Flags, "strict", "true", "false"},
	} {
		if err := f.flags.Set(f.name, f.value); err != nil {
			t.Fatal(err)
		}
		defer f.flags.Set(f.name, f.off) //nolint:errcheck // it took the other value
	}
	expect(t, false, []*analysis.Analyzer{lostgo}, "./flags/strictwrapper", "./flags/safego")
}
