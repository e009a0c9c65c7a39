package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/oracle/world"
)

// A Class is a kind of loss. A check looks for losses of one class.
type Class string

const (
	ClassTrace Class = "trace"
	ClassSpan  Class = "span"
	ClassEarly Class = "early"
	ClassStale Class = "stale"
)

var classes = []Class{ClassTrace, ClassSpan, ClassEarly, ClassStale}

// classOf tells what a check looks for.
var classOf = map[string]Class{
	"lostgo": ClassTrace, "lostroot": ClassTrace, "lostcall": ClassTrace,
	"lostspan": ClassSpan, "earlycancel": ClassEarly, "stalepool": ClassStale,
}

// A Finding is what lostctx -json prints of one.
type Finding struct {
	Check   string
	File    string
	Line    int
	Message string
	Fix     *struct{ Message string }

	scenario int
}

// fixed reports whether nothing of the finding is left to do by hand.
func (f *Finding) fixed() bool {
	if strings.Contains(f.Message, "the fix of another finding does this too") {
		return true
	}
	return f.Fix != nil && !strings.Contains(f.Message, "leaves a part to do by hand")
}

// A Kind is a kind of disagreement.
type Kind string

const (
	Unreported Kind = "unreported"  // lost, and not reported
	False      Kind = "false"       // reported, and nothing is lost
	Crash      Kind = "crash"       // the analyzer panics
	NoCompile  Kind = "fix-compile" // the fixed program does not compile
	NoFormat   Kind = "fix-format"  // it is not gofmt-clean
	NoVet      Kind = "fix-vet"     // go vet finds something
	NoRun      Kind = "fix-run"     // it crashes or hangs
	NoFix      Kind = "fix-fails"   // lostctx -fix gives up
	Left       Kind = "fix-left"    // still lost, although all findings were fixed
	Torn       Kind = "fix-torn"    // lost only since the fix
	Changed    Kind = "fix-changed" // does something else
	Again      Kind = "fix-again"   // a second run has something to fix
)

// A Disagreement is where the analyzer and the run say different things.
type Disagreement struct {
	Kind     Kind
	Class    Class // of the loss, "" where no single one is meant
	Scenario int
	Detail   string
}

func (d Disagreement) key() string { return string(d.Kind) + "/" + string(d.Class) }

// lost reports whether a sink shows a loss of the class.
func lost(c Class, e world.Event, info *SinkInfo) bool {
	switch c {
	case ClassTrace:
		return !info.Pool && (e.Trace == world.Other || e.Trace == world.Earlier)
	case ClassSpan:
		return !underSpans(e.Path, info.Spans)
	case ClassEarly:
		return info.Early && e.Canceled
	case ClassStale:
		return info.Pool && e.Trace == world.Earlier
	}
	panic("no class " + string(c))
}

// underSpans reports whether the spans are the innermost ones of a path, and
// none is in it twice.
func underSpans(path string, spans []string) bool {
	if !strings.HasSuffix("/"+path, "/"+strings.Join(spans, "/")) && len(spans) > 0 {
		return false
	}
	names := strings.Split(path, "/")
	slices.Sort(names)
	return len(slices.Compact(names)) == len(strings.Split(path, "/"))
}

// excused reports whether the analyzer may say nothing of a loss of the class.
func (info *SinkInfo) excused(c Class, e world.Event) bool {
	if c == ClassSpan && e.Trace != world.In && e.Trace != world.Linked {
		return true // the trace is lost as well, and that says it all
	}
	if c == ClassEarly && info.Pool {
		return true // nobody follows a context through a pool
	}
	if info.Own && (c == ClassEarly || c == ClassSpan) {
		return true // nobody's context, and nobody's span, is the right one
	}
	return slices.ContainsFunc(info.Quiet, func(s silence) bool { return slices.Contains(silents[s].classes, c) })
}

// A loss is one that a run shows.
type loss struct {
	event   world.Event
	excused bool
}

