// Table runs the benchmarks of package pool several times and prints, for each
// row, a Markdown table of the medians, with the ratios to one library of the
// row.
//
//	go run ./pool/table [-n runs] [-row regexp] [-benchtime t] [-o file] [-readme]
//
// With -readme it prints the tables of runtime/README.md, see ../../remake.
//
// A run is one pass over all rows, so that a machine that gets slower does it to
// each library alike. Each row is a process of its own.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// A row is a benchmark, the library that the others are compared with, and how
// often the operation is run. That is a number rather than a time where the
// number is a part of what is measured, such as the length of a queue.
type row struct {
	name, base, benchtime string
}

var rows = []row{
	{"Trivial", "ctxrun.Go", "1000000x"},
	{"Future", "ctxrun.Submit", "1000000x"},
	{"RoundTrip", "go+chan", "300000x"},
	{"OrderedMap", "ctxrun.Map", "300000x"},
	{"Queued", "ctxrun.Go", "1000000x"},
	{"GoOverhead", "go", "1000000x"},
	{"DeepStack", "go", "100000x"},
}

// benchmarks is the package that has them.
const benchmarks = "example.com/bench/pool"

func main() {
	log.SetFlags(0)
	runs := flag.Int("n", 6, "number of `runs`")
	benchtime := flag.String("benchtime", "", "as of go test; without it each row has its own")
	pattern := flag.String("row", "", "only the rows that match this `regexp`")
	out := flag.String("o", "", "write to this `file`")
	readme := flag.Bool("readme", false, "print what runtime/README.md has of it")
	flag.Parse()
	if flag.NArg() > 0 || *runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	only, err := regexp.Compile(*pattern)
	if err != nil {
		log.Fatal(err)
	}
	var selected []row
	for _, r := range rows {
		if only.MatchString(r.name) {
			if *benchtime != "" {
				r.benchtime = *benchtime
			}
			selected = append(selected, r)
		}
	}
	if len(selected) == 0 {
		log.Fatalf("no row matches %q", *pattern)
	}
	if err := run(selected, *runs, *out, *readme); err != nil {
		log.Fatal(err)
	}
}

func run(rows []row, runs int, out string, readme bool) error {
	tmp, err := os.MkdirTemp("", "table")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	bin := filepath.Join(tmp, "pool.test")
	if msg, err := exec.Command("go", "test", "-c", "-o", bin, benchmarks).CombinedOutput(); err != nil {
		return fmt.Errorf("build the benchmarks: %v\n%s", err, msg)
	}
	results := newResults()
	for n := range runs {
		for _, r := range rows {
			log.Printf("run %d of %d: %s", n+1, runs, r.name)
			if err := bench(bin, r, results); err != nil {
				return err
			}
		}
	}
	w := io.Writer(os.Stdout)
	if out != "" {
		f, err := os.Create(out)
		if err != nil {
			return err
		}
		defer f.Close()
		w = f
	}
	if readme {
		return printReadme(w, results)
	}
	if err := printHeader(w, results, runs); err != nil {
		return err
	}
	for _, r := range rows {
		printRow(w, r, results)
	}
	return nil
}

func bench(bin string, r row, results *results) error {
	cmd := exec.Command(bin, "-test.run", "^$", "-test.bench", "^Benchmark"+r.name+"$", "-test.benchtime", r.benchtime)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("benchmark %s: %v\n%s", r.name, err, out)
	}
	return results.read(out)
}
