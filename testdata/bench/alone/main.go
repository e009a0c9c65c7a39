// Alone measures the CPU time of the checks of lostctx, and of contextcheck, over
// packages that one process has loaded already: what both leave to any linter,
// parsing and checking types, is measured apart.
//
//	go run ./alone [-n rounds] [-C dir] [packages]
//
// Tests are loaded too, and the dependencies of the packages are analyzed for
// their facts. All figures are medians.
package main

import (
	"flag"
	"fmt"
	"log"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/kkHAIKE/contextcheck"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/lostctx/lostctx/analyzer"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("alone: ")
	rounds := flag.Int("n", 3, "number of `rounds`")
	dir := flag.String("C", ".", "run in `dir`")
	flag.Parse()
	if *rounds < 1 {
		log.Fatal("-n: at least one round")
	}
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"std"}
	}
	var loaded []*packages.Package
	loading, err := cpu(func() (err error) {
		loaded, err = packages.Load(&packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule, Tests: true, Dir: *dir}, patterns...)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 {
		log.Fatal("these packages do not compile")
	}
	linters := [][]*analysis.Analyzer{analyzer.All(), {contextcheck.NewAnalyzer(contextcheck.Configuration{})}}
	took := make([][]time.Duration, len(linters))
	for round := range *rounds {
		for k := range linters {
			i := (round + k) % len(linters)
			t, err := analyze(linters[i], loaded)
			if err != nil {
				log.Fatal(err)
			}
			took[i] = append(took[i], t)
		}
	}
	lostctx, other := median(took[0]), median(took[1])
	fmt.Printf("CPU time: to load %.1fs, lostctx %.2fs, contextcheck %.2fs, %.1f times\n",
		loading.Seconds(), lostctx.Seconds(), other.Seconds(), other.Seconds()/lostctx.Seconds())
}

// analyze runs a linter on one goroutine.
func analyze(linter []*analysis.Analyzer, loaded []*packages.Package) (time.Duration, error) {
	runtime.GC() // what the one before has left
	return cpu(func() error {
		graph, err := checker.Analyze(linter, loaded, &checker.Options{Sequential: true})
		if err != nil {
			return err
		}
		for action := range graph.All() {
			if action.Err != nil {
				return fmt.Errorf("%v: %w", action, action.Err)
			}
		}
		return nil
	})
}

// cpu is the user and system time that this process spends in f, garbage
// collection included.
func cpu(f func() error) (time.Duration, error) {
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		return 0, err
	}
	err := f()
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		return 0, err
	}
	total := func(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }
	return total(after) - total(before), err
}

func median(x []time.Duration) time.Duration {
	slices.Sort(x)
	return x[len(x)/2]
}
