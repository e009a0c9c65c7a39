package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAgree compares what nogo reports with what go vet reports: finding by
// finding, over the corpus and a program with real dependencies.
func TestAgree(t *testing.T) {
	for _, test := range []struct {
		dir, module string
		patterns    []string
		least       int
	}{
		{"../corpus", "example.com/corpus", []string{"./..."}, 400},
		{"../apps/shop", "example.com/shop", []string{"./..."}, 1},
	} {
		t.Run(test.module, func(t *testing.T) {
			dir, err := filepath.Abs(test.dir)
			if err != nil {
				t.Fatal(err)
			}
			want := runVet(t, dir, test.patterns...)
			got := runNogo(t, list(t, dir, test.patterns...), "-flag", "module="+test.module)
			if len(want) < test.least {
				t.Fatalf("go vet has %d findings", len(want))
			}
			t.Logf("%d findings", len(want))
			for _, f := range want {
				if !slices.Contains(got, f) {
					t.Errorf("missing: %s", f)
				}
			}
			for _, f := range got {
				if !slices.Contains(want, f) {
					t.Errorf("too many: %s", f)
				}
			}
		})
	}
}

// TestFlags runs over a part of the corpus with flags, as a config gives them.
func TestFlags(t *testing.T) {
	dir, err := filepath.Abs("../corpus")
	if err != nil {
		t.Fatal(err)
	}
	pkgs := list(t, dir, "./lostcall/...", "./lostroot/...")
	without, with := runNogo(t, pkgs), runNogo(t, pkgs, "-flag", "module=example.com/corpus")
	if len(without) >= len(with) {
		t.Errorf("%d findings without a module, %d with it: those of other packages should be missing", len(without), len(with))
	}
	for _, f := range runNogo(t, pkgs, "-flag", "checks=lostroot") {
		if !strings.Contains(f, ": lostroot: ") {
			t.Errorf("not of lostroot: %s", f)
		}
	}
}
