// Package nogo makes the checks of lostctx an analyzer for nogo, which runs
// analyzers in a Bazel build with rules_go:
//
//	nogo(
//		name = "nogo",
//		config = "nogo.json",
//		visibility = ["//visibility:public"],
//		deps = ["@com_github_lostctx_lostctx//analyzer/nogo"],
//	)
//
// in a BUILD.bazel, and in the MODULE.bazel
//
//	go_deps = use_extension("@gazelle//:extensions.bzl", "go_deps")
//	go_deps.from_file(go_mod = "//:go.mod") # which requires github.com/lostctx/lostctx
//	use_repo(go_deps, "com_github_lostctx_lostctx")
//	go_sdk = use_extension("@rules_go//go:extensions.bzl", "go_sdk")
//	go_sdk.nogo(nogo = "//:nogo")
//
// The config may be left out. All that it can say of lostctx is
//
//	{
//	  "lostctx": {
//	    "only_files": {"^services/": "ours"},
//	    "exclude_files": {"/third_party/": "not ours"},
//	    "analyzer_flags": {
//	      "module": "example.com/shop",
//	      "checks": "all,-lostspan",
//	      "tests": "true",
//	      "lostcall.logs": "true",
//	      "lostgo.strict": "true",
//	      "ctx.carriers": "example.com/web.(*Request).Ctx",
//	      "fix.style": "plain"
//	    }
//	  }
//	}
//
// The flags are those of the lostctx command but for module, the import path that
// those of your own packages begin with: nogo does not tell analyzers which
// module they look at. Without it lostcall has nothing to say of a function in
// another package that could take a context, because it could be anybody's.
//
// It is one analyzer, which runs all checks: nogo wants a package for each, and
// a comment //nolint:lostctx means the same to nogo and golangci-lint. What nogo
// does not print, the way to where a context is lost, ends the message.
//
// Nogo does not analyze the standard library, whose functions start goroutines
// and roots as others do. What the engine says of it is embedded, for each Go
// release that lostctx supports. With a newer release it says nothing about the
// functions that are new there, so a finding may be missing.
//
// Other drivers take [analyzer.All], and analyze the standard library.
package nogo

import (
	"flag"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/flat"
	"github.com/lostctx/lostctx/analyzer/internal/stdfacts"
)

// Analyzer runs the checks of lostctx.
var Analyzer = newAnalyzer()

// A nogo runs the checks of a suite, as its flags say.
type nogo struct {
	module string
	suite  *analyzer.Suite
	checks []*analysis.Analyzer
}

func newAnalyzer() *analysis.Analyzer {
	suite, err := analyzer.New(analyzer.Settings{})
	if err != nil {
		panic(err) // the defaults are possible
	}
	n := &nogo{suite: suite, checks: suite.All()}
	a := &analysis.Analyzer{
		Name:      "lostctx",
		Doc:       "lostctx: find where a context, and the trace in it, is lost",
		URL:       "https://pkg.go.dev/github.com/lostctx/lostctx/analyzer",
		FactTypes: factTypes(suite.All()),
		Run:       n.run,
	}
	n.flags(&a.Flags)
	return a
}

// flags declares those of the checks, and those that they do not have.
func (n *nogo) flags(fs *flag.FlagSet) {
	fs.StringVar(&n.module, "module", "", "the import `path` that those of your own packages begin with")
	fs.Func("checks", "run these checks only: a `list` of names with commas, in which -name switches a check off", func(list string) (err error) {
		n.checks, err = n.suite.Choose(strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }))
		return err
	})
	fs.BoolFunc("tests", "report test files too", func(value string) error {
		for _, a := range n.suite.All() {
			if err := a.Flags.Set("tests", value); err != nil {
				return err
			}
		}
		return nil
	})
	for _, a := range n.suite.All() {
		a.Flags.VisitAll(func(f *flag.Flag) {
			if f.Name != "tests" {
				fs.Var(f.Value, a.Name+"."+f.Name, f.Usage)
			}
		})
	}
	n.suite.Flags(fs)
}

// factTypes returns the facts of everything that analyzers require.
func factTypes(as []*analysis.Analyzer) (facts []analysis.Fact) {
	for _, a := range as {
		for _, f := range append(factTypes(a.Requires), a.FactTypes...) {
			if !slices.Contains(facts, f) {
				facts = append(facts, f)
			}
		}
	}
	return facts
}

// run runs the checks and what they require in one pass, whose facts it
// completes. As requirements of their own they would get theirs from nogo.
func (n *nogo) run(pass *analysis.Pass) (any, error) {
	own := *pass
	own.ResultOf = make(map[*analysis.Analyzer]any)
	own.ImportObjectFact = func(obj types.Object, fact analysis.Fact) bool {
		return pass.ImportObjectFact(obj, fact) || stdfacts.Import(obj, fact)
	}
	if n.module != "" {
		own.Module = &analysis.Module{Path: n.module}
	}
	for _, a := range n.checks {
		own.Report = func(d analysis.Diagnostic) {
			d.Message = a.Name + ": " + d.Message
			pass.Report(flat.Finding(pass.Fset, d))
		}
		if err := runAll(&own, a); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// runAll runs an analyzer after what it requires.
func runAll(pass *analysis.Pass, a *analysis.Analyzer) error {
	if _, done := pass.ResultOf[a]; done {
		return nil
	}
	for _, r := range a.Requires {
		if err := runAll(pass, r); err != nil {
			return err
		}
	}
	inner := *pass
	inner.Analyzer = a
	result, err := a.Run(&inner)
	pass.ResultOf[a] = result
	return err
}
