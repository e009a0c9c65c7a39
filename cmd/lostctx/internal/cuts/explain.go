package cuts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

// Sureness of a match.
const (
	Certain  = "certain"
	Likely   = "likely"
	Possible = "possible"
)

var degrees = []string{Certain, Likely, Possible}

// degree returns the nth of the degrees, or the last.
func degree(n int) string { return degrees[min(n, len(degrees)-1)] }

// An Explainer explains the cuts of one service.
type Explainer struct {
	graph   *Graph
	all     []place
	library func(scope string) Library
	out     *report.Traces
}

// A Library is what is known of the instrumentation library that a scope is called after.
type Library struct {
	Imports []string // packages that it imports, itself included; none if there is no such package

	// Reaches reports whether a package imports one of some others, directly or not.
	Reaches func(pkg string, into map[string]bool) bool
}

// Explain fills in which findings cut traces, and returns the rest. Library is asked for
// scopes that the module does not name.
func (g *Graph) Explain(rec *traces.Recording, service string, library func(scope string) Library) *report.Traces {
	e := &Explainer{graph: g, all: g.places(), library: library, out: &report.Traces{Service: service, Spans: rec.Spans, Traces: rec.Traces}}
	for _, c := range rec.Cuts {
		if c.Service == service {
			e.cut(c)
		}
	}
	e.finish()
	return e.out
}

// Places returns how many of a service's spans start in the module, going by their names.
func (g *Graph) Places(s *traces.Service) (spans int64) {
	all := g.places()
	for _, n := range s.Names {
		c := &traces.Cut{Scope: n.Scope, Name: n.Name, Kind: n.Kind}
		if slices.ContainsFunc(all, func(p place) bool {
			ok, says := p.matches(c)
			return ok && says
		}) {
			spans += n.Spans
		}
	}
	return spans
}

// cut explains one cut.
func (e *Explainer) cut(c *traces.Cut) {
	e.out.Cuts += c.Count
	switch {
	case c.Orphan:
		e.rule(c, reason{rule: ruleUnrecorded}, nil)
		return
	case c.Linked:
		e.rule(c, reason{rule: ruleLinked}, nil)
		return
	}
	starts := startsOf(c, e.all)
	if len(starts) == 0 {
		starts = e.graph.exits(c, e.library(c.Scope))
	}
	var reasons []reason
	at := make(map[*report.Finding]place)
	for _, p := range starts {
		for _, r := range e.graph.from(p.fn, p.call) {
			r.sure = r.sure && p.sure
			if r.finding != nil && at[r.finding].fn == nil {
				at[r.finding] = p
			}
			reasons = append(reasons, r)
		}
	}
	findings := findingsOf(reasons)
	rules := slices.DeleteFunc(slices.Clone(reasons), func(r reason) bool { return r.finding != nil || r.unknown })
	switch {
	case len(findings) > 0:
		e.explained(c, findings, len(rules) > 0, at)
	case len(rules) > 0 && !slices.ContainsFunc(reasons, func(r reason) bool { return r.cut }):
		e.rule(c, rules[0], nil)
	default:
		e.unexplained(c, starts, reasons)
	}
}

// findingsOf returns the findings among reasons, each once, with the surest walk to it.
func findingsOf(reasons []reason) (found []reason) {
	for _, r := range reasons {
		if r.finding == nil {
			continue
		}
		i := slices.IndexFunc(found, func(o reason) bool { return o.finding == r.finding })
		if i < 0 {
			found = append(found, r)
		} else {
			found[i].sure = found[i].sure || r.sure
		}
	}
	return found
}

// explained notes a cut with the findings that explain it: with one it is certain, unless
// the walk was not, or a rule explains it too.
func (e *Explainer) explained(c *traces.Cut, findings []reason, ruled bool, at map[*report.Finding]place) {
	e.out.Explained += c.Count
	for _, r := range findings {
		n := 0
		if !r.sure {
			n++
		}
		if ruled {
			n++
		}
		switch {
		case len(findings) > maxLikely:
			n += 2
		case len(findings) > 1:
			n++
		}
		start := e.graph.stepOf(at[r.finding])
		see(r.finding, report.SeenSpan{CutSpan: spanOf(c), Sure: degree(n), Start: &start})
	}
}

