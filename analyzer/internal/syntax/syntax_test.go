package syntax_test

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer/internal/drive"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

const source = `package p

import "context"

func use(ctx context.Context) {}

func run(f func()) { f() }

func f(ctx context.Context, list []int) {
	once := func() { use(ctx) }
	twice := func() {}
	twice = func() { use(ctx) }
	go func() { use(ctx) }()
	defer func() { use(ctx) }()
	func() { use(ctx) }()
	run(func() { use(ctx) })
	_ = func() func() { return func() { use(ctx) } }
	for range list {
		for {
			use(ctx)
		}
	}
	once()
	twice()
}

func end(ctx context.Context, stop chan struct{}) {
	done := ctx.Done()
	<-done
	<-stop
}

type handler struct{ next func() }

func (h *handler) method(ctx context.Context) context.Context {
	made, cancel := context.WithCancel(ctx)
	defer cancel()
	return made
}
`

// index returns that of the source, and its file.
func index(t *testing.T) (*syntax.Index, *ast.File) {
	t.Helper()
	prog, err := drive.Load(".", "context")
	if err != nil {
		t.Fatal(err)
	}
	u := prog.Check("example.com/p", []txtar.File{{Name: "p.go", Data: []byte(source)}})
	if u.Broken() {
		t.Fatal(u.Syntax, u.Errors)
	}
	pass := &analysis.Pass{Fset: prog.Fset, Files: u.Files, Pkg: u.Pkg, TypesInfo: u.Info}
	return syntax.New(pass, new(kind.Own), func(*syntax.Func) {}), u.Files[0]
}

// decl returns a function of the source by its name.
func decl(t *testing.T, ix *syntax.Index, name string) *syntax.Func {
	t.Helper()
	i := slices.IndexFunc(ix.Decls, func(f *syntax.Func) bool { return f.Obj.Name() == name })
	if i < 0 {
		t.Fatalf("there is no function %s", name)
	}
	return ix.Decls[i]
}

// TestRoles checks how literals are used where they are written.
func TestRoles(t *testing.T) {
	ix, _ := index(t)
	var got []syntax.Role
	for _, lit := range decl(t, ix, "f").Lits {
		got = append(got, lit.Role)
	}
	want := []syntax.Role{
		syntax.RoleAssigned, syntax.RoleAssigned, syntax.RoleAssigned, syntax.RoleGo,
		syntax.RoleDeferred, syntax.RoleCalled, syntax.RolePassed, syntax.RoleOther,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the literals are used as %v, want %v", got, want)
	}
}

// TestAssigned checks which variables are known to have one value.
func TestAssigned(t *testing.T) {
	ix, file := index(t)
	known := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && (id.Name == "once" || id.Name == "twice") {
				known[id.Name] = ix.AssignedLit(id) != nil
			}
		}
		return true
	})
	if !known["once"] || known["twice"] {
		t.Errorf("variables with one value: %v, want once alone", known)
	}
}

// TestPlaces checks what is around a place: the way to it, its function, its loops.
func TestPlaces(t *testing.T) {
	ix, file := index(t)
	f := decl(t, ix, "f")
	call := f.Calls[slices.IndexFunc(f.Calls, func(c *syntax.Call) bool { return f.InLoop(c.Expr.Pos()) })].Expr
	loops := 0
	for range f.Loops.At(call.Pos()) {
		loops++
	}
	if loops != 2 || !f.EndlessAt(call.Pos()) {
		t.Errorf("the call is in %d loops, endless: %v; want 2, the inner one endless", loops, f.EndlessAt(call.Pos()))
	}
	path := syntax.PathTo(call.Pos(), file)
	if path[0] != file || !slices.Contains(path, ast.Node(call)) || slices.ContainsFunc(path, func(n ast.Node) bool { return !syntax.Encloses(n, call.Pos()) }) {
		t.Errorf("the way to the call is %T", path)
	}
	lit := f.Lits[0]
	if got := syntax.Innermost(f, lit.Calls[0].Expr.Pos()); got != lit {
		t.Errorf("the innermost function is %v, want the literal", got)
	}
	if c := f.CallOf(call); c == nil || c.Expr != call {
		t.Errorf("the call at its place is %v", c)
	}
}

// TestEnds checks which channels tell the end of a context.
func TestEnds(t *testing.T) {
	ix, _ := index(t)
	var got []string
	ast.Inspect(decl(t, ix, "end").Body, func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok {
			if ch := syntax.ReceivedFrom(s); ch != nil && ix.IsDone(ch) {
				got = append(got, types.ExprString(ch))
			}
		}
		return true
	})
	if text := strings.Join(got, " "); text != "done" {
		t.Errorf("ends are told by %q, want done", text)
	}
}

// TestTargets checks what gets the context that a call gives.
func TestTargets(t *testing.T) {
	ix, _ := index(t)
	f := decl(t, ix, "method")
	c := f.Calls[slices.IndexFunc(f.Calls, func(c *syntax.Call) bool { return c.Assign != nil })]
	target := ix.TargetOf(c.Expr, c.Assign.Lhs, c.Assign.Rhs)
	if v := ix.VarOf(target); v == nil || v.Name() != "made" {
		t.Errorf("the context goes to %v, want made", target)
	}
	if len(f.Defers) != 1 || len(f.Returns) != 1 {
		t.Errorf("%d deferred calls and %d returns, want one each", len(f.Defers), len(f.Returns))
	}
}
