package formats

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestTraces validates what -traces adds to JSON and SARIF, with the module and the traces
// of a script.
func TestTraces(t *testing.T) {
	script, err := txtar.ParseFile("../script/traces.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range script.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	schema := lostctx(t, ".", "help", "schema")
	data := lostctx(t, dir, "-json", "-traces", "spans.jsonl", "./...")
	if err := validate(t, schema, data); err != nil {
		t.Error(err)
	}
	for _, field := range []string{`"unexplained"`, `"sentence"`, `"sure"`, `"span"`} {
		if validate(t, schema, bytes.Replace(data, []byte(field), []byte(`"other"`), 1)) == nil {
			t.Errorf("without %s it is valid", field)
		}
	}
	if err := validate(t, sarifSchema(t), lostctx(t, dir, "-format=sarif", "-traces", "spans.jsonl", "./...")); err != nil {
		t.Error(err)
	}
}
