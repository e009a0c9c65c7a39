package main

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// A blame is an error of lostctx that one scenario is the reason of.
type blame struct {
	Disagreement
	text string
}

func (b *blame) Error() string { return string(b.Kind) + ": " + b.Detail }

// try makes a program, runs, analyzes and fixes it, and reports where the
// analyzer and the runs disagree. An error says that the oracle is at fault.
//
// A scenario that lostctx gives up at is left out, so that the rest can be
// judged.
func (w *workshop) try(p Program) (*Report, error) {
	p = slices.Clone(p)
	blames := []Disagreement{}
	texts := make(map[int]string)
	for {
		report, err := w.tryOnce(p)
		var b *blame
		if errors.As(err, &b) && len(p[b.Scenario].Body) > 0 {
			blames = append(blames, b.Disagreement)
			texts[b.Scenario] = b.text
			p[b.Scenario] = new(Scenario)
			continue
		}
		if err != nil {
			return nil, err
		}
		report.Disagreements = append(report.Disagreements, blames...)
		maps.Copy(report.Texts, texts)
		return report, nil
	}
}

func (w *workshop) tryOnce(p Program) (_ *Report, err error) {
	dir, err := os.MkdirTemp(w.tmp, "program")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := &session{
		workshop: w, began: time.Now(),
		report: &Report{Functions: len(p), Texts: make(map[int]string)},
		found:  make([][]*Finding, len(p)), later: make([][]*Finding, len(p)),
		broken: make(map[int]bool), fixed: make(map[int]string),
	}
	if s.module, err = write(p, dir, w.root); err != nil {
		return nil, err
	}
	s.done("write")
	for _, step := range []func() error{s.first, s.analyze, s.cuts, s.fix, s.second, s.again} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	s.compare()
	return s.report, nil
}

// blame finds the scenario that a failure of lostctx names first, and returns
// err itself if there is none.
func (s *session) blame(k Kind, err error) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	line, _, _ := strings.Cut(f.output, "\n")
	ids := blamed(line)
	if len(ids) == 0 {
		return err
	}
	return &blame{Disagreement{k, "", ids[0], line}, s.show(ids[0])}
}
