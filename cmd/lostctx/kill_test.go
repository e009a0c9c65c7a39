package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestKilled kills runs of -fix while they write, and looks at each file: it is
// the old one or the new one.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes 400 files again and again")
	}
	const files = 400
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/killed\n\ngo 1.26.0\n")
	write("store.go", "package killed\n\nimport \"context\"\n\ntype Store interface{ Save(context.Context, int) }\n")
	source := func(i int, root string) string {
		return fmt.Sprintf("package killed\n\nimport \"context\"\n\nfunc save%d(ctx context.Context, s Store) { s.Save(%s, %d) }\n", i, root, i)
	}
	name := func(i int) string { return fmt.Sprintf("save%d.go", i) }
	// As many runs as it takes to kill three in the middle of their renames; the
	// first are killed before.
	mixed := 0
	for run := 0; mixed < 3 && run < 20; run++ {
		for i := range files {
			write(name(i), source(i, "context.Background()"))
		}
		killWhenWriting(t, dir, files, run*10)
		old, now := 0, 0
		for i := range files {
			data, err := os.ReadFile(filepath.Join(dir, name(i)))
			switch {
			case err != nil:
				t.Fatal(err)
			case string(data) == source(i, "context.Background()"):
				old++
			case string(data) == source(i, "context.WithoutCancel(ctx)"):
				now++
			default:
				t.Fatalf("%s is neither the old nor the new file:\n%s", name(i), data)
			}
		}
		t.Logf("killed with %d old and %d new files", old, now)
		if old > 0 && now > 0 {
			mixed++
		}
	}
	if mixed == 0 {
		t.Error("no run was killed in the middle of its renames")
	}
}

// killWhenWriting runs -fix and kills it when it has renamed so many of its new
// files; with 0, when the first of them is there.
func killWhenWriting(t *testing.T, dir string, files, renamed int) {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "lostctx"), "-fix", ".")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is killed, or there is nothing to fix by hand
	}()
	most := 0
	for {
		select {
		case <-ended:
			return // it was faster
		default:
		}
		temps, _ := filepath.Glob(filepath.Join(dir, ".lostctx-*"))
		most = max(most, len(temps))
		if renamed == 0 && most > 0 || most > files/2 && len(temps) < most && most-len(temps) >= renamed {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Log(err) // it has ended just now
	}
	<-ended
	temps, _ := filepath.Glob(filepath.Join(dir, ".lostctx-*"))
	for _, name := range temps {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}
