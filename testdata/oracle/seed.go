package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"example.com/oracle/world"
)

// A workshop is where programs are made and judged.
type workshop struct {
	root    string // the lostctx repository
	lostctx string // the binary
	tmp     string
	how     []string // flags for fixes

	inherits bool // fixes follow the cancellation
	traces   bool // what is recorded is explained
}

// A Report is what became of a program.
type Report struct {
	Functions     int
	Lost          int // sinks that lose the trace
	Findings      int
	Fixed         int
	Cuts          CutCount
	Disagreements []Disagreement
	Texts         map[int]string // of scenarios with a disagreement: all that is to be shown
	Times         []phase
}

type phase struct {
	name string
	took time.Duration
}

// A session judges one program.
type session struct {
	*workshop
	*module
	report *Report
	before []*world.Run
	after  []*world.Run
	found  [][]*Finding // by scenario
	later  [][]*Finding // what is found when all is fixed
	broken map[int]bool // scenarios whose fixes were taken back
	fixed  map[int]string
	began  time.Time
}

// done notes how long a phase took.
func (s *session) done(name string) {
	s.report.Times = append(s.report.Times, phase{name, time.Since(s.began)})
	s.began = time.Now()
}

func (s *session) disagree(d Disagreement) {
	s.report.Disagreements = append(s.report.Disagreements, d)
}

// first builds and runs the program as it was written.
func (s *session) first() (err error) {
	if _, err = s.run(0, "go", "build", "-o", "program", "."); err != nil {
		return err
	}
	s.done("build")
	s.before, err = s.record()
	s.done("run")
	return err
}

// record runs the program.
func (s *session) record() ([]*world.Run, error) {
	out, err := s.run(0, filepath.Join(s.dir, "program"))
	if err != nil {
		return nil, err
	}
	var runs []*world.Run
	if err := json.Unmarshal(out, &runs); err != nil {
		return nil, fmt.Errorf("read what the program recorded: %w", err)
	}
	if len(runs) != len(s.printed)*world.Inputs {
		return nil, fmt.Errorf("the program recorded %d runs, not %d", len(runs), len(s.printed)*world.Inputs)
	}
	return runs, nil
}

var scenarioPath = regexp.MustCompile(`(?:app|dep1|dep2)/s(\d+)\.go`)

// neverEnds is what a program says of a scenario whose tasks go on.
var neverEnds = regexp.MustCompile(`(?m)^scenario (\d+) with`)

// blamed returns the scenarios whose files a text names, in the order in which
// it does.
func blamed(text string) []int {
	var ids []int
	for _, m := range scenarioPath.FindAllStringSubmatch(text, -1) {
		if id, err := strconv.Atoi(m[1]); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// findings runs the analyzer.
func (s *session) findings() ([]*Finding, error) {
	out, err := s.run(1, s.lostctx, slices.Concat([]string{"-json"}, s.how, s.packages())...)
	if err != nil {
		return nil, err
	}
	var found []*Finding
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("read what lostctx -json printed: %w", err)
	}
	for _, f := range found {
		ids := blamed(f.File)
		if len(ids) != 1 {
			return nil, fmt.Errorf("lostctx reports something outside of the scenarios: %s:%d: %s", f.File, f.Line, f.Message)
		}
		f.scenario = ids[0]
	}
	return found, nil
}

func (s *session) analyze() error {
	found, err := s.findings()
	if err != nil {
		return s.blame(Crash, err)
	}
	s.done("analyze")
	for _, f := range found {
		s.found[f.scenario] = append(s.found[f.scenario], f)
		s.report.Findings++
		if f.fixed() {
			s.report.Fixed++
		}
	}
	for id, out := range s.printed {
		runs := s.runsOf(id, s.before)
		s.report.Lost += len(losses(ClassTrace, runs, out))
		for _, d := range judge(id, out, runs, s.found[id]) {
			s.disagree(d)
		}
	}
	return nil
}

func (s *session) runsOf(id int, runs []*world.Run) []*world.Run {
	return runs[id*world.Inputs : (id+1)*world.Inputs]
}

// fix applies the fixes in place: the analysis is still cached.
func (s *session) fix() error {
	_, err := s.run(1, s.lostctx, slices.Concat([]string{"-fix"}, s.how, s.packages())...)
	s.done("fix")
	return s.blame(NoFix, err)
}

// second builds, vets and runs the program with all fixes. What does not work
// is taken back, so that the rest can be judged.
func (s *session) second() error {
	for id, out := range s.printed {
		s.fixed[id] = s.text(id)
		for i, text := range out.Files {
			if text == "" {
				continue
			}
			src, err := os.ReadFile(filepath.Join(s.dir, scenarioFile(i, id)))
			if err != nil {
				return err
			}
			if formatted, err := format.Source(src); err == nil && !bytes.Equal(formatted, src) {
				s.disagree(Disagreement{NoFormat, "", id, "gofmt would change " + scenarioFile(i, id)})
			}
		}
	}
	build := func() error { _, err := s.run(0, "go", "build", "-o", "program", "."); return err }
	if err := s.until(NoCompile, build); err != nil {
		return err
	}
	s.done("build again")
	vet := func() error { _, err := s.run(0, "go", append([]string{"vet"}, s.packages()...)...); return err }
	if err := s.until(NoVet, vet); err != nil {
		return err
	}
	s.done("vet")
	return s.until(NoRun, func() (err error) {
		if len(s.broken) > 0 {
			if err := build(); err != nil {
				return err
			}
		}
		s.after, err = s.record()
		s.done("run again")
		return err
	})
}

// until runs a step until it works, and takes the fixes of those scenarios back
// that it complains of.
func (s *session) until(k Kind, step func() error) error {
	for {
		err := step()
		var f *failure
		if err == nil || !errors.As(err, &f) {
			return err
		}
		ids := blamed(f.output)
		if k == NoRun {
			ids = ids[:min(len(ids), 1)] // the goroutine that panics is the first
			if m := neverEnds.FindStringSubmatch(f.output); m != nil {
				id, _ := strconv.Atoi(m[1])
				ids = []int{id}
			}
		}
		ids = slices.DeleteFunc(ids, func(id int) bool { return s.broken[id] })
		if len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			s.disagree(Disagreement{k, "", id, f.output[:min(len(f.output), 2000)]})
			s.broken[id] = true
			if err := s.restore(id); err != nil {
				return err
			}
		}
	}
}

// again asks whether a second run has something left to fix.
func (s *session) again() error {
	found, err := s.findings()
	s.done("analyze again")
	if err != nil {
		return s.blame(Crash, err)
	}
	for _, f := range found {
		s.later[f.scenario] = append(s.later[f.scenario], f)
		if f.Fix != nil && !s.broken[f.scenario] {
			s.disagree(Disagreement{Again, classOf[f.Check], f.scenario, fmt.Sprintf("%s:%d: %s", filepath.Base(f.File), f.Line, f.Message)})
		}
	}
	return nil
}

func (s *session) compare() {
	for id, out := range s.printed {
		if s.broken[id] {
			continue
		}
		out.Inherits = s.inherits
		for _, d := range compare(id, out, s.runsOf(id, s.before), s.runsOf(id, s.after), s.found[id], s.later[id]) {
			s.disagree(d)
		}
	}
	for _, d := range s.report.Disagreements {
		if s.report.Texts[d.Scenario] == "" {
			s.report.Texts[d.Scenario] = s.show(d.Scenario)
		}
	}
}
