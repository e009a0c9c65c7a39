package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lostctx/lostctx/cmd/lostctx/internal/report"
)

// A fakeEngine finds a loss in each line that says LOST. A fix writes FIXED there; each
// package is a directory.
type fakeEngine struct {
	mu    sync.Mutex
	jobs  []Job
	ended int                                // jobs that were canceled
	block func(ctx context.Context, job Job) // is called in a job, nil for nothing
	fail  error                              // of CheckFixes
}

func (*fakeEngine) Flag(key string) string {
	return map[string]string{"checks": "checks", "strict": "lostgo.strict", "tags": "tags"}[key]
}

func (*fakeEngine) Workspace(context.Context, string) (string, []string) {
	return "", []string{"/goroot"}
}

func (e *fakeEngine) CheckFixes(ctx context.Context, _ Job, _ []*report.Finding) error {
	e.mu.Lock()
	block, fail := e.block, e.fail
	e.mu.Unlock()
	if block != nil {
		block(ctx, Job{})
	}
	return fail
}

func (e *fakeEngine) Analyze(ctx context.Context, job Job) (*Result, error) {
	e.mu.Lock()
	e.jobs = append(e.jobs, job)
	block := e.block
	e.mu.Unlock()
	if block != nil {
		block(ctx, job)
	}
	if ctx.Err() != nil {
		e.mu.Lock()
		e.ended++
		e.mu.Unlock()
		return nil, ctx.Err()
	}
	job.Progress(1, 2)
	result := &Result{}
	err := filepath.WalkDir(job.Dir, func(dir string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() || job.Patterns[0] != "./..." && !contains(job.Patterns, dir) {
			return err
		}
		if p := analyzeDir(dir, job); p != nil {
			result.Packages = append(result.Packages, p)
		}
		return nil
	})
	return result, err
}

func contains(patterns []string, dir string) bool {
	for _, p := range patterns {
		if p == dir || p == "example.com"+dir {
			return true
		}
	}
	return false
}

// analyzeDir analyzes one directory.
func analyzeDir(dir string, job Job) *Package {
	p := &Package{Path: "example.com" + dir, Dir: dir}
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		data, ok := job.Unsaved[name]
		if !ok {
			data, _ = os.ReadFile(name)
		}
		at := 0
		for i, line := range bytes.Split(data, []byte("\n")) {
			if imported, ok := strings.CutPrefix(string(line), "// imports "); ok {
				p.Imports = append(p.Imports, "example.com"+imported)
			}
			if bytes.Contains(line, []byte("BROKEN")) {
				p.Trouble = "it does not compile"
			}
			if col := bytes.Index(line, []byte("LOST")); col >= 0 {
				p.Findings = append(p.Findings, fakeFinding(name, p.Path, i+1, col+1, at+col))
			}
			at += len(line) + 1
		}
	}
	if len(names) == 0 {
		return nil
	}
	return p
}

func fakeFinding(file, pkg string, line, col, offset int) *report.Finding {
	place := report.Place{File: file, Line: line, Column: col, EndLine: line, EndColumn: col + 4}
	fix := func(text, message string) *report.Fix {
		return &report.Fix{Message: message, Edits: []report.Edit{{File: file, Start: offset, End: offset + 4, New: text}}}
	}
	return &report.Finding{
		Check: "lostgo", Package: pkg, Place: place, Message: "goroutine loses ctx",
		Way: []report.Step{{Place: report.Place{File: file, Line: 1}, Message: "f is called"}},
		Fix: fix("FIXED", "Keep the values"), Others: []*report.Fix{fix("PLAIN", "Without a wrapper")},
	}
}

// A testClient is one in memory. It keeps what the server says.
type testClient struct {
	t      *testing.T
	server *Server
	engine *fakeEngine
	in     *io.PipeWriter
	ended  chan error

	mu       sync.Mutex
	last     int
	messages []*message
}

// allCapabilities are those of a client that can do everything.
const allCapabilities = `{
	"general": {"positionEncodings": ["utf-16"]},
	"window": {"workDoneProgress": true, "showDocument": {"support": true}},
	"workspace": {"workspaceEdit": {"documentChanges": true}, "didChangeWatchedFiles": {"dynamicRegistration": true}},
	"textDocument": {
		"publishDiagnostics": {"relatedInformation": true, "versionSupport": true, "dataSupport": true, "codeDescriptionSupport": true},
		"codeAction": {"dataSupport": true, "resolveSupport": {"properties": ["edit"]}}
	}
}`

