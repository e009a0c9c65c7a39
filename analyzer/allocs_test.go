package analyzer_test

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/stdfacts"
)

var (
	allocs  = flag.Bool("allocs", false, "compare what the analysis allocates with testdata/allocs.json")
	renew   = flag.Bool("renew", false, "with -allocs, write the file anew")
	measure = []string{"context", "database/sql", "go/types", "log/slog", "net", "net/http", "net/http/httputil", "os/exec", "text/template"}
)

// An allocated is what the analysis of some packages of the standard library
// allocates. It is counted and not timed: a busy machine changes nothing.
type allocated struct {
	Go       string // the version whose standard library it is
	Packages map[string]*cost
}

type cost struct{ Allocs, Bytes uint64 }

const (
	allocsFile = "testdata/allocs.json"
	howToRenew = "go test ./analyzer -run TestAllocs -args -allocs -renew"
)

// TestAllocs fails if the analysis allocates a tenth more than when the figures in
// the file were taken.
func TestAllocs(t *testing.T) {
	if !*allocs {
		t.Skip("its figures are those of one Go version: run it with -args -allocs")
	}
	now := measureAllocs(t)
	if *renew {
		text, err := json.MarshalIndent(now, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(allocsFile, append(text, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	var before allocated
	text, err := os.ReadFile(allocsFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &before); err != nil {
		t.Fatalf("%s: %v", allocsFile, err)
	}
	if before.Go != now.Go {
		t.Skipf("the figures are of the standard library of %s, and this is %s: renew them with %s", before.Go, now.Go, howToRenew)
	}
	compare := func(pkg, what string, was, is uint64) {
		switch change := float64(is)/float64(was) - 1; {
		case change > 0.10:
			t.Errorf("%s: %d %s, which is %+.1f%%; if there is a good reason, renew the figures: %s", pkg, is, what, 100*change, howToRenew)
		case math.Abs(change) > 0.02:
			t.Logf("%s: %d %s, which is %+.1f%%", pkg, is, what, 100*change)
		}
	}
	for _, pkg := range measure {
		was, is := before.Packages[pkg], now.Packages[pkg]
		if was == nil {
			t.Errorf("there are no figures for %s: %s", pkg, howToRenew)
			continue
		}
		compare(pkg, "allocations", was.Allocs, is.Allocs)
		compare(pkg, "bytes", was.Bytes, is.Bytes)
	}
}

// measureAllocs analyzes each of the packages, parsing and type-checking left out:
// those are not ours.
func measureAllocs(t *testing.T) *allocated {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	prog, err := drive.Load(".", measure...)
	if err != nil {
		t.Fatal(err)
	}
	prog.AddFacts(stdfacts.Current().Facts)
	got := &allocated{Go: runtime.Version(), Packages: make(map[string]*cost)}
	for _, pkg := range prog.Packages {
		if pkg.DepOnly {
			continue
		}
		src, err := pkg.Source()
		if err != nil {
			t.Fatal(err)
		}
		u := prog.Check(pkg.ImportPath, src)
		if u.Broken() {
			t.Fatalf("%s: %v", pkg.ImportPath, u.Errors[0])
		}
		as := analyzer.All()
		u.Run(as) // what is made once, and lazily
		got.Packages[pkg.ImportPath] = allocatedBy(func() { u.Run(as) })
	}
	return got
}

func allocatedBy(f func()) *cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return &cost{after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc}
}
