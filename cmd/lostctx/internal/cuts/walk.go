package cuts

import (
	"fmt"
	"slices"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// This file walks from a call up to where its context comes from.

// A reason explains a cut: one of a finding, a rule, and what is not known.
type reason struct {
	finding *report.Finding
	rule    string // the name of a rule of silence, or one of this package's
	what    string
	at      report.Step
	unknown bool
	cut     bool // with unknown: a root comes in there, and nothing is reported
	sure    bool // each step of the walk was
}

// Rules of this package, beside those of silence.
const (
	ruleProgram    = "program-start"
	ruleLinked     = "linked"
	ruleUnrecorded = "not-recorded"
	ruleService    = "service"

	noContext = "no-context" // the rule of silence where none is in scope
)

// sentences say what the rules of this package mean.
var sentences = map[string]string{
	ruleProgram:    "it belongs to the start or the end of the program, and to no request",
	ruleLinked:     "the new trace is linked to another one, or was given its span: somebody has decided so",
	ruleUnrecorded: "its parent is a span of the same process that was not recorded: it never ended, or was dropped; no line cuts a trace like this",
}

// Sentence says what a rule means.
func sentence(rule string) string {
	if s := sentences[rule]; s != "" {
		return s
	}
	return analyzer.RuleOf(rule).Sentence
}

// maxWalk bounds how many functions one walk visits.
const maxWalk = 2000

// A walker finds the reasons for which the context of a call is a root.
type walker struct {
	*Graph
	reasons []reason
	seen    map[visit]bool
}

// A visit is a function that is looked at for its callers: for those who hand on their
// context, or for all.
type visit struct {
	fn    *function
	whose bool
}

// from walks from a call that may begin a trace.
func (g *Graph) from(fn *function, c *analyzer.SpanCall) []reason {
	w := &walker{Graph: g, seen: make(map[visit]bool)}
	w.call(fn, c, true)
	return w.reasons
}

func (w *walker) add(r reason) {
	for i, o := range w.reasons {
		if o.finding == r.finding && o.rule == r.rule && o.unknown == r.unknown && (r.finding != nil || o.at == r.at) {
			w.reasons[i].sure = o.sure || r.sure
			return
		}
	}
	w.reasons = append(w.reasons, r)
}

// step describes a place in a function.
func (w *walker) step(fn *function, p analyzer.SpanPlace, format string, args ...any) report.Step {
	return report.Step{Place: report.Place{File: fn.at.File, Line: p.Line, Column: p.Column}, Message: fmt.Sprintf(format, args...)}
}

// call looks at the context that a call is given.
func (w *walker) call(fn *function, c *analyzer.SpanCall, sure bool) {
	switch c.From {
	case "root":
		w.root(fn, c, sure)
	case "param":
		w.callersOf(fn, sure, true)
	case "mixed":
		if !w.reported(fn, c, sure) { // a parameter that is set to a root may be reported
			w.add(reason{rule: ruleLinked, at: w.step(fn, c.Place, "%s", fn.Name), sure: sure})
		}
	case "outside":
		w.add(reason{unknown: true, at: w.step(fn, c.Place, "%s: the context is that of whoever calls a function literal", fn.Name)})
	case "unknown":
		w.add(reason{unknown: true, at: w.step(fn, c.Place, "%s: where this context comes from is not followed", fn.Name)})
	case "span":
	default: // it takes no context
		w.root(fn, c, sure)
	}
}

// callersOf walks on to those who call a function; with whose to those who give it their
// context, and else to all, for what they do with somebody's.
func (w *walker) callersOf(fn *function, sure, whose bool) {
	v := visit{fn, whose}
	if w.seen[v] || len(w.seen) > maxWalk {
		return
	}
	w.seen[v] = true
	edges := w.callers[fn.ID]
	if fn.Begins || len(edges) == 0 && !fn.Value {
		w.end(fn, sure, whose)
	}
	if fn.Value && len(edges) == 0 {
		w.add(reason{unknown: true, at: report.Step{Place: fn.at, Message: fn.Name + " is used as a value: who calls it is not known"}})
	}
	for _, e := range edges {
		if whose {
			w.call(e.from, e.call, sure && e.sure)
		} else {
			w.above(e.from, e.call, sure && e.sure)
		}
	}
}

// end is at a function that nobody calls.
func (w *walker) end(fn *function, sure, whose bool) {
	switch {
	case fn.Begins:
		w.add(reason{rule: ruleProgram, at: report.Step{Place: fn.at, Message: fn.Name}, sure: sure})
	case whose:
		w.add(reason{unknown: true, at: report.Step{Place: fn.at, Message: "nothing in these packages calls " + fn.Name}})
	default:
		w.add(reason{unknown: true, at: report.Step{Place: fn.at, Message: "nothing in these packages calls " + fn.Name + ", which takes no context"}})
	}
}

// root is at a call that is given a root, or makes one: the cut. Where nothing is reported
// or silenced there, no context is in scope, and those above may have one.
func (w *walker) root(fn *function, c *analyzer.SpanCall, sure bool) {
	if !w.known(fn, c, sure, slices.Concat([]analyzer.SpanPlace{c.Place}, c.Roots, c.Tasks)) {
		w.callersOf(fn, sure, false)
	}
}

// above is at a call that leads to a cut. A function that has a context, and does not hand
// it on, is where it is lost, unless all of that belongs to the program.
func (w *walker) above(fn *function, c *analyzer.SpanCall, sure bool) {
	switch {
	case w.known(fn, c, sure, append([]analyzer.SpanPlace{c.Place}, c.Tasks...)):
	case fn.Takes && !w.onlyProgram(fn, make(map[*function]bool)):
		w.add(reason{unknown: true, cut: true, at: w.step(fn, c.Place, "%s has a context in scope, and nothing is reported here", fn.Name)})
	default:
		w.callersOf(fn, sure, false)
	}
}

// onlyProgram reports whether a function is only called by main, init and what these call.
func (w *walker) onlyProgram(fn *function, seen map[*function]bool) bool {
	if seen[fn] || fn.Begins {
		return true
	}
	seen[fn] = true
	edges := w.callers[fn.ID]
	if fn.Value || len(edges) == 0 || len(seen) > maxWalk {
		return false
	}
	return !slices.ContainsFunc(edges, func(e edge) bool { return e.call.Value || e.call.From == "outside" || !w.onlyProgram(e.from, seen) })
}

// reported reports whether a finding is about a call, and notes it.
func (w *walker) reported(fn *function, c *analyzer.SpanCall, sure bool) bool {
	findings, _ := w.at(fn, append([]analyzer.SpanPlace{c.Place}, c.Tasks...)...)
	for _, f := range findings {
		w.add(reason{finding: f, sure: sure})
	}
	return len(findings) > 0
}

// known reports whether something is reported or silenced at one of the places, or the
// function works for itself, and notes it.
func (w *walker) known(fn *function, c *analyzer.SpanCall, sure bool, places []analyzer.SpanPlace) bool {
	findings, silences := w.at(fn, places...)
	for _, f := range findings {
		w.add(reason{finding: f, sure: sure})
	}
	if len(findings) > 0 {
		return true
	}
	// A rule at one of the places says more than that nothing is lost at another, which may be
	// about a task that the call starts beside its own work.
	ruled := slices.ContainsFunc(silences, func(s *report.Silence) bool {
		return !saidElsewhere(s) && analyzer.RuleOf(s.Rule).Verdict == "silenced"
	})
	found := false
	for _, s := range silences {
		// Where nothing is said to be lost, the recording says otherwise.
		unknown := analyzer.RuleOf(s.Rule).Verdict != "silenced"
		if saidElsewhere(s) || unknown && ruled {
			continue
		}
		found = true
		at := report.Step{Place: s.Place, Message: s.What}
		w.add(reason{rule: s.Rule, what: s.What, at: at, unknown: unknown, cut: unknown, sure: sure})
	}
	switch {
	case found:
		return true
	case (c.Loop || fn.Serves) && !fn.Takes: // else a rule would say it
		w.add(reason{rule: ruleService, at: w.step(fn, c.Place, "%s", fn.Name), sure: sure})
		return true
	}
	return false
}

// saidElsewhere reports whether another place says what a silence is about.
func saidElsewhere(s *report.Silence) bool {
	return s.Rule == noContext || s.Rule == analyzer.InTask
}
