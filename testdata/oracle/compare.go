package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/oracle/world"
)

// compare tells what the fixes of a scenario have changed that they should not
// have, or not changed that they should have. What is still reported then is later.
func compare(id int, out *Printed, before, after []*world.Run, findings, later []*Finding) []Disagreement {
	var got []Disagreement
	for _, c := range classes {
		if d := left(id, c, out, before, after, slices.Concat(findings, later)); d != nil {
			got = append(got, *d)
		}
	}
	if len(before) != len(after) {
		return append(got, Disagreement{Changed, "", id, fmt.Sprintf("%d runs, then %d", len(before), len(after))})
	}
	for i, b := range before {
		if d := compareRuns(id, out, b, after[i], findings); d != nil {
			return append(got, *d) // the next inputs show the same
		}
	}
	return got
}

// left returns the loss that is still there although each finding of its class,
// before the fixes and after, was fixed, or nil.
func left(id int, c Class, out *Printed, before, after []*world.Run, findings []*Finding) *Disagreement {
	reported := 0
	for _, f := range findings {
		if classOf[f.Check] == c {
			reported++
			if !f.fixed() {
				return nil
			}
		}
	}
	was := slices.DeleteFunc(losses(c, before, out), func(l loss) bool { return l.excused })
	for _, l := range losses(c, after, out) {
		// What is lost only since then had another loss before, whose fix
		// makes this one visible: a second run reports it.
		if reported > 0 && mustReport(l) && slices.ContainsFunc(was, l.samePlace) {
			return &Disagreement{Left, c, id, describe(l.event)}
		}
	}
	return nil
}

// A strandKey tells sequences of events apart in each of which the language
// fixes the order.
type strandKey struct {
	name string
	n    int
}

// strands returns the keys in the order of their first event, and the events of
// each.
func strands(r *world.Run, out *Printed) ([]strandKey, map[strandKey][]world.Event) {
	var keys []strandKey
	events := make(map[strandKey][]world.Event)
	for _, e := range r.Events {
		k := strandKey{name: e.Strand}
		if out.Many[e.Strand] {
			k.n = e.N
		}
		if events[k] == nil {
			keys = append(keys, k)
		}
		events[k] = append(events[k], e)
	}
	return keys, events
}

func compareRuns(id int, out *Printed, before, after *world.Run, findings []*Finding) *Disagreement {
	changed := func(format string, args ...any) *Disagreement {
		return &Disagreement{Changed, "", id, fmt.Sprintf("input %d: ", before.Input) + fmt.Sprintf(format, args...)}
	}
	if before.Result != after.Result {
		return changed("result %s, then %s", before.Result, after.Result)
	}
	if before.Panic != after.Panic {
		return changed("panic %q, then %q", before.Panic, after.Panic)
	}
	keys, was := strands(before, out)
	newKeys, is := strands(after, out)
	for _, k := range newKeys {
		if was[k] == nil {
			return changed("a new strand: %s", describe(is[k][0]))
		}
	}
	for _, k := range keys {
		for i, b := range was[k] {
			if i >= len(is[k]) {
				return changed("missing: %s", describe(b))
			}
			if d := compareEvents(id, out, b, is[k][i], findings); d != nil {
				return d
			}
		}
		if len(is[k]) > len(was[k]) {
			return changed("one more: %s", describe(is[k][len(was[k])]))
		}
	}
	return nil
}

// compareEvents compares what should be the same event.
func compareEvents(id int, out *Printed, b, a world.Event, findings []*Finding) *Disagreement {
	differ := func(k Kind, what string) *Disagreement {
		return &Disagreement{k, "", id, fmt.Sprintf("%s: %s, then %s", what, describe(b), describe(a))}
	}
	if b.Strand != a.Strand || b.N != a.N || b.ID != a.ID || b.Kind != a.Kind {
		return differ(Changed, "order")
	}
	if b.Value != a.Value {
		return differ(Changed, "value")
	}
	if b.Kind != "sink" {
		return nil
	}
	info := out.Sinks[b.ID]
	// A finding without a fix counts too: it may get one when another is fixed.
	mended := func(c Class) bool {
		return slices.ContainsFunc(findings, func(f *Finding) bool { return classOf[f.Check] == c })
	}
	above := info.Above && (info.TODO || out.Inherits) // see scope.fromAbove
	switch {
	case info.Pool && mended(ClassStale):
		return nil // the stale context is gone, with all that it was
	case (b.Trace == world.In || b.Trace == world.Linked) && a.Trace != b.Trace:
		return differ(Torn, "trace")
	case b.Canceled != a.Canceled && (a.Canceled && !above || !a.Canceled && !info.Early && !mended(ClassEarly)):
		return differ(Changed, "canceled")
	case a.Deadline && !b.Deadline && (info.Late && !above || !info.TODO && !out.Inherits), b.Deadline && !a.Deadline && !info.Early && !mended(ClassEarly):
		return differ(Changed, "deadline")
	case b.Trace == world.In && b.Path != a.Path && !mended(ClassSpan) && (underSpans(b.Path, info.Spans) || !underSpans(a.Path, info.Spans) && !deeper(b.Path, a.Path, info.Spans)):
		return differ(Changed, "path")
	}
	return nil
}

// deeper reports whether a path has got more of the spans that are open, and
// nothing else: the fix of a root may show that a span is passed by, which the
// next round mends.
func deeper(before, after string, spans []string) bool {
	more, ok := strings.CutPrefix(after, before+"/")
	if !ok {
		return false
	}
	for name := range strings.SplitSeq(more, "/") {
		if !slices.Contains(spans, name) {
			return false
		}
	}
	return true
}
