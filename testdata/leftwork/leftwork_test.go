package leftwork

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFixes runs the program as it is and after the fixes of every mode. They give the
// work that is left behind the values of its request, and never its end; what they have
// made is left alone by a second run.
func TestFixes(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "lostctx")
	command(t, "../..", "go", "build", "-o", tool, "./cmd/lostctx")
	before := command(t, ".", "go", "run", "./run")
	if n := strings.Count(before, "<nil>"); n != len(handlers) {
		t.Fatalf("%d of %d handlers keep nothing as they are:\n%s", n, len(handlers), before)
	}
	for _, mode := range []string{
		"-fix.cancel=auto", "-fix.cancel=keep", "-fix.cancel=inherit",
		"-fix.style=plain", "-fix.style=plain -fix.cancel=inherit", "-fix.wrapper=example.com/leftwork/safego.Go",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dir := copyOf(t)
			flags := strings.Fields(mode)
			cmd := exec.Command(tool, append(append([]string{"-C", dir}, flags...), "-fix", "./...")...)
			if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 1 {
				t.Fatalf("%v: %v\n%s", cmd, err, out)
			}
			command(t, dir, "go", "vet", "./...")
			after := command(t, dir, "go", "run", "./run") // exits with 1 if anything is cut off
			// Three functions are kept where nobody follows them, one is sent; four
			// handlers have no value to show.
			if n := strings.Count(after, "<nil>"); n > 8 {
				t.Errorf("%d handlers keep nothing after the fixes:\n%s", n, after)
			}
			cmd = exec.Command(tool, append(append([]string{"-C", dir}, flags...), "-diff", "./...")...)
			if out, _ := cmd.Output(); len(out) > 0 {
				t.Errorf("a second run fixes more:\n%s", out)
			}
		})
	}
}

// command runs a command in a folder and returns what it prints.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// copyOf copies the module.
func copyOf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "go.mod")
	mod, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(mod), "=> ../..", "=> "+root, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
