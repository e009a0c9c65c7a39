package path_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// A body is the source of a function's body, and what the tests find in it: calls by
// the names of their functions.
type body struct {
	graph *path.Graph
	block *ast.BlockStmt
}

func parse(t *testing.T, src string) body {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\nfunc f(x int) (err error) {\n"+src+"\n}", parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	block := file.Decls[0].(*ast.FuncDecl).Body
	return body{block: block, graph: path.New(block, path.Options{
		Ends: func(call *ast.CallExpr) path.Ending {
			switch name(call) {
			case "panic", "goexit":
				return path.Panics
			case "exit":
				return path.Exits
			}
			return path.Returns
		},
		Const: func(e ast.Expr) (value, known bool) {
			id, ok := ast.Unparen(e).(*ast.Ident)
			return ok && id.Name == "true", ok && (id.Name == "true" || id.Name == "false")
		},
	})}
}

func name(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	id, _ := call.Fun.(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}

// called returns the call of a function in the body, outside of literals unless it
// is in none.
func (b body) called(t *testing.T, fn string) ast.Node {
	t.Helper()
	var found ast.Node
	ast.Inspect(b.block, func(n ast.Node) bool {
		if found == nil && name(n) == fn {
			found = n
		}
		return true
	})
	if found == nil {
		t.Fatalf("no call of %s", fn)
	}
	return found
}

// is returns a function that tells a step by what it calls, or receives from.
func is(fn string) func(path.Step) bool {
	return func(s path.Step) bool {
		if u, ok := s.Node.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
			id, _ := u.X.(*ast.Ident)
			return id != nil && id.Name == fn
		}
		if r, ok := s.Node.(*ast.RangeStmt); ok && s.Kind == path.Done {
			id, _ := r.X.(*ast.Ident)
			return id != nil && id.Name == fn
		}
		return name(s.Node) == fn && (s.Kind == path.Node || s.Kind == path.Defer)
	}
}

