package flat

import (
	"go/token"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// A place is a file and a line of it.
type place struct {
	file string
	line int
}

// files is a file set with files of 100 lines of 10 bytes each.
type files struct {
	*token.FileSet
	bases map[string]*token.File
}

func newFiles(names ...string) *files {
	fset := &files{token.NewFileSet(), make(map[string]*token.File)}
	for _, name := range names {
		f := fset.AddFile("/src/"+name, -1, 1000)
		for i := range 100 {
			f.AddLine(i * 10)
		}
		fset.bases[name] = f
	}
	return fset
}

func (fset *files) at(p place) token.Pos {
	if p.file == "" {
		return token.NoPos
	}
	return fset.bases[p.file].LineStart(p.line)
}

// TestMessage words related places at the end of the message.
func TestMessage(t *testing.T) {
	type related struct {
		at      place
		message string
	}
	const found = "goroutine loses ctx"
	for _, test := range []struct {
		name    string
		related []related
		want    string
	}{
		{"nothing", nil, found},
		{"a step on its own line", []related{{place{"a.go", 12}, "mail.Send is called"}}, found},
		{"all steps on its own line", []related{{place{"a.go", 12}, "mail.Send is called"}, {place{"a.go", 12}, "context.Background() is passed to smtp.Dial"}}, found},
		{"a step on another line", []related{{place{"a.go", 14}, "mail.Send is called"}}, found + "; way: mail.Send (a.go:14)"},
		{"a step on the same line of another file", []related{{place{"b.go", 12}, "mail.Send is called"}}, found + "; way: mail.Send (b.go:12)"},
		{"a way", []related{
			{place{"a.go", 12}, "mail.Send is called"},
			{place{"b.go", 41}, "smtp.Dial is called"},
			{place{"b.go", 7}, "context.Background() is passed to net.Dial"},
		}, found + "; way: mail.Send (a.go:12) -> smtp.Dial (b.go:41) -> net.Dial (b.go:7)"},
		{"another place", []related{{place{"a.go", 14}, "ctx is used while span is open"}}, found + "; see: ctx is used while span is open (a.go:14)"},
		{"another place on its own line", []related{{place{"a.go", 12}, "ctx is used while span is open"}}, found},
		{"a way, and others", []related{
			{place{"a.go", 14}, "ctx is used"},
			{place{"a.go", 13}, "mail.Send is called"},
			{place{"a.go", 15}, "and here"},
		}, found + "; way: mail.Send (a.go:13); see: ctx is used (a.go:14), and here (a.go:15)"},
		{"as many others as are named", []related{
			{place{"a.go", 1}, "one"}, {place{"a.go", 2}, "two"}, {place{"a.go", 3}, "three"},
		}, found + "; see: one (a.go:1), two (a.go:2), three (a.go:3)"},
		{"too many others", []related{
			{place{"a.go", 1}, "one"}, {place{"a.go", 2}, "two"}, {place{"a.go", 3}, "three"}, {place{"a.go", 4}, "four"}, {place{"a.go", 5}, "five"},
		}, found + "; see: one (a.go:1), two (a.go:2), three (a.go:3), and 2 more"},
		{"others on its own line do not count", []related{
			{place{"a.go", 12}, "here"}, {place{"a.go", 1}, "one"}, {place{"a.go", 2}, "two"}, {place{"a.go", 3}, "three"},
		}, found + "; see: one (a.go:1), two (a.go:2), three (a.go:3)"},
		{"a place that is nowhere", []related{{place{}, "ctx is used"}}, found},
		{"a step that is nowhere", []related{{place{}, "mail.Send is called"}, {place{"b.go", 3}, "smtp.Dial is called"}}, found + "; way: mail.Send -> smtp.Dial (b.go:3)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fset := newFiles("a.go", "b.go")
			d := analysis.Diagnostic{Pos: fset.at(place{"a.go", 12}), Message: found}
			for _, r := range test.related {
				d.Related = append(d.Related, analysis.RelatedInformation{Pos: fset.at(r.at), Message: r.message})
			}
			got := Finding(fset.FileSet, d)
			if got.Message != test.want {
				t.Errorf("got  %s\nwant %s", got.Message, test.want)
			}
			if len(got.Related) > 0 {
				t.Errorf("%d related places are left", len(got.Related))
			}
			if got.Pos != d.Pos {
				t.Errorf("it has moved")
			}
		})
	}
}

