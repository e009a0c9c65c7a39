// Package editors runs sessions of lostctx lsp with clients that others have written, on
// the sample and on a large module.
package editors

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// largeModule is one of more than 100,000 lines, without tests, that lostctx itself needs.
const largeModule = "golang.org/x/tools@v0.52.0"

// A spec says what a session is about.
type spec struct {
	Server   string   `json:"server"`
	Root     string   `json:"root"`
	File     string   `json:"file"`
	Kept     string   `json:"kept"`     // where messages go
	Patience int      `json:"patience"` // in seconds, for one step
	Findings int      `json:"findings"` // in the file
	Related  []string `json:"related"`  // directories that the ways lead to
	Targets  []target `json:"targets"`
}

// A target is a line with a finding, and what can be done about it.
type target struct {
	Line    string   `json:"line"`
	Actions []string `json:"actions"`
}

const ignoreAction = "Ignore with a reason"

// ordersSession is a file of the sample's package orders. The others have findings too.
const ordersSession = `package orders

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// rebuild begins a trace in a task that it does not wait for.
func (s *Service) rebuild(ctx context.Context, id int64) {
	go func() { // rebuild 𝒂𝒍𝒍
		all, span := tracer.Start(context.Background(), "orders.rebuild", trace.WithSpanKind(trace.SpanKindInternal))
		defer span.End()
		_ = s.Store.Advance(all, id, "paid", "sent")
	}()
}

// check waits for its task.
func (s *Service) check(ctx context.Context, id int64) {
	done := make(chan struct{})
	go func() { // check
		defer close(done)
		_ = s.Store.Advance(context.Background(), id, "placed", "paid")
	}()
	<-done
}
`

// importsSession is a file of a package of the large module.
const importsSession = `package imports

import (
	"context"
	"database/sql"
	"sync"
)

func sessionRecord(ctx context.Context, db *sql.DB) {
	go sessionInsert(db)
}

func sessionInsert(db *sql.DB) { _, _ = db.Exec("insert into sessions") }

func sessionAll(ctx context.Context, e *ProcessEnv) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = e.invokeGo(context.Background(), "env")
	})
	wg.Wait()
}
`

// run runs a program, and fails if it does.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// specs returns a session on the sample and one on the large module, each in a copy.
func specs(t *testing.T) map[string]*spec {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	server := filepath.Join(dir, "lostctx")
	run(t, root, "go", "build", "-o", server, "./cmd/lostctx")
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(run(t, root, "go", "mod", "download", "-json", largeModule)), &module); err != nil {
		t.Fatal(err)
	}
	copies := map[string]string{"sample": filepath.Join(root, "testdata/apps/shop"), "large module": module.Dir}
	for name, from := range copies {
		to := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		run(t, to, "chmod", "-R", "u+w", ".")
		run(t, to, "go", "mod", "edit", "-require=github.com/lostctx/lostctx/runtime@v0.0.0", "-replace=github.com/lostctx/lostctx/runtime="+filepath.Join(root, "runtime"))
		copies[name] = to
	}
	wrapped, plain, follow := "Keep the values of ctx in the task", "Keep the values of ctx in the task, without a wrapper", "Let it end with the context in scope too"
	all := func(pkg string) string { return "Fix all that lostctx can fix in package " + pkg }
	specs := map[string]*spec{
		"sample": {
			File: "internal/orders/session.go", Findings: 2, Related: []string{"/internal/orders/session.go"},
			Targets: []target{
				{"go func() { // rebuild", []string{wrapped, plain, "Begin a trace of its own, with a link to the caller's", ignoreAction, all("orders")}},
				{"go func() { // check", []string{wrapped, plain, follow, ignoreAction, all("orders")}},
			},
		},
		"large module": {
			File: "internal/imports/session.go", Findings: 2, Related: []string{"/src/database/sql/sql.go", "/internal/imports/session.go"},
			Targets: []target{
				{"go sessionInsert", []string{wrapped, ignoreAction, all("imports")}},
				{"wg.Go(func() {", []string{wrapped, plain, follow, ignoreAction, all("imports")}},
			},
		},
	}
	for name, s := range specs {
		s.Server, s.Root, s.Patience = server, copies[name], 240
		s.Kept = filepath.Join(dir, "kept.ts")
	}
	put(t, filepath.Join(copies["sample"], specs["sample"].File), ordersSession)
	put(t, filepath.Join(copies["large module"], specs["large module"].File), importsSession)
	return specs
}

// TestSessions has each client do the whole session on both modules, one after the other,
// as they share a cache.
func TestSessions(t *testing.T) {
	clients := map[string]func(*testing.T, *spec){"vscode": vscode, "neovim": neovim}
	for name, s := range specs(t) {
		for client, session := range clients {
			t.Run(client+" on the "+name, func(t *testing.T) { session(t, s) })
		}
	}
}

// specFile writes a spec for a client.
func specFile(t *testing.T, s *spec) string {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "spec.json")
	put(t, name, string(data))
	return name
}

// vscode speaks with the library that VS Code does, and checks each message against the
// types of the protocol.
func vscode(t *testing.T, s *spec) {
	if _, err := os.Stat("node/node_modules"); err != nil {
		t.Skip("npm ci was not run in testdata/editors/node")
	}
	t.Log(run(t, "node", "node", "session.mjs", specFile(t, s)))
	kept, err := os.ReadFile(s.Kept)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("node", "kept")
	put(t, filepath.Join(dir, "kept.ts"), "import type * as p from \"vscode-languageserver-protocol\";\n"+string(kept))
	defer os.RemoveAll(dir)
	run(t, "node", "node", "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext", "kept/kept.ts")
}

// neovim speaks with the client of Neovim, which applies the edits itself.
func neovim(t *testing.T, s *spec) {
	if _, err := exec.LookPath("nvim"); err != nil {
		t.Skip("there is no nvim in PATH")
	}
	t.Log(run(t, ".", "nvim", "--headless", "--clean", "-u", "NONE", "-c", "let g:spec = '"+specFile(t, s)+"'", "-c", "luafile session.lua"))
}
