package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestComplaints reads what go vet prints when it fails.
func TestComplaints(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []complaint
	}{
		{"nothing", "", nil},
		{"a heading alone", "# example.com/m/p\n", nil},
		{"type error", "# example.com/m/p\n# [example.com/m/p]\nvet: ./p/p.go:3:12: undefined: x\n",
			[]complaint{{"example.com/m/p", "./p/p.go", "./p/p.go:3:12: undefined: x"}}},
		{"the compiler's, over several lines", "# example.com/m/p\np/p.go:4:7: not enough arguments in call to f\n\thave ()\n\twant (int)\np/p.go:5:2: undefined: y\n",
			[]complaint{
				{"example.com/m/p", "p/p.go", "p/p.go:4:7: not enough arguments in call to f have () want (int)"},
				{"example.com/m/p", "p/p.go", "p/p.go:5:2: undefined: y"},
			}},
		{"a variant for tests", "# example.com/m/q [example.com/m/p.test]\nq/q.go:3:1: syntax error\n",
			[]complaint{{"example.com/m/q", "q/q.go", "q/q.go:3:1: syntax error"}}},
		{"of loading, without a heading", "p/p_test.go:3:8: no required module provides package example.com/x; to add it:\n\tgo get example.com/x\n",
			[]complaint{{"", "p/p_test.go", "p/p_test.go:3:8: no required module provides package example.com/x; to add it: go get example.com/x"}}},
		{"a line without a column", "# example.com/m/p\np/p.go:7: cgo says no\n",
			[]complaint{{"example.com/m/p", "p/p.go", "p/p.go:7: cgo says no"}}},
		{"a name with a space", "# example.com/m/p\np/a b.go:7:1: no\n",
			[]complaint{{"example.com/m/p", "p/a b.go", "p/a b.go:7:1: no"}}},
		{"cycle in a test", "package example.com/m/r\n\timports example.com/m/s from r_test.go\n\timports example.com/m/r from s.go: import cycle not allowed in test\n",
			[]complaint{{"example.com/m/r", "", "imports example.com/m/s from r_test.go imports example.com/m/r from s.go: import cycle not allowed in test"}}},
		{"package with a reason", "package example.com/m/asm: C source files not allowed when not using cgo or SWIG: a.c\n",
			[]complaint{{"example.com/m/asm", "", "C source files not allowed when not using cgo or SWIG: a.c"}}},
		{"a crash", "# example.com/m/p\npanic: a surprise\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/x/main.go:3 +0x1d\nvet: exit status 2\n", nil},
		{"downloads", "go: downloading example.com/x v1.0.0\n", nil},
		{"lines of Windows", "# example.com/m/p\r\np\\p.go:3:12: undefined: x\r\n",
			[]complaint{{"example.com/m/p", `p\p.go`, `p\p.go:3:12: undefined: x`}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := complaints(test.text); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestBlame gives errors of loading the package that their file is of.
func TestBlame(t *testing.T) {
	dir := t.TempDir()
	list := &listing{
		packages: map[string]*listedPackage{"example.com/m": {}, "example.com/m/p": {}},
		byDir:    map[string]string{dir: "example.com/m", filepath.Join(dir, "p"): "example.com/m/p"},
	}
	for _, test := range []struct {
		said complaint
		want string
	}{
		{complaint{file: "p/p_test.go"}, "example.com/m/p"},
		{complaint{file: filepath.Join(dir, "p", "p_test.go")}, "example.com/m/p"},
		{complaint{file: "./m_test.go"}, "example.com/m"},
		{complaint{pkg: "example.com/m/p_test", file: "p/x_test.go"}, "example.com/m/p"},
		{complaint{pkg: "example.com/m/p_test"}, "example.com/m/p"},
		{complaint{pkg: "example.com/other", file: "/elsewhere/other.go"}, "example.com/other"},
		{complaint{file: "/elsewhere/other.go"}, ""},
		{complaint{pkg: "example.com/m", file: "p/p_test.go"}, "example.com/m/p"}, // the heading is of what came before
	} {
		if got := list.blame(dir, []complaint{test.said})[0].pkg; got != test.want {
			t.Errorf("%+v is about %q, want %q", test.said, got, test.want)
		}
	}
}

// TestPartial words what is not analyzed: each reason once.
func TestPartial(t *testing.T) {
	for _, test := range []struct {
		name      string
		lost, all int
		add       func(p *partial)
		want      []string
	}{
		{"one package of one", 1, 1, func(p *partial) { p.add(notLoaded, "a", "x.go:1:1: no") }, []string{"cannot load package a: x.go:1:1: no"}},
		{"one package of two", 1, 2, func(p *partial) { p.add(notLoaded, "a", "no") }, []string{"cannot load package a: no (1 of 2 packages are not analyzed)"}},
		{"tests only", 0, 2, func(p *partial) { p.add(testsOnly, "a", "no") }, []string{"the tests of package a are not analyzed: no"}},
		{"a pattern", 0, 2, func(p *partial) { p.add(notListed, "", "pattern ./x/... matches no packages") }, []string{"pattern ./x/... matches no packages"}},
		{"one reason, from several files", 3, 5, func(p *partial) {
			p.add(notLoaded, "a", "a/a.go:1:1: no required module provides package x")
			p.add(notLoaded, "b", "b/b.go:2:3: no required module provides package x")
			p.add(notLoaded, "c", "b/b.go:2:3: no required module provides package x")
		}, []string{"cannot load packages a, b and c: a/a.go:1:1: no required module provides package x (3 of 5 packages are not analyzed)"}},
		{"two reasons that read alike", 2, 5, func(p *partial) {
			p.add(notCompiled, "a", "a/a.go:1:1: undefined: x")
			p.add(notCompiled, "b", "b/b.go:1:1: undefined: x")
		}, []string{"package a does not compile: a/a.go:1:1: undefined: x", "package b does not compile: b/b.go:1:1: undefined: x", "2 of 5 packages are not analyzed"}},
		{"importers", 3, 5, func(p *partial) {
			p.add(notCompiled, "a", "no").importers = []string{"b", "c"}
		}, []string{"package a does not compile: no; it is imported by b and c (3 of 5 packages are not analyzed)"}},
		{"many", 12, 12, func(p *partial) {
			for _, name := range strings.Fields("a b c d e f g h i j k l") {
				p.add(notLoaded, name, "no")
				p.add(notLoaded, name, "no")
			}
		}, []string{"cannot load packages a, b, c, d, e, f, g, h, i, j and 2 more: no (12 of 12 packages are not analyzed)"}},
		{"no result", 1, 1, func(p *partial) { p.add(noResult, "a", "try again") }, []string{"go vet gives no result for package a: try again"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &partial{lost: test.lost, all: test.all}
			test.add(p)
			if got := strings.Split(p.Error(), "\n"); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	if err := (&partial{all: 3}).orNil(); err != nil {
		t.Errorf("nothing is missing, but the error is %v", err)
	}
}

// TestCycle wants the same words from each package that is on a cycle.
func TestCycle(t *testing.T) {
	for _, test := range []struct{ stack, want string }{
		{"a b a", "a b a"},
		{"b a b", "a b a"},
		{"main b c a b", "a b c a"},
		{"a a", "a a"},
		{"a", "a"},
	} {
		if got := strings.Join(cycle(strings.Fields(test.stack)), " "); got != test.want {
			t.Errorf("the cycle of %s is %s, want %s", test.stack, got, test.want)
		}
	}
}

// TestReadOverlay keeps what an overlay of the user's says, but for files that are
// hidden.
func TestReadOverlay(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "own.json"), []byte(`{"Replace": {"a.go": "b.txt", "a_test.go": "c.txt", "gone.go": "", "/abs.go": "/other.txt"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	got := map[string]string{at("a_test.go"): ""}
	if err := readOverlay(dir, "own.json", got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{at("a_test.go"): "", at("a.go"): at("b.txt"), at("gone.go"): "", "/abs.go": "/other.txt"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var syntax *json.SyntaxError
	if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte(`{`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readOverlay(dir, "bad.json", got); err == nil || errors.As(err, &syntax) == false {
		t.Errorf("a bad overlay gives %v", err)
	}
	if err := readOverlay(dir, "none.json", got); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing overlay gives %v", err)
	}
}

// TestLostBeyond makes sure that a fix which breaks a package is noticed although
// another could not be analyzed before.
func TestLostBeyond(t *testing.T) {
	analyzed := func(marked ...string) *collector {
		c := newCollector([]string{"a", "b", "c"})
		for _, p := range marked {
			c.marked[p] = true
		}
		return c
	}
	before := analyzed("a", "b")
	if got := analyzed("a", "b").lostBeyond(before); got != "" {
		t.Errorf("%s is lost, but nothing has changed", got)
	}
	if got := analyzed("a", "c").lostBeyond(before); got != "b" {
		t.Errorf("%q is lost, want b", got)
	}
	broken := analyzed("a", "b")
	broken.broken["a"] = "internal error"
	if got := broken.lostBeyond(before); got != "a" {
		t.Errorf("%q is lost, want a", got)
	}
	untested := analyzed("a", "b")
	untested.untested["b"] = true
	if got := untested.lostBeyond(before); got != "b" {
		t.Errorf("%q is lost, want b", got)
	}
}
