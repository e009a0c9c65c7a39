package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDelayGC counts the garbage collections of a unit: none in a small one, some
// in one that would grow without them, and those that the user has asked for.
func TestDelayGC(t *testing.T) {
	if testing.Short() {
		t.Skip("it analyzes 40,000 functions")
	}
	small, large := collections(t, 1000), collections(t, 40000)
	if small != 0 {
		t.Errorf("%d collections in a unit of 1,000 functions, want none", small)
	}
	if large == 0 {
		t.Errorf("no collection in a unit of 40,000 functions")
	}
	if asked := collections(t, 1000, "GOGC=100"); asked == 0 {
		t.Errorf("GOGC is not respected: no collection in a unit of 1,000 functions")
	}
	if asked := collections(t, 1000, "GOMEMLIMIT=1GiB"); asked == 0 {
		t.Errorf("GOMEMLIMIT is not respected: no collection in a unit of 1,000 functions")
	}
}

// collections is how often garbage is collected in a unit with so many functions.
func collections(t *testing.T, functions int, env ...string) int {
	t.Helper()
	dir := t.TempDir()
	var src strings.Builder
	src.WriteString("package p\n")
	for i := range functions {
		fmt.Fprintf(&src, "\nfunc f%d(n int) int {\n\tif n > %d {\n\t\treturn n - 1\n\t}\n\treturn n*2 + 1\n}\n", i, i)
	}
	cfg, err := json.Marshal(map[string]any{
		"ID": "p", "ImportPath": "p", "GoFiles": []string{filepath.Join(dir, "p.go")}, "VetxOutput": filepath.Join(dir, "p.vetx"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"p.go": src.String(), "vet.cfg": string(cfg)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(bin, "lostctx"), filepath.Join(dir, "vet.cfg"))
	cmd.Env = append(os.Environ(), append([]string{"GODEBUG=gctrace=1", "GOGC=", "GOMEMLIMIT="}, env...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.1000s", err, out)
	}
	return strings.Count("\n"+string(out), "\ngc ")
}
