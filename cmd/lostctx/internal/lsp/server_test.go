package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const lost = "package p\n\nfunc f() {\n\tLOST\n}\n"

// module makes a module of files, and returns its directory.
func testModule(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module example.com/m\n")
	for name, text := range files {
		put(t, filepath.Join(dir, name), text)
	}
	return dir
}

// session runs a test in a bubble with a client of a module.
func session(t *testing.T, files map[string]string, capabilities string, test func(t *testing.T, c *testClient, dir string)) {
	t.Helper()
	dir := testModule(t, files)
	synctest.Test(t, func(t *testing.T) { test(t, start(t, dir, capabilities), dir) })
}

func wantLines(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s: diagnostics on lines %v, want %v", what, got, want)
	}
}

// TestSession opens, edits and saves a file.
func TestSession(t *testing.T) {
	session(t, map[string]string{"a/a.go": lost, "b/b.go": strings.Replace(lost, "\n\n", "\n// imports B\n", 1)}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a, b := filepath.Join(dir, "a/a.go"), filepath.Join(dir, "b/b.go")
		put(t, b, "package b\n// imports "+filepath.Dir(a)+"\n// LOST\n")
		c.open(a, 7)
		c.quiet()
		wantLines(t, "the open file", c.lines(a), 3)
		wantLines(t, "another one of the module", c.lines(b), 2)
		if p := c.published(a); p.Version == nil || *p.Version != 7 || len(p.Diagnostics[0].Related) != 1 || p.Diagnostics[0].CodeDescription == nil {
			t.Errorf("published %s", marshal(p))
		}
		if p := c.published(b); p.Version != nil {
			t.Errorf("a file that is not open has a version: %s", marshal(p))
		}
		c.engine.jobs = nil
		c.save(a, 8, "package p\n\n// LOST\n// LOST\n")
		c.quiet()
		wantLines(t, "the saved file", c.lines(a), 2, 3)
		var patterns [][]string
		for _, j := range c.engine.jobs {
			patterns = append(patterns, j.Patterns)
		}
		if want := [][]string{{filepath.Dir(a)}, {"example.com" + filepath.Dir(b)}}; !reflect.DeepEqual(patterns, want) {
			t.Errorf("a save looks at %v, want %v: the package, then what depends on it", patterns, want)
		}
		c.tell("workspace/didChangeWatchedFiles", `{"changes": [{"uri": "`+fileURI(a)+`", "type": 2}]}`)
		c.quiet()
		if n := len(c.engine.jobs); n != 2 {
			t.Errorf("that a saved file has changed is looked at again: %d runs", n)
		}
		if err := os.Remove(b); err != nil {
			t.Fatal(err)
		}
		c.tell("workspace/didChangeWatchedFiles", `{"changes": [{"uri": "`+fileURI(b)+`", "type": 3}]}`)
		c.quiet()
		wantLines(t, "a file that is gone", c.lines(b))
		c.exit()
	})
}

// TestUnsaved looks at what is typed, when it can be parsed.
func TestUnsaved(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		put(t, filepath.Join(dir, "b/b.go"), "package b\n// imports "+dir+"\n")
		c.open(a, 1)
		c.quiet()
		jobs := len(c.engine.jobs)
		c.change(a, 2, "package p\n\n\n"+lost[len("package p\n"):])
		c.quiet()
		if n := len(c.engine.jobs) - jobs; n != 1 {
			t.Errorf("it looks at what depends on what is typed: %d runs", n)
		}
		wantLines(t, "typed", c.lines(a), 5)
		c.change(a, 3, "package p\n\n\n\n}{\n"+lost[len("package p\n"):])
		c.quiet()
		wantLines(t, "what does not parse moves with its lines", c.lines(a), 7)
		c.tell("textDocument/didChange", `{"textDocument": {"uri": "`+fileURI(a)+`", "version": 4}, "contentChanges": [
			{"range": {"start": {"line": 4, "character": 0}, "end": {"line": 5, "character": 0}}, "text": ""},
			{"range": {"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 9}}, "text": " // LOST"}]}`)
		c.quiet()
		wantLines(t, "two changes", c.lines(a), 0, 6)
		c.tell("textDocument/didClose", `{"textDocument": {"uri": "`+fileURI(a)+`"}}`)
		c.quiet()
		wantLines(t, "what was not saved is gone", c.lines(a), 3)
		c.exit()
	})
}

