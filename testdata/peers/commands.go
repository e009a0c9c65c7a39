package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file runs the tools that are commands of their own.

func runLostctx(r *runner, t *tool, at target) ([]finding, error) {
	stdout, stderr, code, err := r.output(at, t.bin, append([]string{"-json"}, at.paths()...)...)
	if err != nil {
		return nil, err
	}
	findings, err := parseLostctx(stdout)
	if code > 1 {
		// Findings beside the trouble are those of the packages that could
		// be analyzed; without any there is nothing to parse.
		return findings, errors.New(strings.TrimPrefix(reason(stderr), "lostctx: "))
	}
	return findings, err
}

func parseLostctx(data []byte) ([]finding, error) {
	var found []struct {
		Check, File, Message string
		Line, Column         int
	}
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fmt.Errorf("read what lostctx -json prints: %v: is -lostctx of this repository?", err)
	}
	var findings []finding
	for _, f := range found {
		findings = append(findings, finding{File: f.File, Line: f.Line, Column: f.Column, Rule: f.Check, Message: f.Message})
	}
	return findings, nil
}

func runGosec(r *runner, t *tool, at target) ([]finding, error) {
	// Folders, because gosec walks ./... itself, into other modules too. Not
	// -quiet, which prints no JSON when nothing is found.
	stdout, stderr, _, err := r.output(at, t.bin, append([]string{"-include=G118", "-fmt=json"}, at.folders()...)...)
	if err != nil {
		return nil, err
	}
	if len(stdout) == 0 {
		return nil, fmt.Errorf("gosec prints no report: %s", lastLine(stderr))
	}
	findings, err := parseGosec(stdout)
	if err == nil {
		err = gosecTrouble(stderr)
	}
	return findings, err
}

func parseGosec(data []byte) ([]finding, error) {
	var report struct {
		Errors map[string][]struct{ Error string } `json:"Golang errors"`
		Issues []struct {
			Rule    string `json:"rule_id"`
			Details string `json:"details"`
			File    string `json:"file"`
			Line    string `json:"line"` // or "from-to"
			Column  string `json:"column"`
		}
		Stats struct{ Files int }
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, fmt.Errorf("read what gosec prints: %v", err)
	}
	var findings []finding
	for _, i := range report.Issues {
		from, _, _ := strings.Cut(i.Line, "-")
		line, err := strconv.Atoi(from)
		if err != nil {
			return nil, fmt.Errorf("read what gosec prints: line %q of %s is no number", i.Line, i.File)
		}
		column, _ := strconv.Atoi(i.Column) // 0 is only a worse place
		findings = append(findings, finding{File: i.File, Line: line, Column: column, Rule: i.Rule, Message: i.Details})
	}
	for _, file := range slices.Sorted(maps.Keys(report.Errors)) {
		if errs := report.Errors[file]; len(errs) > 0 {
			return findings, fmt.Errorf("gosec cannot load %s: %s", cmp.Or(file, "a package"), shorten(oneLine(errs[0].Error)))
		}
	}
	if report.Stats.Files == 0 {
		return findings, fmt.Errorf("gosec looked at no file")
	}
	return findings, nil
}

// What gosec only logs, although a package is then not analyzed.
var gosecFails = regexp.MustCompile(`(?m)(Panic when running SSA|Error building the SSA|Error running analyzer|Skipping: ).*$`)

func gosecTrouble(log []byte) error {
	if line := gosecFails.Find(log); line != nil {
		return errors.New(shorten(string(line)))
	}
	return nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return shorten(cmp.Or(lines[len(lines)-1], "it gives no reason"))
}
