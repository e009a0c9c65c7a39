package analyzer_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/cover"

	"github.com/lostctx/lostctx/analyzer"
)

// grow is how TestGrowth has a package analyzed in a process of its own: the
// counters of -cover cannot be reset.
var grow = flag.Int("grow", 0, "with TestGrowth, only analyze packages of the shapes, of 1/n of their size")

// mostGrowth is by how much more often a block of the analyzer may be run where a
// package becomes four times as large: four times if it is run for each line or
// so, somewhat more for what is sorted or searched, sixteen times where it is run
// for each pair of them.
const (
	mostGrowth = 8
	runsOfEach = 64 // what is run less often for each line or so costs nothing: as often may a graph be walked
	mostShown  = 10 // blocks of one shape that are named
)

// TestGrowth fails if a block of the analyzer is run for each pair of things of a
// package. What is run is counted and not timed: a busy machine changes nothing.
// What the standard library does inside one call is not seen.
func TestGrowth(t *testing.T) {
	if testing.CoverMode() == "" {
		t.Skip("it counts what is run: go test ./analyzer -run TestGrowth -covermode=count -coverpkg=./analyzer/...")
	}
	if *grow > 0 {
		prog := newWorld(t).prog
		for _, s := range shapes {
			t.Run(s.dashed(), func(t *testing.T) {
				u, _ := s.unit(t, prog, s.size / *grow)
				defer u.Release()
				if run := u.Run(analyzer.All()); len(run.Errs) > 0 {
					t.Fatal(run.Errs)
				}
			})
		}
		return
	}
	for _, s := range shapes {
		t.Run(s.dashed(), func(t *testing.T) {
			small, medium, large := s.blocks(t, 16), s.blocks(t, 4), s.blocks(t, 1)
			if len(large) == 0 {
				t.Fatal("nothing was counted")
			}
			var steep []string
			for block := range large {
				first, then := medium[block]-small[block], large[block]-medium[block]
				if then > runsOfEach*s.size && then > mostGrowth*first {
					steep = append(steep, block)
				}
			}
			slices.SortFunc(steep, func(a, b string) int { return cmp.Compare(large[b], large[a]) })
			for i, block := range steep {
				if i == mostShown {
					t.Errorf("and %d more", len(steep)-i)
					break
				}
				t.Errorf("%s is run %d, %d, %d times for packages of which each is four times as large as the one before", block, small[block], medium[block], large[block])
			}
		})
	}
}

// blocks returns how often each block of the analyzer is run for a package of 1/part
// of the size of the shape.
func (s *shape) blocks(t *testing.T, part int) map[string]int {
	t.Helper()
	out := filepath.Join(t.TempDir(), "profile")
	cmd := exec.Command(os.Args[0], "-test.run=^TestGrowth$/^"+s.dashed()+"$", "-test.coverprofile="+out, fmt.Sprintf("-grow=%d", part))
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, text)
	}
	profiles, err := cover.ParseProfiles(out)
	if err != nil {
		t.Fatal(err)
	}
	runs := make(map[string]int)
	for _, p := range profiles {
		for _, b := range p.Blocks {
			runs[fmt.Sprintf("%s:%d:%d", p.FileName, b.StartLine, b.StartCol)] = b.Count
		}
	}
	return runs
}

func (s *shape) dashed() string { return strings.ReplaceAll(s.name, " ", "-") }
