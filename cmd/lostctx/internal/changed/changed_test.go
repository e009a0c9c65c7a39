package changed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestParse reads what git prints, where lines of files look like headings.
func TestParse(t *testing.T) {
	diff := strings.Join([]string{
		`diff --git a/a.go b/a.go`,
		`index 1..2 100644`,
		`--- a/a.go`,
		`+++ b/a.go`,
		`@@ -3 +3,2 @@ func F() {`,
		`--- a/x.go`,
		`+++ b/x.go`,
		`+@@ -1 +1,100 @@`,
		`@@ -9,2 +10,0 @@`,
		`-one`,
		`-two`,
		`diff --git a/gone.go b/gone.go`,
		`deleted file mode 100644`,
		`--- a/gone.go`,
		`+++ /dev/null`,
		`@@ -1 +0,0 @@`,
		`-package gone`,
		`diff --git a/old.go b/sub dir/new.go`,
		`similarity index 90%`,
		`rename from old.go`,
		`rename to sub dir/new.go`,
		`--- a/old.go`,
		"+++ b/sub dir/new.go\t",
		`@@ -7,0 +8 @@`,
		`+` + strings.Repeat("x", 10000),
		`\ No newline at end of file`,
		`diff --git "a/\303\274\t.go" "b/\303\274\t.go"`,
		`--- /dev/null`,
		`+++ "b/\303\274\t.go"`,
		`@@ -0,0 +1,3 @@`,
		`+package p`,
	}, "\n")
	var got []string
	err := parse(strings.NewReader(diff), func(name string, s span) { got = append(got, fmt.Sprintf("%q:%d-%d", name, s.from, s.to)) })
	if err != nil {
		t.Fatal(err)
	}
	want := `"a.go":3-4 "sub dir/new.go":8-8 "ü\t.go":1-3`
	if strings.Join(got, " ") != want {
		t.Errorf("changed lines %s, want %s", strings.Join(got, " "), want)
	}
}

// FuzzParse checks that nothing that git could print is a panic, or a span that
// ends before it starts.
func FuzzParse(f *testing.F) {
	f.Add("+++ b/a.go\n@@ -1 +1,2 @@\n-a\n+b\n+c\n")
	f.Add("+++ \"b/\\303.go\"\n@@ -0,0 +9999999999999999999 @@\n")
	f.Fuzz(func(t *testing.T, diff string) {
		err := parse(strings.NewReader(diff), func(name string, s span) {
			if name == "" || s.to < s.from {
				t.Errorf("%q: %v", name, s)
			}
		})
		if err != nil && !strings.HasPrefix(err.Error(), "cannot read what git diff prints: ") {
			t.Error(err)
		}
	})
}

// A repository is one in a directory of its own, with a user who has configured all
// that could be in the way.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T, dir string) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	config := filepath.Join(t.TempDir(), "config")
	text := "[user]\nname = a\nemail = a@b\n[diff]\nnoprefix = true\nmnemonicPrefix = true\nrelative = true\nrenames = false\ncontext = 9\n[color]\nui = always\n[core]\nquotePath = true\n"
	if err := os.WriteFile(config, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", config)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	t.Setenv("GIT_EXTERNAL_DIFF", "false")
	r := &repository{t, dir}
	r.put("README", "")
	r.git("init", "-q")
	return r
}

func (r *repository) put(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repository) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestSince asks a real repository, by its name and by a link to it.
func TestSince(t *testing.T) {
	dir := t.TempDir()
	r := newRepository(t, filepath.Join(dir, "repo"))
	lines := "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"
	r.put("sub/a.go", lines)
	r.put("ü b.go", lines)
	r.put("old.go", "// old\n"+lines)
	r.put("same.go", lines)
	r.put(".gitignore", "ignored.go\n")
	r.git("add", ".")
	r.git("commit", "-q", "-m", "first")
	r.put("sub/a.go", strings.Replace(lines, "two\n", "two\nand a half\n", 1))
	r.put("ü b.go", strings.Replace(lines, "eight", "8", 1))
	r.git("mv", "old.go", "sub/new.go")
	r.put("sub/new.go", "// new\n"+lines)
	r.put("sub/untracked.go", lines)
	r.put("ignored.go", lines)
	if err := os.Symlink(r.dir, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	l, err := Since(filepath.Join(dir, "link", "sub"), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file     string
		from, to int
		want     bool
	}{
		{"sub/a.go", 3, 3, true}, {"sub/a.go", 2, 2, false}, {"sub/a.go", 4, 9, false}, {"sub/a.go", 1, 5, true},
		{"ü b.go", 8, 8, true}, {"ü b.go", 7, 7, false},
		{"sub/new.go", 1, 1, true}, {"sub/new.go", 2, 9, false},
		{"sub/untracked.go", 5, 5, true}, {"ignored.go", 1, 9, false}, {"same.go", 1, 9, false}, {"nowhere.go", 1, 9, false},
	} {
		for _, base := range []string{"repo", "link"} {
			if got := l.Contains(filepath.Join(dir, base, test.file), test.from, test.to); got != test.want {
				t.Errorf("%s/%s:%d-%d changed: %v, want %v", base, test.file, test.from, test.to, got, test.want)
			}
		}
	}
}

// TestNoRevision asks for revisions that are none, and outside of a repository.
func TestNoRevision(t *testing.T) {
	r := newRepository(t, t.TempDir())
	r.git("add", ".")
	r.git("commit", "-q", "-m", "first")
	for _, rev := range []string{"nope", "--help", "HEAD~1", "", "HEAD:README"} {
		if _, err := Since(r.dir, rev); err == nil || !strings.Contains(err.Error(), "no such revision") {
			t.Errorf("revision %q: %v", rev, err)
		}
	}
	if _, err := Since(t.TempDir(), "HEAD"); err == nil || err.Error() != "this directory is in no git repository" {
		t.Errorf("outside of a repository: %v", err)
	}
}
