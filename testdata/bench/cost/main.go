// Cost measures what lostctx costs as a vet tool: CPU time, wall time and peak
// memory of the whole go vet process tree, cold and warm, beside a tool that does
// nothing, beside go vet itself, and with -peers beside other linters.
//
//	go run ./cost [-n rounds] [-C dir] [-tools names] [-vettool file]... [packages]
//	go run ./cost [-n rounds] [-peers] [-only regexp] [-vettool file]... -all
//
// With -all it measures the standard library, x/tools and two large modules, and
// prints a Markdown table each.
//
// Cold means that go vet has never seen the tool, and analyzes everything with it.
// What the compiler has put into the cache stays, so that a ratio is that of the
// analysis. Warm means that nothing has changed since the run before. A round is
// one cold run of each tool, one after the other, begun with another one each time,
// so that a machine that gets slower does it to each alike, and then several warm
// ones of each in the same way. Ratios are those of runs side by side. All figures
// are medians.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("cost: ")
	rounds := flag.Int("n", 3, "number of `rounds`")
	dir := flag.String("C", ".", "run in `dir`")
	names := flag.String("tools", "", "measure only these tools: `names` with commas")
	peers := flag.Bool("peers", false, "measure other linters too")
	all := flag.Bool("all", false, "measure std, x/tools and two large modules")
	var extra []tool
	flag.Func("vettool", "measure the vet tool in `file` too; may be repeated", func(file string) error {
		extra = append(extra, tool{name: filepath.Base(file), bin: file})
		_, err := os.Stat(file)
		return err
	})
	only := flag.String("only", "", "with -all, those whose names match `regexp`")
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"std"}
	}
	targets := []target{{name: strings.Join(packages, " "), dir: *dir, packages: packages}}
	if *all {
		var err error
		if targets, err = allTargets(); err != nil {
			log.Fatal(err)
		}
		name, err := regexp.Compile(*only)
		if err != nil {
			log.Fatalf("-only: %v", err)
		}
		targets = slices.DeleteFunc(targets, func(t target) bool { return !name.MatchString(t.name) })
	}
	tools := slices.Clone(ours)
	if *peers {
		tools = append(tools, others...)
	}
	if *names != "" {
		tools = slices.DeleteFunc(append(slices.Clone(ours), others...), func(t tool) bool {
			return !slices.Contains(strings.Split(*names, ","), t.name)
		})
	}
	if err := measure(append(tools, extra...), targets, *rounds); err != nil {
		log.Fatal(err)
	}
}

// warmRuns are those of each tool in a round. They are short, and differ more.
const warmRuns = 7

func measure(tools []tool, targets []target, rounds int) error {
	tmp, err := os.MkdirTemp("", "cost")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for i := range tools {
		if err := tools[i].build(tmp); err != nil {
			return err
		}
	}
	for _, at := range targets {
		// Fill the cache with what only the compiler makes.
		if _, err := tools[0].run(at); err != nil {
			return err
		}
		results := make([]result, len(tools))
		for i, t := range tools {
			results[i].tool = t
		}
		for round := range rounds {
			if err := measureRound(results, at, round, tmp); err != nil {
				return err
			}
		}
		fmt.Print(table(at, results))
	}
	return nil
}

func measureRound(results []result, at target, round int, tmp string) error {
	fresh := make([]*tool, len(results))
	for i := range results {
		var err error
		if fresh[i], err = results[i].tool.fresh(tmp); err != nil {
			return err
		}
	}
	for k := range fresh {
		i := (round + k) % len(fresh) // each comes first once: a machine may get slower or faster
		results[i].measure(fresh[i], at, "cold", &results[i].cold)
	}
	for warm := range warmRuns {
		for k := range fresh {
			if i := (warm + k) % len(fresh); fresh[i].warms() {
				results[i].measure(fresh[i], at, "warm", &results[i].warm)
			}
		}
	}
	return nil
}
