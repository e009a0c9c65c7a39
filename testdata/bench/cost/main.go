// Cost measures what lostctx costs as a vet tool beside a tool that does
// nothing: CPU time and peak memory of the whole go vet process tree, cold, in
// pairs, with the ratio of each pair and their median.
//
//	go run ./cost [-n pairs] [-C dir] [packages]
//
// Cold means that nothing has been analyzed: each run has a new flag value, and
// with it new cache keys. What the compiler has put into the cache stays, so
// that the ratio is that of the analysis.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// A cost is what one run of go vet takes.
type cost struct {
	cpu  time.Duration // user and system, of all processes
	peak int64         // bytes, of the largest process
}

// A tool is a vet tool and the flag that makes it start anew.
type tool struct {
	name, bin, salt string
}

func main() {
	pairs := flag.Int("n", 3, "number of `pairs`")
	dir := flag.String("C", ".", "run in `dir`")
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"std"}
	}
	if err := measure(*pairs, *dir, packages); err != nil {
		log.Fatal(err)
	}
}

func measure(pairs int, dir string, packages []string) error {
	tmp, err := os.MkdirTemp("", "cost")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	tools := []tool{
		{"lostctx", filepath.Join(tmp, "lostctx"), "-lostctxunit.salt="},
		{"nothing", filepath.Join(tmp, "nothing"), "-nothing.salt="},
	}
	for i, pkg := range []string{"github.com/lostctx/lostctx/cmd/lostctx", "./nothing"} {
		if out, err := exec.Command("go", "build", "-o", tools[i].bin, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %v\n%s", pkg, err, out)
		}
	}
	// Fill the cache with what only the compiler makes.
	if _, err := vet(tools[1], dir, packages, 0); err != nil {
		return err
	}
	var cpus, peaks []float64
	for n := 1; n <= pairs; n++ {
		var costs [2]cost
		for i, t := range tools {
			if costs[i], err = vet(t, dir, packages, n); err != nil {
				return err
			}
			fmt.Printf("%-8s cpu %6.1f s  peak %4d MB\n", t.name, costs[i].cpu.Seconds(), costs[i].peak>>20)
		}
		cpus = append(cpus, costs[0].cpu.Seconds()/costs[1].cpu.Seconds())
		peaks = append(peaks, float64(costs[0].peak)/float64(costs[1].peak))
	}
	fmt.Printf("median ratio: cpu %.2f, peak %.2f (%d pairs, cpu %.2f)\n", median(cpus), median(peaks), pairs, cpus)
	return nil
}

func vet(t tool, dir string, packages []string, n int) (cost, error) {
	salt := t.salt + strconv.FormatInt(time.Now().UnixNano(), 36) + "." + strconv.Itoa(n)
	cmd := exec.Command("go", append([]string{"vet", "-json", "-vettool=" + t.bin, salt}, packages...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("go vet with %s: %v\n%.2000s", t.name, err, out)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return cost{
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak: usage.Maxrss << 10, // kilobytes on Linux
	}, nil
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
