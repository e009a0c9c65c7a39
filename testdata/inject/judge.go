package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A finding is what lostctx -json prints.
type finding struct {
	Check   string `json:"check"`
	Message string `json:"message"`
	at
	Way []at `json:"way"`
}

type at struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

func (f *finding) key() string { return fmt.Sprintf("%s %s:%d", f.Check, f.File, f.Line) }

// findings runs lostctx on a module.
func findings(tool, dir string) ([]finding, error) {
	cmd := exec.Command(tool, "-json", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	var got []finding
	if jsonErr := json.Unmarshal(text, &got); jsonErr != nil {
		return nil, fmt.Errorf("%s -json: %w: %s", tool, errors.Join(err, jsonErr), stderr.String())
	}
	return got, nil
}

// A result is what became of a loss.
type result struct {
	*place
	found  bool
	reason string // of lostctx why, if it is not found
}

// judge tells which of the losses are found.
func judge(o *options, dir string, places []*place, before, after []finding) ([]result, error) {
	known := make(map[string]bool)
	for _, f := range before {
		known[f.key()] = true
	}
	lines := make(map[at]bool)
	for _, f := range after {
		if known[f.key()] {
			for _, step := range f.Way {
				lines[step] = true // one more way of what is reported already
			}
			continue
		}
		lines[f.at] = true
		for _, step := range f.Way {
			lines[step] = true
		}
	}
	for _, f := range before {
		for _, step := range append(slices.Clone(f.Way), f.at) {
			delete(lines, step)
		}
	}
	var got []result
	for _, p := range places {
		r := result{place: p, found: lines[at{filepath.Join(dir, p.file), p.line}]}
		if !r.found {
			var err error
			if r.reason, err = why(o.lostctx, dir, p); err != nil {
				return nil, err
			}
		}
		got = append(got, r)
	}
	return got, nil
}

// why returns the rules that lostctx why names for a loss which it does not report.
func why(tool, dir string, p *place) (string, error) {
	cmd := exec.Command(tool, "why", "-json", fmt.Sprintf("%s:%d", p.file, p.line))
	cmd.Dir = dir
	text, err := cmd.Output()
	var answer struct {
		Places []struct{ Check, Verdict, Rule, Sentence string }
	}
	if jsonErr := json.Unmarshal(text, &answer); jsonErr != nil {
		return "", fmt.Errorf("%s why %s: %w", tool, p, errors.Join(err, jsonErr))
	}
	var rules []string
	for _, place := range answer.Places {
		if place.Verdict != "reported" {
			rules = append(rules, place.Verdict+" "+place.Rule)
		}
	}
	if len(rules) == 0 {
		return "no candidate", nil
	}
	slices.Sort(rules)
	return strings.Join(slices.Compact(rules), ", "), nil
}

// readsNothing are the rules by which what is called reads no values: there nothing is lost.
func (r *result) readsNothing() bool {
	return strings.Contains(r.reason, "reads-nothing") || strings.Contains(r.reason, "only-logs") || strings.Contains(r.reason, "nothing-lost")
}

// report prints how many losses are found, and the reasons for the others.
func report(o *options, results []result, out io.Writer) {
	found, reads := 0, 0
	reasons := make(map[string][]result)
	for _, r := range results {
		switch {
		case r.found:
			found++
			reads++
		default:
			reasons[r.reason] = append(reasons[r.reason], r)
			if !r.readsNothing() {
				reads++
			}
		}
		if o.verbose {
			verdict := "found"
			if !r.found {
				verdict = r.reason
			}
			fmt.Fprintf(out, "%s: %s\n", r.place, verdict)
		}
	}
	var names []string
	for name := range reasons {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n := len(reasons[b]) - len(reasons[a]); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		fmt.Fprintf(out, "%4d not found: %s, such as %s\n", len(reasons[name]), name, reasons[name][0].place)
	}
	fmt.Fprintf(out, "%s, -where %s -how %s -seed %d: %d losses, %d of them where what is called reads values, %d found\n",
		filepath.Base(o.dir), o.where, o.how, o.seed, len(results), reads, found)
}
