package drive

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// program is one that units may import little from.
var program = sync.OnceValues(func() (*Program, error) { return Load(".", "context") })

func check(t *testing.T, path string, files ...txtar.File) *Unit {
	t.Helper()
	prog, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return prog.Check(path, files)
}

func file(name, text string) txtar.File { return txtar.File{Name: name, Data: []byte(text)} }

// TestLoad lists dependencies before what needs them, and says what cannot be listed.
func TestLoad(t *testing.T) {
	prog, err := program()
	if err != nil {
		t.Fatal(err)
	}
	at := func(path string) int {
		return slices.IndexFunc(prog.Packages, func(p Package) bool { return p.ImportPath == path })
	}
	if at("sync") < 0 || at("context") < at("sync") {
		t.Errorf("sync is number %d, context %d: want what is imported first", at("sync"), at("context"))
	}
	if last := prog.Packages[len(prog.Packages)-1]; last.ImportPath != "context" || last.DepOnly {
		t.Errorf("the last package is %s, want the one that was asked for", last.ImportPath)
	}
	if _, err := Load(".", "example.com/nowhere"); err == nil || !strings.Contains(err.Error(), "example.com/nowhere") {
		t.Errorf("for a package that is not there the error is %v", err)
	}
}

// TestCheck tells what is broken from what only is not used.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name, src      string
		syntax, errors int
		broken         bool
	}{
		{"right", "package p\n\nfunc f() {}\n", 0, 0, false},
		{"syntax error", "package p\n\nfunc {\n", 1, 0, true},
		{"type error", "package p\n\nfunc f() { undefined() }\n", 0, 1, true},
		{"import that is not used", "package p\n\nimport \"context\"\n", 0, 1, false},
		{"variable that is not used", "package p\n\nfunc f() { x := 1 }\n", 0, 1, false},
		{"import that is not loaded", "package p\n\nimport _ \"net/http\"\n", 0, 1, true},
		{"used and unknown", "package p\n\nfunc f() { x := 1; undefined() }\n", 0, 2, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := check(t, "example.com/p", file("p.go", test.src))
			defer u.Release()
			if len(u.Syntax) != test.syntax || len(u.Errors) != test.errors || u.Broken() != test.broken {
				t.Errorf("syntax %v, errors %v, broken %v", u.Syntax, u.Errors, u.Broken())
			}
		})
	}
}

// TestRelease forgets the files of a unit, and no others.
func TestRelease(t *testing.T) {
	before := check(t, "example.com/before", file("before.go", "package before\n"))
	u := check(t, "example.com/p", file("p.go", "package p\n"))
	pos, fset := u.Files[0].Package, u.prog.Fset
	if fset.File(pos) == nil {
		t.Fatal("the unit has no position")
	}
	u.Release()
	if fset.File(pos) != nil {
		t.Error("the unit still has a position")
	}
	if fset.File(before.Files[0].Package) == nil {
		t.Error("a unit that was checked before has none any more")
	}
	before.Release()
}

// calls is an analyzer that reports calls, and what it requires.
func calls(runs *int, fail error) *analysis.Analyzer {
	required := &analysis.Analyzer{Name: "required", Run: func(*analysis.Pass) (any, error) {
		*runs++
		return "a result", nil
	}}
	return &analysis.Analyzer{Name: "calls", Requires: []*analysis.Analyzer{required}, Run: func(pass *analysis.Pass) (any, error) {
		if pass.ResultOf[required] != "a result" {
			return nil, errors.New("there is no result of what it requires")
		}
		for _, f := range pass.Files {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					name := call.Fun.(*ast.Ident).Name
					pass.Report(analysis.Diagnostic{
						Pos: call.Pos(), End: call.End(), Message: name + " is called",
						Related: []analysis.RelatedInformation{{Pos: f.Name.Pos(), Message: "here"}, {Message: "nowhere"}},
						SuggestedFixes: []analysis.SuggestedFix{
							{Message: "Rename it", TextEdits: []analysis.TextEdit{{Pos: call.Fun.Pos(), End: call.Fun.End(), NewText: []byte("renamed")}}},
							{Message: "Defer it", TextEdits: []analysis.TextEdit{{Pos: call.Pos(), NewText: []byte("defer  ")}}},
						},
					})
				}
				return true
			})
		}
		return nil, fail
	}}
}

