package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// load reads a file of that text.
func load(t *testing.T, text string) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), Name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return Load(path, Name)
}

func TestLoad(t *testing.T) {
	f, err := load(t, `# comment
checks: [all, -lostspan]
strict: true
tests: false
tags: [integration, e2e]
wrapper: example.com/safego.Go
carriers:
  - example.com/web.(*Request).Ctx
  - "example.com/web.ContextOf"
fresh: []
exclude: [third_party/**]
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range f.Settings {
		got = append(got, s.Key+"="+s.Value())
	}
	want := "checks=all,-lostspan strict=true tests=false tags=integration,e2e wrapper=example.com/safego.Go " +
		"carriers=example.com/web.(*Request).Ctx,example.com/web.ContextOf fresh="
	if strings.Join(got, " ") != want || len(f.Exclude) != 1 {
		t.Errorf("settings %v and %d patterns, want\n%s and one", got, len(f.Exclude), want)
	}
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "{}\n", "exclude: []\n"} {
		if f, err := load(t, text); err != nil || len(f.Exclude) > 0 || f.Excludes("/x.go") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestBad wants an error that names the line and says what to do.
func TestBad(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"\n\ncheks: [lostgo]", `:3: unknown key "cheks": the keys are checks, strict, tests, tags, exclude, wrapper, carriers, fresh`},
		{"strict: true\ntests: true\nstrict: false", ":3: strict is there twice: it is in line 1 already"},
		{"checks: lostgo", `:1: checks is "lostgo", want a list, such as [a, b]`},
		{"checks:", ":1: checks is nothing, want a list"},
		{"checks:\n  lostgo: true", ":2: checks is a mapping, want a list"},
		{"exclude:\n  - a\n  - 3", `:3: exclude has "3" among its values, want words`},
		{"exclude:\n  - a\n  -", ":3: exclude has nothing among its values, want words"},
		{"exclude:\n  - [a]", ":2: exclude has a list among its values"},
		{"strict: yes please", `:1: strict is "yes please", want true or false`},
		{"strict: [true]", ":1: strict is a list, want true or false"},
		{"wrapper: [a.B]", ":1: wrapper is a list, want one name"},
		{"wrapper: true", ":1: wrapper is true, want one name"},
		{"checks: &a [lostgo]\nfresh: *a", ":2: fresh is an alias, want a list"},
		{"- lostgo", ":1: this is a list, want keys with values, such as checks: [lostgo]"},
		{"lostgo", `:1: this is "lostgo", want keys with values`},
		{"checks: [lostgo\nstrict: true", ":1: invalid YAML: did not find expected ',' or ']' (lostctx help config has an example)"},
		{"strict: true\n\tchecks: [lostgo]", ":2: invalid YAML: "},
		{"strict: true\n---\ntests: true", ":2: a second document begins here: write one without ---"},
		{"exclude:\n  - a\n  - /abs", ":3: exclude: /abs begins with a slash: write it relative to the directory of this file"},
		{"exclude: [a/../b]", `:1: exclude: a/../b has a part "..", which no file has: leave it out`},
		{"exclude: [..]", `:1: exclude: .. has a part "..", which no file has`},
		{"exclude: [a//b]", `:1: exclude: a//b has a part "", which no file has`},
		{"exclude: ['a/b**.go']", ":1: exclude: a/b**.go has ** beside other letters"},
		{"exclude: ['a[.go']", ":1: exclude: a[.go is no pattern"},
	} {
		_, err := load(t, test.text)
		if err == nil || !strings.HasPrefix(err.Error(), Name+test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error\n%v, want one that begins\n%s", test.text, err, Name+test.want)
		}
	}
}

func TestExcludes(t *testing.T) {
	for _, test := range []struct {
		pattern string
		yes, no []string
	}{
		{"legacy", []string{"legacy/a.go", "legacy/b/c.go"}, []string{"a.go", "x/legacy/a.go", "legacy2/a.go"}},
		{"./legacy/", []string{"legacy/a.go"}, []string{"a.go"}},
		{"legacy/**", []string{"legacy/a.go", "legacy/b/c.go"}, []string{"a.go", "x/legacy/a.go"}},
		{"legacy/*", []string{"legacy/a.go", "legacy/b/c.go"}, []string{"a.go"}},
		{"**/*.pb.go", []string{"a.pb.go", "x/y/a.pb.go"}, []string{"a.go", "pb.go/a.go"}},
		{"**/mocks/**", []string{"mocks/a.go", "x/mocks/y/a.go"}, []string{"x/mock/a.go"}},
		{"a/**/b.go", []string{"a/b.go", "a/x/y/b.go"}, []string{"b.go", "a/x/c.go"}},
		{"*.go", []string{"a.go"}, []string{"x/a.go"}},
		{"cmd/*/main.go", []string{"cmd/x/main.go"}, []string{"cmd/main.go", "cmd/x/y/main.go"}},
		{"**", []string{"a.go", "x/a.go"}, nil},
		{"../legacy", []string{"../legacy/a.go"}, []string{"legacy/a.go", "a.go"}},
		{"../*/*.go", []string{"../x/a.go", "a.go"}, []string{"x/a.go"}},
	} {
		f, err := load(t, "exclude: ['"+test.pattern+"']")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range test.yes {
			if !f.Excludes(filepath.Join(f.dir, name)) {
				t.Errorf("%s does not exclude %s", test.pattern, name)
			}
		}
		for _, name := range append(test.no, "../a.go", "../../legacy/a.go") {
			if f.Excludes(filepath.Join(f.dir, name)) {
				t.Errorf("%s excludes %s", test.pattern, name)
			}
		}
	}
}