// TestAlwaysAfter asks whether start() is always followed by wait(), or <-wait, before
// cancel() and before the function ends.
func TestAlwaysAfter(t *testing.T) {
	const (
		always   = "always"
		deferred = "deferred"
		never    = "no"
	)
	for _, test := range []struct{ src, want string }{
		// one after the other
		{"start(); wait()", always},
		{"wait(); start()", never},
		{"start(); cancel(); wait()", never},
		{"start(); wait(); cancel()", always},
		{"start(); if x { return }; wait()", never},
		{"start(); if x { wait(); return }; wait()", always},
		{"if x { start() }; wait()", always},
		{"if x { start(); wait() } else { wait() }", always},
		{"start(); if x { wait() }", never},
		{"start(); if x { wait() } else { wait() }", always},
		{"start(); if x { wait() } else if y { wait() } else { wait() }", always},
		{"start(); if x { wait() } else if y { wait() }", never},
		{"start(); if err := wait(); err != nil { return err }; return nil", always},
		{"start(); return wait()", always},
		{"start(); f(wait(), cancel())", always},
		{"start(); f(cancel(), wait())", never},
		{"start(); { wait() }", always},
		{"f(start(), wait())", always},
		// && and ||
		{"start(); _ = x && wait()", never},
		{"start(); _ = wait() && x", always},
		{"start(); _ = x || wait()", never},
		{"start(); if x && wait() { return }; wait()", always},
		{"start(); if x && wait() { return }", never},
		{"start(); if x || wait() { return }; g()", never},
		{"start(); if !x && wait() { return } else { wait() }", always},
		{"start(); if x && wait() { return } ; if x { return }; wait()", never},
		{"start(); for x || wait() { wait(); return }", always},
		// constants
		{"start(); if false { return }; wait()", always},
		{"start(); if true { wait() }", always},
		{"start(); for true { if x { wait(); return } }", always},
		// switch
		{"start(); switch x { case 1: wait(); case 2: wait() }", never},
		{"start(); switch x { case 1: wait(); default: wait() }", always},
		{"start(); switch x { default: wait(); case 1: }", never},
		{"start(); switch x { case 1: fallthrough; case 2: wait(); default: wait() }", always},
		{"start(); switch x { case 1: break; default: wait() }", never},
		{"start(); switch x { case 1: if y { break }; wait(); default: wait() }", never},
		{"start(); switch { case x && wait(): default: wait() }", always},
		{"start(); switch { case x || wait(): default: }", never},
		{"start(); switch wait() { case 1: }", always},
		{"start(); switch y := wait(); y { }", always},
		{"start(); switch x.(type) { case int: wait(); default: wait() }", always},
		{"start(); switch x.(type) { case int: wait() }", never},
		// select
		{"start(); select { case <-wait: }", always},
		{"start(); select { case <-wait: case <-other: }", never},
		{"start(); select { case <-wait: case <-other: wait() }", always},
		{"start(); select { case <-wait: default: }", never},
		{"start(); select { case v := <-wait: _ = v }", always},
		{"start(); select { case v, ok := <-wait: _, _ = v, ok; case other <- 1: wait() }", always},
		{"start(); select { case other <- wait(): case <-third: }", always},
		{"start(); select { case <-wait(): default: }", always},
		{"start(); select {}", always},
		{"start(); L: select { case <-wait: case <-other: break L }", never},
		// loops
		{"start(); for { wait() }", always},
		{"start(); for { }", always},
		{"start(); for x { wait() }", never},
		{"for { start(); if x { break }; wait() }", never},
		{"for { start(); if x { continue }; wait() }", always},
		{"for { start(); wait(); if x { break } }", always},
		{"for i := 0; i < 3; i++ { start() }; wait()", always},
		{"for i := 0; i < 3; wait() { start() }", always},
		{"for i := 0; i < 3; wait() { start(); if x { break } }", never},
		{"for i := 0; i < 3; wait() { start(); if x { continue } }", always},
		{"for range x { start() }; wait()", always},
		{"start(); for range x { wait() }", never},
		{"start(); for range wait { }", always},
		{"start(); for range wait { if x { break } }", never},
		{"start(); for v := range wait { if v { return } }", never},
		{"L: for { start(); for { if x { break L }; wait() } }", never},
		{"L: for { start(); for { if x { continue L }; wait() } }", always},
		{"L: for range x { for { start(); if x { continue L }; wait(); break } }", never},
		{"for { start(); switch x { case 1: break; default: return }; wait() }", never},
		{"for { start(); switch x { case 1: break; default: continue }; wait() }", always},
		// goto
		{"start(); if x { goto end }; wait()\nend:\n g()", never},
		{"start(); if x { goto end }; g()\nend:\n wait()", always},
		{"again:\n start(); if x { goto again }; wait()", always},
		{"goto end\nend:\n start(); wait()", always},
		// ends of another kind
		{"start(); if x { panic(1) }; wait()", never},
		{"start(); if x { goexit() }; wait()", never},
		{"start(); if x { exit() }; wait()", always},
		{"start(); exit()", always},
		{"defer wait(); start(); panic(1)", deferred},
		// deferred calls
		{"defer wait(); start()", deferred},
		{"start(); defer wait()", deferred},
		{"start(); if x { return }; defer wait()", never},
		{"if x { defer wait() }; start()", never},
		{"if x { defer wait() } else { defer wait() }; start()", deferred},
		{"if x { defer wait(); start() }", deferred},
		{"for range x { defer wait() }; start()", never},
		{"for range x { defer wait(); start() }", deferred},
		{"defer func() { wait() }(); start()", deferred},
		{"defer func() { if x { wait() } }(); start()", never},
		{"defer func() { if x { return }; wait() }(); start()", never},
		{"defer func() { if x { wait(); return }; wait() }(); start()", deferred},
		{"defer func() { defer wait(); g() }(); start()", deferred},
		{"defer func() { go wait() }(); start()", never},
		// the last is made first
		{"defer cancel(); defer wait(); start()", deferred},
		{"defer wait(); defer cancel(); start()", never},
		{"defer wait(); start(); defer cancel()", never},
		{"start(); defer cancel(); defer wait()", deferred},
		{"defer wait(); if x { defer cancel() }; start()", never},
		{"defer cancel(); if x { defer wait() }; start()", never},
		{"defer cancel(); start(); if x { return }; defer wait()", never},
		{"defer func() { wait(); cancel() }(); start()", deferred},
		{"defer func() { cancel(); wait() }(); start()", never},
		{"defer func() { defer wait(); cancel() }(); start()", never},
		{"defer func() { defer cancel(); wait() }(); start()", deferred},
		{"defer wait(); defer func() { if x { cancel() } }(); start()", never},
		{"defer wait(); defer func() { g() }(); start()", deferred},
		{"defer cancel(); start(); wait()", always},
		{"defer cancel(); start(); if x { return }; wait()", never},
		{"defer f(wait()); start()", never},
		{"start(); defer f(wait())", always},
		// literals
		{"start(); func() { wait() }()", always},
		{"start(); func() { if x { return }; wait() }()", never},
		{"start(); func() { defer wait() }()", always},
		{"start(); func() { cancel(); wait() }()", never},
		{"start(); go func() { wait() }()", never},
		{"start(); g(func() { wait() })", never},
		{"start(); _ = func() { return }; wait()", always},
	} {
		b := parse(t, test.src)
		got := b.graph.AlwaysAfter(b.called(t, "start"), path.Order{Is: is("wait"), Before: is("cancel")})
		want := path.Answer{Always: test.want != never, Deferred: test.want == deferred}
		if got.Always != want.Always || got.Deferred != want.Deferred {
			t.Errorf("%s\n\tgot %+v, want %s", test.src, got, test.want)
		}
		if !got.Always && got.At == nil {
			t.Errorf("%s: no place where it goes wrong", test.src)
		}
	}
}

