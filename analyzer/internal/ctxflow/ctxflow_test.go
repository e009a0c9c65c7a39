package ctxflow_test

import (
	"os"
	"path/filepath"
	"testing"

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
