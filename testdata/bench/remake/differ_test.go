package main

import (
	"os"
	"testing"
)

func TestDifferences(t *testing.T) {
	page := []string{"| | 2 / 1 | allocs |", "| ctxrun | 100 | 0 |", "| pond | 200 | 0 |", "| ants | 400 | 2 |"}
	tests := []struct {
		name string
		now  []string
		want int
	}{
		{"the same", page, 0},
		{"a machine half as fast", []string{page[0], "| ctxrun | 210 | 0 |", "| pond | 390 | 0 |", "| ants | 805 | 2 |"}, 0},
		{"one of them twice as slow", []string{page[0], "| ctxrun | 250 | 0 |", "| pond | 205 | 0 |", "| ants | 390 | 2 |"}, 1},
		{"another row", []string{page[0], page[1], "| conc | 200 | 0 |", page[3]}, 1},
		{"a row less", page[:3], 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := differences(page, test.now); len(got) != test.want {
				t.Errorf("got %q, want %d", got, test.want)
			}
		})
	}
}

// The sentence of the README that costOfStd looks for stands there.
func TestPatterns(t *testing.T) {
	page, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !costPattern.Match(page) {
		t.Errorf("README.md has nothing that matches %v", costPattern)
	}
	const row = "| lostctx | v0 | 28 of 41 (27) | 30 of 47 (29) | 0 of 12 | 80 | 0 |"
	if got := peersRow.FindStringSubmatch(row); len(got) != 4 || got[1] != "28" || got[2] != "0" || got[3] != "80" {
		t.Errorf("%v finds %q in %s", peersRow, got, row)
	}
	if !peersPattern.Match(page) {
		t.Errorf("README.md has nothing that matches %v", peersPattern)
	}
}