// TestOrders asks with the other fields of an Order.
func TestOrders(t *testing.T) {
	excused := func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		return ok && len(ret.Results) == 1
	}
	for _, test := range []struct {
		src   string
		order path.Order
		want  bool
	}{
		{"start(); if x { return err }; wait()", path.Order{Is: is("wait"), Excused: excused}, true},
		{"start(); if x { return }; wait()", path.Order{Is: is("wait"), Excused: excused}, false},
		{"defer cancel(); start(); return err", path.Order{Is: is("wait"), Before: is("cancel"), Excused: excused}, true},
		{"defer func() { if x { cancel() } }(); start()", path.Order{Before: is("cancel"), Open: true}, false},
		{"defer func() { if x { cancel() } }(); start()", path.Order{Before: is("cancel"), Open: true, Sure: true}, true},
		{"defer func() { if x { return }; cancel() }(); start()", path.Order{Before: is("cancel"), Open: true, Sure: true}, true},
		{"defer func() { if x { g() }; cancel() }(); start()", path.Order{Before: is("cancel"), Open: true, Sure: true}, false},
		{"defer func() { for { } }(); start()", path.Order{Before: is("cancel"), Open: true}, true},
		{"start(); g()", path.Order{Before: is("cancel"), Open: true}, true},
		{"start(); if x { cancel() }", path.Order{Before: is("cancel"), Open: true}, false},
		{"defer cancel(); start()", path.Order{Before: is("cancel"), Open: true}, false},
		{"defer func() { cancel() }(); start()", path.Order{Before: is("cancel"), Open: true}, false},
		{"for range x { start() }; wait()", path.Order{Is: is("wait"), Each: true}, false},
		{"for range x { start(); wait() }", path.Order{Is: is("wait"), Each: true}, true},
	} {
		b := parse(t, test.src)
		if got := b.graph.AlwaysAfter(b.called(t, "start"), test.order); got.Always != test.want {
			t.Errorf("%s\n\tgot %+v, want %v", test.src, got, test.want)
		}
	}
}

