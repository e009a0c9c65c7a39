package analyzer_test

import (
	"go/format"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestGoldensCompile compiles each package of the corpus with its goldens in the place
// of their sources, which nothing else does: they are compared as text. Where fixes are
// offered as alternatives, each is compiled by itself.
func TestGoldensCompile(t *testing.T) {
	left := goldens(t, corpus(t))
	prog, err := loadWorld()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range prog.Packages {
		variants, err := pkg.Variants()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variants {
			for _, alternative := range alternatives(v.Source, left) {
				u := prog.Check(v.Path, withGoldens(v.Source, left, alternative))
				for _, err := range u.Syntax {
					t.Errorf("%s, %q: %v", v.Path, alternative, err)
				}
				for _, err := range u.Errors {
					t.Errorf("%s, %q: %v", v.Path, alternative, err)
				}
			}
		}
		for _, v := range variants {
			for _, f := range v.Source {
				delete(left, f.Name)
			}
		}
	}
	for name := range left {
		t.Errorf("%s.golden is compiled with no package", name)
	}
}

// TestGoldensFormatted wants goldens as gofmt writes them.
func TestGoldensFormatted(t *testing.T) {
	for name, of := range goldens(t, corpus(t)) {
		for alternative, text := range of {
			if formatted, err := format.Source(text); err != nil || string(formatted) != string(text) {
				t.Errorf("%s.golden, %q: not formatted, or: %v", name, alternative, err)
			}
		}
	}
}

// TestGoldensVet has go vet look at the goldens in the place of their sources.
func TestGoldensVet(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles a copy of the corpus for each alternative")
	}
	dir := corpus(t)
	all := goldens(t, dir)
	most := 0
	for _, of := range all {
		most = max(most, len(of))
	}
	for n := range most {
		tmp := t.TempDir()
		if err := os.CopyFS(tmp, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		root, err := filepath.Abs("..")
		if err != nil {
			t.Fatal(err)
		}
		rewrite(t, filepath.Join(tmp, "go.mod"), func(s string) string { return strings.Replace(s, "=> ../..", "=> "+root, 1) })
		packages := []string{"vet"}
		for name, of := range all {
			names := slices.Sorted(maps.Keys(of))
			if n > 0 && len(names) <= n {
				continue // it was looked at before
			}
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			rewrite(t, filepath.Join(tmp, rel), func(string) string { return string(of[names[n]]) })
			if p := "./" + filepath.ToSlash(filepath.Dir(rel)); !slices.Contains(packages, p) {
				packages = append(packages, p)
			}
		}
		cmd := exec.Command("go", packages...)
		cmd.Dir = tmp
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("alternative %d: go vet: %v\n%s", n, err, out)
		}
	}
}

// goldens returns the goldens below a directory, however deep, by the name of their source
// and of the alternative, "" where there is but one.
func goldens(t *testing.T, dir string) map[string]map[string][]byte {
	t.Helper()
	all := make(map[string]map[string][]byte)
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		source, ok := strings.CutSuffix(name, ".golden")
		if err != nil || !ok {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all[source] = map[string][]byte{"": data}
		if ar := txtar.Parse(data); len(ar.Files) > 0 {
			delete(all[source], "")
			for _, f := range ar.Files {
				all[source][f.Name] = f.Data
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 60 {
		t.Fatalf("only %d goldens in the corpus", len(all))
	}
	return all
}

// alternatives returns those that the goldens of some files have, in order; nil where
// they have no goldens.
func alternatives(src []txtar.File, all map[string]map[string][]byte) []string {
	names := make(map[string]bool)
	for _, f := range src {
		for alternative := range all[f.Name] {
			names[alternative] = true
		}
	}
	if len(names) > 1 {
		delete(names, "") // it goes with each of the others
	}
	return slices.Sorted(maps.Keys(names))
}

// withGoldens returns the files with the goldens of one alternative in their place.
func withGoldens(src []txtar.File, all map[string]map[string][]byte, alternative string) []txtar.File {
	src = slices.Clone(src)
	for i, f := range src {
		if text, ok := all[f.Name][alternative]; ok {
			src[i].Data = text
		} else if text, ok := all[f.Name][""]; ok {
			src[i].Data = text
		}
	}
	return src
}

func rewrite(t *testing.T, name string, change func(string) string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(change(string(data))), 0o644); err != nil {
		t.Fatal(err)
	}
}