// losses returns the losses of a class in the runs of a scenario. Work that is
// nobody's has no trace to lose, but for that of a service's round.
func losses(c Class, runs []*world.Run, out *Printed) []loss {
	var got []loss
	for _, r := range runs {
		for _, e := range r.Events {
			info := out.Sinks[e.ID]
			if e.Kind != "sink" || !lost(c, e, info) {
				continue
			}
			switch {
			case c != ClassTrace || !info.Own:
				got = append(got, loss{e, info.excused(c, e)})
			case info.Round:
				// It may be reported: the round may have a span.
				got = append(got, loss{e, true})
			}
		}
	}
	return got
}

func (l loss) samePlace(o loss) bool { return l.event.ID == o.event.ID }

// showsStale reports whether the runs could have shown a stale context of the
// caller at each place that takes a value out of a pool: one was put into it, and a
// later run took it out.
func showsStale(runs []*world.Run, out *Printed) bool {
	put := make(map[int]int) // the first run that did, by sink
	shown := make(map[int]bool)
	for i, r := range runs {
		for _, e := range r.Events {
			info := out.Sinks[e.ID]
			if info == nil || !info.Pool {
				continue
			}
			if first, ok := put[e.ID]; ok && first < i {
				shown[e.ID] = true
			} else if !ok && e.Trace == world.In {
				put[e.ID] = i
			}
		}
	}
	for id, info := range out.Sinks {
		if info.Pool && !shown[id] {
			return false
		}
	}
	return true
}

func mustReport(l loss) bool { return !l.excused }

// unreached reports whether a sink was never run, so that nobody knows what it
// loses.
func unreached(runs []*world.Run, out *Printed) bool {
	seen := make(map[int]bool)
	for _, r := range runs {
		for _, e := range r.Events {
			seen[e.ID] = true
		}
	}
	for id := range out.Sinks {
		if !seen[id] {
			return true
		}
	}
	return false
}

// inAll reports whether all sinks that must not see an early end are in all runs: one
// that is not might have shown it.
func inAll(runs []*world.Run, out *Printed) bool {
	for _, r := range runs {
		for id, info := range out.Sinks {
			if info.Early && !slices.ContainsFunc(r.Events, func(e world.Event) bool { return e.ID == id }) {
				return false
			}
		}
	}
	return true
}

// judge compares what is reported of a scenario with what its runs show.
func judge(id int, out *Printed, runs []*world.Run, findings []*Finding) []Disagreement {
	var got []Disagreement
	for _, c := range classes {
		lost := losses(c, runs, out)
		reported := slices.IndexFunc(findings, func(f *Finding) bool { return classOf[f.Check] == c })
		switch {
		case reported < 0 && slices.ContainsFunc(lost, mustReport):
			l := lost[slices.IndexFunc(lost, mustReport)]
			got = append(got, Disagreement{Unreported, c, id, describe(l.event)})
		case reported >= 0 && len(lost) == 0 && !unreached(runs, out) && (c != ClassEarly || inAll(runs, out)) && (c != ClassTrace || !out.Keeps) && (c != ClassStale || showsStale(runs, out)):
			got = append(got, Disagreement{False, c, id, findings[reported].Check + ": " + findings[reported].Message})
		}
	}
	for _, f := range findings {
		if classOf[f.Check] == "" {
			got = append(got, Disagreement{False, "", id, f.Check + ": " + f.Message})
		}
	}
	return got
}

// describe tells of an event in one line.
func describe(e world.Event) string {
	if e.Kind == "sink" {
		return fmt.Sprintf("%s[%d] sink %d: trace %s, path %q, canceled %t, deadline %t", e.Strand, e.N, e.ID, e.Trace, e.Path, e.Canceled, e.Deadline)
	}
	return fmt.Sprintf("%s[%d] %s %d: %s", e.Strand, e.N, e.Kind, e.ID, e.Value)
}
