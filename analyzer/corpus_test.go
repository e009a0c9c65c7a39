package analyzer_test

import (
	"flag"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/lostctx/lostctx/analyzer"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// update has the corpus' goldens written, for somebody to read.
var update = flag.Bool("update", false, "write the goldens of the corpus anew")

// expect runs analyzers over packages of the corpus, which are given as to go list,
// and compares what they report with the want comments there. With goldens it compares
// what their fixes write too.
func expect(t *testing.T, goldens bool, as []*analysis.Analyzer, patterns ...string) {
	t.Helper()
	corpus(t)
	world, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	prog := world.Clone() // flags that are set now may change the facts
	n := 0
	for _, pkg := range prog.Packages {
		if !matches(prog.Module, pkg.ImportPath, patterns) {
			continue
		}
		n++
		variants, err := pkg.Variants()
		if err != nil {
			t.Fatal(err)
		}
		var compared []string
		for i, v := range variants {
			u := prog.Check(v.Path, v.Source)
			if u.Broken() {
				t.Errorf("%s does not compile: %v %v", v.Path, u.Syntax, u.Errors)
			}
			run := u.Run(as)
			if i == 0 {
				prog.AddFacts(map[string]map[string]*flow.Summary{v.Path: run.Facts()})
			}
			wrong := run.Unexpected(false)
			if goldens {
				unlike, of := run.UnlikeGoldens(*update)
				wrong, compared = append(wrong, unlike...), append(compared, of...)
			}
			for _, text := range wrong {
				t.Error(text)
			}
		}
		all, err := filepath.Glob(filepath.Join(pkg.Dir, "*.golden"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range all {
			if goldens && !slices.Contains(compared, name) {
				t.Errorf("%s is the golden of a file that no fix changes", name)
			}
		}
	}
	if n == 0 {
		t.Errorf("no packages match %v", patterns)
	}
}

// matches reports whether a package of a module is among those that patterns name.
func matches(module, path string, patterns []string) bool {
	for _, p := range patterns {
		dir, below := strings.CutSuffix(p, "/...")
		dir = module + strings.TrimPrefix(dir, ".")
		if path == dir || below && strings.HasPrefix(path, dir+"/") {
			return true
		}
	}
	return false
}

// TestFromSource analyzes the corpus as analysistest does, with all that it imports from
// source, and wants the same findings and fixes as package drive gives the other tests.
func TestFromSource(t *testing.T) {
	if testing.Short() {
		t.Skip("it analyzes the standard library from source")
	}
	dir := corpus(t)
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: dir, Tests: true, Env: append(os.Environ(), "CGO_ENABLED=0")}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze(analyzer.All(), pkgs, &checker.Options{SanityCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]bool)
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Errorf("%s: %v", act, act.Err)
		}
		for _, d := range act.Diagnostics {
			want[worded(act.Package.Fset, act.Analyzer, d)] = true
		}
	}
	prog, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for _, pkg := range prog.Packages {
		if !matches(prog.Module, pkg.ImportPath, []string{"./..."}) {
			continue
		}
		variants, err := pkg.Variants()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variants {
			for _, rep := range prog.Check(v.Path, v.Source).Run(analyzer.All()).Reports {
				got[worded(prog.Fset, rep.Analyzer, rep.Diagnostic)] = true
			}
		}
	}
	if len(want) < 300 {
		t.Errorf("only %d findings", len(want))
	}
	for text := range want {
		if !got[text] {
			t.Errorf("package drive does not have\n%s", text)
		}
	}
	for text := range got {
		if !want[text] {
			t.Errorf("package drive alone has\n%s", text)
		}
	}
}

// worded gives all that a finding says.
func worded(fset *token.FileSet, a *analysis.Analyzer, d analysis.Diagnostic) string {
	var b strings.Builder
	at := func(from, to token.Pos) string {
		p, end := fset.Position(from), fset.Position(to)
		return fmt.Sprintf("%s:%d:%d-%d:%d", p.Filename, p.Line, p.Column, end.Line, end.Column)
	}
	fmt.Fprintf(&b, "%s: %s: %s\n", at(d.Pos, d.End), a.Name, d.Message)
	for _, r := range d.Related {
		fmt.Fprintf(&b, "\t%s: %s\n", filepath.Base(fset.Position(r.Pos).Filename), r.Message) // export data knows lines only, and calls the directory of Go otherwise
	}
	for _, f := range d.SuggestedFixes {
		fmt.Fprintf(&b, "\t%s\n", f.Message)
		var edits []string
		for _, e := range f.TextEdits {
			edits = append(edits, fmt.Sprintf("\t\t%s: %q\n", at(e.Pos, e.End), e.NewText))
		}
		slices.Sort(edits) // as the driver does
		b.WriteString(strings.Join(edits, ""))
	}
	return b.String()
}
