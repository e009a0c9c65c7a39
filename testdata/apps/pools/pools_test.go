package pools_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository is the root of the module that the linter is built from.
const repository = "../../.."

// build returns the path of a freshly built lostctx.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "lostctx")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/lostctx")
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build lostctx: %v\n%s", err, out)
	}
	return bin
}

// lint runs lostctx in dir and returns what it prints. It may exit with 1.
func lint(t *testing.T, bin, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	if err != nil {
		t.Fatalf("lostctx %s: %v\n%s%s", strings.Join(args, " "), err, out, exit.Stderr)
	}
	return string(out)
}

// TestInference checks that each task is found, and nothing else is reported.
func TestInference(t *testing.T) {
	src, err := os.ReadFile("pools.go")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for i, line := range strings.Split(string(src), "\n") {
		if strings.Contains(line, "// want") {
			want = append(want, fmt.Sprintf("pools.go:%d", i+1))
		}
	}
	var findings []struct {
		File string
		Line int
	}
	out := lint(t, build(t), ".", "-json", ".")
	if err := json.Unmarshal([]byte(out), &findings); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	for _, f := range findings {
		got = append(got, fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line))
	}
	if !slices.Equal(got, want) {
		t.Errorf("findings at\n\t%s\nwant\n\t%s", strings.Join(got, " "), strings.Join(want, " "))
	}
}

// TestFixes checks that each finding has a fix, that the result compiles, and
// that nothing is left.
func TestFixes(t *testing.T) {
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "pools.go"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(data), "=> "+repository, "=> "+root, 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bin := build(t)
	t.Log(lint(t, bin, dir, "-fix", "."))
	cmd := exec.Command("go", "vet", ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the fixed package: %v\n%s", err, out)
	}
	if left := lint(t, bin, dir, "."); left != "" {
		t.Errorf("left after the fixes:\n%s", left)
	}
}

// TestNoNames checks that the analyzer infers what it knows of these pools: it
// names none of them.
func TestNoNames(t *testing.T) {
	names := regexp.MustCompile(`(?i)\b(ants|pond|conc|workerpool|errgroup\.Group)\b`)
	dir := filepath.Join(repository, "analyzer")
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || filepath.Base(path) == "doc.go" {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if m := names.Find(data); m != nil {
			t.Errorf("%s mentions %s", path, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Errorf("no Go files in %s", dir)
	}
}