// TestReaching asks which assignments of x reach use(x): by their values, with init
// for the parameter.
func TestReaching(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"use(x)", "init"},
		{"x = 1; use(x)", "1"},
		{"use(x); x = 1", "init"},
		{"x = 1; x = 2; use(x)", "2"},
		{"x = use(x); x = 2", "init"},
		{"if c { x = 1 }; use(x)", "1 init"},
		{"if c { x = 1 } else { x = 2 }; use(x)", "1 2"},
		{"if c { x = 1 } else { use(x) }", "init"},
		{"if c { x = 1; return }; use(x)", "init"},
		{"if c { x = 1; panic(1) }; use(x)", "init"},
		{"if c { x = 1; exit() }; use(x)", "init"},
		{"if true { x = 1 }; use(x)", "1"},
		{"if false { x = 1 }; use(x)", "init"},
		{"switch c { case 1: x = 1; case 2: x = 2 }; use(x)", "1 2 init"},
		{"switch c { case 1: x = 1; default: x = 2 }; use(x)", "1 2"},
		{"switch c { case 1: x = 1; fallthrough; case 2: use(x) }", "1 init"},
		{"switch c { case 1: x = 1; case 2: use(x) }", "init"},
		{"for c { use(x); x = 1 }", "1 init"},
		{"for c { x = 1; if d { break }; x = 2 }; use(x)", "1 2 init"},
		{"for c { x = 1; if d { continue }; x = 2 }; use(x)", "1 2 init"},
		{"for { x = 1; if d { break }; x = 2 }; use(x)", "1"},
		{"for i := 0; i < 3; x = 1 { use(x) }", "1 init"},
		{"for { x = 1; for { if d { use(x) }; break } ; x = 2 }", "1"},
		{"for range c { x = 1 }; use(x)", "1 init"},
		{"for x = range c { use(x) }", "range"},
		{"for x = range c { }; use(x)", "init range"},
		{"select { case x = <-c: use(x); case <-d: x = 2 }", "recv"},
		{"select { case x = <-c: case <-d: x = 2 }; use(x)", "2 recv"},
		{"select { case x = <-c: default: use(x) }", "init"},
		{"if c { goto end }; x = 1\nend:\n use(x)", "1 init"},
		{"again:\n use(x); x = 1; if c { goto again }", "1 init"},
		{"L: for { for { x = 1; if c { break L }; x = 2; if d { continue L } } }; use(x)", "1"},
		{"_ = c && set(func() {}); x = 1; use(x)", "1"},
		{"return; use(x)", ""},
	} {
		b := parse(t, test.src)
		var defs []ast.Node
		var names []string
		ast.Inspect(b.block, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if id, ok := n.Lhs[0].(*ast.Ident); ok && id.Name == "x" {
					defs = append(defs, n)
					value := "recv"
					switch rhs := n.Rhs[0].(type) {
					case *ast.BasicLit:
						value = rhs.Value
					case *ast.CallExpr:
						value = "call"
					}
					names = append(names, value)
				}
			case *ast.RangeStmt:
				if id, ok := n.Key.(*ast.Ident); ok && id.Name == "x" {
					defs, names = append(defs, n), append(names, "range")
				}
			}
			return true
		})
		use := b.called(t, "use").(*ast.CallExpr).Args[0]
		reaching, initial := b.graph.Reaching(defs, use)
		var got []string
		for _, i := range reaching {
			got = append(got, names[i])
		}
		if initial {
			got = append(got, "init")
		}
		if strings.Join(sorted(got), " ") != strings.Join(sorted(strings.Fields(test.want)), " ") {
			t.Errorf("%s\n\tgot %v, want %s", test.src, got, test.want)
		}
	}
}

