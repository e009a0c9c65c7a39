package drive

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
)

// TestParseWant reads want comments as package analysistest does.
func TestParseWant(t *testing.T) {
	for _, test := range []struct {
		comment string
		delta   int
		wants   []string // "fact:pattern", or ":pattern"
		err     string
	}{
		{"// a comment", 0, nil, ""},
		{"// want", 0, nil, ""},
		{`// want "a"`, 0, []string{":a"}, ""},
		{"//want `a` \"b\"", 0, []string{":a", ":b"}, ""},
		{"/* want `a` */", 0, []string{":a"}, ""},
		{"//lostctx:ignore a reason // want `a`", 0, []string{":a"}, ""},
		{"// want +2 `a`", 2, []string{":a"}, ""},
		{"// want f:`a` `b`", 0, []string{"f:a", ":b"}, ""},
		{"// want `(`", 0, nil, "missing closing )"},
		{"// want f `a`", 0, nil, "no pattern after f"},
		{"// want 3", 0, nil, "unexpected 3"},
		{"// want `a", 0, nil, "literal not terminated"},
		{"// wanted: nothing", 0, nil, "unexpected nothing"},
	} {
		delta, wants, err := parseWant(test.comment)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: the error is %v, want %s", test.comment, err, test.err)
			}
			continue
		}
		var got []string
		for _, w := range wants {
			got = append(got, w.fact+":"+w.pattern.String())
		}
		if err != nil || delta != test.delta || !slices.Equal(got, test.wants) {
			t.Errorf("%s: %d, %q, %v, want %d, %q", test.comment, delta, got, err, test.delta, test.wants)
		}
	}
}

// TestUnexpected finds each kind of difference between findings and comments.
func TestUnexpected(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       []string
	}{
		{"right", "g() // want `g is called`", nil},
		{"two on a line", "g(); g() // want `g is called` `^g`", nil},
		{"nothing wanted", "g()", []string{"p.go:4:2: unexpected g is called"}},
		{"another message", "g() // want `h is called`", []string{"p.go:4: nothing there matches `h is called`", "p.go:4:2: unexpected g is called"}},
		{"one of two", "g(); g() // want `g is called`", []string{"p.go:4:7: unexpected g is called"}},
		{"two of one", "g() // want `g is called` `g is called`", []string{"p.go:4: nothing there matches `g is called`"}},
		{"another line", "// want `g is called`\n\tg()", []string{"p.go:4: nothing there matches `g is called`", "p.go:5:2: unexpected g is called"}},
		{"the next line", "// want +1 `g is called`\n\tg()", nil},
		{"two comments for a line", "// want +1 `g is called`\n\tg(); g() // want `g is called`", nil},
		{"a bad comment", "g() // want `(`", []string{"p.go:4: in a want comment: error parsing regexp: missing closing ): `(`", "p.go:4:2: unexpected g is called"}},
		{"a fact that nobody looks at", "g() // want `g is called` f:`a fact`", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			runs := 0
			u := check(t, "example.com/p", file("p.go", "package p\n\nfunc f() {\n\t"+test.body+"\n}\n\nfunc g() {}\n"))
			defer u.Release()
			if got := u.Run([]*analysis.Analyzer{calls(&runs, nil)}).Unexpected(false); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestUnexpectedFacts compares facts where they are asked for.
func TestUnexpectedFacts(t *testing.T) {
	says := (&flow.Summary{Serves: true}).String()
	for _, test := range []struct {
		comment string
		want    []string
	}{
		{"// want f:`" + says + "`", nil},
		{"", []string{"p.go:3:6: unexpected " + says}},
		{"// want g:`" + says + "`", []string{"p.go:3: nothing there matches `g:" + says + "`", "p.go:3:6: unexpected " + says}},
		{"// want `" + says + "`", []string{"p.go:3: nothing there matches `" + says + "`", "p.go:3:6: unexpected " + says}},
	} {
		var known []string
		u := check(t, "example.com/p", file("p.go", "package p\n\nfunc f() {} "+test.comment+"\n"))
		if got := u.Run([]*analysis.Analyzer{facts(&known)}).Unexpected(true); !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", test.comment, got, test.want)
		}
		u.Release()
	}
}

// TestUnlikeGoldens finds each kind of difference between fixes and goldens.
func TestUnlikeGoldens(t *testing.T) {
	const (
		renamed  = "package p\n\nfunc f() {\n\trenamed()\n\trenamed()\n}\n\nfunc g() {}\n"
		deferred = "package p\n\nfunc f() {\n\tdefer g()\n\tdefer g()\n}\n\nfunc g() {}\n"
	)
	for _, test := range []struct {
		name, golden string // "" for none
		want         []string
	}{
		{"right", "-- Rename it --\n" + renamed + "-- Defer it --\n" + deferred, nil},
		{"one alternative", "-- Defer it --\n" + deferred, nil},
		{"another text", "-- Rename it --\n" + deferred, []string{": Rename it: diff fixed want"}},
		{"no such fix", "-- Forget it --\n" + renamed, []string{": Forget it: nothing is changed, but there is a golden"}},
		{"no archive", renamed, []string{".golden is no archive, but there are findings with several fixes"}},
		{"no golden", "", []string{".golden: no such file or directory"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "p.go")
			if test.golden != "" {
				if err := os.WriteFile(name+".golden", []byte(test.golden), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			runs := 0
			u := check(t, "example.com/p", file(name, twoCalls))
			defer u.Release()
			got, compared := u.Run([]*analysis.Analyzer{calls(&runs, nil)}).UnlikeGoldens(false)
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i := range got {
				if !strings.Contains(got[i], test.want[i]) {
					t.Errorf("got %q, want %q", got[i], test.want[i])
				}
			}
			if want := test.golden != ""; slices.Contains(compared, name+".golden") != want {
				t.Errorf("compared are %q", compared)
			}
		})
	}
}

// TestOverlapping makes sure that a fix which is left out is not taken for one that was
// applied.
func TestOverlapping(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(name+".golden", []byte("package p\n\nvar a = 10\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u := check(t, "example.com/p", file(name, "package p\n\nvar a = 1\n"))
	defer u.Release()
	run := &Run{Unit: u}
	for _, text := range []string{"10", "20"} {
		run.Reports = append(run.Reports, Report{Diagnostic: analysis.Diagnostic{SuggestedFixes: []analysis.SuggestedFix{
			{Message: "fix", TextEdits: []analysis.TextEdit{{Pos: u.offset(19), End: u.offset(20), NewText: []byte(text)}}},
		}}})
	}
	if got, _ := run.UnlikeGoldens(false); len(got) != 1 || !strings.HasSuffix(got[0], "all fixes: 1 of 2 overlap others") {
		t.Errorf("got %q", got)
	}
}

// TestUntouched leaves out the golden of a file that nothing is changed in: it may be for
// the unit with tests.
func TestUntouched(t *testing.T) {
	name := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(name+".golden", []byte("package other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	u := check(t, "example.com/p", file(name, "package p\n"))
	defer u.Release()
	if got, compared := (&Run{Unit: u}).UnlikeGoldens(false); len(got)+len(compared) > 0 {
		t.Errorf("got %q, compared %q", got, compared)
	}
}
