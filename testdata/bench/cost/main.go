// Cost measures what lostctx costs as a vet tool: CPU time, wall time and peak
// memory of the whole go vet process tree, cold and warm, beside a tool that does
// nothing, beside go vet itself, and with -peers beside other linters.
//
//	go run ./cost [-n rounds] [-C dir] [-tools names] [packages]
//	go run ./cost [-n rounds] [-peers] [-only regexp] -all
//
// With -all it measures the standard library, x/tools and two large modules, and
// prints a Markdown table each.
//
// Cold means that nothing has been analyzed: each run has a new flag value, and
// with it new cache keys. What the compiler has put into the cache stays, so
// that a ratio is that of the analysis. Warm means that nothing has changed since
// the run before. A round is one run of each tool, one after the other, begun with
// another one each time, so that a machine that gets slower does it to each alike;
// ratios are those within a round. All figures are medians.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
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
	if err := measure(tools, targets, *rounds); err != nil {
		log.Fatal(err)
	}
}

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
		if _, err := tools[0].run(at, salt()); err != nil {
			return err
		}
		results := make([]result, len(tools))
		for round := range rounds {
			for k := range tools {
				i := (round + k) % len(tools) // each comes first once: a machine may get slower or faster
				results[i].measure(tools[i], at)
			}
		}
		fmt.Print(table(at, tools, results))
	}
	return nil
}