// maxLikely is how many findings may each be likely to explain a cut.
const maxLikely = 3

// see notes that a finding was seen to cut.
func see(f *report.Finding, s report.SeenSpan) {
	if f.Seen == nil {
		f.Seen = &report.Seen{Sure: s.Sure, Trace: s.Trace, First: s.First, Last: s.Last}
	}
	seen := f.Seen
	seen.Cuts += s.Cuts
	if slices.Index(degrees, s.Sure) < slices.Index(degrees, seen.Sure) {
		seen.Sure, seen.Trace = s.Sure, s.Trace
	}
	seen.First, seen.Last = earlier(seen.First, s.First), later(seen.Last, s.Last)
	seen.Spans = append(seen.Spans, s)
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}

func spanOf(c *traces.Cut) report.CutSpan {
	s := report.CutSpan{Span: c.Name, Scope: c.Scope, Kind: c.Kind.String(), Cuts: c.Count, Trace: c.Example}
	if !c.First.IsZero() {
		s.First, s.Last = &c.First, &c.Last
	}
	return s
}

// rule notes a cut that is no loss.
func (e *Explainer) rule(c *traces.Cut, r reason, evidence *report.Step) {
	e.out.Ruled += c.Count
	if r.at.File != "" {
		evidence = &r.at
		if evidence.Message == "" {
			evidence.Message = "this is why"
		}
	}
	e.out.Rules = append(e.out.Rules, report.TraceRule{CutSpan: spanOf(c), Rule: r.rule, Sentence: sentence(r.rule), Evidence: evidence})
}

// unexplained notes a cut of which nobody knows the line.
func (e *Explainer) unexplained(c *traces.Cut, starts []place, reasons []reason) {
	e.out.Unexplained += c.Count
	u := report.UnknownCut{CutSpan: spanOf(c)}
	for _, p := range starts {
		u.Starts = append(u.Starts, e.graph.stepOf(p))
	}
	var roots []report.Step
	for _, r := range reasons {
		step := r.at
		if r.rule != "" {
			step.Message = strings.TrimPrefix(r.what+": "+sentence(r.rule), ": ")
		}
		if r.cut {
			step.Message = "perhaps here: " + step.Message
			roots = append(roots, step)
		} else {
			u.Callers = append(u.Callers, step)
		}
	}
	u.Starts, u.Callers = inOrder(u.Starts), append(inOrder(roots), inOrder(u.Callers)...)
	e.out.Unknown = append(e.out.Unknown, u)
}

// inOrder sorts steps and leaves out what is there twice.
func inOrder(steps []report.Step) []report.Step {
	slices.SortFunc(steps, compareSteps)
	return slices.Compact(steps)
}

// stepOf says where a span starts.
func (g *Graph) stepOf(p place) report.Step {
	step := report.Step{Place: report.Place{File: p.fn.at.File, Line: p.call.Line, Column: p.call.Column}}
	step.Message = "in " + p.fn.Name
	if p.name == "" {
		step.Message += ", which calls " + p.call.To
	} else if name := strings.ReplaceAll(p.name, anyText, "*"); name != "" {
		step.Message += ", as " + name
	}
	return step
}

// finish works out the shares, and puts together what one rule explains.
func (e *Explainer) finish() {
	slices.SortStableFunc(e.out.Rules, func(a, b report.TraceRule) int { return strings.Compare(a.Rule, b.Rule) })
	seen := make(map[*report.Finding]bool)
	for _, marks := range e.graph.byLine {
		for _, m := range marks {
			if m.finding != nil && m.finding.Seen != nil {
				seen[m.finding] = true
			}
		}
	}
	for f := range maps.Keys(seen) {
		f.Seen.Share = float64(f.Seen.Cuts) / float64(max(1, e.out.Cuts))
	}
}

// Rank orders findings by the traces that they were seen to cut, and those that were not
// by place.
func Rank(findings []*report.Finding) {
	cuts := func(f *report.Finding) int64 {
		if f.Seen == nil {
			return 0
		}
		return f.Seen.Cuts
	}
	slices.SortStableFunc(findings, func(a, b *report.Finding) int {
		return cmp.Or(cmp.Compare(cuts(b), cuts(a)), report.Compare(a, b))
	})
}
