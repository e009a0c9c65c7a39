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
	shrinkCases  = 3   // of one kind and class of a seed are shrunk: the rest is much alike
	shrinkWidth  = 240 // smaller plans of all cases in one round
)

// A judgeFunc judges a program: try of a workshop, or a test's own.
type judgeFunc func(Program) (*Report, error)

// shrink makes the plans of cases smaller while each still shows the same kind
// of disagreement. All smaller plans of all cases are scenarios of one program,
// so that a round costs one build.
func shrink(cases []*Case, try judgeFunc) error {
	began := time.Now()
	cases = slices.Clone(cases) // those that are done with are deleted
	for round := range shrinkRounds {
		if time.Since(began) > shrinkTime {
			return nil
		}
		var p Program
		var of []*Case
		for _, c := range cases {
			for _, s := range some(c.Plan.smaller(), max(4, shrinkWidth/len(cases)), round) {
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
		cases = takeSmallest(p, of, report, cases)
	}
	return nil
}

// some returns n of the plans, other ones in each round. The boldest half is
// always among them.
func some(plans []*Scenario, n, round int) []*Scenario {
	if len(plans) <= n {
		return plans
	}
	bold, rest := plans[:n/2], plans[n/2:]
	picked := slices.Clone(bold)
	for i := range n - n/2 {
		picked = append(picked, rest[(round*(n-n/2)+i)%len(rest)])
	}
	return picked
}

// takeSmallest gives each case the smallest plan that shows it, and returns the
// cases that may still get smaller.
func takeSmallest(p Program, of []*Case, report *Report, cases []*Case) []*Case {
	tried, got := make(map[*Case]int), make(map[*Case]bool)
	for _, c := range of {
		tried[c]++
	}
	whole := make(map[*Case]bool) // all that is smaller was tried
	for _, c := range cases {
		whole[c] = tried[c] == len(c.Plan.smaller())
	}
	for _, d := range report.Disagreements {
		c, s := of[d.Scenario], p[d.Scenario]
		if d.key() != c.key() || s.size() >= c.Plan.size() {
			continue
		}
		c.Plan, c.Disagreement, c.Text = s, d, report.Texts[d.Scenario]
		got[c] = true
	}
	return slices.DeleteFunc(cases, func(c *Case) bool { return whole[c] && !got[c] })
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
		return taken[c.key()] > shrinkCases && seed > 0
	})
}

// shape tells plans apart whose disagreements have different causes, as far as
// that can be seen: two cases of one shape are printed once.
func (c *Case) shape() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s entry=%d", c.key(), c.Plan.Entry)
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
		}{{"form", int(n.Form)}, {"join", int(n.Join)}, {"from", int(n.From)}, {"result", n.Result}, {"wait", n.Wait}} {
			if field.value > 0 {
				fmt.Fprintf(b, " %s=%d", field.name, field.value)
			}
		}
		if n.Flow > 0 {
			fmt.Fprintf(b, " flow=%q", flows[n.Flow].name)
		}
		for i, set := range n.switches() {
			if *set {
				fmt.Fprintf(b, " %s", []string{"away", "bare", "round", "args", "changed", "recover", "rebind", "defer", "cancel"}[i])
			}
		}
		if len(n.Kids) > 0 {
			writeShape(b, n.Kids)
		}
	}
	b.WriteString(" }")
}
