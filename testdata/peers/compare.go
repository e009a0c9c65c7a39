package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A verdict is what one tool says of one case.
type verdict struct {
	Tool     string    `json:"tool"`
	Found    string    `json:"found"` // nowhere, atLines or inFunction
	Failed   string    `json:"failed,omitempty"`
	Findings []finding `json:"findings"` // in the case's package
}

// A caseResult is what the tools say of one case.
type caseResult struct {
	testCase
	NotRun   string    `json:"not_run,omitempty"` // why
	Verdicts []verdict `json:"verdicts,omitempty"`
}

// caseReport is what -json keeps.
type caseReport struct {
	Tools []*tool      `json:"tools"`
	Cases []caseResult `json:"cases"`
}

// compareCases is the program with -cases.
func compareCases(o *options, r *runner, tools []*tool) error {
	cases, err := readCases(o.cases)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(o.checkouts)
	if err != nil {
		return fmt.Errorf("find -checkouts: %v", err)
	}
	if _, err := os.Stat(root); err != nil {
		return fmt.Errorf("find -checkouts: %v", err)
	}
	report := caseReport{Tools: tools}
	for i := range cases {
		res, err := r.judge(root, &cases[i], tools)
		if err != nil {
			res.NotRun = strings.ReplaceAll(oneLine(err.Error()), root+string(filepath.Separator), "")
			log.Printf("%s is not run: %s", res.ID, res.NotRun)
		}
		report.Cases = append(report.Cases, res)
	}
	printTable(os.Stdout, &report)
	if o.verbose {
		printMatrix(os.Stdout, &report)
	}
	return writeJSON(o.json, report)
}

// judge runs the tools over the package of the case. It returns an error if
// that is not possible.
func (r *runner) judge(root string, c *testCase, tools []*tool) (caseResult, error) {
	res := caseResult{testCase: *c}
	co, err := findCheckout(root, c)
	if err != nil {
		return res, err
	}
	at, broken, err := r.newTarget(co.dir, co.env, co.patterns)
	if err := errors.Join(append(broken, err)...); err != nil {
		return res, err
	}
	s, err := newSite(at.absolute(co.file), c)
	if err != nil {
		return res, err
	}
	for _, t := range tools {
		said := r.run(t, at)
		v := verdict{Tool: t.Name, Found: s.where(said.findings), Findings: at.own(said.findings)}
		for i := range v.Findings {
			v.Findings[i].File = co.prefix(c) + v.Findings[i].File
		}
		if said.err != nil {
			v.Failed = oneLine(said.err.Error())
		}
		log.Printf("%s %s: %s", c.ID, t.Name, v.describe())
		res.Verdicts = append(res.Verdicts, v)
	}
	return res, nil
}

func (v *verdict) describe() string {
	if v.Failed != "" {
		return "failed: " + v.Failed
	}
	return fmt.Sprintf("%s, findings: %d", v.cell(), len(v.Findings))
}

// cell is the verdict in one word. A tool that failed may still have found
// what the case is about.
func (v *verdict) cell() string {
	switch {
	case v.Found != nowhere:
		return v.Found
	case v.Failed != "":
		return "failed"
	}
	return "-"
}

// A tally is one row of the table.
type tally struct {
	positives, allPositives, negatives share
	findings                           map[string]bool
	failed                             int
}

// A share counts the cases of one kind that a tool reports.
type share struct{ lines, found, all int }

func (s *share) add(v *verdict) {
	s.all++
	if v.Found != nowhere {
		s.found++
	}
	if v.Found == atLines {
		s.lines++
	}
}

func (s share) String() string { return fmt.Sprintf("%d of %d (%d)", s.found, s.all, s.lines) }

// count makes the row of one tool.
func count(name string, cases []caseResult) *tally {
	t := &tally{findings: make(map[string]bool)}
	for _, c := range cases {
		i := slices.IndexFunc(c.Verdicts, func(v verdict) bool { return v.Tool == name })
		if i < 0 {
			continue // not run
		}
		v := &c.Verdicts[i]
		if c.Label == positive {
			t.allPositives.add(v)
			if !c.Contested {
				t.positives.add(v)
			}
		} else if !c.Contested {
			t.negatives.add(v)
		}
		if v.Failed != "" {
			t.failed++
		}
		for _, f := range v.Findings {
			// Several cases may lie in one package.
			t.findings[fmt.Sprint(c.Repo, "@", c.Commit, f)] = true
		}
	}
	return t
}

const legend = `
Found means: within %d lines of the case, which is the number in parentheses, or else in its function or a
function that it names. Findings are those in the packages of the cases, outside tests and generated files.
A tool that fails on a case has not found it, unless it says so before it fails.
`

func printTable(w io.Writer, report *caseReport) {
	fmt.Fprintln(w, "| tool | version | positives found | with the contested | negatives reported | findings | failed on |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, t := range report.Tools {
		n := count(t.Name, report.Cases)
		fmt.Fprintf(w, "| %s | %s | %v | %v | %v | %d | %d |\n", t.Name, t.Version, n.positives, n.allPositives, n.negatives, len(n.findings), n.failed)
	}
	fmt.Fprintf(w, legend, near)
	printLeftOut(w)
	var notRun, failed []string
	for _, c := range report.Cases {
		if c.NotRun != "" {
			notRun = append(notRun, fmt.Sprintf("- %s: %s\n", c.ID, c.NotRun))
		}
		for _, v := range c.Verdicts {
			if v.Failed != "" {
				failed = append(failed, fmt.Sprintf("- %s on %s: %s\n", v.Tool, c.ID, v.Failed))
			}
		}
	}
	fmt.Fprintf(w, "\nCases: %d, of these not run: %d\n", len(report.Cases), len(notRun))
	printList(w, "Not run:", notRun)
	printList(w, "Failed:", failed)
}

func printList(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(w, "\n%s\n\n%s", title, strings.Join(lines, ""))
	}
}

func printLeftOut(w io.Writer) {
	fmt.Fprintln(w)
	for _, l := range leftOut {
		fmt.Fprintf(w, "%s is left out: %s.\n", l.name, l.reason)
	}
}

// printMatrix prints a row for each case and a column for each tool.
func printMatrix(w io.Writer, report *caseReport) {
	fmt.Fprint(w, "\n| case | label | check |")
	for _, t := range report.Tools {
		fmt.Fprintf(w, " %s |", t.Name)
	}
	fmt.Fprintf(w, "\n|---|---|---|%s\n", strings.Repeat("---|", len(report.Tools)))
	for _, c := range report.Cases {
		label := c.Label
		if c.Contested {
			label += ", contested"
		}
		fmt.Fprintf(w, "| %s | %s | %s |", c.ID, label, c.Check)
		for i := range report.Tools {
			if c.NotRun != "" {
				fmt.Fprint(w, " not run |")
			} else {
				fmt.Fprintf(w, " %s |", c.Verdicts[i].cell())
			}
		}
		fmt.Fprintln(w)
	}
}
