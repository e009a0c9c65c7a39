package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sample is a module in which what inject finds and what it cannot is known.
var sample = map[string]string{
	"go.mod": "module example.com/sample\n\ngo 1.26.0\n",
	"sample.go": `package sample

import (
	"context"
	"net/http"
)

type key struct{}

type span struct{}

func (span) End() {}

func start(ctx context.Context, name string) (context.Context, span) {
	return context.WithValue(ctx, key{}, name), span{}
}

func save(ctx context.Context, id string) { _ = ctx.Value(key{}) }

func wait(ctx context.Context) { <-ctx.Done() }

func Place(ctx context.Context, id string) {
	ctx, s := start(ctx, "place")
	defer s.End()
	save(ctx, id)
}

func Cancel(ctx context.Context, id string) {
	ctx, s := start(ctx, "cancel")
	defer s.End()
	wait(ctx)
}

func Handle(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	_ = ctx.Err()
	save(ctx, r.URL.Path)
}

`,
	"last.go": `package sample

import (
	"context"
	"net/http"
)

var _ context.Context

// Last2 has ctx for this call alone: without it, the file does not build.
func Last2(r *http.Request) {
	ctx := r.Context()
	save(ctx, "last")
}
`,
}

func TestInject(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "lostctx")
	cmd := exec.Command("go", "build", "-o", tool, "./cmd/lostctx")
	cmd.Dir = "../.."
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	dir := t.TempDir()
	for name, text := range sample {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		where, how string
		want       []string
	}{
		{"span", "root", []string{"sample.go:25 example.com/sample.save: found", "2 losses, 1 of them where what is called reads values, 1 found", "1 not found: clean reads-nothing"}},
		{"span", "task", []string{"sample.go:25 example.com/sample.save: found", "2 losses, 1 of them where what is called reads values, 1 found"}},
		{"handler", "root", []string{"sample.go:37 example.com/sample.save: found", "1 losses, 1 of them where what is called reads values, 1 found"}},
	} {
		o := &options{dir: dir, where: test.where, how: test.how, n: 100, seed: 1, lostctx: tool, verbose: true}
		var out bytes.Buffer
		if err := inject(o, &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("-where %s -how %s: no %q in\n%s", test.where, test.how, want, out.String())
			}
		}
	}
}

// TestChange holds that a loss adds no line.
func TestChange(t *testing.T) {
	src := "a(\n\tctx,\n)\nb(ctx)\n"
	p := &place{start: 4, end: 7, stmt: [2]int{0, 10}}
	for how, want := range map[string]string{
		"root": "a(\n\tcontext.Background(),\n)\nb(ctx)\n",
		"task": "go func() { a(\n\tcontext.Background(),\n) }()\nb(ctx)\n",
	} {
		if got := string(change(&options{how: how}, []byte(src), p)); got != want {
			t.Errorf("%s: %q, want %q", how, got, want)
		}
	}
}

// TestBadInput holds that mistakes are named.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	for want, o := range map[string]options{
		"-where all: want span, handler or any":      {where: "all", how: "root", n: 1},
		"-how wrap: want root or task":               {where: "any", how: "wrap", n: 1},
		"-n 0: want one place at least":              {where: "any", how: "root"},
		"has no go.mod: -dir names the directory of": {where: "any", how: "root", n: 1, dir: dir},
	} {
		if err := check(&o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}
