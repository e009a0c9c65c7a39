package main

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/token"
	"log"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/cuts"
	"github.com/lostctx/lostctx/cmd/lostctx/internal/joins"
)

// This file is the tool that go vet and go fix run for each package.

// unitName is the analyzer that only the command asks for. Its flags reach the
// tool through go vet and become part of the cache key, which environment
// variables would not.
const unitName = "lostctxunit"

// A marker reports one diagnostic for each unit when the command asks for it, so
// that the command can tell a unit without findings from one whose output go
// vet has lost: a run whose output was cut off leaves its units in the cache
// without their output. After that it reports why places are not reported: a check,
// the name of a rule, what the evidence is; and what only all packages together know, as JSON.
// With -traces it reports where spans start, and
// who calls whom, as JSON: a function, or the types of the package, in each diagnostic.
type marker struct {
	mark, salt string // flags
	traces     bool   // another: tell where spans start
	depend     bool   // others only depend on the package
	reasons    *analysis.Analyzer
	starts     *analysis.Analyzer
	joins      *analysis.Analyzer
}

// markerOf returns the analyzer that marks the units of a suite.
func markerOf(suite *analyzer.Suite, depend bool) *analysis.Analyzer {
	m := &marker{depend: depend, reasons: suite.Reasons()}
	m.starts = suite.Starts(&m.traces)
	m.joins = suite.Joins(func() bool { return m.mark != "" })
	a := &analysis.Analyzer{
		Name:     unitName,
		Doc:      unitName + ": mark each unit, for the lostctx command",
		URL:      "https://pkg.go.dev/github.com/lostctx/lostctx/cmd/lostctx",
		Requires: []*analysis.Analyzer{m.reasons, m.starts, m.joins},
		Run:      m.run,
	}
	a.Flags.StringVar(&m.mark, "mark", "", "used by the lostctx command")
	a.Flags.StringVar(&m.salt, "salt", "", "used by the lostctx command")
	a.Flags.BoolVar(&m.traces, "traces", false, "used by the lostctx command")
	return a
}

func (m *marker) run(pass *analysis.Pass) (any, error) {
	switch {
	case m.mark == "":
		return nil, nil
	case m.depend:
		return nil, m.printAnswers(pass)
	}
	text := pass.Pkg.Path()
	if slices.ContainsFunc(pass.Files, func(f *ast.File) bool { return strings.HasSuffix(pass.Fset.File(f.Package).Name(), "_test.go") }) {
		text += withTests
	}
	pass.Reportf(pass.Files[0].Package, "%s", text)
	for _, r := range pass.ResultOf[m.reasons].([]analyzer.Reason) {
		d := analysis.Diagnostic{Pos: r.Pos, End: r.End, Message: r.Check + " " + r.Rule + " " + r.What}
		if r.At.IsValid() {
			d.Related = []analysis.RelatedInformation{{Pos: r.At}}
		}
		pass.Report(d)
	}
	if err := m.reportJoin(pass); err != nil {
		return nil, err
	}
	return nil, m.reportStarts(pass)
}

// joinKey begins the messages that tell of a Join.
const joinKey = `{"join":`

// reportJoin reports what only all packages together know.
func (m *marker) reportJoin(pass *analysis.Pass) error {
	join := pass.ResultOf[m.joins].(*analyzer.Join)
	report := func(d analysis.Diagnostic, u joins.Unit) error {
		text, err := json.Marshal(u)
		if err == nil {
			d.Message = joinKey + string(text) + "}"
			pass.Report(d)
		}
		return err
	}
	for _, ask := range join.Asks {
		if err := report(analysis.Diagnostic{Pos: ask.Pos, End: ask.End, Related: ask.Way}, joins.Unit{Ask: &ask}); err != nil {
			return err
		}
	}
	for _, way := range join.Ways {
		if err := report(analysis.Diagnostic{Pos: way.Pos, Related: way.Way}, joins.Unit{Way: &way}); err != nil {
			return err
		}
	}
	for _, rest := range join.Rests {
		if err := report(analysis.Diagnostic{Pos: rest.Pos}, joins.Unit{Rest: &rest}); err != nil {
			return err
		}
	}
	if all := restOf(pass, join); all != nil {
		return report(analysis.Diagnostic{Pos: pass.Files[0].Package}, *all)
	}
	return nil
}

// restOf is what is told of a package beside asks, ways and rests, nil for nothing.
func restOf(pass *analysis.Pass, join *analyzer.Join) *joins.Unit {
	if len(join.Types)+len(join.Ifaces)+len(join.Feeds)+len(join.Others) == 0 {
		return nil // nor is there anything of the rest
	}
	return &joins.Unit{
		Package: pass.Pkg.Path(), Types: join.Types, Ifaces: join.Ifaces, Open: join.Open, Others: join.Others,
		Idle: join.Idle, Roots: join.Roots, Unread: join.Unread, Passes: join.Passes, Feeds: join.Feeds,
	}
}

