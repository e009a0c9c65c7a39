package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/edit"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/lsp"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/unsaved"
)

// This file is lostctx lsp: what the language server knows it has from the functions that
// the command uses.

// serve is lostctx lsp. Its arguments are flags, those of an editor's settings come
// behind them.
func serve(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	// Some clients say how they speak.
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.TrimLeft(arg, "-") == "stdio" })
	// -h is for a terminal.
	opts, err := parseFlags(append([]string{"-config=off"}, args...), stdout)
	if err != nil {
		return err
	}
	if !slices.Equal(opts.patterns, []string{"."}) {
		return troublef("lostctx lsp takes flags only, not %s: the editor says which files it has", opts.patterns[0])
	}
	e := engine{args: args}
	if _, err := e.options(lsp.Job{Dir: ".", Flags: []string{"-config=off"}}); err != nil {
		return err
	}
	// A client that is gone is an error of writing, not the end of this process: what it has
	// started has to be ended. To ignore the signal would make that ignore it too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return lsp.New(stdin, stdout, e, version()).Serve(ctx)
}

// An engine analyzes for the language server.
type engine struct {
	args []string // of lostctx lsp
}

// Flag returns the flag that a key of the configuration file stands for.
func (engine) Flag(key string) string { return configFlags[key] }

// options are those of a job: the configuration file's, with the flags of the command line
// over it, and the editor's settings over these.
func (e engine) options(job lsp.Job) (*options, error) {
	args := slices.Concat([]string{"-C", job.Dir}, e.args, []string{"-fix.all"}, job.Flags, []string{"--"}, job.Patterns)
	opts, err := parseFlags(args, io.Discard)
	if err != nil {
		return nil, err
	}
	if opts.fix || opts.diff || opts.writeBaseline || opts.stats || opts.traces != "" || opts.format != "text" || opts.output != "" || opts.dir != job.Dir {
		return nil, troublef("lostctx lsp takes -checks, -config, -tags, -tests, -baseline, -new-from and the flags of checks and fixes")
	}
	opts.progress = job.Progress
	return opts, nil
}

// Analyze analyzes packages as lostctx does.
func (e engine) Analyze(ctx context.Context, job lsp.Job) (*lsp.Result, error) {
	opts, err := e.options(job)
	if err != nil {
		return nil, err
	}
	known, err := loadBaseline(opts)
	if err != nil {
		return nil, err
	}
	lines, err := changedLines(opts)
	if err != nil {
		return nil, err
	}
	if len(job.Unsaved) > 0 {
		kept, remove, err := unsaved.Write(job.Unsaved)
		if err != nil {
			return nil, troublef("cannot show go vet what is not saved: %v", err)
		}
		defer remove()
		opts.unsaved = kept
	}
	found, partial := analyze(ctx, opts, io.Discard)
	if found == nil {
		return nil, partial
	}
	findings, _ := choice(opts, known, lines, found, report.NewSources())
	return resultOf(found, findings), partial
}

// resultOf divides what was found by package.
func resultOf(found *collector, findings []*report.Finding) *lsp.Result {
	byPath := make(map[string]*lsp.Package)
	result := &lsp.Result{}
	for path, p := range found.list.packages {
		byPath[path] = &lsp.Package{Path: path, Dir: p.Dir, Imports: slices.Concat(p.Imports, p.TestImports, p.XTestImports)}
		if !found.whole(path) {
			byPath[path].Trouble = found.why(path)
		}
		result.Packages = append(result.Packages, byPath[path])
	}
	for _, f := range findings {
		if p := byPath[f.Package]; p != nil {
			p.Findings = append(p.Findings, f)
		}
	}
	for _, s := range found.reasons() {
		if p := byPath[s.Package]; p != nil {
			p.Silences = append(p.Silences, s)
		}
	}
	return result
}

// CheckFixes fails if what the fixes of findings import cannot be imported.
func (e engine) CheckFixes(ctx context.Context, job lsp.Job, findings []*report.Finding) error {
	opts, err := e.options(job)
	if err != nil {
		return err
	}
	byFile, _ := edit.Choose(findings)
	return checkImports(ctx, opts, findings, byFile)
}

// workspaceTime bounds how long the go command may take to say where it is.
const workspaceTime = 10 * time.Second

// Workspace returns the go.work file that holds in a directory, and the directories of Go
// and of the module cache.
func (engine) Workspace(ctx context.Context, dir string) (work string, foreign []string) {
	ctx, cancel := context.WithTimeout(ctx, workspaceTime)
	defer cancel()
	out, err := goCommand(ctx, dir, "env", "GOWORK", "GOROOT", "GOMODCACHE").Output()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 3 {
		return "", nil // the first run says why
	}
	if lines[0] != "off" {
		work = lines[0]
	}
	return work, []string{filepath.Clean(lines[1]), filepath.Clean(lines[2])}
}

// Partial reports that the error is about some packages: others were analyzed.
func (p *partial) Partial() bool { return true }
