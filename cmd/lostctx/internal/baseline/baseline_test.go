package baseline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

const code = `package p

func F(ctx context.Context) {
	go save(context.Background())
	go save(context.Background())
}

func G(ctx context.Context) {
	go save(context.Background())
}
`

// A project is a directory with one Go file.
type project struct {
	t   *testing.T
	dir string
}

func newProject(t *testing.T, text string) *project {
	p := &project{t, t.TempDir()}
	p.put("p.go", text)
	return p
}

func (p *project) put(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// findings makes one finding of each line of a file that starts a goroutine.
func (p *project) findings(name string) []*report.Finding {
	p.t.Helper()
	file := filepath.Join(p.dir, name)
	text, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatal(err)
	}
	var all []*report.Finding
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "go ") {
			f := &report.Finding{Check: "lostgo", Package: "example.com/p", Message: "goroutine loses ctx (p.go:" + strings.Repeat("1", i) + ")"}
			f.File, f.Line, f.Column = file, i+1, 2
			all = append(all, f)
		}
	}
	return all
}

func (p *project) update(b *Baseline, scope Scope) string {
	p.t.Helper()
	b.Update(p.findings("p.go"), report.NewSources(), scope)
	data, err := b.Encode()
	if err != nil {
		p.t.Fatal(err)
	}
	p.put("baseline.json", string(data))
	return string(data)
}

func (p *project) load() *Baseline {
	p.t.Helper()
	b, err := Load(filepath.Join(p.dir, "baseline.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

var all = Scope{
	Package: func(string) bool { return true },
	Check:   func(string) bool { return true },
	Tests:   true,
}

// TestEncode shows the file.
func TestEncode(t *testing.T) {
	p := newProject(t, code)
	got := p.update(New(filepath.Join(p.dir, "baseline.json")), all)
	want := `{
	"version": 1,
	"findings": [
		{"file":"p.go","function":"F","package":"example.com/p","check":"lostgo","line":"go save(context.Background())","message":"goroutine loses ctx (p.go)","count":2},
		{"file":"p.go","function":"G","package":"example.com/p","check":"lostgo","line":"go save(context.Background())","message":"goroutine loses ctx (p.go)","count":1}
	]
}
`
	if got != want {
		t.Errorf("the file is\n%swant\n%s", got, want)
	}
	if again := p.update(p.load(), all); again != got {
		t.Errorf("the second time it is\n%s", again)
	}
	empty, err := New("/b.json").Encode()
	if err != nil {
		t.Fatal(err)
	}
	p.put("baseline.json", string(empty))
	if n := p.load().Count(); n != 0 {
		t.Errorf("an empty baseline has %d findings", n)
	}
}

// TestSplit changes the code and looks at what is new and what is gone.
func TestSplit(t *testing.T) {
	for _, test := range []struct {
		name, text  string
		fresh, gone int
	}{
		{"nothing", code, 0, 0},
		{"lines move", strings.Replace(code, "package p\n", "package p\n\n// New.\nvar x int\n", 1), 0, 0},
		{"indentation", strings.ReplaceAll(code, "\tgo ", "\t\t\tgo "), 0, 0},
		{"functions change places", strings.NewReplacer("F(", "G(", "G(", "F(").Replace(code), 1, 1},
		{"one more alike", strings.Replace(code, "{\n", "{\n\tgo save(context.Background())\n", 1), 1, 0},
		{"one less", strings.Replace(code, "\tgo save(context.Background())\n", "", 1), 0, 1},
		{"another line", strings.Replace(code, "go save", "go  load", 1), 1, 1},
		{"another function", strings.Replace(code, "func G", "func H", 1), 1, 1},
		{"all mended", "package p\n", 0, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newProject(t, code)
			p.update(New(filepath.Join(p.dir, "baseline.json")), all)
			p.put("p.go", test.text)
			fresh, gone := p.load().Split(p.findings("p.go"), report.NewSources(), all)
			if len(fresh) != test.fresh || gone != test.gone {
				t.Errorf("%d new and %d gone, want %d and %d", len(fresh), gone, test.fresh, test.gone)
			}
		})
	}
}

// TestMoves checks that a function may move to another file.
func TestMoves(t *testing.T) {
	p := newProject(t, code)
	p.update(New(filepath.Join(p.dir, "baseline.json")), all)
	if err := os.Rename(filepath.Join(p.dir, "p.go"), filepath.Join(p.dir, "q.go")); err != nil {
		t.Fatal(err)
	}
	fresh, gone := p.load().Split(p.findings("q.go"), report.NewSources(), all)
	if len(fresh) != 0 || gone != 0 {
		t.Errorf("%d new and %d gone", len(fresh), gone)
	}
}

// TestScope checks that what a run has not looked at is neither gone nor
// forgotten, unless its directory has no Go files any more.
func TestScope(t *testing.T) {
	none := func(string) bool { return false }
	for _, test := range []struct {
		name  string
		scope Scope
		gone  int
	}{
		{"another package", Scope{Package: none, Check: all.Check}, 0},
		{"another check", Scope{Package: all.Package, Check: none}, 0},
		{"this one", all, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newProject(t, code)
			p.update(New(filepath.Join(p.dir, "baseline.json")), all)
			p.put("p.go", "package p\n")
			if _, gone := p.load().Split(nil, report.NewSources(), test.scope); gone != test.gone {
				t.Errorf("%d are gone, want %d", gone, test.gone)
			}
			p.update(p.load(), test.scope)
			if n := p.load().Count(); n != 3-test.gone {
				t.Errorf("%d are left, want %d", n, 3-test.gone)
			}
			os.Remove(filepath.Join(p.dir, "p.go"))
			if _, gone := p.load().Split(nil, report.NewSources(), Scope{Package: none, Check: all.Check}); gone != 3-test.gone {
				t.Errorf("without the package %d are gone, want %d", gone, 3-test.gone)
			}
		})
	}
}

// TestLoad reads files that are no baselines.
func TestLoad(t *testing.T) {
	p := newProject(t, "package p\n")
	for _, test := range []struct{ text, want string }{
		{"", "not a lostctx baseline: "},
		{"[]", "not a lostctx baseline: "},
		{"{}", "not a lostctx baseline: it has no version"},
		{`{"version": 0}`, "it has version 0, which only an older lostctx reads"},
		{`{"version": 2}`, "it has version 2, which only a newer lostctx reads"},
		{`{"version": 1, "findings": [{}]}`, "not a lostctx baseline: finding 1 has no check, package or count"},
	} {
		p.put("baseline.json", test.text)
		if _, err := Load(filepath.Join(p.dir, "baseline.json")); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
	}
	if _, err := Load(filepath.Join(p.dir, "none.json")); err == nil || err.Error() != "there is no such file" {
		t.Errorf("no file: %v", err)
	}
}

// TestWithoutLines takes numbers out of messages, and nothing else.
func TestWithoutLines(t *testing.T) {
	for message, want := range map[string]string{
		"creates its own context.Background() (sql.go:1685); x": "creates its own context.Background() (sql.go); x",
		"at dir/b.y:3:14":                       "at dir/b.y",
		"ctx is used under it (line 7): v2:8 9": "ctx is used under it (line): v2:8 9",
		"deadline 5, a[1:2]":                    "deadline 5, a[1:2]",
	} {
		if got := withoutLines(message); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
	}
}
