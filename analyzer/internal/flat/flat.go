// Package flat puts findings into a form for drivers that know a finding as a
// place, a message and edits of one file: golangci-lint and nogo.
package flat

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/wording"
)

// Finding puts the related places of a finding into its message and leaves at
// most one fix, which touches no other file.
func Finding(fset *token.FileSet, d analysis.Diagnostic) analysis.Diagnostic {
	d.Message += places(fset, d)
	d.Related = nil
	if len(d.SuggestedFixes) > 1 {
		d.SuggestedFixes = d.SuggestedFixes[:1:1] // they would apply all of them
	}
	if len(d.SuggestedFixes) == 1 && !inFile(fset.File(d.Pos), d.SuggestedFixes[0]) {
		d.SuggestedFixes = nil
		d.Message += "; the fix touches several files: run lostctx -fix"
	}
	return d
}

func inFile(file *token.File, fix analysis.SuggestedFix) bool {
	for _, e := range fix.TextEdits {
		end := e.End
		if !end.IsValid() {
			end = e.Pos
		}
		if int(e.Pos) < file.Base() || int(end) > file.Base()+file.Size() {
			return false
		}
	}
	return true
}

// maxOthers bounds how many places a message names besides the way.
const maxOthers = 3

// places words the related places of a finding that are not on its own line:
//
//	; way: mail.Send (shop.go:12) -> smtp.Dial (mail.go:41)
//	; see: ctx is used while span is open (shop.go:14)
func places(fset *token.FileSet, d analysis.Diagnostic) string {
	var way, others []string
	elsewhere := false
	for _, r := range d.Related {
		at := where(fset, r, d)
		step, isStep := stepOf(r.Message)
		switch {
		case isStep:
			elsewhere = elsewhere || at != ""
			way = append(way, step+cmp.Or(at, where(fset, r, analysis.Diagnostic{})))
		case at != "":
			others = append(others, r.Message+at)
		}
	}
	text := ""
	if elsewhere {
		text += "; way: " + strings.Join(way, " -> ")
	}
	if more := len(others) - maxOthers; more > 0 {
		others = append(others[:maxOthers], fmt.Sprintf("and %d more", more))
	}
	if len(others) > 0 {
		text += "; see: " + strings.Join(others, ", ")
	}
	return text
}

// where names the place of r as " (file.go:12)", or "" if it is on the line of d.
func where(fset *token.FileSet, r analysis.RelatedInformation, d analysis.Diagnostic) string {
	p, own := fset.Position(r.Pos), fset.Position(d.Pos)
	if !p.IsValid() || p.Filename == own.Filename && p.Line == own.Line {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", filepath.Base(p.Filename), p.Line)
}

// stepOf returns what is called by a step of the way: the message names the root that is
// passed at its end anyway. Any other place speaks for itself.
func stepOf(message string) (callee string, ok bool) {
	s := wording.ParseStep(message)
	return s.Callee, s.Kind == wording.OnWay || s.Kind == wording.AtSink && s.Root != "it"
}