// TestOvertaken cancels a run that a newer save overtakes.
func TestOvertaken(t *testing.T) {
	session(t, map[string]string{"a.go": lost, "b/b.go": "package b // LOST\n"}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.engine.block = func(ctx context.Context, _ Job) {
			select {
			case <-ctx.Done():
			case <-time.After(5 * time.Second):
			}
		}
		c.open(a, 1)
		time.Sleep(time.Second)
		c.save(a, 2, "package p // LOST\n")
		time.Sleep(time.Second)
		c.save(a, 3, "package p\n// LOST\n")
		c.quiet()
		c.quiet()
		wantLines(t, "the last save", c.lines(a), 1)
		wantLines(t, "what was to be looked at besides", c.lines(filepath.Join(dir, "b/b.go")), 0)
		if c.engine.ended != 2 {
			t.Errorf("%d runs were canceled, want 2", c.engine.ended)
		}
		if n := len(c.said("$/progress")); n == 0 {
			t.Error("nothing tells how far the runs are")
		}
		c.exit()
	})
}

// TestEditsDuringRuns types and saves at random while runs go on, and wants what is right at
// last.
func TestEditsDuringRuns(t *testing.T) {
	for seed := range uint64(30) {
		session(t, map[string]string{"a/a.go": lost, "b/b.go": lost, "c/c.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			c.engine.block = func(ctx context.Context, job Job) {
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(len(job.Patterns)) * 300 * time.Millisecond):
				}
			}
			names := []string{"a/a.go", "b/b.go", "c/c.go"}
			for _, name := range names {
				c.open(filepath.Join(dir, name), 1)
			}
			text := func() string {
				return "package p\n" + []string{"", "// BROKEN\n", "}{\n", "\n"}[rnd.IntN(4)] + strings.Repeat("// LOST\n\n", rnd.IntN(4))
			}
			for v := range 40 {
				name := filepath.Join(dir, names[rnd.IntN(3)])
				if rnd.IntN(2) == 0 {
					c.change(name, v+2, text())
				} else {
					c.save(name, v+2, text())
				}
				time.Sleep(time.Duration(rnd.IntN(900)) * time.Millisecond)
			}
			for i, name := range names {
				c.save(filepath.Join(dir, name), 50, strings.Repeat("\n", i)+"package p\n// LOST\n")
			}
			c.quiet()
			for i, name := range names {
				wantLines(t, fmt.Sprintf("seed %d: %s", seed, name), c.lines(filepath.Join(dir, name)), i+1)
			}
			c.exit()
		})
	}
}

// TestBroken keeps what was found before a package did not compile, and says so.
func TestBroken(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		c.save(a, 2, "// BROKEN\n"+lost)
		c.quiet()
		d := c.published(a).Diagnostics
		if len(d) != 1 || d[0].Range.Start.Line != 4 || d[0].Severity != severityInformation || !strings.Contains(d[0].Message, "out of date") {
			t.Errorf("a package that does not compile has %s", marshal(d))
		}
		c.save(a, 3, lost)
		c.quiet()
		if d := c.published(a).Diagnostics; len(d) != 1 || d[0].Severity != severityWarning {
			t.Errorf("it compiles again and has %s", marshal(d))
		}
		c.exit()
	})
}

