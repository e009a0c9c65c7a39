package fix

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// TestPlan: a plan changes nothing until it is taken, so that alternatives begin with
// the same state.
func TestPlan(t *testing.T) {
	c := ChangesOf(&types.Info{}, nil)
	decl := &ast.FuncDecl{Name: ast.NewIdent("f")}
	v := types.NewVar(1, nil, "ctx", types.Typ[types.Int])
	field := &ast.Field{}
	build := func() []analysis.TextEdit {
		name := "n"
		for c.isDeclared(declared{decl, name}) {
			name += "2"
		}
		c.declares(declared{decl, name})
		c.replaces(7)
		c.handsOn(v)
		c.making.blanks[field] = name
		c.passes("ctx")
		c.passes("later")
		return []analysis.TextEdit{{Pos: 7, End: 8, NewText: []byte(name)}}
	}
	first, second := c.Plan(build), c.Plan(build)
	if !first.Same(second) {
		t.Errorf("alternatives differ: %s, %s", first.Edits[0].NewText, second.Edits[0].NewText)
	}
	if first.Passes != "ctx" || len(first.Hands()) != 1 {
		t.Errorf("passes %q and hands on %v, want ctx and one variable", first.Passes, first.Hands())
	}
	c.Plan(func() []analysis.TextEdit {
		if c.isReplaced(7) || c.isHanded(v) || c.blank(field) != "" {
			t.Error("a plan that was not taken has left something")
		}
		return nil
	})
	c.Take(first)
	third := c.Plan(build)
	if got := string(third.Edits[0].NewText); got != "n2" {
		t.Errorf("after a plan is taken its name is %s, want n2", got)
	}
	c.Plan(func() []analysis.TextEdit {
		if !c.isReplaced(7) || !c.isHanded(v) || c.blank(field) != "n" {
			t.Error("a plan that was taken has left nothing")
		}
		return nil
	})
}

// TestSame: the order of edits makes no difference.
func TestSame(t *testing.T) {
	a := analysis.TextEdit{Pos: 1, End: 2, NewText: []byte("x")}
	b := analysis.TextEdit{Pos: 5, End: 5, NewText: []byte("y")}
	c := analysis.TextEdit{Pos: 5, End: 5, NewText: []byte("z")}
	plan := func(edits ...analysis.TextEdit) *Plan { return &Plan{Edits: edits} }
	if !plan(a, b).Same(plan(b, a)) {
		t.Error("the same edits in another order differ")
	}
	if plan(a, b).Same(plan(a, c)) || plan(a).Same(plan(a, b)) {
		t.Error("other edits are the same")
	}
}

// TestAddImport inserts an import where gofmt leaves it.
func TestAddImport(t *testing.T) {
	for _, test := range []struct{ name, src, alias, path, want string }{
		{"no imports", "package p\n", "context", "context", "package p\n\nimport \"context\"\n"},
		{"one of std before", "package p\n\nimport \"net/http\"\n", "context", "context", "package p\n\nimport \"context\"\nimport \"net/http\"\n"},
		{"one of std, another after", "package p\n\nimport \"net/http\"\n", "run", "example.com/run", "package p\n\nimport \"net/http\"\nimport \"example.com/run\"\n"},
		{"a block of std", "package p\n\nimport (\n\t\"net/http\"\n)\n", "ctxrun", "example.com/runtime", "package p\n\nimport (\n\t\"net/http\"\n\n\tctxrun \"example.com/runtime\"\n)\n"},
		{"a block with others", "package p\n\nimport (\n\t\"net/http\"\n\n\t\"example.com/a\"\n)\n", "b", "example.com/b", "package p\n\nimport (\n\t\"net/http\"\n\n\t\"example.com/a\"\n\t\"example.com/b\"\n)\n"},
		{"an empty block", "package p\n\nimport ()\n", "b", "example.com/b", "package p\n\nimport (\n\t\"example.com/b\"\n)\n"},
		{"cgo is left alone", "package p\n\nimport \"C\"\n", "context", "context", "package p\n\nimport \"context\"\n\nimport \"C\"\n"},
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "p.go", test.src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		out := test.src
		for _, e := range addImport(file, test.alias, test.path) {
			at := fset.Position(e.Pos).Offset
			out = out[:at] + string(e.NewText) + out[at:]
		}
		got, err := format.Source([]byte(out))
		if err != nil {
			t.Errorf("%s: %v in\n%s", test.name, err, out)
			continue
		}
		if !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace([]byte(test.want))) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// TestBaseName names variables for expressions.
func TestBaseName(t *testing.T) {
	for src, want := range map[string]string{
		"x": "x", "s.Store": "store", "s.next()": "next", "*p": "p", "&v": "v", "list[0]": "list", "1 + 2": "arg", "(x)": "x",
	} {
		e, err := parser.ParseExpr(src)
		if err != nil {
			t.Fatal(err)
		}
		if got := baseName(e); got != want {
			t.Errorf("%s: got %s, want %s", src, got, want)
		}
	}
}

// TestIsWrapper tells the names of wrappers that can be imported and called.
func TestIsWrapper(t *testing.T) {
	for name, want := range map[string]bool{
		"example.com/safego.Go": true, "safego.Go": true, "": false, "Go": false, "example.com/safego": false,
		"example.com/safego.go": false, "example.com/safe-go.Go": false, "example.com/safego.": false,
	} {
		if got := IsWrapper(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

// TestMerge leaves out edits that are there already.
func TestMerge(t *testing.T) {
	a := analysis.TextEdit{Pos: 1, End: 1, NewText: []byte("import")}
	b := analysis.TextEdit{Pos: 9, End: 9, NewText: []byte("ctx")}
	if got := merge([]analysis.TextEdit{a}, []analysis.TextEdit{a, b}); len(got) != 2 {
		t.Errorf("%d edits, want 2", len(got))
	}
}
