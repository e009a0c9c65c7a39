package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestReportDependency checks which units are made to report: those of a main
// module that go vet wants facts of.
func TestReportDependency(t *testing.T) {
	for _, test := range []struct {
		name, cfg string
		want      bool // VetxOnly afterwards
	}{
		{"main module", `{"VetxOnly": true, "ModulePath": "example.com/m", "GoFiles": ["p.go"]}`, false},
		{"asked for", `{"VetxOnly": false, "ModulePath": "example.com/m"}`, false},
		{"other module", `{"VetxOnly": true, "ModulePath": "example.com/m", "ModuleVersion": "v1.2.3"}`, true},
		{"standard library", `{"VetxOnly": true, "ModulePath": "std"}`, true},
		{"no module", `{"VetxOnly": true}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "vet.cfg")
			if err := os.WriteFile(file, []byte(test.cfg), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := reportDependency(file)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(got)
			if err != nil {
				t.Fatal(err)
			}
			var cfg struct{ VetxOnly bool }
			if err := json.Unmarshal(data, &cfg); err != nil {
				t.Fatal(err)
			}
			if cfg.VetxOnly != test.want {
				t.Errorf("VetxOnly = %v, want %v", cfg.VetxOnly, test.want)
			}
			if original, _ := os.ReadFile(file); string(original) != test.cfg {
				t.Errorf("the config file was changed to %s", original)
			}
		})
	}
}

// TestBrokenUnit checks that the error of a check that could not do its work is
// passed on as it is: go vet prints it in the place of the diagnostics.
func TestBrokenUnit(t *testing.T) {
	c := newCollector([]string{"example.com/m"})
	err := c.addUnit("example.com/m", map[string]json.RawMessage{"lostgo": json.RawMessage(`{"error": "internal error of lostgo"}`)})
	if err == nil || err.Error() != "internal error of lostgo" {
		t.Errorf("got %v, want the error of the check", err)
	}
}
