package main

import (
	"slices"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/changed"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// changedLines returns the lines that -new-from is about, nil for all.
func changedLines(opts *options) (*changed.Lines, error) {
	if opts.newFrom == "" {
		return nil, nil
	}
	lines, err := changed.Since(opts.dir, opts.newFrom)
	if err != nil {
		return nil, troublef("-new-from=%s: %v", opts.newFrom, err)
	}
	return lines, nil
}

// touches reports whether a finding, or a step of its way, is on a changed line:
// who makes a function start its own root is told of those who call it, although
// their lines are old.
func touches(lines *changed.Lines, f *report.Finding) bool {
	on := func(p report.Place) bool { return lines.Contains(p.File, p.Line, max(p.Line, p.EndLine)) }
	return on(f.Place) || slices.ContainsFunc(f.Way, func(s report.Step) bool { return on(s.Place) })
}
