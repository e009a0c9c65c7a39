package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// TestDriversAgree applies the fixes to the corpus by go vet, go fix and lostctx,
// and compares the files. lostctx applies fixes until there are none left: that
// it gives no others shows that one run is enough.
func TestDriversAgree(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	corpus := filepath.Join(root, "testdata", "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("testdata/corpus is missing: run this test in a clone of the repository")
	}
	lostctx := filepath.Join(bin, "lostctx")
	var want map[string]string
	for _, args := range [][]string{
		{lostctx, "-fix", "./..."},
		{"go", "fix", "-fixtool=" + lostctx, "./..."},
		{"go", "vet", "-vettool=" + lostctx, "-fix", "./..."},
	} {
		dir := copyModule(t, corpus, root)
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
		out, _ := cmd.CombinedOutput() // findings that are left fail some of them
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
