package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPrepareUnit checks which units are made to report: those of a main module that go vet
// wants facts of; and which are looked at for their facts alone.
func TestPrepareUnit(t *testing.T) {
	for _, test := range []struct {
		name, cfg string
		marked    bool
		want      bool // VetxOnly afterwards
		depend    bool
	}{
		{"main module", `{"VetxOnly": true, "ModulePath": "example.com/m", "GoFiles": ["p.go"]}`, true, false, false},
		{"main module without a mark", `{"VetxOnly": true, "ModulePath": "example.com/m"}`, false, true, false},
		{"asked for", `{"VetxOnly": false, "ModulePath": "example.com/m"}`, true, false, false},
		{"other module", `{"VetxOnly": true, "ModulePath": "example.com/m", "ModuleVersion": "v1.2.3"}`, true, true, true},
		{"other module without a mark", `{"VetxOnly": true, "ModulePath": "example.com/m", "ModuleVersion": "v1.2.3"}`, false, true, true},
		{"other module that is asked for", `{"VetxOnly": false, "ModulePath": "example.com/m", "ModuleVersion": "v1.2.3"}`, true, false, false},
		{"standard library", `{"VetxOnly": true, "ModulePath": "std"}`, true, true, true},
		{"no module", `{"VetxOnly": true}`, true, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "vet.cfg")
			if err := os.WriteFile(file, []byte(test.cfg), 0o600); err != nil {
				t.Fatal(err)
			}
			got, depend, err := prepareUnit(file, test.marked)
			if err != nil {
				t.Fatal(err)
			}
			if depend != test.depend {
				t.Errorf("depend = %v, want %v", depend, test.depend)
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
// told, and that the findings of other checks and packages are kept.
func TestBrokenUnit(t *testing.T) {
	c := newCollector([]string{"example.com/m", "example.com/m/a", "example.com/m/b"})
	err := c.add(strings.NewReader(`
{"example.com/m": {"lostctxunit": [{"posn": "m.go:1:1", "message": "example.com/m"}], "lostgo": {"error": "internal error of lostgo in package example.com/m"},
	"lostroot": [{"posn": "m.go:7:2", "message": "context.Background() loses ctx"}]}}
{"example.com/m/a": {"lostctxunit": [{"posn": "a.go:1:1", "message": "example.com/m/a"}], "lostgo": {"error": "internal error in package example.com/m/a"}}}
{"example.com/m/b": {"lostctxunit": [{"posn": "b.go:1:1", "message": "example.com/m/b"}], "lostgo": [{"posn": "b.go:3:2", "message": "goroutine loses ctx"}]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range c.findings() {
		got = append(got, f.Check+" "+f.File)
	}
	if want := []string{"lostgo b.go", "lostroot m.go"}; !slices.Equal(got, want) {
		t.Errorf("the findings are %q, want %q", got, want)
	}
	for _, p := range []string{"example.com/m", "example.com/m/a", "example.com/m/b"} {
		if !c.marked[p] {
			t.Errorf("no result for %s", p)
		}
	}
	want := "internal error of lostgo in package example.com/m (2 of 3 packages are not analyzed)"
	if err := c.internalError(3); err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// TestUnitTwice checks that a package which is analyzed with its tests, and without
// them for those who import it, has the findings of the unit with tests, whichever is
// done first: go vet calls both by the same id.
func TestUnitTwice(t *testing.T) {
	plain := `{"example.com/m": {"lostctxunit": [{"posn": "m.go:1:1", "message": "example.com/m"}], "lostgo": [{"posn": "m.go:7:2", "message": "goroutine loses ctx"}, {"posn": "m.go:9:2", "message": "only without tests"}]}}`
	tests := `{"example.com/m": {"lostctxunit": [{"posn": "m.go:1:1", "message": "example.com/m [tests]"}], "lostgo": [{"posn": "m.go:7:2", "message": "goroutine loses ctx"}, {"posn": "m_test.go:7:2", "message": "goroutine loses ctx"}]}}`
	for _, output := range []string{plain + tests, tests + plain} {
		c := newCollector([]string{"example.com/m"})
		if err := c.add(strings.NewReader(output)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range c.findings() {
			got = append(got, f.File+" "+f.Message)
		}
		if want := []string{"m.go goroutine loses ctx", "m_test.go goroutine loses ctx"}; !slices.Equal(got, want) {
			t.Errorf("the findings are %q, want %q", got, want)
		}
	}
}
