package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// An all runs many seeds and adds up what they say.
type all struct {
	o     *options
	w     *workshop
	out   io.Writer
	began time.Time

	mu     sync.Mutex
	seeds  int
	total  Report
	counts map[string]int // disagreements by kind and class
	often  map[string]int // shrunk cases by shape
	times  map[string]time.Duration
	errs   int
}

func newAll(o *options, w *workshop, out io.Writer) *all {
	return &all{
		o: o, w: w, out: out, began: time.Now(),
		counts: make(map[string]int), often: make(map[string]int), times: make(map[string]time.Duration),
	}
}

// run runs the seeds, and then new ones as long as there is time.
func (a *all) run(seeds []uint64) {
	next := make(chan uint64)
	var wg sync.WaitGroup
	for range parallel() {
		wg.Go(func() {
			for seed := range next {
				a.seed(seed)
			}
		})
	}
	for _, seed := range seeds {
		next <- seed
	}
	for time.Since(a.began) < a.o.duration {
		next <- freshSeed()
	}
	close(next)
	wg.Wait()
}

// seed judges the program of one seed.
func (a *all) seed(seed uint64) {
	p := grow(seed, a.o.functions)
	if a.o.keep != "" {
		if _, err := write(p, filepath.Join(a.o.keep, fmt.Sprintf("seed%d", seed)), a.w.root); err != nil {
			a.fail(seed, err)
			return
		}
	}
	report, err := a.w.try(p)
	if err != nil {
		a.fail(seed, err)
		return
	}
	a.add(report)
	cases := choose(p, report, seed)
	if seed > 0 {
		cases = a.unknown(cases) // those of seed 0 are as small as can be
	}
	if a.o.shrink && seed > 0 && len(cases) > 0 {
		if err := shrink(cases, a.w.try); err != nil {
			a.fail(seed, fmt.Errorf("shrink: %w", err))
		}
	}
	a.note(cases)
	fmt.Fprintf(os.Stderr, "seed %d: %d functions, %d findings, %d disagreements, %.0fs\n", seed, report.Functions, report.Findings, len(report.Disagreements), time.Since(a.began).Seconds())
}

// fail tells of an error of the oracle's own.
func (a *all) fail(seed uint64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.errs++
	fmt.Fprintf(a.out, "seed %d: the oracle failed: %v\n", seed, err)
}

func (a *all) add(r *Report) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seeds++
	a.total.Functions += r.Functions
	a.total.Lost += r.Lost
	a.total.Findings += r.Findings
	a.total.Fixed += r.Fixed
	a.total.Cuts.add(r.Cuts)
	for _, d := range r.Disagreements {
		a.counts[d.key()]++
	}
	for _, p := range r.Times {
		a.times[p.name] += p.took
	}
}

// enough is how many shapes of one kind and class are looked for.
const enough = 12

// unknown returns the cases that are worth shrinking.
func (a *all) unknown(cases []*Case) []*Case {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := make(map[string]int)
	for shape := range a.often {
		key, _, _ := strings.Cut(shape, " ")
		known[key]++
	}
	return slices.DeleteFunc(cases, func(c *Case) bool { return known[c.key()] >= enough })
}

// note prints cases of a new shape, and counts the others.
func (a *all) note(cases []*Case) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range cases {
		shape := c.shape()
		if a.often[shape]++; a.often[shape] == 1 {
			fmt.Fprintf(a.out, "--- %s (seed %d)\n%s\n%s\n", shape, c.Seed, c.Detail, c.Text)
		}
	}
}

// summary prints what there is to say and reports whether nothing disagrees.
func (a *all) summary() bool {
	shapes := sortedKeys(a.often)
	slices.SortStableFunc(shapes, func(x, y string) int { return a.often[y] - a.often[x] })
	for _, shape := range shapes {
		fmt.Fprintf(a.out, "%4d %s\n", a.often[shape], shape)
	}
	if a.o.verbose {
		for _, name := range sortedKeys(a.times) {
			fmt.Fprintf(a.out, "%-14s %6.1fs\n", name, a.times[name].Seconds())
		}
	}
	var kinds []string
	for _, k := range sortedKeys(a.counts) {
		kinds = append(kinds, fmt.Sprintf("%s %d", strings.TrimSuffix(k, "/"), a.counts[k]))
	}
	if kinds == nil {
		kinds = []string{"none"}
	}
	if a.o.traces {
		c := a.total.Cuts
		fmt.Fprintf(a.out, "%d cuts: %d certain, %d likely, %d possible, %d that need not be explained\n", c.Cuts, c.Certain, c.Likely, c.Possible, c.Excused)
	}
	fmt.Fprintf(a.out, "%d functions of %d seeds, %d sinks lost, %d findings, %d with a whole fix, %.0fs; disagreements: %s\n",
		a.total.Functions, a.seeds, a.total.Lost, a.total.Findings, a.total.Fixed, time.Since(a.began).Seconds(), strings.Join(kinds, ", "))
	return len(a.counts) == 0 && a.errs == 0
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
