package main_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An editor is the client of a server that runs as a process of its own.
type editor struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string
	in   io.WriteCloser
	out  io.Closer
	said chan map[string]any
}

func startEditor(t *testing.T, dir string) *editor {
	t.Helper()
	e := &editor{t: t, cmd: exec.Command(filepath.Join(bin, "lostctx"), "lsp"), said: make(chan map[string]any, 1000)}
	in, err := e.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	e.in, e.out, e.dir = in, out, dir
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go e.read(bufio.NewReader(out))
	e.send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file://` + dir + `","capabilities":{"textDocument":{"publishDiagnostics":{"versionSupport":true}}}}}`)
	e.send(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
	return e
}

func (e *editor) read(in *bufio.Reader) {
	defer close(e.said)
	for {
		header, err := in.ReadString('\n')
		if err != nil {
			return
		}
		n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "Content-Length:")))
		body := make([]byte, n+2) // with the empty line
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(body[2:], &m); err != nil {
			e.t.Errorf("the server says %q", body)
		}
		e.said <- m
	}
}

func (e *editor) send(body string) {
	fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (e *editor) open(file, text string) {
	quoted, _ := json.Marshal(text)
	e.send(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://` + file + `","languageId":"go","version":1,"text":` + string(quoted) + `}}}`)
}

// published waits for what is published for a file.
func (e *editor) published(file string) []any {
	e.t.Helper()
	late := time.After(2 * time.Minute)
	for {
		select {
		case m, ok := <-e.said:
			if !ok {
				e.t.Fatal("the server has ended")
			}
			if p, _ := m["params"].(map[string]any); m["method"] == "textDocument/publishDiagnostics" && p["uri"] == "file://"+file {
				return p["diagnostics"].([]any)
			}
		case <-late:
			e.t.Fatalf("nothing is published for %s", file)
		}
	}
}

const lspSource = `package m

import "context"

type Store interface{ Save(context.Context, int) }

func Place(ctx context.Context, s Store) {
	go s.Save(context.Background(), %d)
}
`

// lspModule makes a module that has to be analyzed: no cache knows it.
func lspModule(t *testing.T) (dir, file, text string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text = fmt.Sprintf(lspSource, time.Now().UnixNano())
	file = filepath.Join(dir, "m.go")
	for name, data := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26.0\n", "m.go": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, file, text
}

// TestServer shows what is saved, and what is not, and writes nothing.
func TestServer(t *testing.T) {
	dir, file, text := lspModule(t)
	e := startEditor(t, dir)
	e.open(file, text)
	if d := e.published(file); len(d) != 1 {
		t.Errorf("a file has %v", d)
	}
	e.send(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file://` + file + `","version":2},"contentChanges":[{"range":{"start":{"line":5,"character":0},"end":{"line":5,"character":0}},"text":"\n\n// 𝒂\n"}]}}`)
	d := e.published(file)
	if line := d[0].(map[string]any)["range"].(map[string]any)["start"].(map[string]any)["line"]; len(d) != 1 || line != 10.0 {
		t.Errorf("what is not saved has %v", d)
	}
	out, err := exec.Command(filepath.Join(bin, "lostctx"), "-C", dir).CombinedOutput()
	if !strings.HasPrefix(string(out), "m.go:8:2: ") {
		t.Errorf("the command says %s (%v)", out, err)
	}
	saved := strings.Replace(text, "type", "\n\n// 𝒂\ntype", 1)
	if err := os.WriteFile(file, []byte(saved), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = exec.Command(filepath.Join(bin, "lostctx"), "-C", dir, "-fix.all").CombinedOutput() // what the server has left in the cache
	if !strings.HasPrefix(string(out), "m.go:11:2: ") {
		t.Errorf("the command says %s (%v)", out, err)
	}
	e.send(`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`)
	e.send(`{"jsonrpc":"2.0","method":"exit"}`)
	for range e.said { // until it ends
	}
	if err := e.cmd.Wait(); err != nil {
		t.Error(err)
	}
	want := map[string]string{"go.mod": "module example.com/m\n\ngo 1.26.0\n", "m.go": saved}
	if got := filesOf(t, dir); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("there is %q, want %q", got, want)
	}
}

func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[name] = read(t, filepath.Join(dir, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestServerLeavesNothing ends servers in the middle of a run, by what an editor does that
// dies, and looks for processes that go on.
func TestServerLeavesNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it looks into /proc")
	}
	for name, end := range map[string]func(e *editor){
		"input ends":     func(e *editor) { _ = e.in.Close() },
		"half a message": func(e *editor) { _, _ = io.WriteString(e.in, "Content-Length: 500\r\n\r\n{"); _ = e.in.Close() },
		"nobody reads": func(e *editor) {
			_ = e.out.Close()
			e.open(filepath.Join(e.dir, "go.mod"), "")
			e.send(`{"jsonrpc":"2.0","id":9,"method":"none"}`)
		},
		"interrupt": func(e *editor) { _ = e.cmd.Process.Signal(os.Interrupt) },
		"exit":      func(e *editor) { e.send(`{"jsonrpc":"2.0","method":"exit"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, file, text := lspModule(t)
			e := startEditor(t, dir)
			e.open(file, text)
			for started := time.Now(); len(processesIn(dir)) == 0; time.Sleep(time.Millisecond) {
				if time.Since(started) > time.Minute {
					t.Fatal("no go command runs")
				}
			}
			end(e)
			for range e.said {
			}
			if err := e.cmd.Wait(); err == nil {
				t.Error("it ends as if all were well")
			}
			for started := time.Now(); len(processesIn(dir)) > 0; time.Sleep(time.Millisecond) {
				if time.Since(started) > 5*time.Second {
					t.Fatalf("%v go on", processesIn(dir))
				}
			}
			if got := filesOf(t, dir); len(got) != 2 || got["m.go"] != text {
				t.Errorf("it has left %q", got)
			}
		})
	}
}

// processesIn returns the commands that run in a directory.
func processesIn(dir string) (commands []string) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if at, err := os.Readlink(link); err == nil && at == dir {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
			commands = append(commands, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return commands
}

// TestServerWorkspace saves a file of one module of a workspace, and looks at the
// diagnostics of another that depends on it, with a configuration file of its own.
func TestServerWorkspace(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UnixNano()
	files := map[string]string{
		"go.work":        "go 1.26.0\n\nuse (\n\t./a\n\t./b\n)\n",
		"a/go.mod":       "module example.com/a\n\ngo 1.26.0\n",
		"a/a.go":         fmt.Sprintf("package a\n\nimport \"context\"\n\ntype Store interface{ Save(context.Context, int) }\n\nfunc Save(s Store) { s.Save(context.Background(), %d) }\n\nfunc SaveContext(ctx context.Context, s Store) { s.Save(ctx, 1) }\n", now),
		"b/go.mod":       "module example.com/b\n\ngo 1.26.0\n",
		"b/b.go":         "package b\n\nimport (\n\t\"context\"\n\n\t\"example.com/a\"\n)\n\nfunc Place(ctx context.Context, s a.Store) { go a.Save(s) }\n",
		"b/c/c.go":       "package c\n\nimport (\n\t\"context\"\n\n\t\"example.com/a\"\n)\n\nfunc Place(ctx context.Context, s a.Store) { go a.Save(s) }\n",
		"b/.lostctx.yml": "exclude: [c]\n",
	}
	for name, text := range files {
		put := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(put), 0o700), os.WriteFile(put, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	a, b := filepath.Join(dir, "a/a.go"), filepath.Join(dir, "b/b.go")
	e := startEditor(t, dir)
	e.open(b, files["b/b.go"])
	if d := e.published(b); len(d) != 1 || !strings.Contains(fmt.Sprint(d), "a.go:7") {
		t.Errorf("a file of one module has %v", d)
	}
	e.open(a, files["a/a.go"])
	saved := strings.Replace(files["a/a.go"], "type", "\n\ntype", 1)
	if err := os.WriteFile(a, []byte(saved), 0o600); err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(saved)
	e.send(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file://` + a + `","version":2},"contentChanges":[{"text":` + string(quoted) + `}]}}`)
	e.send(`{"jsonrpc":"2.0","method":"textDocument/didSave","params":{"textDocument":{"uri":"file://` + a + `"}}}`)
	if d := e.published(b); len(d) != 1 || !strings.Contains(fmt.Sprint(d), "a.go:9") {
		t.Errorf("the other module is saved, and it has %v", d)
	}
	e.send(`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`)
	e.send(`{"jsonrpc":"2.0","method":"exit"}`)
	for m := range e.said {
		if strings.Contains(fmt.Sprint(m), "c.go") {
			t.Errorf("of an excluded file it says %v", m)
		}
	}
	if err := e.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestServerArguments says what lostctx lsp does not take.
func TestServerArguments(t *testing.T) {
	for args, want := range map[string]string{
		"./...":            "lostctx: lostctx lsp takes flags only, not ./...: the editor says which files it has\n",
		"-fix":             "lostctx: lostctx lsp takes -checks, -config, -tags, -tests, -baseline, -new-from and the flags of checks and fixes\n",
		"-checks=none":     "lostctx: -checks: there is no check \"none\"",
		"--stdio -unclear": "lostctx: flag provided but not defined: -unclear",
	} {
		out, err := exec.Command(filepath.Join(bin, "lostctx"), append([]string{"lsp"}, strings.Fields(args)...)...).CombinedOutput()
		if err == nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("lostctx lsp %s says %q (%v), want %q", args, out, err, want)
		}
	}
	cmd := exec.Command(filepath.Join(bin, "lostctx"), "lsp")
	cmd.Stdin = strings.NewReader("hello\n\n")
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "which is for editors") {
		t.Errorf("at a terminal it says %q (%v)", out, err)
	}
}
