package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A key names what is measured: a library in a row, with parameters.
type key struct {
	row, params, lib string
}

// results has the values of all runs, by unit, and the keys in the order in
// which they came.
type results struct {
	cpu    string // the machine's, as the benchmarks print it
	keys   []key
	values map[key]map[string][]float64
}

func newResults() *results {
	return &results{values: make(map[key]map[string][]float64)}
}

// read adds what one process has printed.
func (r *results) read(out []byte) error {
	reader := benchfmt.NewReader(bytes.NewReader(out), "benchmarks")
	n := 0
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.Result:
			n++
			r.cpu = record.GetConfig("cpu")
			r.add(record)
		case *benchfmt.SyntaxError:
			return record
		}
	}
	if n == 0 {
		return fmt.Errorf("no benchmark was run:\n%s", out)
	}
	return reader.Err()
}

func (r *results) add(record *benchfmt.Result) {
	k := parse(record.Name)
	if r.values[k] == nil {
		r.values[k] = make(map[string][]float64)
		r.keys = append(r.keys, k)
	}
	for _, v := range record.Values {
		if v.OrigUnit != "" { // the reader has made seconds of nanoseconds
			v.Value, v.Unit = v.OrigValue, v.OrigUnit
		}
		r.values[k][v.Unit] = append(r.values[k][v.Unit], v.Value)
	}
}

// parse takes Row/lib=x/a=1/b=2-8 apart.
func parse(name benchfmt.Name) (k key) {
	base, parts := name.Parts()
	k.row = string(base)
	var params []string
	for _, part := range parts {
		s := string(part)
		if lib, ok := strings.CutPrefix(s, "/lib="); ok {
			k.lib = lib
		} else if param, ok := strings.CutPrefix(s, "/"); ok {
			params = append(params, strings.Replace(param, "=", " ", 1))
		}
	}
	k.params = strings.Join(params, ", ")
	return k
}

// median returns the median of the runs, and false if the unit is not measured.
func (r *results) median(k key, unit string) (float64, bool) {
	x := slices.Sorted(slices.Values(r.values[k][unit]))
	switch n := len(x); {
	case n == 0:
		return 0, false
	case n%2 == 0:
		return (x[n/2-1] + x[n/2]) / 2, true
	default:
		return x[n/2], true
	}
}
