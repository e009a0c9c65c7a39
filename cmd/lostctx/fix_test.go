package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// TestApplyChanged checks that a file is left alone that was changed after its
// analysis began: the offsets of the edits may be those of other text.
func TestApplyChanged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(name, []byte("package p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	edits := map[string][]report.Edit{name: {{Start: 8, End: 9, New: "q"}}}
	if _, err := apply(edits, time.Now().Add(-time.Hour)); err == nil || !strings.Contains(err.Error(), "it was changed while it was analyzed") {
		t.Errorf("got %v for a file that has changed", err)
	}
	if changes, err := apply(edits, time.Now()); err != nil || string(changes[0].now) != "package q\n" {
		t.Errorf("got %v, %v for a file that has not", changes, err)
	}
}

// TestApplyLink checks that not a link is replaced, but the file that it names.
func TestApplyLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target.go"), filepath.Join(dir, "link.go")
	if err := os.WriteFile(target, []byte("package p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	changes, err := apply(map[string][]report.Edit{link: {{Start: 8, End: 9, New: "q"}}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := write(changes); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if data, err := os.ReadFile(target); err != nil || string(data) != "package q\n" {
		t.Errorf("the file has %q, %v", data, err)
	}
}
