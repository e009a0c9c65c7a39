package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestStdIsFresh makes the embedded facts about the standard library again.
func TestStdIsFresh(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "std.json.gz")
	command(t, ".", "sh", "-c", `"$0" "$1" && echo done`, stdgen, fresh)
	want, got := unzip(t, fresh), unzip(t, "../../analyzer/nogo/std.json.gz")
	if got != want {
		t.Errorf("analyzer/nogo/std.json.gz (%d bytes, from %.20s) is stale, it should have %d bytes (from %.20s): run go generate ./analyzer/nogo", len(got), got, len(want), want)
	}
}

func unzip(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
