package analyzer_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lostctx/lostctx/analyzer"
	"github.com/lostctx/lostctx/analyzer/internal/drive"
)

// byName has the functions of the corpus in which a name decides, with the row of the word
// file (kind/names.go) that it stands in: where callers cannot be seen.
var byName = map[string]string{
	"weighs":     "none: a semaphore is known by its methods Acquire and Release",
	"NewService": "lifeWords",
	"Start":      "lifeWords",
	"Stop":       "lifeWords",
	"LaunchLoop": "lifeWords",
	"restore":    "lifeWords, of the function that alone calls it",
	"makes":      "lifeWords, of the constructor that it calls",
	"hooks":      "lifeWords, of two fields of a struct that are for both ends of a life",
	"collects":   "collectWords",
	"logger":     "logWords",
	"checkLater": "none: the name of the span is that of the function",
	"page":       "none: a struct has a request in a field Request, as those of frameworks do",
}

// TestRenamed gives what the packages of the corpus declare other names, at random, and
// wants the same findings: only names that an interface, a sibling pair, the language or
// a row of the word file gives meaning to may decide anything.
func TestRenamed(t *testing.T) {
	decided := make(map[string]bool)
	defer func() {
		for name := range byName {
			if !decided[name] && !t.Failed() {
				t.Errorf("nothing in %s is decided by a name any more", name)
			}
		}
	}()
	prog := newWorld(t).prog
	suite := suite(t, analyzer.Settings{})
	for _, pkg := range prog.Packages {
		if !strings.HasPrefix(pkg.ImportPath, prog.Module+"/") {
			continue
		}
		src, err := pkg.Source()
		if err != nil {
			t.Fatal(err)
		}
		u := prog.Check(pkg.ImportPath, src)
		want := linesOf(prog, u.Run(suite.All()))
		renamed, names := rename(u, src, rand.New(rand.NewPCG(1, 2)))
		u.Release()
		v := prog.Check(pkg.ImportPath, renamed)
		if v.Broken() || len(v.Errors) > 0 {
			t.Errorf("%s does not compile with other names: %v %v", pkg.ImportPath, v.Syntax, v.Errors)
			continue
		}
		got := linesOf(prog, v.Run(suite.All()))
		v.Release()
		for _, line := range want {
			if name := names[lineOf(line)]; !slices.Contains(got, line) {
				decided[name] = true
				if byName[name] == "" {
					t.Errorf("%s is not found under other names (%s)", line, name)
				}
			}
		}
		for _, line := range got {
			if name := names[lineOf(line)]; !slices.Contains(want, line) {
				decided[name] = true
				if byName[name] == "" {
					t.Errorf("%s is only found under other names (%s)", line, name)
				}
			}
		}
	}
}

func lineOf(line string) string { return line[:strings.LastIndexByte(line, ' ')] }

// linesOf returns the lines of findings, with the check.
func linesOf(prog *drive.Program, run *drive.Run) []string {
	var lines []string
	for _, rep := range run.Reports {
		p := prog.Fset.Position(rep.Pos)
		lines = append(lines, fmt.Sprintf("%s:%d %s", p.Filename, p.Line, rep.Analyzer.Name))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// rename returns the files with other names, and for each line the function around it.
func rename(u *drive.Unit, src []txtar.File, rnd *rand.Rand) (renamed []txtar.File, names map[string]string) {
	r := renamer{u: u, rnd: rnd, names: make(map[string]string), meaning: make(map[string]bool)}
	r.meanings()
	fset := u.Fset()
	names = make(map[string]string)
	type edit struct {
		at, size int
		text     string
	}
	edits := make(map[string][]edit)
	for _, file := range u.Files {
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				for l := fset.Position(fn.Pos()).Line; l <= fset.Position(fn.End()).Line; l++ {
					names[fmt.Sprintf("%s:%d", fset.Position(fn.Pos()).Filename, l)] = fn.Name.Name
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if obj := r.object(id); obj != nil {
				if name := r.name(obj); name != id.Name {
					p := fset.Position(id.Pos())
					edits[p.Filename] = append(edits[p.Filename], edit{p.Offset, len(id.Name), name})
				}
			}
			return true
		})
	}
	for _, f := range src {
		es := edits[f.Name]
		slices.SortFunc(es, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
		var out []byte
		last := 0
		for _, e := range es {
			out = append(append(out, f.Data[last:e.at]...), e.text...)
			last = e.at + e.size
		}
		renamed = append(renamed, txtar.File{Name: f.Name, Data: append(out, f.Data[last:]...)})
	}
	return renamed, names
}

type renamer struct {
	u       *drive.Unit
	rnd     *rand.Rand
	names   map[string]string // by what they were
	meaning map[string]bool   // names that something else gives meaning to
}

// object returns what an identifier stands for.
func (r *renamer) object(id *ast.Ident) types.Object {
	obj := r.u.Info.Defs[id]
	if obj == nil {
		obj = r.u.Info.Uses[id]
	}
	switch o := obj.(type) {
	case *types.Var:
		return o.Origin()
	case *types.Func:
		return o.Origin()
	}
	return obj
}

// meanings collects the names of methods of interfaces, those that are asked for by
// type assertions included, and of siblings.
func (r *renamer) meanings() {
	seen := make(map[*types.Package]bool)
	var look func(pkg *types.Package)
	look = func(pkg *types.Package) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		for _, name := range pkg.Scope().Names() {
			if i, ok := pkg.Scope().Lookup(name).Type().Underlying().(*types.Interface); ok {
				for m := range i.Methods() {
					r.meaning[m.Name()] = true
				}
			}
		}
		for _, imp := range pkg.Imports() {
			look(imp)
		}
	}
	look(r.u.Pkg)
	for _, obj := range r.u.Info.Defs {
		if obj == nil {
			continue
		}
		if i, ok := obj.Type().Underlying().(*types.Interface); ok {
			for m := range i.Methods() {
				r.meaning[m.Name()] = true
			}
		}
		for _, suffix := range []string{"Context", "WithContext", "Ctx", "FromContext"} {
			if base, ok := strings.CutSuffix(obj.Name(), suffix); ok {
				r.meaning[base], r.meaning[obj.Name()] = true, true
			}
		}
	}
}

// name returns the name that an object gets.
func (r *renamer) name(obj types.Object) string {
	name := obj.Name()
	if obj.Pkg() != r.u.Pkg || name == "_" || name == "main" || name == "init" {
		return name
	}
	switch o := obj.(type) {
	case *types.PkgName, *types.Label, *types.Nil, *types.Builtin:
		return name
	case *types.Func:
		if o.Signature().Recv() != nil && r.meaning[name] || o.Signature().Recv() == nil && (r.meaning[name] || strings.HasPrefix(name, "Test")) {
			return name
		}
	case *types.Var:
		if o.Embedded() {
			if n := namedOf(o.Type()); n != nil && n.Obj().Pkg() == r.u.Pkg {
				return r.name(n.Obj())
			}
			return name
		}
	}
	if got := r.names[name]; got != "" {
		return got // what hides another thing still does
	}
	letters := "bdfghjklmnpqrtvwxz"
	b := []byte{'q'}
	if token.IsExported(name) {
		b[0] = 'Q'
	}
	for range 5 {
		b = append(b, letters[r.rnd.IntN(len(letters))])
	}
	r.names[name] = fmt.Sprintf("%s%d", b, len(r.names))
	return r.names[name]
}

func namedOf(t types.Type) *types.Named {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := t.(*types.Named)
	return n
}
