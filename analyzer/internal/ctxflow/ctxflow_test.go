package ctxflow_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/lostctx/lostctx/analyzer/internal/ctxflow"
)

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
	analysistest.Run(t, corpus, ctxflow.Analyzer, "./facts")
}

// TestInternalError checks that a panic becomes the reason why a package could not
// be analyzed, in a result that checks can ask for it.
func TestInternalError(t *testing.T) {
	broken := &analysis.Pass{
		Fset: token.NewFileSet(), Pkg: types.NewPackage("example.com/p", "p"), Files: []*ast.File{nil},
	}
	got, err := ctxflow.Analyzer.Run(broken)
	if err != nil {
		t.Fatal(err)
	}
	result, ok := got.(*ctxflow.Result)
	if !ok || result.Err == nil || !strings.Contains(result.Err.Error(), "internal error in package example.com/p at ") {
		t.Errorf("the result is %v, want one that tells of an internal error", got)
	}
}