const twoCalls = "package p\n\nfunc f() {\n\tg()\n\tg()\n}\n\nfunc g() {}\n"

// TestRun runs what is required once, keeps the reports of an analyzer that fails, and
// gives the same each time.
func TestRun(t *testing.T) {
	runs := 0
	a, b := calls(&runs, nil), calls(&runs, nil)
	b.Requires = a.Requires
	u := check(t, "example.com/p", file("p.go", twoCalls))
	defer u.Release()
	run := u.Run([]*analysis.Analyzer{a})
	if runs != 1 {
		t.Errorf("what is required has run %d times", runs)
	}
	if len(run.Reports) != 2 || run.Reports[0].Analyzer != a || len(run.Errs) > 0 {
		t.Errorf("got %s", run)
	}
	again := u.Run([]*analysis.Analyzer{a})
	if run.String() != again.String() {
		t.Errorf("two runs differ:\n%s\n%s", run, again)
	}
	for _, want := range []string{"p.go:4:2-p.go:4:5 calls: g is called\n", "\tp.go:1:9: here\n", "\t-: nowhere\n", "\tRename it\n", "\t\tp.go:4:2-p.go:4:3 \"renamed\"\n", "\t\tp.go:4:2-- \"defer  \"\n"} {
		if !strings.Contains(run.String(), want) {
			t.Errorf("the text of the run lacks %q:\n%s", want, run)
		}
	}
	failed := u.Run([]*analysis.Analyzer{calls(&runs, errors.New("a surprise"))})
	if len(failed.Reports) != 2 || len(failed.Errs) != 1 || failed.Errs[0].Error() != "calls: a surprise" || !strings.HasSuffix(failed.String(), "calls: a surprise\n") {
		t.Errorf("got %s", failed)
	}
}

// facts is an analyzer that counts the functions of a package, and notes what it knows of
// those that it imports, and of its own before and after it says so.
func facts(known *[]string) *analysis.Analyzer {
	return &analysis.Analyzer{Name: "facts", Run: func(pass *analysis.Pass) (any, error) {
		note := func(fn types.Object) {
			var s flow.Summary
			*known = append(*known, fmt.Sprintf("%s %v", fn.(*types.Func).FullName(), pass.ImportObjectFact(fn, &s)))
		}
		for _, imported := range pass.Pkg.Imports() {
			note(imported.Scope().Lookup("Background"))
		}
		fn := pass.Pkg.Scope().Lookup("f")
		note(fn)
		pass.ExportObjectFact(fn, &flow.Summary{Serves: true})
		note(fn)
		return nil, nil
	}}
}

// TestFacts gives facts to those who import a package, and to a package nothing that was
// said of it in another run.
func TestFacts(t *testing.T) {
	prog, err := Load(".", "context")
	if err != nil {
		t.Fatal(err)
	}
	clone := prog.Clone()
	clone.AddFacts(map[string]map[string]*flow.Summary{
		"context":       {"context.Background": {Serves: true}},
		"example.com/p": {"example.com/p.f": {Serves: true}},
	})
	src := []txtar.File{file("p.go", "package p\n\nimport \"context\"\n\nfunc f() { context.Background() }\n")}
	for _, test := range []struct {
		name string
		prog *Program
		want []string
	}{
		{"without", prog, []string{"context.Background false", "example.com/p.f false", "example.com/p.f true"}},
		{"with", clone, []string{"context.Background true", "example.com/p.f false", "example.com/p.f true"}},
	} {
		var known []string
		u := test.prog.Check("example.com/p", src)
		run := u.Run([]*analysis.Analyzer{facts(&known)})
		if !slices.Equal(known, test.want) {
			t.Errorf("%s: known is %q, want %q", test.name, known, test.want)
		}
		if got := run.Facts(); len(got) != 1 || !got["example.com/p.f"].Serves {
			t.Errorf("%s: the facts are %v", test.name, got)
		}
		u.Release()
	}
}