// TestFaults sends what no client should.
func TestFaults(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, "", func(t *testing.T, c *testClient, dir string) {
		if m := c.ask("textDocument/hover", `{}`); m.Error == nil || m.Error.Code != codeNotInitialized {
			t.Errorf("before initialize: %s", marshal(m))
		}
		c.tell("textDocument/didOpen", `{}`)
		c.raw("{{{")
		c.raw("[]")
		c.raw("{}")
		c.ask("initialize", `{"processId": null, "rootUri": null, "workspaceFolders": [{"uri": "`+fileURI(dir)+`", "name": "m"}], "capabilities": {}}`)
		if m := c.ask("initialize", `{}`); m.Error == nil {
			t.Error("it is initialized twice")
		}
		if m := c.ask("textDocument/fold", `{}`); m.Error == nil || m.Error.Code != codeNoMethod {
			t.Errorf("an unknown method: %s", marshal(m))
		}
		if m := c.ask("textDocument/hover", `{"position": "here"}`); m.Error == nil || m.Error.Code != codeInvalidParams {
			t.Errorf("wrong parameters: %s", marshal(m))
		}
		for _, params := range []string{`{}`, `{"textDocument": {"uri": "file:///none.go"}}`} {
			for _, method := range []string{"didOpen", "didChange", "didSave", "didClose"} {
				c.tell("textDocument/"+method, params)
			}
			c.tell("$/unknown", params)
			c.tell("$/cancelRequest", `{"id": 77}`)
			if m := c.ask("textDocument/codeAction", params); string(m.Result) != "[]" {
				t.Errorf("actions for %s: %s", params, marshal(m))
			}
			if m := c.ask("textDocument/hover", params); m.Error != nil || string(m.Result) != "null" {
				t.Errorf("hover for %s: %s", params, marshal(m))
			}
		}
		if m := c.ask("codeAction/resolve", `{"title": "Fix"}`); m.Error == nil {
			t.Error("a strange action is resolved")
		}
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.tell("textDocument/didChange", `{"textDocument": {"uri": "`+fileURI(a)+`", "version": 2}, "contentChanges": [{"range": {"start": {"line": 3, "character": 0}, "end": {"line": 1, "character": 0}}, "text": "x"}]}`)
		c.quiet()
		wantLines(t, "after all that", c.lines(a), 3)
		if d := c.published(a).Diagnostics[0]; d.Related != nil || !strings.Contains(d.Message, "a.go:1: f is called") {
			t.Errorf("a client that knows no related places gets %s", marshal(d))
		}
		c.ask("shutdown", `null`)
		if m := c.ask("textDocument/hover", `{}`); m.Error == nil || m.Error.Code != codeInvalidRequest {
			t.Errorf("after shutdown: %s", marshal(m))
		}
		c.exit()
	})
}

// TestGone ends a server whose client dies, says half of something, or does not say
// shutdown. Runs and requests end too.
func TestGone(t *testing.T) {
	for name, last := range map[string]string{
		"dies": "", "in a header": "Content-Len", "in a message": "Content-Length: 99\r\n\r\n{\"json",
		"no length": "Hello\r\n\r\n", "a wrong length": "Content-Length: much\r\n\r\n", "exit": "Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}",
	} {
		t.Run(name, func(t *testing.T) {
			session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
				c.engine.block = func(ctx context.Context, _ Job) { <-ctx.Done() }
				c.open(filepath.Join(dir, "a.go"), 1)
				time.Sleep(time.Second)
				_, _ = io.WriteString(c.in, last)
				_ = c.in.Close()
				if err := <-c.ended; err == nil {
					t.Error("nothing is wrong with that")
				}
				if c.engine.ended != 1 {
					t.Error("the run goes on")
				}
			})
		})
	}
}

// TestThousandFiles opens them all at once, and does not read for a while.
func TestThousandFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	files := make(map[string]string)
	for i := range 1000 {
		files[fmt.Sprintf("p%d/a.go", i)] = lost
	}
	session(t, files, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		for name := range files {
			c.open(filepath.Join(dir, name), 1)
		}
		c.quiet()
		lines := make(map[string]int)
		for _, params := range c.said("textDocument/publishDiagnostics") {
			var p publishParams
			if err := json.Unmarshal(params, &p); err != nil || len(p.Diagnostics) != 1 {
				t.Errorf("published %s (%v)", params, err)
			}
			lines[fileOf(p.URI)] = p.Diagnostics[0].Range.Start.Line
		}
		for name := range files {
			if got := lines[filepath.Join(dir, name)]; got != 3 {
				t.Errorf("%s has a diagnostic on line %d", name, got)
			}
		}
		if n := len(c.engine.jobs); n > 4 {
			t.Errorf("it takes %d runs", n)
		}
		c.exit()
	})
}