// printAnswers prints what a package answers that others only depend on, in the form of
// other units. Drivers print nothing of such a package.
func (m *marker) printAnswers(pass *analysis.Pass) error {
	all := restOf(pass, pass.ResultOf[m.joins].(*analyzer.Join))
	if all == nil {
		return nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	type diagnostic struct {
		Message string `json:"message"`
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]map[string][]diagnostic{pass.Pkg.Path(): {unitName: {{joinKey + string(text) + "}"}}}})
}

// reportStarts reports where spans start, if that is asked for.
func (m *marker) reportStarts(pass *analysis.Pass) error {
	known := pass.ResultOf[m.starts].(*analyzer.Starts)
	if known == nil {
		return nil
	}
	report := func(pos token.Pos, v any) error {
		text, err := json.Marshal(v)
		if err == nil {
			pass.Report(analysis.Diagnostic{Pos: pos, Message: string(text)})
		}
		return err
	}
	for _, fn := range known.Functions {
		if err := report(fn.At, cuts.Unit{Function: fn}); err != nil {
			return err
		}
	}
	last := cuts.Unit{Types: known.Types, Ifaces: known.Ifaces}
	if known.Err != nil {
		last.Err = known.Err.Error()
	}
	return report(pass.Files[0].Package, last)
}

// isUnit reports whether the arguments are those of go vet and go fix: a
// question about the tool, or a config file.
func isUnit(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return slices.Contains(args, "-flags") || slices.Contains(args, "-V=full") || strings.HasSuffix(args[len(args)-1], ".cfg")
}

// firstGC is how many bytes a unit may use before the first garbage collection.
// Few packages need more, and collecting earlier took a fifth of the CPU time of
// x/tools and what it imports. The largest unit there uses more than this, so that
// the peak is what it was. The Go compiler, which go vet runs side by side in the
// same way, starts with 128 MB (cmd/compile/internal/base.AdjustStartingHeap).
const firstGC = 64 << 20

// delayGC puts off the first garbage collection; those after it come as they
// always do. Who has set GOGC or GOMEMLIMIT gets what was asked for.
func delayGC() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	percent := debug.SetGCPercent(-1)
	debug.SetMemoryLimit(firstGC)
	runtime.AddCleanup(new([32]byte), func(percent int) { // 32 bytes: not one of several in a tiny block, which would live on
		debug.SetMemoryLimit(math.MaxInt64)
		debug.SetGCPercent(percent)
	}, percent)
}

// unitMain analyzes one unit and exits.
func unitMain() {
	delayGC()
	suite := newSuite()
	depend := false
	if last := &os.Args[len(os.Args)-1]; strings.HasSuffix(*last, ".cfg") {
		marked := slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(arg, "-"+unitName+".mark=") })
		var err error
		if *last, depend, err = prepareUnit(*last, marked); err != nil {
			log.Fatal(err)
		}
	}
	if depend {
		suite.Dependency()
	}
	suite.Flags(flag.CommandLine)
	all := append(suite.All(), markerOf(suite, depend))
	runFirst(exportable(), all)
	unitchecker.Main(all...)
}

// prepareUnit returns the config file to use for a unit, and whether others only depend on it:
// nobody wants to know what the checks find there.
//
// A unit of a main module that the command has marked is made to report its findings even if
// go vet wants nothing but its facts. Go 1.26.0 to 1.26.8 and 1.27.0 to 1.27.1 cache both
// kinds of unit under one key: a package that was a dependency first would never be reported.
// With this, what is cached does not depend on how the unit was asked for, and the command
// leaves out what it did not ask for.
func prepareUnit(cfgFile string, marked bool) (use string, depend bool, err error) {
	data, err := os.ReadFile(cfgFile)
	if err != nil {
		return "", false, err
	}
	var unit struct {
		VetxOnly                  bool
		ModulePath, ModuleVersion string
	}
	if err := json.Unmarshal(data, &unit); err != nil {
		return "", false, err
	}
	switch {
	case !unit.VetxOnly:
		return cfgFile, false, nil
	case unit.ModulePath == "" || unit.ModulePath == "std" || unit.ModulePath == "cmd" || unit.ModuleVersion != "":
		return cfgFile, true, nil
	case !marked:
		return cfgFile, false, nil
	}
	cfg := make(map[string]any)
	if err := json.Unmarshal(data, &cfg); err != nil {
		return "", false, err
	}
	cfg["VetxOnly"] = false
	if data, err = json.Marshal(cfg); err != nil {
		return "", false, err
	}
	whole := filepath.Join(filepath.Dir(cfgFile), "lostctx.cfg")
	return whole, false, os.WriteFile(whole, data, 0o600)
}
