package ctxrun_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWrappersStandAlone links a program that uses only Go and the wrappers, and
// finds in it nothing of the package but what bind.go declares: no executor, no
// work at init. One that makes an executor has more, which
// shows that the test can see it.
func TestWrappersStandAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("it links two programs")
	}
	const wrappers = `
	ctx := context.Background()
	ctxrun.Go(ctx, func(context.Context) {})
	ctxrun.Bind(ctx, func(context.Context) {})()
	ctxrun.BindErr(ctx, func(context.Context) error { return nil })()
	ctxrun.BindResult(ctx, func(context.Context) (int, error) { return 0, nil })()`
	if others := notOfBind(t, linked(t, wrappers)); len(others) > 0 {
		t.Errorf("a program of wrappers has\n%s", strings.Join(others, "\n"))
	}
	if others := notOfBind(t, linked(t, wrappers+"\n\tctxrun.New().Go(ctx, func(context.Context) {})")); len(others) < 20 {
		t.Errorf("a program with an executor has no more than %q beside the wrappers", others)
	}
}

const symbolPrefix = "github.com/lostctx/lostctx/runtime."

// linked returns the symbols of this package in a program with that main.
func linked(t *testing.T, main string) (symbols []string) {
	t.Helper()
	runtimeDir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/m\n\ngo 1.24\n\nrequire github.com/lostctx/lostctx/runtime v0.0.0\n\nreplace github.com/lostctx/lostctx/runtime => " + runtimeDir + "\n",
		"main.go": "package main\n\nimport (\n\t\"context\"\n\n\tctxrun \"github.com/lostctx/lostctx/runtime\"\n)\n\nfunc main() {" + main + "\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"build", "-o", "m", "."}, {"tool", "nm", "m"}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		for line := range strings.Lines(string(out)) {
			if _, name, ok := strings.Cut(line, symbolPrefix); ok {
				symbols = append(symbols, strings.TrimSpace(name))
			}
		}
	}
	return symbols
}

// notOfBind returns the symbols that do not belong to what bind.go declares.
func notOfBind(t *testing.T, symbols []string) (others []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "bind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := make(map[string]bool)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			declared[d.Name.Name] = d.Recv == nil
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					declared["(*"+spec.Name.Name+")"] = true
				case *ast.ValueSpec:
					declared[spec.Names[0].Name] = len(spec.Values) == 0 // no work at init
				}
			}
		}
	}
	for _, s := range symbols {
		name, _, _ := strings.Cut(strings.TrimPrefix(s, ".dict."), ".") // and not its closures
		name, _, _ = strings.Cut(name, "[")
		if !declared[name] {
			others = append(others, s)
		}
	}
	if len(others) == len(symbols) {
		t.Fatalf("no function of bind.go among %q", symbols)
	}
	return others
}
