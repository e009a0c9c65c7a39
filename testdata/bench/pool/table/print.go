package main

import (
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// printHeader says what the figures are of.
func printHeader(w io.Writer, r *results, runs int) error {
	versions, err := versions()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, %s, %d cores, %s/%s, %s. ",
		time.Now().Format(time.DateOnly), r.cpu, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Fprintf(w, "Number of runs: %d. Each figure is the median; a ratio is that of two medians.\n\n", runs)
	for _, v := range versions {
		fmt.Fprintf(w, "- %s\n", v)
	}
	return nil
}

// versions returns the modules, with their versions, that the benchmarks ask for
// themselves. The go command is asked, since test binaries do not know.
func versions() ([]string, error) {
	const format = "{{with .Module}}{{if not (or .Main .Replace .Indirect)}}{{.Path}} {{.Version}}{{end}}{{end}}"
	out, err := exec.Command("go", "list", "-deps", "-test", "-f", format, benchmarks).Output()
	if err != nil {
		return nil, fmt.Errorf("list the modules: %w", err)
	}
	lines := strings.Fields(strings.ReplaceAll(string(out), " ", "@"))
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// Columns, of which a row has those that its benchmark reports. The first is
// compared.
var columns = []struct{ unit, head, format string }{
	{"overhead-ns/op", "overhead ns", "%.0f"},
	{"B/task", "bytes a task", "%.0f"},
	{"cpu-ns/op", "CPU ns", "%.0f"},
	{"ns/op", "wall ns", "%.0f"},
	{"B/op", "B/op", "%.0f"},
	{"allocs/op", "allocs/op", "%.0f"},
}

func printRow(w io.Writer, r row, results *results) {
	var keys []key
	for _, k := range results.keys {
		if k.row == r.name {
			keys = append(keys, k)
		}
	}
	cols := columns[:0:0]
	for _, c := range columns {
		if _, ok := results.median(keys[0], c.unit); ok {
			cols = append(cols, c)
		}
	}
	head := []string{"library", cols[0].head, "× " + r.base, "− " + r.base}
	for _, c := range cols[1:] {
		head = append(head, c.head)
	}
	fmt.Fprintf(w, "\n## %s (%s)\n", r.name, r.benchtime)
	params := "none yet"
	for _, k := range keys {
		if k.params != params {
			params = k.params
			printHead(w, params, head)
		}
		base, hasBase := results.median(key{r.name, k.params, r.base}, cols[0].unit)
		first, _ := results.median(k, cols[0].unit)
		cells := []string{k.lib, fmt.Sprintf(cols[0].format, first), "", ""}
		if hasBase {
			cells[2] = fmt.Sprintf("%.2f", first/base)
			cells[3] = fmt.Sprintf("%+.0f", first-base)
		}
		for _, c := range cols[1:] {
			v, _ := results.median(k, c.unit)
			cells = append(cells, fmt.Sprintf(c.format, v))
		}
		printCells(w, cells)
	}
}

func printHead(w io.Writer, params string, head []string) {
	if params != "" {
		fmt.Fprintf(w, "\n%s:\n", params)
	}
	fmt.Fprintln(w)
	printCells(w, head)
	fmt.Fprintf(w, "|---%s\n", strings.Repeat("|--:", len(head)-1)+"|")
}

func printCells(w io.Writer, cells []string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}
