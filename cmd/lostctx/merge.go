package main

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// merged returns the findings, and of those that one change mends only the first: a function
// that makes a root of its own is one finding, whichever packages call it. The others become
// places of that one. Those with a fix stay, which mends them one by one.
func merged(findings []*report.Finding, found *collector) []*report.Finding {
	first := make(map[string]*report.Finding)
	var got []*report.Finding
	for _, f := range findings {
		cure := cureOf(f, found)
		switch {
		case cure == "":
			got = append(got, f)
		case first[cure] == nil:
			first[cure] = f
			got = append(got, f)
		default:
			first[cure].Way = append(first[cure].Way, calledHere(f)...)
		}
	}
	return got
}

// cureOf returns where the own function makes its root, or calls what does, that a finding is
// about; "" if that is where the finding is, or the call itself is to be changed.
func cureOf(f *report.Finding, found *collector) (cure string) {
	steps, _ := f.Path()
	if f.Fix != nil || f.Check != "lostcall" || len(steps) < 2 || analyzer.ParseMessage(f.Message).ChangesCall() {
		return ""
	}
	for _, s := range steps[1:] {
		pkg := found.packageIn(filepath.Dir(s.File))
		place := fmt.Sprintf("%s/%s:%d", pkg, filepath.Base(s.File), s.Line)
		if _, at, ok := strings.Cut(s.Message, " at "); ok { // it has no position that the package knows
			pkg, place = path.Dir(at), at
		}
		if found.asked[pkg] {
			cure = place
		}
	}
	return cure
}

// calledHere returns where a finding, and what has been found with it, calls the function.
func calledHere(f *report.Finding) []report.Step {
	steps, aside := f.Path()
	first := steps[0]
	first.Message = analyzer.CalledTooStep(analyzer.ParseStep(first.Message).Callee)
	return append([]report.Step{first}, aside...)
}
