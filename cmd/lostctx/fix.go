package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/edit"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A change is a file before and after the fixes.
type change struct {
	name        string
	before, now []byte
	mode        os.FileMode
	modified    time.Time
}

// maxRounds bounds how often fixes are applied: one that overlaps another is left
// for the next round.
const maxRounds = 4

// fixAll applies the fixes of the findings, or prints the difference, and reports
// what is left, which again finds. Should the fixed code not compile, all files
// get back what they had.
func fixAll(ctx context.Context, opts *options, findings []*report.Finding, again func() ([]*report.Finding, error), stdout io.Writer) (int, error) {
	if opts.diff {
		changes, _, imports, err := prepare(ctx, opts, findings, opts.started)
		if err != nil {
			return 0, err
		}
		code, err := printDiff(opts, changes, stdout)
		if err == nil {
			err = imports() // who decides whether to use the fixes sees them first
		}
		return code, err
	}
	fixed, originals, since := 0, make(map[string]*change), opts.started
	for range maxRounds {
		changes, left, imports, err := prepare(ctx, opts, findings, since)
		if err == nil {
			err = imports()
		}
		if err != nil {
			return 0, err
		}
		if len(changes) == 0 {
			break
		}
		if err := write(changes); err != nil {
			return 0, err
		}
		fixed += len(findings) - len(left)
		for _, c := range changes {
			if originals[c.name] == nil {
				originals[c.name] = c
			}
		}
		since = time.Now()
		if findings, err = again(); err != nil {
			return 0, takeBack(originals, err)
		}
		if opts.newFrom != "" {
			// The fixes have changed lines too: what else is there was
			// not asked for.
			findings = left
			break
		}
	}
	if fixed > 0 {
		fmt.Fprintf(stdout, "fixed %s in %s\n", count(fixed, "finding"), count(len(originals), "file"))
	}
	if err := report.Text(stdout, newRun(ctx, opts, findings, report.NewSources(), nil)); err != nil {
		return 0, troublef("cannot write the findings: %v", err)
	}
	if len(findings) > 0 {
		return exitFindings, nil
	}
	return exitNothing, nil
}

// prepare computes what the fixes of the findings change, and which findings are
// left. Nothing is written. The findings are of files as they were at since. Whether
// what the fixes import can be imported, imports tells.
func prepare(ctx context.Context, opts *options, findings []*report.Finding, since time.Time) (changes []*change, left []*report.Finding, imports func() error, err error) {
	var fixable []*report.Finding
	for _, f := range findings {
		if f.Fix != nil {
			fixable = append(fixable, f)
		} else {
			left = append(left, f)
		}
	}
	edits, skipped := edit.Choose(fixable)
	if changes, err = apply(edits, since); err != nil {
		return nil, nil, nil, err
	}
	left = append(left, skipped...)
	slices.SortFunc(left, report.Compare)
	return changes, left, func() error { return checkImports(ctx, opts, fixable, edits) }, nil
}

// takeBack gives the files what they had before, and says why.
func takeBack(originals map[string]*change, why error) error {
	var back []*change
	for _, c := range originals {
		info, err := os.Stat(c.name)
		if err != nil {
			return troublef("cannot take back the fix of %s, which does not compile (%v): %v", c.name, why, err)
		}
		back = append(back, &change{name: c.name, now: c.before, mode: c.mode, modified: info.ModTime()})
	}
	if err := write(back); err != nil {
		return troublef("%v; the fixes were to be reverted, as what they made does not compile: %v", err, why)
	}
	return troublef("the fixes were reverted, as what they made cannot be analyzed (please report this): %v", why)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// apply computes the changed files, formatted, without writing any.
func apply(byFile map[string][]report.Edit, since time.Time) ([]*change, error) {
	var changes []*change
	for file, edits := range byFile {
		name, err := filepath.EvalSymlinks(file) // not the link is to be replaced
		if err != nil {
			return nil, troublef("cannot fix %s: %v", file, err)
		}
		info, err := os.Stat(name)
		if err != nil {
			return nil, troublef("cannot fix %s: %v", name, err)
		}
		if t := info.ModTime(); t.After(since) && !t.After(time.Now()) {
			return nil, troublef("cannot fix %s: it was changed while it was analyzed; no file was changed, run lostctx -fix again", name)
		}
		before, err := os.ReadFile(name)
		if err != nil {
			return nil, troublef("cannot fix %s: %v", name, err)
		}
		if info.Mode().Perm()&0o200 == 0 {
			return nil, troublef("cannot fix %s: the file is read-only; no file was changed", name)
		}
		now, err := edit.Apply(before, edits)
		if err != nil {
			return nil, troublef("cannot fix %s: %v; no file was changed", name, err)
		}
		changes = append(changes, &change{name: name, before: before, now: now, mode: info.Mode(), modified: info.ModTime()})
	}
	slices.SortFunc(changes, func(a, b *change) int { return strings.Compare(a.name, b.name) })
	return changes, nil
}

func printDiff(opts *options, changes []*change, stdout io.Writer) (int, error) {
	short := report.Shortener(opts.dir)
	for _, c := range changes {
		name := filepath.ToSlash(short(c.name))
		if _, err := stdout.Write(edit.Diff("a/"+name, c.before, "b/"+name, c.now)); err != nil {
			return 0, troublef("cannot write the difference: %v", err)
		}
	}
	if len(changes) > 0 {
		return exitFindings, nil
	}
	return exitNothing, nil
}

// write replaces the changed files, each by a rename: a reader sees the old
// file or the new one. The new contents are all on disk before the first
// rename, so that a full disk changes nothing.
func write(changes []*change) (err error) {
	temps := make([]string, 0, len(changes))
	defer func() {
		for _, t := range temps {
			os.Remove(t) // gone already where the rename was done
		}
	}()
	for _, c := range changes {
		t, err := writeTemp(c)
		if err != nil {
			return troublef("cannot fix %s: %v; no file was changed", c.name, err)
		}
		temps = append(temps, t)
	}
	for i, c := range changes {
		if info, err := os.Stat(c.name); err != nil || !info.ModTime().Equal(c.modified) {
			return troublef("cannot fix %s: it was changed meanwhile; %s changed before it, run lostctx -fix again", c.name, count(i, "file"))
		}
		if err := os.Rename(temps[i], c.name); err != nil {
			return troublef("cannot fix %s: %v; %s changed before it, run lostctx -fix again", c.name, err, count(i, "file"))
		}
	}
	return nil
}

// writeTemp writes the new contents beside the file.
func writeTemp(c *change) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(c.name), ".lostctx-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(c.now)
	if err == nil {
		err = f.Chmod(c.mode.Perm())
	}
	if err == nil {
		err = f.Sync() // or the rename may be on disk before what is renamed
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
