// Oracle asks the analyzer and running programs the same question. From a seed
// it makes a random program, runs it and records where the trace of its request
// is lost; then it compares that with what lostctx reports, applies all fixes,
// and compares what the fixed program does.
//
//	go run . [-seeds 1:20] [-functions 500] [-fresh] [-for 2h] [-lostctx PATH]
//
// See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// options are the flags of the program.
type options struct {
	seeds     string
	functions int
	fresh     bool
	duration  time.Duration
	lostctx   string
	fix       string
	keep      string
	shrink    bool
	verbose   bool
	traces    bool
	words     bool
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("oracle: ")
	var o options
	flag.StringVar(&o.seeds, "seeds", "1:2", "run the programs of seeds `first:last`")
	flag.IntVar(&o.functions, "functions", 500, "put `n` scenarios into a program")
	flag.BoolVar(&o.fresh, "fresh", false, "run one more seed, taken from the clock")
	flag.DurationVar(&o.duration, "for", 0, "then run new seeds until that `time` is over")
	flag.StringVar(&o.lostctx, "lostctx", "", "`path` of the lostctx binary (default: built from the repository)")
	flag.StringVar(&o.fix, "fix", "", "`how` fixes are made, such as \"cancel=inherit style=plain\"")
	flag.StringVar(&o.keep, "keep", "", "write the program of each seed to a folder in `dir`")
	flag.BoolVar(&o.shrink, "shrink", true, "shrink what disagrees")
	flag.BoolVar(&o.traces, "traces", false, "explain the recorded cuts with lostctx -traces, and judge that too")
	flag.BoolVar(&o.verbose, "v", false, "print where the time goes")
	flag.BoolVar(&o.words, "words", false, "print what programs are made of, and what the analyzer cannot know")
	flag.Parse()
	if o.words {
		printWords(os.Stdout)
		return
	}
	agreed, err := oracle(&o, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	if !agreed {
		os.Exit(1)
	}
}

// oracle runs the seeds and reports whether nothing disagrees.
func oracle(o *options, out io.Writer) (bool, error) {
	if flag.NArg() > 0 {
		return false, fmt.Errorf("argument %s is not used: everything is a flag", flag.Arg(0))
	}
	if o.functions < 1 {
		return false, fmt.Errorf("-functions %d: a program needs at least one", o.functions)
	}
	seeds, err := seedsOf(o)
	if err != nil {
		return false, err
	}
	w, err := newWorkshop(o)
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(w.tmp)
	a := newAll(o, w, out)
	a.run(seeds)
	return a.summary(), nil
}

// seedsOf returns the seeds to run before the time is looked at.
func seedsOf(o *options) ([]uint64, error) {
	first, last, ok := strings.Cut(o.seeds, ":")
	if !ok {
		last = first
	}
	a, errA := strconv.ParseUint(first, 10, 64)
	b, errB := strconv.ParseUint(last, 10, 64)
	if errA != nil || errB != nil || b < a {
		return nil, fmt.Errorf("-seeds %s: write first:last, such as 1:20", o.seeds)
	}
	var seeds []uint64
	for s := a; s <= b; s++ {
		seeds = append(seeds, s)
	}
	if o.fresh {
		seeds = append(seeds, freshSeed())
	}
	return seeds, nil
}

func freshSeed() uint64 { return uint64(time.Now().UnixNano()) % 1e12 }

// newWorkshop finds the repository and builds the analyzer.
func newWorkshop(o *options) (*workshop, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/lostctx/lostctx/runtime").Output()
	if err != nil {
		return nil, fmt.Errorf("find the lostctx repository: %w: run the oracle in testdata/oracle", err)
	}
	w := &workshop{root: filepath.Dir(strings.TrimSpace(string(out)))}
	for _, how := range strings.Fields(o.fix) {
		w.how = append(w.how, "-fix."+how)
		w.inherits = w.inherits || how == "cancel=inherit"
	}
	if w.traces = o.traces; w.traces {
		if err := os.Setenv("WORLD_SPANS", spansFile); err != nil { // of the programs
			return nil, err
		}
	}
	if w.tmp, err = os.MkdirTemp("", "oracle"); err != nil {
		return nil, err
	}
	if o.lostctx != "" {
		w.lostctx, err = filepath.Abs(o.lostctx)
		if err == nil {
			_, err = os.Stat(w.lostctx)
		}
		if err != nil {
			os.RemoveAll(w.tmp)
			return nil, fmt.Errorf("find -lostctx: %w", err)
		}
		return w, nil
	}
	w.lostctx = filepath.Join(w.tmp, "lostctx")
	build := exec.Command("go", "build", "-o", w.lostctx, "./cmd/lostctx")
	build.Dir = w.root
	if text, err := build.CombinedOutput(); err != nil {
		os.RemoveAll(w.tmp)
		return nil, errors.New("build lostctx: " + string(text) + "\ngive another binary with -lostctx")
	}
	return w, nil
}

// parallel is how many programs are made at once.
func parallel() int { return runtime.GOMAXPROCS(0) }
