// Package why answers for a place in a file: what is reported there, or why nothing is.
package why

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A Answer is what is known of one line, or of one place on it.
type Answer struct {
	File   string  `json:"file"`
	Line   int     `json:"line"`
	Column int     `json:"column,omitempty"` // 0 for the whole line
	Places []Place `json:"places"`
	Words  []Word  `json:"comments,omitempty"`
}

// A Place is what one check says of a place.
type Place struct {
	Check    string `json:"check"`
	Verdict  string `json:"verdict"` // reported, silenced, unknown or clean
	Rule     string `json:"rule,omitempty"`
	Sentence string `json:"sentence"`
	report.Place
	Evidence *Evidence     `json:"evidence,omitempty"`
	Way      []report.Step `json:"way,omitempty"`
}

// A Word is a comment in which a person says why a line is as it is.
type Word struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Reported is the verdict of a finding; the others are those of rules.
const Reported = "reported"

// Covers reports whether a place is on the line that is asked about, at the column if
// there is one.
func (a *Answer) Covers(p report.Place) bool {
	last := max(p.EndLine, p.Line)
	if p.File != a.File || a.Line < p.Line || a.Line > last {
		return false
	}
	if a.Column == 0 || p.Column == 0 {
		return true
	}
	return (a.Line > p.Line || a.Column >= p.Column) && (a.Line < last || p.EndColumn == 0 || a.Column < p.EndColumn)
}

// Fill finds what has been said of the place.
func (a *Answer) Fill(findings []*report.Finding, silences []*report.Silence) {
	for _, f := range findings {
		if a.Covers(f.Place) {
			a.Places = append(a.Places, reportedPlace(f))
		}
	}
	for _, s := range silences {
		if !a.Covers(s.Place) {
			continue
		}
		rule := analyzer.RuleOf(s.Rule)
		p := Place{Check: s.Check, Verdict: rule.Verdict, Rule: s.Rule, Sentence: rule.Sentence, Place: s.Place}
		if s.Evidence != nil || s.What != "" {
			p.Evidence = &Evidence{Message: s.What, Place: s.Place}
			if s.Evidence != nil {
				p.Evidence.Place = *s.Evidence
			}
		}
		a.Places = append(a.Places, p)
	}
	for _, f := range findings {
		for _, step := range f.Way {
			if a.Covers(step.Place) && !a.Covers(f.Place) {
				a.Places = append(a.Places, reportedPlace(f))
				break
			}
		}
	}
}

// reportedPlace returns a finding as a place.
func reportedPlace(f *report.Finding) Place {
	return Place{Check: f.Check, Verdict: Reported, Sentence: f.Message, Place: f.Place, Way: f.Way}
}

// Write prints the answer for people.
func (a *Answer) Write(w io.Writer, dir string) {
	short := func(p report.Place) string {
		name := p.File
		if rel, err := filepath.Rel(dir, name); err == nil && !strings.HasPrefix(rel, "..") {
			name = rel
		}
		return fmt.Sprintf("%s:%d:%d", name, p.Line, max(1, p.Column))
	}
	for _, p := range a.Places {
		fmt.Fprintf(w, "%s: %s %s: %s\n", short(p.Place), p.Check, p.Says(), p.Sentence)
		if p.Evidence != nil {
			fmt.Fprintf(w, "\t%s: %s\n", short(p.Evidence.Place), p.Evidence.Text())
		}
		for _, step := range p.Way {
			fmt.Fprintf(w, "\t%s: %s\n", short(step.Place), step.Message)
		}
	}
	if len(a.Places) == 0 {
		fmt.Fprintf(w, "%s: nothing there can lose a context: no task is started, no root is made, no span begins, no value goes back into a pool, and nothing that takes no context is known to reach a root (calls of function values are not followed)\n", short(report.Place{File: a.File, Line: a.Line, Column: a.Column}))
	}
	for _, c := range a.Words {
		fmt.Fprintf(w, "%s: somebody says: %s (lostctx reads it, and is silenced by //lostctx:ignore only)\n", short(report.Place{File: a.File, Line: c.Line}), c.Text)
	}
}

// Says is what the check does there.
func (p *Place) Says() string {
	switch p.Verdict {
	case Reported:
		return "reports"
	case "unknown":
		return fmt.Sprintf("does not know (%s)", p.Rule)
	case "clean":
		return fmt.Sprintf("finds nothing lost (%s)", p.Rule)
	}
	return fmt.Sprintf("is silent (%s)", p.Rule)
}

// An Evidence is what silences a place.
type Evidence report.Step

// Text says what is there.
func (e *Evidence) Text() string {
	if e.Message == "" {
		return "this is why"
	}
	return e.Message
}