func sorted(list []string) []string {
	for i := range list {
		for j := i; j > 0 && list[j] < list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return list
}

// TestBetween asks whether a path leads from a() to b() without c().
func TestBetween(t *testing.T) {
	for _, test := range []struct {
		src  string
		want bool
	}{
		{"a(); b()", true},
		{"b(); a()", false},
		{"a(); c(); b()", false},
		{"a(); if x { c() }; b()", true},
		{"a(); if x { c() } else { c() }; b()", false},
		{"for { b(); a() }", true},
		{"for { b(); a(); c() }", false},
		{"a(); return; b()", false},
		{"a(); if x { return }; b()", true},
		{"if x { a() } else { b() }", false},
		{"if x { a(); return }; b()", false},
		{"switch x { case 1: a(); case 2: b() }", false},
		{"switch x { case 1: a(); fallthrough; case 2: b() }", true},
		{"a(); for { if x { break } }; b()", true},
		{"a(); for { }; b()", false},
		{"a(); select { case <-c: b() }", false},
		{"a(); select { case <-c: case <-d: b() }", true},
		{"a(); _ = x && c(); b()", true},
		{"a(); if c() { b() }", false},
	} {
		b := parse(t, test.src)
		if got := b.graph.Between(b.called(t, "a"), b.called(t, "b"), is("c")); got != test.want {
			t.Errorf("%s\n\tgot %v, want %v", test.src, got, test.want)
		}
	}
}

// TestDominated asks whether b() is only reached past a(), or where cond holds.
func TestDominated(t *testing.T) {
	holds := func(s path.Step) bool {
		id, ok := s.Node.(*ast.Ident)
		return is("a")(s) || ok && id.Name == "cond" && s.Kind == path.True || ok && id.Name == "uncond" && s.Kind == path.False
	}
	for _, test := range []struct {
		src  string
		want bool
	}{
		{"a(); b()", true},
		{"b(); a()", false},
		{"if x { a() }; b()", false},
		{"if x { return }; a(); b()", true},
		{"if x { a(); b() }", true},
		{"<-a; b()", true},
		{"select { case <-a: b() }", true},
		{"select { case <-a: case <-x: b() }", false},
		{"select { case <-a: case <-x: return }; b()", true},
		{"for { select { case <-x: continue; case <-a: }; b() }", true},
		{"for { select { case <-x: case <-a: return }; b() }", false},
		{"if cond { b() }", true},
		{"if !cond { return }; b()", true},
		{"if x && cond { b() }", true},
		{"if x || cond { b() }", false},
		{"if uncond { return }; b()", true},
		{"if x { } else if cond { b() }", true},
		{"for cond { b() }", true},
		{"for !cond { }; b()", true},
		{"switch { case cond: b() }", true},
		{"switch { case x, cond: b() }", false},
		{"return; b()", false},
	} {
		b := parse(t, test.src)
		if got := b.graph.Dominated(b.called(t, "b"), holds); got != test.want {
			t.Errorf("%s\n\tgot %v, want %v", test.src, got, test.want)
		}
	}
}

// TestEnds asks whether a function comes to its end, and by which returns.
func TestEnds(t *testing.T) {
	for _, test := range []struct {
		src     string
		mayEnd  bool
		returns int
	}{
		{"", true, 1},
		{"return nil", true, 1},
		{"if x { return nil }; return err", true, 2},
		{"for { }", false, 0},
		{"for { if x { return nil } }", true, 1},
		{"for { if x { break } }", true, 1},
		{"select {}", false, 0},
		{"for { select { case <-a: return nil; case <-b: } }", true, 1},
		{"panic(1)", true, 0},
		{"exit()", false, 0},
		{"if false { return nil }; panic(1)", true, 0},
		{"return nil; return err", true, 1},
	} {
		b := parse(t, test.src)
		n := 0
		for range b.graph.Returns {
			n++
		}
		if got := b.graph.MayEnd(); got != test.mayEnd || n != test.returns {
			t.Errorf("%s\n\tends: %v, %d returns; want %v, %d", test.src, got, n, test.mayEnd, test.returns)
		}
	}
}

// TestRepeats asks whether a() is run again.
func TestRepeats(t *testing.T) {
	for src, want := range map[string]bool{
		"a()":                               false,
		"for { a() }":                       true,
		"for range x { a() }":               true,
		"for { a(); break }":                false,
		"for { if x { a(); return } }":      false,
		"again:\n a(); if x { goto again }": true,
	} {
		b := parse(t, src)
		if got := b.graph.Repeats(b.called(t, "a")); got != want {
			t.Errorf("%s: got %v, want %v", src, got, want)
		}
	}
}

// TestLarge: a graph of many statements is made and asked in time that grows with
// them, not with their square (it is the number of steps that is counted).
func TestLarge(t *testing.T) {
	steps := func(n int) int {
		var src strings.Builder
		src.WriteString("start()\n")
		for i := range n {
			fmt.Fprintf(&src, "if x == %d { g(); continueOn() }\n", i)
		}
		src.WriteString("wait()")
		b := parse(t, src.String())
		count := 0
		b.graph.AlwaysAfter(b.called(t, "start"), path.Order{Is: func(s path.Step) bool {
			count++
			return is("wait")(s)
		}})
		return count
	}
	if small, large := steps(100), steps(1000); large > 12*small {
		t.Errorf("%d steps for 100 statements, %d for 1000", small, large)
	}
}
