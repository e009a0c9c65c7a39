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
	tool       tool
	cold, warm []cost
	err        error
}

func (r *result) measure(t *tool, at target, temperature string, costs *[]cost) {
	if r.err != nil {
		return
	}
	c, err := t.run(at)
	if err != nil {
		r.err = err
		fmt.Fprintf(os.Stderr, "%s: %s is left out: %v\n", at.name, t.name, err)
		return
	}
	fmt.Fprintf(os.Stderr, "%s: %s %-22s cpu %7.2f s  wall %7.2f s  peak %5d MB\n", at.name, temperature, t.name, c.cpu.Seconds(), c.wall.Seconds(), c.peak>>20)
	*costs = append(*costs, c)
}

// table gives the medians, with the ratios to the first tool where it is cold, and
// to go vet where it is warm.
func table(at target, results []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n| %s | cold: CPU | ratio | wall | peak | ratio | warm: CPU | ratio | wall |\n|---|---|---|---|---|---|---|---|---|\n", at.name)
	base, warmBase := results[0].cold, results[0].warm
	if i := slices.IndexFunc(results, func(r result) bool { return r.tool.name == goVet }); i >= 0 {
		warmBase = results[i].warm
	}
	cpu := func(c cost) float64 { return c.cpu.Seconds() }
	wall := func(c cost) float64 { return c.wall.Seconds() }
	peak := func(c cost) float64 { return float64(c.peak) }
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.tool.name,
			of(r.cold, cpu, seconds), ratio(r.cold, base, cpu), of(r.cold, wall, seconds),
			of(r.cold, peak, megabytes), ratio(r.cold, base, peak),
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
