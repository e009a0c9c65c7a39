package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/why"
)

// This file counts what becomes of the places at which a context could be lost.

// statistics are the places that checks have looked at, by what came out.
type statistics struct {
	Packages   int          `json:"packages"`
	Boundaries boundaries   `json:"boundaries"`
	Checks     []checkStats `json:"checks"`
	Rules      []ruleStats  `json:"rules"`
}

// boundaries are the places at which work goes to another goroutine or a later time.
type boundaries struct {
	Places int     `json:"places"`
	Clean  int     `json:"clean"`
	Share  float64 `json:"share"` // Clean of Places, 0 to 1; 1 if there are none
}

// checkStats counts the places of one check.
type checkStats struct {
	Check    string `json:"check"`
	Places   int    `json:"places"`
	Reported int    `json:"reported"`
	Silenced int    `json:"silenced"`
	Unknown  int    `json:"unknown"`
	Clean    int    `json:"clean"`
}

// ruleStats counts the places of one check that one rule explains.
type ruleStats struct {
	Check    string `json:"check"`
	Verdict  string `json:"verdict"`
	Rule     string `json:"rule"`
	Places   int    `json:"places"`
	Sentence string `json:"sentence"`
}

// An outcome is what came out at one place of one check.
type outcome struct{ verdict, rule string }

// verdicts are ordered by what counts where several things are said of one place, such as
// a root that two calls are given.
var verdicts = []string{why.Reported, "silenced", "unknown", "clean"}

func countAll(found *collector) *statistics {
	at := make(map[report.Begin]outcome)
	note := func(check string, p report.Place, o outcome) {
		key := p.Begin(check)
		if old, ok := at[key]; ok && slices.Index(verdicts, old.verdict) <= slices.Index(verdicts, o.verdict) {
			return
		}
		at[key] = o
	}
	for _, f := range found.findings() {
		if f.Check != "lostignore" {
			note(f.Check, f.Place, outcome{why.Reported, ""})
		}
	}
	for _, s := range found.reasons() {
		if s.Rule != analyzer.InTask { // it is counted where the task is started
			note(s.Check, s.Place, outcome{analyzer.RuleOf(s.Rule).Verdict, s.Rule})
		}
	}
	stats := &statistics{Packages: len(found.marked), Checks: []checkStats{}, Rules: []ruleStats{}}
	for _, name := range checkNames() {
		if name != "lostignore" {
			stats.Checks = append(stats.Checks, checkStats{Check: name})
		}
	}
	byRule := make(map[ruleStats]int)
	for p, o := range at {
		i := slices.IndexFunc(stats.Checks, func(c checkStats) bool { return c.Check == p.Check })
		c := &stats.Checks[i]
		c.Places++
		switch o.verdict {
		case why.Reported:
			c.Reported++
			continue
		case "silenced":
			c.Silenced++
		case "unknown":
			c.Unknown++
		case "clean":
			c.Clean++
		}
		byRule[ruleStats{Check: p.Check, Verdict: o.verdict, Rule: o.rule, Sentence: analyzer.RuleOf(o.rule).Sentence}]++
	}
	for r, n := range byRule {
		r.Places = n
		stats.Rules = append(stats.Rules, r)
	}
	slices.SortFunc(stats.Rules, func(a, b ruleStats) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(b.Places, a.Places), cmp.Compare(a.Rule, b.Rule))
	})
	b := &stats.Boundaries
	b.Share = 1
	if i := slices.IndexFunc(stats.Checks, func(c checkStats) bool { return c.Check == "lostgo" }); i >= 0 {
		b.Places, b.Clean = stats.Checks[i].Places, stats.Checks[i].Clean
	}
	if b.Places > 0 {
		b.Share = float64(b.Clean) / float64(b.Places)
	}
	return stats
}

// share says in a sentence how many boundaries are clean.
func (s *statistics) share() string {
	b := s.Boundaries
	return fmt.Sprintf("%d of %d goroutine boundaries (%.0f%%) are clean, in %d packages.", b.Clean, b.Places, 100*b.Share, s.Packages)
}

// writeStats prints the statistics as the options say.
func writeStats(w io.Writer, format string, stats *statistics) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "\t")
		return enc.Encode(stats)
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "check\tplaces\treported\tsilenced\tunknown\tclean\t\n")
	for _, c := range stats.Checks {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t\n", c.Check, c.Places, c.Reported, c.Silenced, c.Unknown, c.Clean)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n", stats.share())
	byCheck := make(map[string][]ruleStats)
	for _, r := range stats.Rules {
		byCheck[r.Check] = append(byCheck[r.Check], r)
	}
	for _, check := range slices.Sorted(maps.Keys(byCheck)) {
		fmt.Fprintf(w, "\n%s:\n", check)
		tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, r := range byCheck[check] {
			fmt.Fprintf(tw, "%7d\t%s\t%s\t%s\n", r.Places, r.Verdict, r.Rule, r.Sentence)
		}
		if err := tw.Flush(); err != nil {
			return err
		}
	}
	return nil
}
