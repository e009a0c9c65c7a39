package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file holds lostctx -traces against what programs record: each cut is to be explained
// by a finding of the scenario that made it, and by no other.

// Kinds of disagreement about cuts.
const (
	CutWrong Kind = "cut-wrong" // explained by a finding of another scenario
	CutOpen  Kind = "cut-open"  // not explained, though the loss is reported
)

// spansFile is what a program records its spans to, in its directory.
const spansFile = "spans.jsonl"

// A CutCount counts the cuts of sinks by what explains them.
type CutCount struct{ Cuts, Certain, Likely, Possible, Excused int }

func (c *CutCount) add(o CutCount) {
	c.Cuts += o.Cuts
	c.Certain += o.Certain
	c.Likely += o.Likely
	c.Possible += o.Possible
	c.Excused += o.Excused
}

// A tracesReport is what lostctx -traces -json prints, as far as it is looked at.
type tracesReport struct {
	Traces struct {
		Rules, Unknown []struct {
			Span, Rule string
			Cuts       int
		}
	}
	Findings []struct {
		Finding
		Seen *struct {
			Spans []seenSpan
		}
	}
}

type seenSpan struct {
	Span, Sure string
	Cuts       int
}

// cuts runs lostctx -traces over what the program has recorded.
func (s *session) cuts() error {
	if !s.traces {
		return nil
	}
	out, err := s.run(1, s.lostctx, slices.Concat([]string{"-json", "-traces", spansFile}, s.how, s.packages(), []string{"./world"})...)
	if err != nil {
		return err
	}
	got := new(tracesReport)
	if err := json.Unmarshal(out, got); err != nil {
		return fmt.Errorf("read what lostctx -traces printed: %w", err)
	}
	s.explained(got)
	s.unexplained(got)
	s.done("traces")
	return nil
}

// explained judges the cuts that findings explain.
func (s *session) explained(got *tracesReport) {
	best := make(map[string]seenSpan) // by span, with the surest finding of its scenario
	for _, f := range got.Findings {
		ids := blamed(f.File)
		if f.Seen == nil || len(ids) != 1 {
			continue
		}
		for _, span := range f.Seen.Spans {
			id, ok := scenarioOf(span.Span)
			switch {
			case !ok: // not of a sink
			case id != ids[0]:
				s.disagree(Disagreement{CutWrong, ClassTrace, id, fmt.Sprintf("%s is explained, %s, by %s:%d: %s", span.Span, span.Sure, f.File, f.Line, f.Message)})
			case best[span.Span].Sure == "" || span.Sure < best[span.Span].Sure: // in the order of the alphabet
				best[span.Span] = span
			}
		}
	}
	count := &s.report.Cuts
	for _, span := range best {
		count.Cuts += span.Cuts
		switch span.Sure {
		case "certain":
			count.Certain += span.Cuts
		case "likely":
			count.Likely += span.Cuts
		default:
			count.Possible += span.Cuts
		}
	}
}

// unexplained judges the others.
func (s *session) unexplained(got *tracesReport) {
	for _, c := range slices.Concat(got.Traces.Rules, got.Traces.Unknown) {
		id, ok := scenarioOf(c.Span)
		if !ok || c.Rule == "not-recorded" { // a span that the program does not end
			continue
		}
		s.report.Cuts.Cuts += c.Cuts
		if !s.allReported(id) {
			s.report.Cuts.Excused += c.Cuts
			continue
		}
		s.disagree(Disagreement{CutOpen, ClassTrace, id, strings.TrimSpace(c.Span + " " + c.Rule)})
	}
}

// allReported reports whether every loss of a scenario must be reported, and is: then each
// of its cuts has a finding.
func (s *session) allReported(id int) bool {
	if !slices.ContainsFunc(s.found[id], func(f *Finding) bool { return classOf[f.Check] == ClassTrace }) {
		return false
	}
	out := s.printed[id]
	for _, r := range s.runsOf(id, s.before) {
		for _, e := range r.Events {
			info := out.Sinks[e.ID]
			if e.Kind == "sink" && (info.Pool || lost(ClassTrace, e, info) && (info.Own || info.excused(ClassTrace, e))) {
				return false
			}
		}
	}
	return true
}

// ofScenario finds the number of the scenario in the names of its functions.
var ofScenario = regexp.MustCompile(`/(?:app|dep1|dep2)\..*?_(\d+)`)

func scenarioOf(span string) (id int, ok bool) {
	m := ofScenario.FindStringSubmatch(span)
	if m == nil {
		return 0, false
	}
	id, err := strconv.Atoi(m[1])
	return id, err == nil
}
