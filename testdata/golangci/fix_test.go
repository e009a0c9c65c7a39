package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFix applies the fixes to a copy of the corpus and compares it with the
// goldens. A golden has the fixes of one check, so that each folder gets those
// of its own. Packages where a fix touches several files are left out: there
// golangci-lint does its part only, and says so.
func TestFix(t *testing.T) {
	dir := copyCorpus(t)
	exclude := "linters:\n  exclusions:\n    rules:\n"
	for _, c := range checks {
		var others []string
		for _, o := range checks {
			if o != c {
				others = append(others, o)
			}
		}
		exclude += "      - {path: '(^|/)" + c + "/', linters: [lostctx], text: '^(" + strings.Join(others, "|") + "): '}\n"
	}
	config := strings.Replace(with(""), "linters:\n", exclude, 1)
	left, _, out := lint(t, dir, config, append([]string{"--fix"}, patterns()...)...)
	if strings.Contains(out, "are skipped") {
		t.Errorf("fixes are in conflict:\n%s", out)
	}
	split := make(map[string]bool) // packages of fixes that touch several files
	for _, i := range left {
		if strings.HasSuffix(i.Text, "run lostctx -fix") {
			split[filepath.Dir(i.Pos.Filename)] = true
		}
	}
	compared := 0
	for _, golden := range goldens(t, dir) {
		if split[filepath.Dir(golden)] {
			continue
		}
		compared++
		want, got := read(t, golden), read(t, strings.TrimSuffix(golden, ".golden"))
		if !bytes.Equal(got, want) {
			cmd := exec.Command("diff", "-u", golden, strings.TrimSuffix(golden, ".golden"))
			diff, _ := cmd.CombinedOutput() // it fails where there is a difference
			t.Errorf("%s is not as its golden:\n%s", golden, diff)
		}
	}
	if compared < 30 || len(split) == 0 {
		t.Errorf("%d goldens compared, %d packages with fixes that touch several files", compared, len(split))
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = dir
	vet.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("what --fix has written does not compile: %v\n%s", err, out)
	}
}

// goldens returns the goldens of the checks.
func goldens(t *testing.T, dir string) (names []string) {
	t.Helper()
	for _, c := range checks {
		for _, pattern := range []string{"*.golden", "*/*.golden"} {
			some, err := filepath.Glob(filepath.Join(dir, c, pattern))
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, some...)
		}
	}
	return names
}

func copyCorpus(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	if err := os.CopyFS(dir, os.DirFS(corpus(t))); err != nil {
		t.Fatal(err)
	}
	mod := filepath.Join(dir, "go.mod")
	write(t, mod, strings.Replace(string(read(t, mod)), "=> ../..", "=> "+root(t), 1))
	return dir
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
