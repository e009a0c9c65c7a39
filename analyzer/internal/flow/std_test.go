package flow_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	std    = flag.Bool("std", false, "run the tests over the whole standard library, two CPU minutes")
	module = flag.String("module", "", "measure the facts of what the module in `dir` depends on too")
)

// TestStd runs the engine twice over the standard library. Both runs give the
// same bytes, and the facts of each package stay small: see checkSizes.
func TestStd(t *testing.T) {
	if !*std {
		t.Skip("it takes two CPU minutes: run it with -args -std")
	}
	tool := buildFactsize(t)
	first, err := vet(t, tool, "1", ".", "std")
	if err != nil {
		t.Fatal(err)
	}
	second, err := vet(t, tool, "2", ".", "std")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, second) {
		for i := range min(len(first), len(second)) {
			if first[i] != second[i] {
				t.Fatalf("two runs differ:\n%s\n%s", first[i], second[i])
			}
		}
		t.Fatalf("two runs differ: %d and %d diagnostics", len(first), len(second))
	}
	checkSizes(t, first)
}

// TestModule measures the facts of the packages that a module depends on, in any
// module but the standard library.
func TestModule(t *testing.T) {
	if *module == "" {
		t.Skip("it takes minutes: run it with -args -module DIR")
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./...")
	list.Dir = *module
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", *module, err)
	}
	lines, err := vet(t, buildFactsize(t), "1", *module, strings.Fields(string(out))...)
	if err != nil {
		t.Logf("not all of them, or of their tests, compile: %.500s", err)
	}
	checkSizes(t, lines)
}

func buildFactsize(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "factsize")
	if out, err := exec.Command("go", "build", "-o", tool, "./factsize").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return tool
}

// checkSizes compares what factsize reports with the bound, and logs the largest:
// 4 KB for a package, 1% of its export data, or 256 bytes for each function that
// there is something to say of. The last is for packages in which many functions
// reach a sink: a quarter of that is what x/tools writes beside any fact.
func checkSizes(t *testing.T, lines []string) {
	type size struct {
		pkg                  string
		facts, count, export int
	}
	var sizes []size
	large := 0 // above 4 KB and 1%
	for _, line := range lines {
		pkg, rest, ok := strings.Cut(line, ": factsize: ")
		if !ok {
			continue
		}
		s := size{pkg: pkg}
		var digest string
		_, rest, _ = strings.Cut(rest, ": ")
		if _, err := fmt.Sscanf(rest, "facts %d count %d export %d digest %s", &s.facts, &s.count, &s.export, &digest); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if s.facts > max(4096, s.export/100, 256*s.count) {
			t.Errorf("%s: %d bytes of facts about %d functions, with %d bytes of export data", pkg, s.facts, s.count, s.export)
		}
		if s.facts > max(4096, s.export/100) {
			large++
		}
		sizes = append(sizes, s)
	}
	if len(sizes) < 100 {
		t.Fatalf("only %d packages", len(sizes))
	}
	slices.SortFunc(sizes, func(a, b size) int { return a.facts - b.facts })
	t.Logf("%d packages, %d of them above 4 KB and 1%%: median %d bytes of facts, largest:", len(sizes), large, sizes[len(sizes)/2].facts)
	for _, s := range sizes[len(sizes)-5:] {
		t.Logf("\t%s: %d bytes about %d functions, %.2f%% of export data", s.pkg, s.facts, s.count, 100*float64(s.facts)/float64(s.export))
	}
}

// vet returns the diagnostics for packages as sorted lines, with an error if there
// are none for some.
func vet(t *testing.T, tool, salt, dir string, packages ...string) ([]string, error) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"vet", "-json", "-vettool=" + tool, "-factsize.salt=" + salt}, packages...)...)
	cmd.Dir = dir
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	failed := cmd.Run()
	if failed != nil {
		failed = fmt.Errorf("go vet: %w\n%s", failed, errOut.String())
	}
	var lines []string
	for dec := json.NewDecoder(&out); ; {
		var tree map[string]map[string][]struct {
			Posn, Message string
			Fixes         json.RawMessage `json:"suggested_fixes"`
			Related       json.RawMessage
		}
		if err := dec.Decode(&tree); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for id, checks := range tree {
			for check, diags := range checks {
				for _, d := range diags {
					if strings.Contains(d.Posn, "_cgo_gotypes.go") {
						d.Posn = "_cgo_gotypes.go" // in a directory with a new name each time
					}
					lines = append(lines, fmt.Sprintf("%s: %s: %s: %s%s%s", id, check, d.Posn, d.Message, d.Fixes, d.Related))
				}
			}
		}
	}
	slices.Sort(lines)
	return lines, failed
}
