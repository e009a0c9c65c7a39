package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A result is what one tool has taken in each round.
type result struct {
	cold, warm []cost
	err        error
}

// measure runs a tool once cold and, if it has a cache, once warm.
func (r *result) measure(t tool, at target) {
	if r.err != nil || t.salt == "" && at.folders == nil {
		return
	}
	s := salt()
	for _, costs := range []*[]cost{&r.cold, &r.warm} {
		c, err := t.run(at, s)
		if err != nil {
			r.err = err
			fmt.Fprintf(os.Stderr, "cost: %s is left out: %v\n", at.name, err)
			return
		}
		fmt.Fprintf(os.Stderr, "%s: %-12s cpu %7.2f s  wall %7.2f s  peak %5d MB\n", at.name, t.name, c.cpu.Seconds(), c.wall.Seconds(), c.peak>>20)
		*costs = append(*costs, c)
		if t.salt == "" {
			return
		}
	}
}

// table gives the medians, with the ratios to the first tool where it is cold, and
// to go vet where it is warm.
func table(at target, tools []tool, results []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n| %s | cold: CPU | ratio | wall | peak | ratio | warm: CPU | ratio | wall |\n|---|---|---|---|---|---|---|---|---|\n", at.name)
	warmBase := results[0].warm
	if i := slices.IndexFunc(tools, func(t tool) bool { return t.name == "go vet" }); i >= 0 {
		warmBase = results[i].warm
	}
	cpu := func(c cost) float64 { return c.cpu.Seconds() }
	wall := func(c cost) float64 { return c.wall.Seconds() }
	peak := func(c cost) float64 { return float64(c.peak) }
	for i, t := range tools {
		r := results[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", t.name,
			of(r.cold, cpu, seconds), ratio(r.cold, results[0].cold, cpu), of(r.cold, wall, seconds),
			of(r.cold, peak, megabytes), ratio(r.cold, results[0].cold, peak),
			of(r.warm, cpu, seconds), ratio(r.warm, warmBase, cpu), of(r.warm, wall, seconds))
	}
	return b.String()
}

func seconds(s float64) string { return time.Duration(s * 1e9).Round(10 * time.Millisecond).String() }

func megabytes(n float64) string { return fmt.Sprintf("%.0f MB", n/(1<<20)) }

// of is the median of a figure.
func of(costs []cost, figure func(cost) float64, format func(float64) string) string {
	if len(costs) == 0 {
		return ""
	}
	var x []float64
	for _, c := range costs {
		x = append(x, figure(c))
	}
	return format(median(x))
}

// ratio is the median of what one tool takes for what another takes in the same
// round.
func ratio(costs, base []cost, figure func(cost) float64) string {
	if len(costs) == 0 || len(costs) != len(base) {
		return ""
	}
	var x []float64
	for i := range costs {
		x = append(x, figure(costs[i])/figure(base[i]))
	}
	return fmt.Sprintf("%.2f", median(x))
}

func median(x []float64) float64 {
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
