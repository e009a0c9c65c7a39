// Package report holds the findings of a run and writes them in the formats of
// the lostctx command.
package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/unsaved"
)

// A Place is a piece of a source file. Columns count bytes from 1; the end is
// the place just behind the piece, 0 where it is not known. A place that is
// known by its line only has column 0, or 1 in another package.
type Place struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
}

// A Begin is a check and where something that it looks at begins: of one such place, a check says
// one thing in the end.
type Begin struct {
	Check        string
	file         string
	line, column int
}

// Begin is the key of what a check says of the place.
func (p Place) Begin(check string) Begin { return Begin{check, p.File, p.Line, p.Column} }

// compare orders places by where they begin.
func (p Place) compare(o Place) int {
	return cmp.Or(cmp.Compare(p.File, o.File), cmp.Compare(p.Line, o.Line), cmp.Compare(p.Column, o.Column))
}

// A Step is one place on the way to a sink.
type Step struct {
	Place
	Message string `json:"message"`
}

// An Edit replaces the bytes [Start, End) of a file.
type Edit struct {
	File  string `json:"file"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   string `json:"new"`
}

// A Fix is a change that mends a finding.
type Fix struct {
	Message string `json:"message"`
	Edits   []Edit `json:"edits"`
	Choice  bool   `json:"-"` // a person should choose it
}

// A Finding is what a check reports.
type Finding struct {
	Check   string `json:"check"`
	Package string `json:"package"`
	Place
	Message string `json:"message"`
	Way     []Step `json:"way,omitempty"`
	Fix     *Fix   `json:"fix,omitempty"`
	Seen    *Seen  `json:"seen,omitempty"` // with traces: those that it was seen to cut
	Others  []*Fix `json:"-"`              // what a person may choose in the place of Fix, with -fix.all
}

// Loss is the part of the message that says what is lost: advice follows.
func (f *Finding) Loss() string { return analyzer.ParseMessage(f.Message).Loss }

// Advice is the part of the message that says what to do, "" for none.
func (f *Finding) Advice() string { return analyzer.ParseMessage(f.Message).Advice }

// Path divides Way into the steps that lead from the finding to where the
// context is lost, and other places that have to do with it.
func (f *Finding) Path() (path, aside []Step) {
	for _, s := range f.Way {
		if analyzer.ParseStep(s.Message).Aside {
			aside = append(aside, s)
		} else {
			path = append(path, s)
		}
	}
	return path, aside
}

// Key tells findings apart: a package that has tests is analyzed twice.
func (f *Finding) Key() string {
	return fmt.Sprintf("%s:%d:%d:%s:%s", f.File, f.Line, f.Column, f.Check, f.Message)
}

// Compare orders findings by place, then by check and message.
func Compare(a, b *Finding) int {
	return cmp.Or(
		a.compare(b.Place),
		cmp.Compare(a.Check, b.Check),
		cmp.Compare(a.Message, b.Message),
	)
}

// A VetDiagnostic is a diagnostic as go vet -json prints it.
type VetDiagnostic struct {
	Posn           string `json:"posn"`
	End            string `json:"end"`
	Message        string `json:"message"`
	SuggestedFixes []struct {
		Message string `json:"message"`
		Edits   []struct {
			Filename string `json:"filename"`
			Start    int    `json:"start"`
			End      int    `json:"end"`
			New      string `json:"new"`
		} `json:"edits"`
	} `json:"suggested_fixes"`
	Related []struct {
		Posn    string `json:"posn"`
		End     string `json:"end"`
		Message string `json:"message"`
	} `json:"related"`
}

// Finding turns a diagnostic of a check in a package into a finding.
func (d *VetDiagnostic) Finding(check, pkg string) *Finding {
	f := &Finding{Check: check, Package: pkg, Place: parsePlace(d.Posn, d.End), Message: d.Message}
	for _, r := range d.Related {
		f.Way = append(f.Way, Step{Place: parsePlace(r.Posn, r.End), Message: r.Message})
	}
	for i, s := range d.SuggestedFixes {
		fix := &Fix{Message: s.Message, Choice: i > 0 || analyzer.IsChoice(s.Message)}
		for _, e := range s.Edits {
			fix.Edits = append(fix.Edits, Edit{File: unsaved.Restore(e.Filename), Start: e.Start, End: e.End, New: e.New})
		}
		if i == 0 {
			f.Fix = fix
		} else {
			f.Others = append(f.Others, fix)
		}
	}
	return f
}

// Place is where a diagnostic is.
func (d *VetDiagnostic) Place() Place { return parsePlace(d.Posn, d.End) }

// A Silence is a place that a check has looked at and does not report.
type Silence struct {
	Check   string
	Package string
	Place
	Rule     string
	What     string // what the evidence is, "" where the place says it
	Evidence *Place // nil for none
}

// Silence turns a diagnostic of the command's own analyzer into a silence: its message
// is a check, the name of a rule and what the evidence is, with blanks between.
func (d *VetDiagnostic) Silence(pkg string) *Silence {
	s := &Silence{Package: pkg, Place: parsePlace(d.Posn, d.End)}
	check, rest, _ := strings.Cut(d.Message, " ")
	s.Check = check
	s.Rule, s.What, _ = strings.Cut(rest, " ")
	if len(d.Related) > 0 {
		at := parsePosition(d.Related[0].Posn)
		s.Evidence = &at
	}
	return s
}

// Key tells silences apart: a package that has tests is analyzed twice.
func (s *Silence) Key() Silence {
	key := *s
	key.Package, key.Evidence = "", nil
	return key
}

// CompareSilences orders them by place, then by check and rule.
func CompareSilences(a, b *Silence) int {
	return cmp.Or(
		a.compare(b.Place),
		cmp.Compare(a.Check, b.Check),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.What, b.What),
	)
}

// parsePlace reads what go vet prints of the start and the end of a place. An
// end that is not behind the start says nothing.
func parsePlace(posn, end string) Place {
	p := parsePosition(posn)
	e := parsePosition(end)
	behind := e.Line > p.Line || e.Line == p.Line && e.Column > p.Column
	if e.File == p.File && p.Column > 0 && e.Column > 0 && behind {
		p.EndLine, p.EndColumn = e.Line, e.Column
	}
	return p
}

// parsePosition reads "file:line:column"; the file may contain colons.
func parsePosition(posn string) Place {
	var p Place
	rest := unsaved.Restore(posn)
	rest, p.Column = cutNumber(rest)
	rest, p.Line = cutNumber(rest)
	if p.Line == 0 {
		p.Line, p.Column = p.Column, 0 // file:line
	}
	p.File = rest
	return p
}

func cutNumber(s string) (string, int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], n
}
