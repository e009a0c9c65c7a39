package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// show returns all that is to be said of a scenario: its source, what it
// recorded, what is reported, and what the fixes made of it.
func (s *session) show(id int) string {
	var b strings.Builder
	out := s.printed[id]
	for i, text := range out.Files {
		if text != "" {
			fmt.Fprintf(&b, "// %s\n%s\n", scenarioFile(i, id), text)
		}
	}
	b.WriteString("recorded:\n")
	for _, r := range s.runsOf(id, s.before) {
		fmt.Fprintf(&b, "  input %d: result %s %s\n", r.Input, r.Result, r.Panic)
		for _, e := range r.Events {
			fmt.Fprintf(&b, "    %s%s\n", describe(e), out.mark(e.ID))
		}
	}
	b.WriteString("reported:\n")
	for _, f := range s.found[id] {
		fix := "no fix"
		if f.Fix != nil {
			fix = f.Fix.Message
		}
		fmt.Fprintf(&b, "  %s:%d: %s: %s (%s)\n", filepath.Base(f.File), f.Line, f.Check, f.Message, fix)
	}
	if fixed := s.fixed[id]; len(s.found[id]) > 0 && fixed != "" {
		fmt.Fprintf(&b, "fixed:\n%s", fixed)
	}
	return b.String()
}

// mark tells what the oracle knows of a sink beside what happened.
func (out *Printed) mark(id int) string {
	info := out.Sinks[id]
	if info == nil {
		return ""
	}
	var notes []string
	if info.Own {
		notes = append(notes, "its own work")
	}
	if info.Early {
		notes = append(notes, "must not end early")
	}
	if len(info.Spans) > 0 {
		notes = append(notes, "under "+strings.Join(info.Spans, "/"))
	}
	for _, s := range info.Quiet {
		notes = append(notes, "silent: "+silents[s].name)
	}
	if notes == nil {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}
