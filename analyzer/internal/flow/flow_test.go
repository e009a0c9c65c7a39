package flow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

var engine = flow.New(new(kind.Own))

// TestFacts compares the summaries of the functions in the corpus with what
// their want comments say.
func TestFacts(t *testing.T) {
	corpus, err := filepath.Abs("../../../testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus is not part of the module zip: run this test in a clone of the repository")
	}
	prog, err := drive.Load(corpus, "./facts")
	if err != nil {
		t.Fatal(err)
	}
	if err := prog.Analyze(engine); err != nil {
		t.Fatal(err)
	}
	facts := prog.Packages[len(prog.Packages)-1] // what it imports comes before
	variants, err := facts.Variants()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variants {
		u := prog.Check(v.Path, v.Source)
		if u.Broken() {
			t.Fatal(u.Syntax, u.Errors)
		}
		for _, wrong := range u.Run([]*analysis.Analyzer{engine}).Unexpected(true) {
			t.Error(wrong)
		}
	}
}

// TestInternalError checks that a panic becomes the reason why a package could not
// be analyzed, in a result that checks can ask for it.
func TestInternalError(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n\nfunc f() {}\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	broken := &analysis.Pass{Fset: fset, Pkg: types.NewPackage("example.com/p", "p"), Files: []*ast.File{file}} // without types
	got, err := engine.Run(broken)
	if err != nil {
		t.Fatal(err)
	}
	result, ok := got.(*flow.Result)
	want := regexp.MustCompile(`^internal error in package example.com/p at p.go:1:1: .* at \w+.go:\d+ \(please report it with this line\)$`)
	if !ok || result.Err == nil || !want.MatchString(result.Err.Error()) {
		t.Errorf("the result is %v, want one with the error %s", got, want)
	}
}