// TestSettings takes the editor's settings over, and refuses those that mean nothing.
func TestSettings(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		c.open(filepath.Join(dir, "a.go"), 1)
		c.quiet()
		c.tell("workspace/didChangeConfiguration", `{"settings": {"lostctx": {"checks": ["all", "-lostspan"], "strict": true, "flags": ["-lostcall.logs"], "unsaved": false}}}`)
		c.quiet()
		last := c.engine.jobs[len(c.engine.jobs)-1]
		if want := []string{"-checks=all,-lostspan", "-lostcall.logs", "-lostgo.strict=true"}; !reflect.DeepEqual(last.Flags, want) || last.Patterns[0] != "./..." {
			t.Errorf("the flags are %v of %v, want %v", last.Flags, last.Patterns, want)
		}
		for _, bad := range []string{`"all"`, `{"check": 1}`, `{"strict": 3}`, `{"unsaved": "yes"}`, `{"flags": "-x"}`} {
			c.tell("workspace/didChangeConfiguration", `{"settings": {"lostctx": `+bad+`}}`)
		}
		c.quiet()
		said := c.said("window/showMessage")
		if len(said) != 5 {
			t.Errorf("of five bad settings it says %s", marshal(said))
		}
		for _, m := range said {
			if !strings.Contains(string(m), "setting") {
				t.Errorf("it says %s", m)
			}
		}
		c.exit()
	})
}

// TestTrouble shows once why nothing can be looked at.
func TestTrouble(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		a := filepath.Join(dir, "a.go")
		c.open(a, 1)
		c.quiet()
		c.server.engine = troubled{c.engine}
		for v := range 3 {
			c.save(a, v+2, lost+strings.Repeat("\n", v+1))
			c.quiet()
		}
		if said := c.said("window/showMessage"); len(said) != 1 || !strings.Contains(string(said[0]), "lostctx: go.mod is broken") {
			t.Errorf("it says %s", marshal(said))
		}
		if d := c.published(a).Diagnostics; len(d) != 1 || !strings.Contains(d[0].Message, "go.mod is broken") {
			t.Errorf("what was found before became %s", marshal(d))
		}
		c.exit()
	})
}

type troubled struct{ Engine }

func (troubled) Analyze(context.Context, Job) (*Result, error) {
	return nil, errors.New("go.mod is broken")
}

// TestForeign leaves alone what is not the user's, though an editor opens it.
func TestForeign(t *testing.T) {
	session(t, map[string]string{"a.go": lost}, allCapabilities, func(t *testing.T, c *testClient, dir string) {
		other := testModule(t, map[string]string{"x.go": lost})
		c.open(filepath.Join(other, "x.go"), 1)
		c.tell("textDocument/didOpen", `{"textDocument": {"uri": "untitled:1", "version": 1, "text": "package p // LOST\n"}}`)
		c.quiet()
		if len(c.engine.jobs) > 0 {
			t.Errorf("it looks at %v", c.engine.jobs[0].Patterns)
		}
		c.tell("workspace/didChangeWorkspaceFolders", `{"event": {"added": [{"uri": "`+fileURI(other)+`", "name": "other"}], "removed": []}}`)
		c.quiet()
		wantLines(t, "a new folder", c.lines(filepath.Join(other, "x.go")), 3)
		c.tell("workspace/didChangeWorkspaceFolders", `{"event": {"removed": [{"uri": "`+fileURI(other)+`", "name": "other"}], "added": []}}`)
		c.quiet()
		wantLines(t, "a folder that is closed", c.lines(filepath.Join(other, "x.go")))
		c.exit()
	})
}

// TestMessage reads what is written.
func TestMessage(t *testing.T) {
	var m message
	if err := json.Unmarshal([]byte(`{"jsonrpc":"2.0","id":"x","method":"m"}`), &m); err != nil || !m.isRequest() || m.isResponse() {
		t.Errorf("%+v, %v", m, err)
	}
}
