package ctxrun_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each exported function and type has an example. An option is shown where it
// is used; a function that makes one needs no example of its own.
func TestEachExportIsShownInAnExample(t *testing.T) {
	fset := token.NewFileSet()
	pkgs, err := parser.ParseDir(fset, ".", func(fs.FileInfo) bool { return true }, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	examples, used := map[string]bool{}, map[string]bool{}
	for _, f := range pkgs["ctxrun_test"].Files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(fn.Name.Name, "Example") {
				continue
			}
			examples[strings.TrimPrefix(fn.Name.Name, "Example")] = true
			ast.Inspect(fn, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					used[sel.Sel.Name] = true
				}
				return true
			})
		}
	}
	exported := 0
	for _, f := range pkgs["ctxrun"].Files {
		if strings.HasSuffix(fset.File(f.Pos()).Name(), "_test.go") {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if name := d.Name.Name; d.Recv == nil && ast.IsExported(name) {
					exported++
					if !examples[name] && (!isOption(d) || !used[name]) {
						t.Errorf("%s: no Example%s", fset.Position(d.Pos()), name)
					}
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() {
						exported++
						if !examples[ts.Name.Name] {
							t.Errorf("%s: no Example%s", fset.Position(ts.Pos()), ts.Name.Name)
						}
					}
				}
			}
		}
	}
	if exported < 40 {
		t.Errorf("only %d exported functions and types found", exported)
	}
}

// isOption reports whether a function returns an option.
func isOption(d *ast.FuncDecl) bool {
	if d.Type.Results.NumFields() != 1 {
		return false
	}
	id, ok := d.Type.Results.List[0].Type.(*ast.Ident)
	return ok && strings.HasSuffix(id.Name, "Option")
}

var (
	qualified = regexp.MustCompile(`ctxrun\.([A-Z]\w*)`)
	fence     = regexp.MustCompile("(?s)```go\n(.*?)```")
)

// What the pages name exists, and their code is Go.
func TestPagesNameWhatExists(t *testing.T) {
	fset := token.NewFileSet()
	exported := map[string]bool{}
	pkgs, err := parser.ParseDir(fset, ".", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range pkgs["ctxrun"].Files {
		for name := range f.Scope.Objects {
			exported[name] = true
		}
	}
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) != 4 {
		t.Fatalf("pages %q, %v", pages, err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range qualified.FindAllSubmatch(text, -1) {
			if !exported[string(m[1])] {
				t.Errorf("%s: there is no ctxrun.%s", page, m[1])
			}
		}
		for _, m := range fence.FindAllSubmatch(text, -1) {
			if _, err := parser.ParseFile(fset, page, "package p\nfunc _() {\n"+string(m[1])+"}", 0); err != nil {
				t.Errorf("%v in\n%s", err, m[1])
			}
		}
	}
}
