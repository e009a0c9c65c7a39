package main

import (
	_ "embed"
	"fmt"
	"io"
	"text/template"
)

// This file prints the tables of runtime/README.md.

//go:embed readme.tmpl
var readmeText string

// A readmeRow is a library in a table that has the numbers of workers and submitters as
// columns.
type readmeRow struct {
	Name   string
	CPU    []string
	Allocs string
}

// readmeNames are the rows of those tables by their libraries, in the order of the page.
var readmeNames = map[string][][2]string{
	"Trivial": {
		{"ctxrun.Go", "**Executor.Go**"}, {"pond.Go", "pond.Go"}, {"conc", "conc"}, {"go+chan", "go + semaphore channel"},
		{"errgroup", "errgroup"}, {"workerpool", "workerpool"}, {"ants", "ants"},
	},
	"Future": {
		{"ctxrun.Submit", "**Submit**"}, {"go+chan", "go + channel"}, {"pond.Submit", "pond.Submit"},
		{"ants+chan", "ants + channel"}, {"errgroup", "errgroup"}, {"conc", "conc"},
	},
}

// printReadme prints the tables as the page has them. All rows have been measured.
func printReadme(w io.Writer, r *results) error {
	median := func(k key, unit string) (string, error) {
		v, ok := r.median(k, unit)
		if !ok {
			return "", fmt.Errorf("%s has no %s of %s %s: measure all rows", k.row, unit, k.lib, k.params)
		}
		return fmt.Sprintf("%.0f", v), nil
	}
	of := func(unit string) func(row, lib string) (string, error) {
		return func(row, lib string) (string, error) { return median(key{row: row, lib: lib}, unit) }
	}
	rowsOf := func(row string) func() ([]readmeRow, error) {
		return func() ([]readmeRow, error) {
			var rows []readmeRow
			for _, name := range readmeNames[row] {
				got := readmeRow{Name: name[1]}
				for _, params := range []string{"workers 2, submitters 1", "workers 2, submitters 8", "workers 16, submitters 1", "workers 16, submitters 8"} {
					cpu, err := median(key{row, params, name[0]}, "cpu-ns/op")
					if err != nil {
						return nil, err
					}
					got.CPU = append(got.CPU, cpu)
				}
				var err error
				if got.Allocs, err = median(key{row, "workers 2, submitters 1", name[0]}, "allocs/op"); err != nil {
					return nil, err
				}
				rows = append(rows, got)
			}
			return rows, nil
		}
	}
	page, err := template.New("readme").Funcs(template.FuncMap{
		"trivial": rowsOf("Trivial"), "futures": rowsOf("Future"),
		"cpu": of("cpu-ns/op"), "allocs": of("allocs/op"),
		"overhead": func(lib string) (string, error) { return of("overhead-ns/op")("OrderedMap", lib) },
		"queued":   func(lib string) (string, error) { return of("B/task")("Queued", lib) },
	}).Parse(readmeText)
	if err != nil {
		return err
	}
	return page.Execute(w, nil)
}
