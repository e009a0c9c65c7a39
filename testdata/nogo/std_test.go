package main

import (
	"compress/gzip"
	"encoding/json"
	"go/version"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestStdIsFresh makes the embedded facts about the standard library of this Go
// release again.
func TestStdIsFresh(t *testing.T) {
	dir := t.TempDir()
	command(t, ".", "sh", "-c", `"$0" "$1" && echo done`, stdgen, dir)
	name := version.Lang(runtime.Version()) + ".json.gz"
	want, got := readStd(t, filepath.Join(dir, name)), readStd(t, filepath.Join("../../analyzer/internal/stdfacts", name))
	if string(got.Facts) != string(want.Facts) {
		t.Errorf("analyzer/internal/stdfacts/%s (%d bytes, from %s) is stale, it should have %d bytes (from %s): run GOTOOLCHAIN=%[5]s go generate ./analyzer/internal/stdfacts",
			name, len(got.Facts), got.Go, len(want.Facts), want.Go)
	}
}

type stdFacts struct {
	Go    string
	Facts json.RawMessage
}

func readStd(t *testing.T, name string) (facts stdFacts) {
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
	if err := json.NewDecoder(r).Decode(&facts); err != nil {
		t.Fatal(err)
	}
	return facts
}
