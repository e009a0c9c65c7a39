package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Case is a disagreement and the plan that shows it.
type Case struct {
	Disagreement
	Plan *Scenario
	Text string // the program, what was recorded and what was reported
	Seed uint64
}

const (
	shrinkRounds = 20
	shrinkTime   = 3 * time.Minute
	shrinkCases  = 3  // of one kind and class of a seed are shrunk: the rest is much alike
	shrinkWidth  = 40 // smaller plans of one case in one round
)

// A judgeFunc judges a program: try of a workshop, or a test's own.
type judgeFunc func(Program) (*Report, error)

// shrink makes the plans of cases smaller while each still shows the same kind
// of disagreement. All smaller plans of all cases are scenarios of one program,
// so that a round costs one build.
func shrink(cases []*Case, try judgeFunc) error {
	began := time.Now()
	for range shrinkRounds {
		if time.Since(began) > shrinkTime {
			return nil
		}
		var p Program
		var of []*Case
		for _, c := range cases {
			smaller := c.Plan.smaller()
			for _, s := range smaller[:min(len(smaller), shrinkWidth)] {
				p = append(p, s)
				of = append(of, c)
			}
		}
		if len(p) == 0 {
			return nil
		}
		report, err := try(p)
		if err != nil {
			return err
		}
		if !takeSmallest(p, of, report) {
			return nil
		}
	}
	return nil
}

// takeSmallest gives each case the smallest plan that shows it, and reports
// whether any got one.
func takeSmallest(p Program, of []*Case, report *Report) bool {
	any := false
	for _, d := range report.Disagreements {
		c, s := of[d.Scenario], p[d.Scenario]
		if d.key() != c.key() || s.size() >= c.Plan.size() {
			continue
		}
		c.Plan, c.Disagreement, c.Text = s, d, report.Texts[d.Scenario]
		any = true
	}
	return any
}

// choose returns the cases of a report that are worth shrinking: the smallest
// of each kind and class.
func choose(p Program, report *Report, seed uint64) []*Case {
	all := make([]*Case, 0, len(report.Disagreements))
	for _, d := range report.Disagreements {
		all = append(all, &Case{Disagreement: d, Plan: p[d.Scenario], Text: report.Texts[d.Scenario], Seed: seed})
	}
	slices.SortStableFunc(all, func(a, b *Case) int { return a.Plan.size() - b.Plan.size() })
	taken := make(map[string]int)
	return slices.DeleteFunc(all, func(c *Case) bool {
		taken[c.key()]++
		return taken[c.key()] > shrinkCases
	})
}

// shape tells plans apart whose disagreements have different causes, as far as
// that can be seen: two cases of one shape are printed once.
func (c *Case) shape() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s entry %d", c.key(), c.Plan.Entry)
	writeShape(&b, c.Plan.Body)
	return b.String()
}

func writeShape(b *strings.Builder, nodes []*Node) {
	b.WriteString(" {")
	for _, n := range nodes {
		fmt.Fprintf(b, " %s", words[n.Word].name)
		if n.How > 0 {
			fmt.Fprintf(b, ":%s", words[n.Word].hows[n.How])
		}
		for _, field := range []struct {
			name  string
			value int
		}{{"form", int(n.Form)}, {"join", int(n.Join)}, {"from", int(n.From)}, {"result", n.Result}} {
			if field.value > 0 {
				fmt.Fprintf(b, " %s=%d", field.name, field.value)
			}
		}
		for i, set := range n.switches() {
			if *set {
				fmt.Fprintf(b, " %s", []string{"away", "bare", "round", "args", "changed", "recover", "rebind", "defer"}[i])
			}
		}
		if len(n.Kids) > 0 {
			writeShape(b, n.Kids)
		}
	}
	b.WriteString(" }")
}