// TestAnalyze adds the facts of all packages.
func TestAnalyze(t *testing.T) {
	prog, err := Load(".", "context")
	if err != nil {
		t.Fatal(err)
	}
	if err := prog.Analyze(flow.New(new(kind.Own))); err != nil {
		t.Fatal(err)
	}
	if f := prog.facts["context"]["context.AfterFunc"]; f == nil {
		t.Errorf("there is nothing about context.AfterFunc in %v", prog.facts["context"])
	}
	broken := &analysis.Analyzer{Name: "broken", Run: func(*analysis.Pass) (any, error) { return nil, errors.New("a surprise") }}
	if err := prog.Analyze(broken); err == nil || !strings.HasSuffix(err.Error(), "broken: a surprise") {
		t.Errorf("the error of an analyzer is %v", err)
	}
}

// TestVariants reads a package, with its tests and beside them.
func TestVariants(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.go", "a_test.go", "x_test.go"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("package a // "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name string
		pkg  Package
		want []string
	}{
		{"no tests", Package{GoFiles: []string{"a.go"}}, []string{"p: a.go"}},
		{"all", Package{GoFiles: []string{"a.go"}, TestGoFiles: []string{"a_test.go"}, XTestGoFiles: []string{"x_test.go"}}, []string{"p: a.go", "p: a.go a_test.go", "p_test: x_test.go"}},
		{"tests only", Package{XTestGoFiles: []string{"x_test.go"}}, []string{"p_test: x_test.go"}},
		{"nothing", Package{}, nil},
	} {
		test.pkg.ImportPath, test.pkg.Dir = "p", dir
		variants, err := test.pkg.Variants()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		var got []string
		for _, v := range variants {
			text := v.Path + ":"
			for _, f := range v.Source {
				if filepath.Dir(f.Name) != dir || !strings.Contains(string(f.Data), filepath.Base(f.Name)) {
					t.Errorf("%s: file %s has %q", test.name, f.Name, f.Data)
				}
				text += " " + filepath.Base(f.Name)
			}
			got = append(got, text)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	missing := Package{ImportPath: "p", Dir: dir, GoFiles: []string{"none.go"}}
	if _, err := missing.Variants(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("for a missing file the error is %v", err)
	}
	if src, err := (&Package{Dir: dir, GoFiles: []string{"a.go"}}).Source(); err != nil || len(src) != 1 || src[0].Name != "a.go" {
		t.Errorf("the source is %v, %v", src, err)
	}
}

// An offset is a place in the one file of a unit.
func (u *Unit) offset(n int) token.Pos {
	return u.Files[0].FileStart + token.Pos(n)
}

// TestFix applies fixes as lostctx -fix does.
func TestFix(t *testing.T) {
	const src = "package p\n\nvar a, b = 1, 2\n" // 1 is at 22, 2 at 25
	type change struct {
		start, end int // end -1 for none
		text       string
	}
	for _, test := range []struct {
		name    string
		fixes   [][]change
		want    string
		applied int
		err     string
	}{
		{"none", nil, src, 0, ""},
		{"two", [][]change{{{25, 26, "20"}}, {{22, 23, "10"}}}, "package p\n\nvar a, b = 10, 20\n", 2, ""},
		{"equal edits count once", [][]change{{{22, 23, "10"}, {25, 26, "3"}}, {{22, 23, "10"}}}, "package p\n\nvar a, b = 10, 3\n", 2, ""},
		{"one that overlaps an earlier one is left out, whole", [][]change{{{22, 26, "3, 4"}}, {{25, 26, "5"}, {11, 14, "const"}}}, "package p\n\nvar a, b = 3, 4\n", 1, ""},
		{"two insertions at one place", [][]change{{{22, 22, "-"}}, {{22, 22, "+"}}}, "package p\n\nvar a, b = -1, 2\n", 1, ""},
		{"an insertion at the end of what is replaced", [][]change{{{22, 23, "10"}}, {{23, 23, "0"}}}, "package p\n\nvar a, b = 100, 2\n", 2, ""},
		{"an insertion without an end", [][]change{{{22, -1, "-"}}}, "package p\n\nvar a, b = -1, 2\n", 1, ""},
		{"formatted", [][]change{{{22, 23, "( 1 )"}}}, "package p\n\nvar a, b = (1), 2\n", 1, ""},
		{"edits of one fix that overlap", [][]change{{{22, 26, "3, 4"}, {25, 26, "5"}}}, "", 0, "p.go: edits of one fix overlap"},
		{"what cannot be parsed", [][]change{{{22, 23, ")"}}}, "", 0, "p.go: what the fixes make cannot be parsed: "},
		{"an end before the start", [][]change{{{25, 22, "x"}}}, "", 0, "an edit of p.go ends before it begins, or in another file"},
		{"an end behind the file", [][]change{{{25, 1000, "x"}}}, "", 0, "an edit of p.go ends before it begins, or in another file"},
		{"in no file", [][]change{{{-1 << 30, -1, "x"}}}, "", 0, "an edit is in no file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := check(t, "example.com/p", file("p.go", src))
			defer u.Release()
			run := &Run{Unit: u}
			for _, changes := range test.fixes {
				fix := analysis.SuggestedFix{Message: "fix"}
				for _, c := range changes {
					e := analysis.TextEdit{Pos: u.offset(c.start), NewText: []byte(c.text)}
					if c.end >= 0 {
						e.End = u.offset(c.end)
					}
					fix.TextEdits = append(fix.TextEdits, e)
				}
				run.Reports = append(run.Reports, Report{Diagnostic: analysis.Diagnostic{SuggestedFixes: []analysis.SuggestedFix{fix}}})
			}
			fixed, applied, err := run.Fix(First)
			if test.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.err) {
					t.Errorf("the error is %v, want %s", err, test.err)
				}
				return
			}
			if err != nil || applied != test.applied || string(fixed[0].Data) != test.want {
				t.Errorf("%d applied, %v:\n%s", applied, err, fixed)
			}
			if string(u.src[0].Data) != src {
				t.Error("the source of the unit was changed")
			}
		})
	}
}

// TestChoose takes the fix that drivers apply, or the other.
func TestChoose(t *testing.T) {
	one, two := analysis.SuggestedFix{Message: "one"}, analysis.SuggestedFix{Message: "two"}
	for _, test := range []struct {
		fixes       []analysis.SuggestedFix
		first, last string
	}{
		{nil, "", ""},
		{[]analysis.SuggestedFix{one}, "one", "one"},
		{[]analysis.SuggestedFix{one, two}, "one", "two"},
	} {
		for _, chosen := range []struct {
			fix  *analysis.SuggestedFix
			want string
		}{{First(test.fixes), test.first}, {Last(test.fixes), test.last}, {withMessage("two")(test.fixes), map[bool]string{true: "two"}[len(test.fixes) == 2]}} {
			if got := ""; chosen.fix == nil && chosen.want != "" || chosen.fix != nil && chosen.fix.Message != chosen.want {
				if chosen.fix != nil {
					got = chosen.fix.Message
				}
				t.Errorf("of %d fixes %q is chosen, want %q", len(test.fixes), got, chosen.want)
			}
		}
	}
}
