package main

import (
	"cmp"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/config"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// options are the flags of the command.
type options struct {
	dir      string
	tests    bool
	fix      bool
	diff     bool
	stats    bool
	json     bool
	format   string
	output   string
	baseline string
	newFrom  string
	traces   string
	service  string
	tags     string
	checks   string
	patterns []string

	configName string       // as -config says
	config     *config.File // nil for none

	writeBaseline bool
	color         string
	colored       bool // text gets colors

	started    time.Time
	off        []string // checks that are switched off
	checkFlags []string // flags of checks, such as -lostcall.logs

	unsaved  map[string]string     // by file: where its text is kept that an editor has not saved
	overlay  string                // a file that tells the go command of unsaved, "" for none
	progress func(done, total int) // nil for none
}

func parseFlags(args []string, stdout io.Writer) (*options, error) {
	opts := &options{started: time.Now()}
	fs := flag.NewFlagSet("lostctx", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	declareFlags(fs, opts)
	declareCheckFlags(fs, opts)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			usage(stdout, fs)
			return nil, err
		}
		return nil, troublef("%v (see lostctx help)", err)
	}
	if name := emptyFlag(fs); name != "" {
		return nil, troublef("-%s has no value", name)
	}
	if err := opts.loadConfig(fs); err != nil {
		return nil, err
	}
	opts.patterns = fs.Args()
	if len(opts.patterns) == 0 {
		opts.patterns = []string{"."}
	}
	if err := opts.settle(); err != nil {
		return nil, err
	}
	return opts, nil
}

// emptyFlag returns a flag that was given without a value, as by a script whose
// variable is empty: to leave it out is not what was meant.
func emptyFlag(fs *flag.FlagSet) string {
	empty := ""
	fs.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" && f.DefValue == "" && f.Name != "tags" && !strings.Contains(f.Name, ".") {
			empty = f.Name
		}
	})
	return empty
}

func declareFlags(fs *flag.FlagSet, opts *options) {
	fs.StringVar(&opts.dir, "C", ".", "change to `dir` first")
	fs.BoolVar(&opts.tests, "tests", false, "report test files too")
	fs.BoolVar(&opts.fix, "fix", false, "apply the fixes, then report what is left to do by hand")
	fs.BoolVar(&opts.diff, "diff", false, "print what -fix would change, and change nothing")
	fs.BoolVar(&opts.stats, "stats", false, "count the places where a context could be lost, by what came out, instead of listing findings (see lostctx help stats)")
	fs.StringVar(&opts.format, "format", "", "print the findings as `"+strings.Join(report.Formats(), "|")+"` (default text)")
	fs.BoolVar(&opts.json, "json", false, "short for -format=json")
	fs.StringVar(&opts.color, "color", "auto", "color text `auto|always|never`: auto on a terminal, unless NO_COLOR is set")
	fs.StringVar(&opts.output, "o", "", "write the findings to `file`, all or nothing, instead of standard output")
	fs.StringVar(&opts.baseline, "baseline", "", "report, or fix, only what is not in this `file`, whose findings are known")
	fs.BoolVar(&opts.writeBaseline, "write-baseline", false, "write all findings to the file of -baseline, and report nothing")
	fs.StringVar(&opts.newFrom, "new-from", "", "report, or fix, only what lies on a line that has changed since this git `revision`, committed or not, or leads to such a line")
	fs.StringVar(&opts.traces, "traces", "", "read recorded traces from these `files`, with commas, - for standard input: which finding cut them, and which cuts no finding explains; with -fix, fix only what was seen to cut (see lostctx help traces)")
	fs.StringVar(&opts.service, "service", "", "with -traces: look at the spans of this `service` (default the one whose spans these packages start)")
	fs.StringVar(&opts.configName, "config", "", "read this `file` in the place of the nearest "+config.Name+", off for none (see lostctx help config)")
	fs.StringVar(&opts.tags, "tags", "", "build `tags`, as for go build")
	fs.StringVar(&opts.checks, "checks", "all", "run these checks only: a `list` of names with commas, in which -name switches a check off (-checks=-lostspan: all but that one)")
}

