package analyzer_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// FuzzChecks runs the engine, the checks and their fixes over mutated packages. No
// panic gets as far as the driver, none is caught on the way, no run takes long,
// two runs say the same, and what all fixes of a package make of source that
// compiles compiles.
//
// A seed is a package as a txtar archive, and a script that says how to change
// it, see mutate: a changed byte of source is a syntax error as a rule.
func FuzzChecks(f *testing.F) {
	w := newWorld(f)
	for i, seed := range w.seeds {
		if testing.Short() && i%4 != 0 {
			continue // it takes a few seconds
		}
		f.Add(seed, []byte(nil))
		f.Add(seed, []byte("\x07context is the caller's"))
	}
	f.Fuzz(func(t *testing.T, seed string, script []byte) {
		if len(seed) > 1<<17 {
			t.Skip("too long")
		}
		if fault := w.try(seed, script); fault != "" {
			t.Error(fault)
		}
	})
}

var (
	mutants = flag.Int("mutants", 0, "how many mutants TestMutants makes, 0 for 300, or 25 with -short")
	firstOf = flag.Int("first", 0, "the seed of the first of them")
)

// TestMutants does the same with scripts made by dice.
func TestMutants(t *testing.T) {
	count := cmp.Or(*mutants, 300)
	if *mutants == 0 && testing.Short() {
		count = 25
	}
	w := newWorld(t)
	faults := 0
	for n := *firstOf; n < *firstOf+count; n++ {
		dice := rand.New(rand.NewPCG(uint64(n), 0))
		script := make([]byte, dice.IntN(60))
		for i := range script {
			script[i] = byte(dice.IntN(256))
		}
		if fault := w.try(w.seeds[dice.IntN(len(w.seeds))], script); fault != "" {
			t.Errorf("mutant %d: %s", n, fault)
			if faults++; faults == 20 {
				t.Fatal("and maybe more")
			}
		}
	}
}

// try mutates a package and returns what is wrong with what the checks do with
// it, with the source, or "".
func (w *world) try(seed string, bytes []byte) string {
	s := (*script)(&bytes)
	as := suiteOf(s.next()).All()
	src := mutate(w.prog, w.donors, txtar.Parse([]byte(seed)).Files, s)
	for i := range src {
		src[i].Name = "../testdata/odd/" + filepath.Base(src[i].Name) // where no other file is of the package
	}
	text := txtar.Format(&txtar.Archive{Files: src})
	late := time.AfterFunc(maxRun, func() { panic(fmt.Sprintf("after %v there is no end of\n%s", maxRun, text)) })
	defer late.Stop()
	if fault := examine(w.prog, as, src); fault != "" {
		return fmt.Sprintf("%s\nin\n%s", fault, text)
	}
	return ""
}

// maxRun is more than any mutant takes on a machine that does other things too.
const maxRun = 30 * time.Second

// examine returns what is wrong with what the checks do with a package, or "".
func examine(prog *drive.Program, as []*analysis.Analyzer, src []txtar.File) (fault string) {
	defer func() {
		if p := recover(); p != nil {
			fault = fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	first := prog.Check("example.com/corpus/mutant", src)
	if len(first.Files) == 0 {
		return ""
	}
	run := first.Run(as)
	defer first.Release()
	if len(run.Errs) > 0 {
		return run.Errs[0].Error()
	}
	second := prog.Check("example.com/corpus/mutant", src)
	again := second.Run(as).String()
	second.Release()
	if said := run.String(); again != said {
		return fmt.Sprintf("two runs differ:\n%s\nand\n%s", said, again)
	}
	if first.Broken() {
		return ""
	}
	for name, choose := range map[string]chooser{"first": drive.First, "last": drive.Last} {
		if fault := examineFixes(prog, as, run, choose); fault != "" {
			return name + " fixes: " + fault
		}
	}
	return ""
}

// examineFixes applies the fixes, and those that are then still to be had.
func examineFixes(prog *drive.Program, as []*analysis.Analyzer, run *drive.Run, choose chooser) string {
	const rounds = 4 // as cmd/lostctx
	soft := len(run.Unit.Errors)
	for range rounds + 1 {
		fixed, applied, err := run.Fix(choose)
		if err != nil {
			return err.Error()
		}
		if applied == 0 {
			return ""
		}
		u := prog.Check("example.com/corpus/mutant", fixed)
		defer u.Release()
		text := txtar.Format(&txtar.Archive{Files: fixed})
		switch {
		case u.Broken():
			return fmt.Sprintf("%v\n%v in\n%s\nof\n%s", u.Syntax, u.Errors, text, run)
		case len(u.Errors) > soft:
			return fmt.Sprintf("more is unused: %v in\n%s", u.Errors, text)
		}
		if run = u.Run(as); len(run.Errs) > 0 {
			return fmt.Sprintf("%v in the fixed\n%s", run.Errs[0], text)
		}
	}
	return fmt.Sprintf("after %d rounds there are fixes left:\n%s", rounds, run)
}

type chooser = func([]analysis.SuggestedFix) *analysis.SuggestedFix

// suiteOf returns the checks with settings as the bits of a byte say.
func suiteOf(style int) *analyzer.Suite {
	pick := func(bit int, on, off string) string {
		if style&bit != 0 {
			return on
		}
		return off
	}
	suite, err := analyzer.New(analyzer.Settings{
		Logs: style&8 != 0,
		Fix: analyzer.FixSettings{
			Style:   pick(1, "plain", ""),
			Cancel:  pick(2, pick(32, "keep", "inherit"), ""),
			All:     style&4 != 0,
			Wrapper: pick(16, "example.com/corpus/flags/safego.Go", ""),
		},
	})
	if err != nil {
		panic(err)
	}
	return suite
}

// A world is what mutants are made of, and may import: the packages of the corpus
// and all that they depend on.
type world struct {
	prog   *drive.Program
	seeds  []string
	donors []*drive.Unit
}

func newWorld(t testing.TB) *world {
	corpus(t)
	prog, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{prog: prog, seeds: seeds(t, prog)}
	for _, seed := range w.seeds {
		if u := prog.Check("example.com/donor", txtar.Parse([]byte(seed)).Files); !u.Broken() {
			w.donors = append(w.donors, u)
		}
	}
	return w
}

var loadWorld = sync.OnceValues(func() (*drive.Program, error) {
	prog, err := drive.Load("../testdata/corpus", "./...", analyzer.RuntimePath, "net/http", "log/slog", "database/sql", "testing")
	if err != nil {
		return nil, err
	}
	prog.Module = "example.com/corpus"
	if err := prog.Analyze(flow.New(new(kind.Own))); err != nil {
		return nil, err
	}
	return prog, nil
})

// seeds returns the packages of the corpus and the odd ones, as archives.
func seeds(t testing.TB, prog *drive.Program) []string {
	var all []string
	for _, pkg := range prog.Packages {
		if !strings.HasPrefix(pkg.ImportPath, "example.com/") {
			continue
		}
		src, err := pkg.Source()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(txtar.Format(&txtar.Archive{Files: src})))
		if len(src) > 1 {
			for _, f := range src { // alone, and so with broken types as a rule
				all = append(all, string(txtar.Format(&txtar.Archive{Files: []txtar.File{f}})))
			}
		}
	}
	odd, err := filepath.Glob("../testdata/odd/*.txtar")
	if err != nil || len(odd) == 0 {
		t.Fatalf("no odd packages: %v", err)
	}
	slices.Sort(odd)
	for _, name := range odd {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data))
	}
	return all
}
