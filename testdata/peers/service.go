package main

import (
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
)

// A serviceResult is what one tool says of a whole module.
type serviceResult struct {
	*tool
	Failed   string    `json:"failed,omitempty"`
	Findings []finding `json:"findings"`
}

// serviceReport is what -json keeps.
type serviceReport struct {
	Packages int             `json:"packages"`
	Broken   []string        `json:"broken,omitempty"` // packages that do not load
	Tools    []serviceResult `json:"tools"`
}

// compareService is the program with -service.
func compareService(o *options, r *runner, tools []*tool) error {
	patterns := o.patterns
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	at, broken, err := r.newTarget(o.service, nil, patterns)
	if err != nil {
		return fmt.Errorf("look at -service: %s", oneLine(err.Error()))
	}
	report := serviceReport{Packages: len(at.packages)}
	for _, err := range broken {
		report.Broken = append(report.Broken, err.Error())
	}
	for _, t := range tools {
		said := r.run(t, at)
		res := serviceResult{tool: t, Findings: at.own(said.findings)}
		if said.err != nil {
			res.Failed = oneLine(said.err.Error())
		}
		log.Printf("%s: %d findings", t.Name, len(res.Findings))
		report.Tools = append(report.Tools, res)
	}
	printService(os.Stdout, &report)
	if o.list {
		printFindings(os.Stdout, &report)
	}
	return writeJSON(o.json, report)
}

func printService(w io.Writer, report *serviceReport) {
	fmt.Fprintln(w, "| tool | version | findings | by rule |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, res := range report.Tools {
		fmt.Fprintf(w, "| %s | %s | %d | %s |\n", res.Name, res.Version, len(res.Findings), byRule(res.Findings))
	}
	printLeftOut(w)
	fmt.Fprintf(w, "\nPackages: %d. Findings in tests and generated files are not counted.\n", report.Packages)
	for _, b := range report.Broken {
		fmt.Fprintf(w, "- %s\n", b)
	}
	for _, res := range report.Tools {
		if res.Failed != "" {
			fmt.Fprintf(w, "- %s failed: %s\n", res.Name, res.Failed)
		}
	}
}

// byRule says how many findings each rule has.
func byRule(findings []finding) string {
	counts := make(map[string]int)
	for _, f := range findings {
		counts[f.Rule]++
	}
	var parts []string
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", rule, counts[rule]))
	}
	return strings.Join(parts, ", ")
}

func printFindings(w io.Writer, report *serviceReport) {
	for _, res := range report.Tools {
		fmt.Fprintf(w, "\n%s:\n", res.Name)
		for _, f := range res.Findings {
			fmt.Fprintf(w, "%s:%d: %s [%s]\n", f.File, f.Line, oneLine(f.Message), f.Rule)
		}
	}
}
