package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// newRun gives a report what it tells beside the findings. trouble is why
// something could not be analyzed, nil for none.
func newRun(ctx context.Context, opts *options, findings []*report.Finding, src *report.Sources, trouble error) *report.Run {
	run := &report.Run{
		Findings: findings,
		Dir:      opts.dir,
		Color:    opts.colored,
		Version:  version(),
		ExitCode: exitNothing,
		Sources:  src,
	}
	if opts.format != "text" && opts.format != "json" {
		locate(ctx, opts, run)
	}
	for _, a := range analyzer.All() {
		run.Rules = append(run.Rules, report.Rule{Name: a.Name, Doc: a.Doc, URL: a.URL})
	}
	if len(findings) > 0 {
		run.ExitCode = exitFindings
	}
	if trouble != nil {
		run.ExitCode, run.Troubles = exitTrouble, strings.Split(trouble.Error(), "\n")
	}
	return run
}

// locate fills in what the module that opts is about is called, and the directories
// that reports name files relative to: that of the repository, or else of the
// module, as code hosts resolve names; the module cache, and that of Go.
func locate(ctx context.Context, opts *options, run *report.Run) {
	dir := absDir(opts.dir)
	run.Name = filepath.Base(dir)
	src := cmp.Or(above(dir, ".git"), above(dir, "go.mod"))
	run.Roots = []report.Root{{ID: "%SRCROOT%", Dir: src}}
	out, err := goCommand(ctx, dir, "env", "GOMOD", "GOMODCACHE", "GOROOT").Output()
	env := strings.Split(string(out), "\n")
	if err != nil || len(env) < 3 {
		return // names of files are absolute then
	}
	if mod, err := os.ReadFile(env[0]); err == nil {
		if m := modulePath.FindSubmatch(mod); m != nil {
			run.Name = string(m[1])
		}
	}
	// Go first: one that go.mod chose lies in the module cache.
	run.Roots = append(run.Roots, report.Root{ID: "%GOROOT%", Dir: env[2]}, report.Root{ID: "%GOMODCACHE%", Dir: env[1]})
}

// modulePath finds the name in a go.mod file.
var modulePath = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)`)

// above returns the nearest directory, from dir on upwards, that has an entry, ""
// for none.
func above(dir, entry string) string {
	for {
		if _, err := os.Stat(filepath.Join(dir, entry)); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// output writes the report to the file of -o, or to stdout.
func output(opts *options, run *report.Run, stdout io.Writer) error {
	return outputWith(opts, stdout, "the findings", func(w io.Writer) error { return report.Write(w, opts.format, run) })
}

// outputStats writes what -stats counts.
func outputStats(opts *options, stats *statistics, stdout io.Writer) error {
	return outputWith(opts, stdout, "the statistics", func(w io.Writer) error { return writeStats(w, opts.format, stats) })
}

func outputWith(opts *options, stdout io.Writer, what string, write func(io.Writer) error) error {
	if opts.output == "" {
		if err := write(stdout); err != nil {
			return troublef("cannot write %s: %v", what, err)
		}
		return nil
	}
	var buf bytes.Buffer
	err := write(&buf)
	if err == nil {
		err = writeWhole(opts.path(opts.output), buf.Bytes())
	}
	if err != nil {
		return troublef("cannot write %s: %v", what, err)
	}
	return nil
}

// writeWhole writes a file by a rename, so that readers see all of it or what
// was there before. What is no regular file, such as a pipe, is just written.
func writeWhole(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	mode := os.FileMode(0o666)
	if info, err := os.Stat(name); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(name, data, mode)
		}
		mode = info.Mode().Perm()
	}
	temp := filepath.Join(filepath.Dir(name), ".lostctx-"+filepath.Base(name)+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		os.Remove(temp)
	}
	return err
}
