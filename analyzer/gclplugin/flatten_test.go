package gclplugin_test

import (
	"errors"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/stdfacts"
)

// TestCorpus compares what the plugin reports of the corpus with what the checks
// report: the same findings, whose messages may go on, without related places
// and with fixes that touch one file. Both share one run of what they require,
// as all checks do.
func TestCorpus(t *testing.T) {
	plain, flat := analyzer.All(), must(t, nil)
	prog, err := drive.Load(corpus(t), "./...", "testing")
	if err != nil {
		t.Fatal(err)
	}
	prog.Module = "example.com/corpus"
	prog.AddFacts(stdfacts.Current().Facts)
	var seen counts
	for _, pkg := range prog.Packages {
		if pkg.ImportPath != prog.Module && !strings.HasPrefix(pkg.ImportPath, prog.Module+"/") {
			continue
		}
		variants, err := pkg.Variants()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variants {
			found := make(map[*analysis.Analyzer][]analysis.Diagnostic)
			run := prog.Check(v.Path, v.Source).Run(slices.Concat(plain, flat))
			if len(run.Errs) > 0 {
				t.Fatal(run.Errs)
			}
			for _, rep := range run.Reports {
				found[rep.Analyzer] = append(found[rep.Analyzer], rep.Diagnostic)
			}
			for i, a := range plain {
				want, got := found[a], found[flat[i]]
				if len(want) != len(got) {
					t.Fatalf("%s: %s reports %d findings, want %d", v.Path, a.Name, len(got), len(want))
				}
				for i := range want {
					seen.add(compare(t, prog.Fset, want[i], got[i]))
				}
			}
			prog.AddFacts(map[string]map[string]*flow.Summary{v.Path: run.Facts()})
		}
	}
	if seen.findings < 200 || seen.ways < 10 || seen.fixes < 100 || seen.split == 0 {
		t.Errorf("the corpus shows too little: %+v", seen)
	}
}

// counts says what a comparison has looked at: findings, those with a way, with
// a fix that is offered, and with one that touches several files.
type counts struct{ findings, ways, fixes, split int }

func (c *counts) add(d counts) {
	c.findings += d.findings
	c.ways += d.ways
	c.fixes += d.fixes
	c.split += d.split
}

// ending matches what the plugin adds to messages.
var ending = regexp.MustCompile(`^(; way: \S.* \(\S+\.go:\d+\))?(; see: \S.* \(\S+\.go:\d+\)(, and \d+ more)?)?(; the fix touches several files: run lostctx -fix)?$`)

func compare(t *testing.T, fset *token.FileSet, want, got analysis.Diagnostic) counts {
	t.Helper()
	seen := counts{findings: 1}
	at := fset.Position(want.Pos)
	rest, ok := strings.CutPrefix(got.Message, want.Message)
	if !ok || got.Pos != want.Pos || !ending.MatchString(rest) {
		t.Errorf("%s: %s, want %s", at, got.Message, want.Message)
	}
	if len(got.Related) > 0 {
		t.Errorf("%s: related places are left: golangci-lint reports each as a finding", at)
	}
	if last := lastStep(fset, want); last.IsValid() && last.Line != at.Line {
		seen.ways++
		if !strings.Contains(rest, fmt.Sprintf("(%s:%d)", filepath.Base(last.Filename), last.Line)) {
			t.Errorf("%s: the way does not end at %s: %s", at, last, got.Message)
		}
	}
	switch files := filesOf(fset, want); {
	case len(files) == 0:
		if len(got.SuggestedFixes) > 0 {
			t.Errorf("%s: a fix comes from nowhere", at)
		}
	case len(files) == 1:
		seen.fixes++
		if len(got.SuggestedFixes) != 1 || !reflect.DeepEqual(got.SuggestedFixes[0], want.SuggestedFixes[0]) {
			t.Errorf("%s: %d fixes, want one, the first", at, len(got.SuggestedFixes))
		}
	default:
		seen.split++
		if len(got.SuggestedFixes) > 0 || !strings.HasSuffix(rest, "run lostctx -fix") {
			t.Errorf("%s: a fix of %v is offered, of which golangci-lint would apply one half: %s", at, files, got.Message)
		}
	}
	return seen
}

// lastStep returns where the way of a finding ends.
func lastStep(fset *token.FileSet, d analysis.Diagnostic) (last token.Position) {
	for _, r := range d.Related {
		if strings.HasSuffix(r.Message, " is called") || strings.Contains(r.Message, "() is passed to ") {
			last = fset.Position(r.Pos)
		}
	}
	return last
}

// filesOf returns the files that the first fix of a finding touches.
func filesOf(fset *token.FileSet, d analysis.Diagnostic) (files []string) {
	if len(d.SuggestedFixes) == 0 {
		return nil
	}
	for _, e := range d.SuggestedFixes[0].TextEdits {
		if name := fset.File(e.Pos).Name(); !slices.Contains(files, name) {
			files = append(files, name)
		}
	}
	return files
}

func corpus(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		t.Skip("the corpus is not part of the module zip: run this test in a clone of the repository")
	}
	return dir
}
