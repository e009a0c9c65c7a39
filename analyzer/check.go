package analyzer

import (
	"flag"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// A check is one of the family. One analyzer, findings, runs all of them over a
// package, one after the other: so a loss is reported once, a directive is
// unused only if no check needs it, the fixes of a package do not overlap, and
// the memos of the engine need no lock. Each check has an analyzer of its own
// that reports what was found, for drivers to switch on and off.
type check struct {
	name  string
	run   func(*reporter)
	flags func(*settings, *flag.FlagSet) // declares its own flags, nil if it has none
}

// found is what the checks found in a package.
type found struct {
	diagnostics map[*check][]analysis.Diagnostic
	errs        map[*check]error
	silences    []silenced
	join        Join
}

// silenced is a place that a check has looked at and does not report.
type silenced struct {
	check    *check
	pos, end token.Pos
	why      *loss.Silence
}

// runChecks runs every check. A panic ends the check that it is in, with an
// error that names the place, not the run of all others.
func (s *Suite) runChecks(pass *analysis.Pass) (any, error) {
	all := &found{
		diagnostics: make(map[*check][]analysis.Diagnostic),
		errs:        make(map[*check]error),
	}
	facts := pass.ResultOf[s.flow].(*flow.Result)
	if err := facts.Err; err != nil {
		all.errs[checks[0]] = err // one of them says it
		return all, nil
	}
	if s.depend && s.joins == nil {
		return all, nil
	}
	rep := newReporter(pass, facts, &s.settings, all)
	if s.depend {
		all.errs[checks[0]] = rep.try(&check{name: joinCheck, run: joinOf})
		return all, nil
	}
	for _, c := range checks {
		rep.check = c
		all.errs[c] = rep.try(c)
	}
	return all, nil
}

// try runs a check and turns a panic into an error.
func (rep *reporter) try(c *check) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = flow.InternalError(c.name, rep.pass, rep.at, p)
		}
	}()
	c.run(rep)
	return nil
}

// analyzer returns the analyzer that reports what a check finds.
func (s *Suite) analyzer(c *check) *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name:     c.name,
		Doc:      mustDoc(c.name),
		URL:      docURL + "#hdr-Analyzer_" + c.name,
		Requires: []*analysis.Analyzer{s.findings},
		Run: func(pass *analysis.Pass) (any, error) {
			all := pass.ResultOf[s.findings].(*found)
			for _, d := range all.diagnostics[c] {
				pass.Report(copyOf(d))
			}
			return nil, all.errs[c]
		},
	}
	if c.flags != nil {
		c.flags(&s.settings, &a.Flags)
	}
	a.Flags.BoolVar(s.tests[c], "tests", *s.tests[c], "report test files too")
	return a
}

// copyOf returns a diagnostic whose fixes are its own: drivers sort the edits in
// place, and another analyzer may report the same findings meanwhile.
func copyOf(d analysis.Diagnostic) analysis.Diagnostic {
	d.SuggestedFixes = slices.Clone(d.SuggestedFixes)
	for i := range d.SuggestedFixes {
		d.SuggestedFixes[i].TextEdits = slices.Clone(d.SuggestedFixes[i].TextEdits)
	}
	return d
}
