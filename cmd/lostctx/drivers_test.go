package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// TestDriversAgree applies the fixes to the corpus by go vet, go fix and lostctx,
// and compares the files. lostctx applies fixes until there are none left: that
// it gives no others shows that one run is enough, but for the packages twice.
func TestDriversAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("it fixes the corpus three times")
	}
	root, corpus := clone(t)
	lostctx := filepath.Join(bin, "lostctx")
	var want map[string]string
	for _, args := range [][]string{
		{lostctx, "-fix"},
		{"go", "fix", "-fixtool=" + lostctx},
		{"go", "vet", "-vettool=" + lostctx, "-fix"},
	} {
		dir := copyModule(t, corpus, root)
		cmd := exec.Command(args[0], slices.Concat(args[1:], parts(t, corpus))...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
		out, _ := cmd.CombinedOutput() // findings that are left fail some of them
		if want != nil {
			again := exec.Command(args[0], slices.Concat(args[1:], []string{"./lostgo/twice", "./lostspan/twice"})...)
			again.Dir, again.Env = dir, cmd.Env
			out, _ := again.CombinedOutput()
			t.Logf("%s again: %s", args[1], out)
		}
		got := goFiles(t, dir)
		if want == nil {
			want = got
			if len(changedFrom(t, corpus, got)) < 20 {
				t.Fatalf("lostctx -fix has changed next to nothing:\n%s", out)
			}
			continue
		}
		for name, text := range want {
			if got[name] != text {
				t.Errorf("%s gives another %s than lostctx -fix:\n%s", strings.Join(args[:2], " "), name,
					diff.Diff("lostctx", []byte(text), args[1], []byte(got[name])))
			}
		}
	}
}

// TestVetAgrees compares the findings of lostctx with those of go vet, over the
// corpus, the sample and a module that nobody here has written. Strict rules are on,
// as that loses next to nothing.
func TestVetAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("it analyzes x/tools and the sample")
	}
	root, corpus := clone(t)
	for _, m := range []struct {
		dir      string
		packages []string
		atLeast  int
	}{
		{corpus, parts(t, corpus), 300},
		{filepath.Join(root, "testdata", "apps", "shop"), []string{"./..."}, 12},
		// Where there are findings: all of it would take a minute.
		{moduleDir(t, "golang.org/x/tools"), []string{"./internal/event/...", "./internal/gocommand", "./internal/imports", "./internal/jsonrpc2/...", "./internal/jsonrpc2_v2"}, 15},
	} {
		args := append([]string{"-lostgo.strict", "-lostcall.logs"}, m.packages...)
		got := ofLostctx(t, m.dir, args...)
		want := ofVet(t, m.dir, args...)
		for f := range got {
			if !want[f] {
				t.Errorf("%s: lostctx alone has %s", m.dir, f)
			}
		}
		for f := range want {
			if !got[f] {
				t.Errorf("%s: go vet alone has %s", m.dir, f)
			}
		}
		if len(want) < m.atLeast {
			t.Errorf("%s: %d findings, want %d or more", m.dir, len(want), m.atLeast)
		}
	}
}

// parts returns patterns for all packages of the corpus, none of which names the whole module:
// what lostctx joins of all packages, the others do not know.
func parts(t *testing.T, corpus string) (patterns []string) {
	t.Helper()
	entries, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			patterns = append(patterns, "./"+e.Name()+"/...")
		}
	}
	return patterns
}

// clone returns the directories of the repository and of its corpus.
func clone(t *testing.T) (root, corpus string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	corpus = filepath.Join(root, "testdata", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("testdata/corpus is missing: run this test in a clone of the repository")
	}
	return root, corpus
}

// moduleDir returns the directory of a module that this one requires.
func moduleDir(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// ofLostctx returns the findings of lostctx, each as "file:line:col: message".
func ofLostctx(t *testing.T, dir string, args ...string) map[string]bool {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "lostctx"), append([]string{"-json"}, args...)...)
	cmd.Dir = dir
	out, _ := cmd.Output() // findings are exit code 1
	var found []struct {
		File, Message string
		Line, Column  int
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("lostctx -json in %s: %v\n%s", dir, err, out)
	}
	got := make(map[string]bool)
	for _, f := range found {
		if !filepath.IsAbs(f.File) {
			f.File = filepath.Join(dir, f.File)
		}
		got[fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)] = true
	}
	return got
}

// ofVet returns the findings of go vet in the same form.
func ofVet(t *testing.T, dir string, args ...string) map[string]bool {
	t.Helper()
	cmd := exec.Command("go", append([]string{"vet", "-json", "-vettool=" + filepath.Join(bin, "lostctx")}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go vet in %s: %v\n%s", dir, err, out)
	}
	var text strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "#") {
			text.WriteString(line)
		}
	}
	got := make(map[string]bool)
	for dec := json.NewDecoder(strings.NewReader(text.String())); ; {
		var units map[string]map[string][]struct{ Posn, Message string }
		if err := dec.Decode(&units); errors.Is(err, io.EOF) {
			return got
		} else if err != nil {
			t.Fatalf("go vet -json in %s: %v\n%s", dir, err, out)
		}
		for _, checks := range units {
			for _, found := range checks {
				for _, f := range found {
					got[f.Posn+": "+f.Message] = true
				}
			}
		}
	}
}

// copyModule copies a nested module of the repository.
func copyModule(t *testing.T, dir, root string) string {
	t.Helper()
	tmp := t.TempDir()
	if err := os.CopyFS(tmp, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(tmp, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "=> ../..", "=> "+root, 1)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return tmp
}

func goFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		data, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, dir)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// changedFrom returns the files that are not as in dir.
func changedFrom(t *testing.T, dir string, files map[string]string) (changed []string) {
	t.Helper()
	for name, text := range goFiles(t, dir) {
		if files[name] != text {
			changed = append(changed, name)
		}
	}
	return changed
}
