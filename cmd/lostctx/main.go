// Lostctx finds where a Go program loses a context, and the trace in it, at
// goroutine boundaries, and fixes it.
//
// Usage:
//
//	lostctx [flags] [packages]
//	lostctx help [check]
//	lostctx version
//
// Without packages it looks at the one in the current folder. It works through
// go vet and its cache: what has not changed is not analyzed again. The same
// binary is a vet tool and a fix tool:
//
//	go vet -vettool=$(which lostctx) ./...
//	go fix -fixtool=$(which lostctx) ./...
//
// The exit code is 0 if there is nothing to report, 1 if there are findings,
// 2 if lostctx could not do its work.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

func main() {
	if isUnit(os.Args[1:]) {
		unitMain()
		return
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
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

// options are the flags of the command.
type options struct {
	dir      string
	tests    bool
	fix      bool
	diff     bool
	json     bool
	tags     string
	patterns []string

	checkFlags []string // flags of checks, such as -lostcall.logs
}

// run is the command. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	code, err := command(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitNothing
	}
	if err != nil {
		fmt.Fprintf(stderr, "lostctx: %s\n", err)
		return exitTrouble
	}
	return code
}

func command(args []string, stdout io.Writer) (int, error) {
	if len(args) > 0 {
		switch args[0] {
		case "version":
			fmt.Fprintf(stdout, "lostctx %s, built with %s\n", version(), runtime.Version())
			return exitNothing, nil
		case "help":
			return exitNothing, help(args[1:], stdout)
		}
	}
	opts, err := parseFlags(args, stdout)
	if err != nil {
		return 0, err
	}
	findings, partial := analyze(opts)
	if partial != nil && len(findings) == 0 {
		return 0, partial
	}
	code, err := show(opts, findings, stdout)
	return code, errors.Join(err, partial)
}

// show reports or fixes the findings, as the options say.
func show(opts *options, findings []*report.Finding, stdout io.Writer) (int, error) {
	var err error
	switch {
	case opts.fix || opts.diff:
		return fixAll(opts, findings, stdout)
	case opts.json:
		err = report.JSON(stdout, findings)
	default:
		err = report.Text(stdout, opts.dir, findings)
	}
	if err != nil {
		return 0, troublef("cannot write the findings: %v", err)
	}
	if len(findings) > 0 {
		return exitFindings, nil
	}
	return exitNothing, nil
}

func parseFlags(args []string, stdout io.Writer) (*options, error) {
	opts := new(options)
	fs := flag.NewFlagSet("lostctx", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&opts.dir, "C", ".", "change to `dir` first")
	fs.BoolVar(&opts.tests, "tests", false, "report test files too")
	fs.BoolVar(&opts.fix, "fix", false, "apply the fixes, then report what is left to do by hand")
	fs.BoolVar(&opts.diff, "diff", false, "print what -fix would change, and change nothing")
	fs.BoolVar(&opts.json, "json", false, "print the findings as JSON")
	fs.StringVar(&opts.tags, "tags", "", "build `tags`, as for go build")
	declareCheckFlags(fs, opts)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(stdout)
			usage(stdout, fs)
			return nil, err
		}
		return nil, troublef("%v (see lostctx help)", err)
	}
	opts.patterns = fs.Args()
	if len(opts.patterns) == 0 {
		opts.patterns = []string{"."}
	}
	for _, p := range opts.patterns {
		if strings.HasPrefix(p, "-") {
			return nil, troublef("flag %s comes after a package: write the flags first", p)
		}
	}
	if opts.json && (opts.fix || opts.diff) {
		return nil, troublef("-json does not go with -fix or -diff: run lostctx twice")
	}
	if info, err := os.Stat(opts.dir); err != nil || !info.IsDir() {
		return nil, troublef("-C %s: there is no such folder", opts.dir)
	}
	return opts, nil
}

// declareCheckFlags declares the flags that checks have of their own, by the
// names that go vet knows them by. -tests is one for all of them.
func declareCheckFlags(fs *flag.FlagSet, opts *options) {
	for _, a := range analyzer.All() {
		a.Flags.VisitAll(func(f *flag.Flag) {
			if f.Name == "tests" {
				return
			}
			name := a.Name + "." + f.Name
			fs.BoolFunc(name, f.Usage, func(value string) error {
				opts.checkFlags = append(opts.checkFlags, "-"+name+"="+value)
				return nil
			})
		})
	}
}

func usage(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprint(w, `Lostctx finds where a Go program loses a context, and the trace in it.

Usage:

	lostctx [flags] [packages]
	lostctx help [check]
	lostctx version

Flags:

`)
	fs.SetOutput(w)
	fs.PrintDefaults()
	fmt.Fprint(w, "\nChecks:\n\n")
	for _, a := range analyzer.All() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(w, "\t%s\n", title)
	}
	fmt.Fprint(w, "\nThe exit code is 0 for nothing to report, 1 for findings, 2 if lostctx could not\ndo its work.\n")
}

// help prints the usage, or the documentation of one check.
func help(args []string, stdout io.Writer) error {
	if len(args) == 0 {
		_, err := parseFlags([]string{"-h"}, stdout)
		return err
	}
	all := analyzer.All()
	for _, a := range all {
		if a.Name == args[0] {
			fmt.Fprintln(stdout, a.Doc)
			return nil
		}
	}
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	slices.Sort(names)
	return troublef("there is no check %q: the checks are %s", args[0], strings.Join(names, ", "))
}

// version returns the module version that the binary was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