// TestFix leaves one fix, of the file that the finding is in.
func TestFix(t *testing.T) {
	fset := newFiles("a.go", "b.go")
	edit := func(from, to place) analysis.TextEdit {
		return analysis.TextEdit{Pos: fset.at(from), End: fset.at(to)}
	}
	a, b := fset.bases["a.go"], fset.bases["b.go"]
	const several = "; the fix touches several files: run lostctx -fix"
	for _, test := range []struct {
		name  string
		fixes [][]analysis.TextEdit
		left  int // edits of the fix that is left, -1 for none
		says  string
	}{
		{"none", nil, -1, ""},
		{"one", [][]analysis.TextEdit{{edit(place{"a.go", 3}, place{"a.go", 4})}}, 1, ""},
		{"the first of two", [][]analysis.TextEdit{
			{edit(place{"a.go", 3}, place{"a.go", 4}), edit(place{"a.go", 5}, place{"a.go", 6})},
			{edit(place{"a.go", 3}, place{"a.go", 4})},
		}, 2, ""},
		{"an insertion without an end", [][]analysis.TextEdit{{edit(place{"a.go", 3}, place{})}}, 1, ""},
		{"at the very end of the file", [][]analysis.TextEdit{{{Pos: token.Pos(a.Base() + a.Size()), End: token.Pos(a.Base() + a.Size())}}}, 1, ""},
		{"another file", [][]analysis.TextEdit{{edit(place{"b.go", 3}, place{"b.go", 4})}}, -1, several},
		{"two files", [][]analysis.TextEdit{{edit(place{"a.go", 3}, place{"a.go", 4}), edit(place{"b.go", 3}, place{})}}, -1, several},
		{"into the next file", [][]analysis.TextEdit{{{Pos: token.Pos(a.Base() + a.Size()), End: token.Pos(b.Base())}}}, -1, several},
		{"the first touches two files, the second does not", [][]analysis.TextEdit{
			{edit(place{"a.go", 3}, place{"a.go", 4}), edit(place{"b.go", 3}, place{})},
			{edit(place{"a.go", 3}, place{"a.go", 4})},
		}, -1, several},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := analysis.Diagnostic{Pos: fset.at(place{"a.go", 12}), Message: "m"}
			for _, edits := range test.fixes {
				d.SuggestedFixes = append(d.SuggestedFixes, analysis.SuggestedFix{Message: "fix", TextEdits: edits})
			}
			offered := len(d.SuggestedFixes)
			got := Finding(fset.FileSet, d)
			if got.Message != "m"+test.says {
				t.Errorf("the message is %q, want %q", got.Message, "m"+test.says)
			}
			switch {
			case test.left < 0 && len(got.SuggestedFixes) > 0:
				t.Errorf("there are %d fixes, want none", len(got.SuggestedFixes))
			case test.left >= 0 && (len(got.SuggestedFixes) != 1 || len(got.SuggestedFixes[0].TextEdits) != test.left):
				t.Errorf("the fixes are %v, want one with %d edits", got.SuggestedFixes, test.left)
			}
			if len(d.SuggestedFixes) != offered {
				t.Error("the finding of the check was changed")
			}
		})
	}
}

// TestFixesAreNotShared makes sure that what is appended to the one fix that is left does
// not write over the second of the check's own.
func TestFixesAreNotShared(t *testing.T) {
	fset := newFiles("a.go")
	d := analysis.Diagnostic{Pos: fset.at(place{"a.go", 1}), SuggestedFixes: []analysis.SuggestedFix{{Message: "first"}, {Message: "second"}}}
	got := Finding(fset.FileSet, d)
	_ = append(got.SuggestedFixes, analysis.SuggestedFix{Message: "third"})
	if d.SuggestedFixes[1].Message != "second" {
		t.Errorf("the check's second fix has become %q", d.SuggestedFixes[1].Message)
	}
}

// TestStepOf tells steps of a way from other places, by their words.
func TestStepOf(t *testing.T) {
	for _, test := range []struct {
		message, callee string
		ok              bool
	}{
		{"mail.Send is called", "mail.Send", true},
		{"context.Background() is passed to mail.(*Client).Send", "mail.(*Client).Send", true},
		{"context.TODO() is passed to mail.Send", "mail.Send", true},
		{"it is passed to mail.Send", "", false},
		{"ctx is used while span is open", "", false},
		{"mail.Send is called here too", "", false},
		{"", "", false},
	} {
		callee, ok := stepOf(test.message)
		if ok != test.ok || ok && callee != test.callee {
			t.Errorf("%q: %q, %v, want %q, %v", test.message, callee, ok, test.callee, test.ok)
		}
	}
}