// declareCheckFlags declares the flags that checks have of their own, by the
// names that go vet knows them by, and those that they share. -tests is one for all
// of them.
func declareCheckFlags(fs *flag.FlagSet, opts *options) {
	all := flag.NewFlagSet("", flag.ContinueOnError)
	suite := newSuite()
	suite.Flags(all)
	all.VisitAll(func(f *flag.Flag) {
		set := func(value string) error {
			opts.checkFlags = append(opts.checkFlags, "-"+f.Name+"="+value)
			return f.Value.Set(value) // refuses what the tool would refuse, for each package
		}
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
			fs.BoolFunc(f.Name, f.Usage, set)
			return
		}
		fs.Func(f.Name, f.Usage, set)
	})
	for _, a := range suite.All() {
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

// settle works out what the flags mean together. What cannot be done is said
// before anything is run.
func (opts *options) settle() (err error) {
	for _, p := range opts.patterns {
		if strings.HasPrefix(p, "-") {
			return troublef("flag %s comes after a package: write the flags first", p)
		}
	}
	if !isDirectory(opts.dir) {
		return troublef("-C %s: there is no such directory", opts.dir)
	}
	if opts.off, err = uncheckedBy(opts.checks); err != nil {
		return troublef("-%v", err)
	}
	if err := opts.settleBaseline(); err != nil {
		return err
	}
	if err := opts.settleTraces(); err != nil {
		return err
	}
	return opts.settleOutput()
}

// settleOutput does the part of settle that is about formats and files.
func (opts *options) settleOutput() error {
	if opts.json && opts.format != "" && opts.format != "json" {
		return troublef("-json and -format=%s are two formats: choose one", opts.format)
	}
	if opts.json {
		opts.format = "json"
	}
	opts.format = cmp.Or(opts.format, "text")
	if formats := report.Formats(); !slices.Contains(formats, opts.format) {
		return troublef("-format: there is no format %q: the formats are %s", opts.format, strings.Join(formats, ", "))
	}
	if !slices.Contains([]string{"auto", "always", "never"}, opts.color) {
		return troublef("-color=%s: say auto, always or never", opts.color)
	}
	if opts.stats {
		switch {
		case opts.fix || opts.diff || opts.baseline != "" || opts.newFrom != "":
			return troublef("-stats counts all places: it does not go with -fix, -diff, -baseline or -new-from")
		case opts.format != "text" && opts.format != "json":
			return troublef("-stats prints text or JSON, not %s", opts.format)
		}
	}
	if opts.fix || opts.diff {
		switch {
		case opts.json:
			return troublef("-json does not go with -fix or -diff: run lostctx twice")
		case opts.format != "text":
			return troublef("-format=%s does not go with -fix or -diff: run lostctx twice", opts.format)
		case opts.output != "":
			return troublef("-o does not go with -fix or -diff: run lostctx twice")
		}
	}
	if dir := filepath.Dir(opts.path(opts.output)); opts.output != "" && !isDirectory(dir) {
		return troublef("-o %s: there is no directory %s", opts.output, dir)
	}
	if opts.output != "" && isDirectory(opts.path(opts.output)) {
		return troublef("-o %s: that is a directory, not a file", opts.output)
	}
	return nil
}

// goFlags are the flags that tell the go command what is built.
func (opts *options) goFlags() (flags []string) {
	if opts.tags != "" {
		flags = append(flags, "-tags="+opts.tags)
	}
	if opts.overlay != "" {
		flags = append(flags, "-overlay="+opts.overlay)
	}
	return flags
}

// path returns the name of a file that a flag gives, which is relative to -C.
func (opts *options) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(opts.dir, name)
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// vetFlags are the flags that tell the tool which checks to run, and how.
// Configuration travels as flags, which are part of go vet's cache key; the
// environment is not.
func (opts *options) vetFlags() []string {
	flags := slices.Clone(opts.checkFlags)
	if opts.traces != "" {
		flags = append(flags, "-"+unitName+".traces")
	}
	for _, name := range checkNames() {
		// Not "-name" for those that are on: that would switch off the marker.
		if slices.Contains(opts.off, name) {
			flags = append(flags, "-"+name+"=false")
		}
		if opts.tests {
			flags = append(flags, "-"+name+".tests")
		}
	}
	return flags
}