// start starts a server, and initializes it unless there are no capabilities.
func start(t *testing.T, dir, capabilities string) *testClient {
	serverIn, in := io.Pipe()
	out, serverOut := io.Pipe()
	c := &testClient{t: t, engine: &fakeEngine{}, in: in, ended: make(chan error, 1)}
	c.server = New(serverIn, serverOut, c.engine, "v1")
	go func() {
		err := c.server.Serve(context.Background())
		_ = serverOut.Close()
		c.ended <- err
	}()
	reader := newConn(out, io.Discard)
	go func() {
		for {
			m, err := reader.read()
			if err != nil {
				return
			}
			c.mu.Lock()
			c.messages = append(c.messages, m)
			c.mu.Unlock()
			if m.isRequest() {
				c.raw(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":null}`)
			}
		}
	}()
	if capabilities != "" {
		c.ask("initialize", `{"processId": null, "rootUri": "`+fileURI(dir)+`", "capabilities": `+capabilities+`}`)
		c.tell("initialized", `{}`)
	}
	return c
}

// raw sends a message as it is.
func (c *testClient) raw(body string) {
	_, _ = io.WriteString(c.in, "Content-Length: "+itoa(len(body))+"\r\n\r\n"+body)
}

func itoa(n int) string { return string(marshal(n)) }

func (c *testClient) tell(method, params string) {
	c.raw(`{"jsonrpc":"2.0","method":"` + method + `","params":` + params + `}`)
}

// send sends a request and returns its id.
func (c *testClient) send(method, params string) string {
	c.last++
	c.raw(`{"jsonrpc":"2.0","id":` + itoa(c.last) + `,"method":"` + method + `","params":` + params + `}`)
	return itoa(c.last)
}

// ask sends a request and returns the response, nil if there is none when all is quiet.
func (c *testClient) ask(method, params string) *message {
	id := c.send(method, params)
	synctest.Wait()
	return c.response(id)
}

func (c *testClient) response(id string) *message {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.messages {
		if m.isResponse() && string(m.ID) == id {
			return m
		}
	}
	return nil
}

// said returns the parameters of the messages of a method.
func (c *testClient) said(method string) (all []json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.messages {
		if m.Method == method {
			all = append(all, m.Params)
		}
	}
	return all
}

// published returns what was published last for a file.
func (c *testClient) published(file string) *publishParams {
	all := c.said("textDocument/publishDiagnostics")
	for i := len(all) - 1; i >= 0; i-- {
		p := new(publishParams)
		if err := json.Unmarshal(all[i], p); err != nil {
			c.t.Fatal(err)
		}
		if fileOf(p.URI) == file {
			return p
		}
	}
	return nil
}

// lines returns the lines of the diagnostics of a file.
func (c *testClient) lines(file string) []int {
	p := c.published(file)
	if p == nil {
		return nil
	}
	lines := []int{}
	for _, d := range p.Diagnostics {
		lines = append(lines, d.Range.Start.Line)
	}
	return lines
}

func (c *testClient) open(file string, version int) {
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	c.tell("textDocument/didOpen", `{"textDocument": {"uri": "`+fileURI(file)+`", "version": `+itoa(version)+`, "text": `+string(marshal(string(data)))+`}}`)
}

func (c *testClient) change(file string, version int, text string) {
	c.tell("textDocument/didChange", `{"textDocument": {"uri": "`+fileURI(file)+`", "version": `+itoa(version)+`}, "contentChanges": [{"text": `+string(marshal(text))+`}]}`)
}

// save changes a file and saves it.
func (c *testClient) save(file string, version int, text string) {
	c.change(file, version, text)
	put(c.t, file, text)
	c.tell("textDocument/didSave", `{"textDocument": {"uri": "`+fileURI(file)+`"}}`)
}

// quiet waits until the server has nothing to do any more.
func (c *testClient) quiet() {
	time.Sleep(10 * time.Second) // of the bubble
	synctest.Wait()
}

// exit ends the server as a client should.
func (c *testClient) exit() {
	c.ask("shutdown", `null`)
	c.tell("exit", `null`)
	if err := <-c.ended; err != nil {
		c.t.Errorf("the end is %v", err)
	}
	_ = c.in.Close()
}

// put writes a file that is older than the clock of a bubble.
func put(t *testing.T, name, text string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600))
	old := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := errors.Join(err, os.Chtimes(name, old, old)); err != nil {
		t.Fatal(err)
	}
}
