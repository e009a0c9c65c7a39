// Lostctx finds where a Go program loses a context, and the trace in it, at
// goroutine boundaries, and fixes it.
//
// Usage:
//
//	lostctx [flags] [packages]
//	lostctx why FILE:LINE[:COLUMN]	why a place is reported, or is not
//	lostctx lsp [flags]	a language server: findings and fixes in an editor
//	lostctx help [check]
//	lostctx help stats	what -stats counts
//	lostctx help traces	what -traces reads, and how to record it
//	lostctx help config	what a file .lostctx.yml can say
//	lostctx help ci	GitHub Actions, GitLab CI, pre-commit
//	lostctx help editors	Neovim, VS Code, Helix, Emacs, Zed, GoLand
//	lostctx help schema	the JSON schema of -format=json
//	lostctx version
//
// Without packages it looks at the one in the current directory. It works through
// go vet and its cache: what has not changed is not analyzed again. The same
// binary is a vet tool and a fix tool:
//
//	go vet -vettool=$(which lostctx) ./...
//	go fix -fixtool=$(which lostctx) ./...
//
// With -format it prints JSON, SARIF, annotations for GitHub, or the map: a page
// that shows where each trace is cut.
//
//	lostctx -format=sarif -o lostctx.sarif ./...
//	lostctx -format=html -o lostctx.html ./...
//
// An old code base begins with what it has, and reports and fixes only what is
// new: what is not in a baseline, or lies on lines that have changed since a
// revision of git.
//
//	lostctx -baseline lostctx.json -write-baseline ./...
//	lostctx -baseline lostctx.json ./...
//	lostctx -new-from=origin/main ./...
//
// A finding stays in the baseline when lines move: it is known by its check,
// package, function, message and the text of its line. Of packages, checks and
// test files that a run leaves out nothing is forgotten.
//
// Why nothing is reported at a place can be asked for, and counted:
//
//	lostctx why shop/shop.go:14
//	lostctx -stats ./...
//
// A trace that begins in the middle was cut by a line. Recorded traces tell which
// findings cut most of them, and which cuts no finding explains:
//
//	lostctx -traces spans.jsonl ./...
//
// What everybody who works on a repository should run with is in a file
// .lostctx.yml there: lostctx help config shows one.
//
// The exit code is 0 if there is nothing to report, 1 if there are findings,
// 2 if there is something that lostctx could not analyze, or could not do: it says
// what and why on standard error, once. What can be analyzed is reported, and fixed,
// all the same.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/baseline"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/changed"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/traces"
)

func main() {
	if isUnit(os.Args[1:]) {
		unitMain()
		return
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitNothing  = 0
	exitFindings = 1
	exitTrouble  = 2
)

// A trouble is why lostctx could not do its work: one sentence for the user.
type trouble string

func (t trouble) Error() string { return string(t) }

func troublef(format string, args ...any) error { return trouble(fmt.Sprintf(format, args...)) }

// run is the command. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	code, err := command(ctx, args, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitNothing
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(stderr, "lostctx: %s\n", strings.TrimSuffix(line, "\n"))
		}
		return exitTrouble
	}
	return code
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	if len(args) > 0 {
		switch args[0] {
		case "version":
			fmt.Fprintf(stdout, "lostctx %s, built with %s\n", version(), runtime.Version())
			return exitNothing, nil
		case "help":
			return exitNothing, help(args[1:], stdout)
		case "lsp":
			return exitNothing, serve(ctx, args[1:], os.Stdin, stdout)
		case "why":
			return exitNothing, whyCommand(ctx, args[1:], stdout, stderr)
		}
	}
	opts, err := parseFlags(args, stdout)
	if err != nil {
		return 0, err
	}
	if word := opts.patterns[0]; word == "why" || word == "lsp" { // flags may come before it, as -C does in go and git
		flags := args[:len(args)-len(opts.patterns)]
		return command(ctx, slices.Concat([]string{word}, flags, opts.patterns[1:]), stdout, stderr)
	}
	opts.colored = colored(opts, stdout)
	return lint(ctx, opts, stdout, stderr)
}

// lint analyzes the packages and reports or fixes what is found. What cannot be
// done without analyzing anything is said before.
func lint(ctx context.Context, opts *options, stdout, stderr io.Writer) (int, error) {
	known, err := loadBaseline(opts)
	if err != nil {
		return 0, err
	}
	lines, err := changedLines(opts)
	if err != nil {
		return 0, err
	}
	recorded, err := readTraces(opts, stderr)
	if err != nil {
		return 0, err
	}
	found, partial := analyze(ctx, opts, stderr)
	if found.empty() {
		return 0, partial
	}
	src := report.NewSources()
	if opts.stats {
		return exitNothing, errors.Join(outputStats(opts, countAll(found), stdout), partial)
	}
	if opts.writeBaseline {
		return exitNothing, writeBaseline(opts, known, found, partial, src, stderr)
	}
	findings, gone := choice(opts, known, lines, found, src)
	sayGone(gone, stderr)
	findings, seen, err := seenIn(ctx, opts, recorded, found, findings)
	if err != nil {
		return 0, errors.Join(err, partial)
	}
	if opts.fix || opts.diff {
		code, err := fixAll(ctx, opts, findings, func() ([]*report.Finding, error) { return analyzeAgain(ctx, opts, known, recorded, found, stderr) }, stdout)
		return code, errors.Join(err, partial)
	}
	if recorded == nil {
		findings = merged(findings, found)
	}
	rep := newRun(ctx, opts, findings, src, partial)
	rep.Traces = seen
	if opts.format == "html" {
		rep.Share = countAll(found).share()
	}
	return rep.ExitCode, errors.Join(output(opts, rep, stdout), partial)
}

// choice returns the findings that the options ask for, and how many of the
// baseline are gone.
func choice(opts *options, known *baseline.Baseline, lines *changed.Lines, found *collector, src *report.Sources) (findings []*report.Finding, gone int) {
	findings = found.findings()
	if known != nil {
		findings, gone = known.Split(findings, src, scope(opts, found))
	}
	if lines != nil {
		findings = slices.DeleteFunc(findings, func(f *report.Finding) bool { return !touches(lines, f) })
	}
	return findings, gone
}

// analyzeAgain returns what is left after files have been changed. It fails if a
// package cannot be analyzed any more that could be before.
func analyzeAgain(ctx context.Context, opts *options, known *baseline.Baseline, recorded *traces.Recording, before *collector, stderr io.Writer) ([]*report.Finding, error) {
	found, err := analyze(ctx, opts, stderr)
	if found == nil || err != nil && found.lostBeyond(before) != "" {
		return nil, err
	}
	findings, _ := choice(opts, known, nil, found, report.NewSources())
	findings, _, err = seenIn(ctx, opts, recorded, found, findings)
	return findings, err
}

// version returns the module version that the binary was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
