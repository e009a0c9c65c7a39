package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/baseline"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// settleBaseline does the part of settle that is about the baseline.
func (opts *options) settleBaseline() error {
	if !opts.writeBaseline {
		return nil
	}
	switch {
	case opts.baseline == "":
		return troublef("-write-baseline writes the file that -baseline names: give both")
	case opts.fix || opts.diff:
		return troublef("-write-baseline does not go with -fix or -diff: run lostctx twice")
	case opts.newFrom != "":
		return troublef("-write-baseline writes all findings: leave out -new-from")
	case opts.json || opts.format != "" || opts.output != "":
		return troublef("-write-baseline reports nothing: leave out -format, -json and -o")
	case !isDirectory(filepath.Dir(opts.path(opts.baseline))):
		return troublef("-baseline %s: there is no directory %s", opts.baseline, filepath.Dir(opts.path(opts.baseline)))
	}
	return nil
}

// loadBaseline returns the baseline that the options name, nil for none. One
// that is to be written may be missing, or of an older version; what is no
// baseline at all is never written over.
func loadBaseline(opts *options) (*baseline.Baseline, error) {
	if opts.baseline == "" {
		return nil, nil
	}
	name := absDir(opts.path(opts.baseline))
	b, err := baseline.Load(name)
	var old *baseline.VersionError
	switch {
	case err == nil:
		return b, nil
	case opts.writeBaseline && (errors.Is(err, fs.ErrNotExist) || errors.As(err, &old) && old.Older()):
		return baseline.New(name), nil
	case errors.Is(err, fs.ErrNotExist) || errors.As(err, &old) && old.Older():
		return nil, troublef("cannot read the baseline %s: %v: make it with -write-baseline", opts.baseline, err)
	}
	return nil, troublef("cannot read the baseline %s: %v", opts.baseline, err)
}

// scope says what a run has looked at.
func scope(opts *options, found *collector) baseline.Scope {
	return baseline.Scope{
		Package: found.whole,
		Check:   func(name string) bool { return !slices.Contains(opts.off, name) },
		Tests:   opts.tests,
	}
}

// writeBaseline makes all findings known. What this run has not looked at stays
// as it is.
func writeBaseline(opts *options, known *baseline.Baseline, found *collector, partial error, src *report.Sources, stderr io.Writer) error {
	if partial != nil {
		return troublef("the baseline is not written, as it would not have the findings of what could not be analyzed: name packages that can be (those that a run leaves out stay as they are)\n%v", partial)
	}
	known.Update(found.findings(), src, scope(opts, found))
	data, err := known.Encode()
	if err == nil {
		err = writeWhole(opts.path(opts.baseline), data)
	}
	if err != nil {
		return troublef("cannot write the baseline: %v", err)
	}
	fmt.Fprintf(stderr, "lostctx: %s has %s\n", opts.baseline, count(known.Count(), "finding"))
	return nil
}

// sayGone tells of findings that the baseline could forget.
func sayGone(n int, stderr io.Writer) {
	if n == 1 {
		fmt.Fprintln(stderr, "lostctx: 1 finding of the baseline is gone: run with -write-baseline to forget it")
	}
	if n > 1 {
		fmt.Fprintf(stderr, "lostctx: %d findings of the baseline are gone: run with -write-baseline to forget them\n", n)
	}
}
