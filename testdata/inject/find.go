package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// A place is a call that is given a context, in the module's own words.
type place struct {
	file  string // relative to the module
	line  int
	fn    string // what is called
	node  string // and its node of the graph
	owner string // the function that it is in
	start int    // offsets of the context
	end   int
	stmt  [2]int // offsets of the statement that the call is, if it is one
}

func (p *place) String() string { return fmt.Sprintf("%s:%d %s", p.file, p.line, p.fn) }

// find returns the places of the module that o chooses from, and who calls whom.
func find(o *options) ([]*place, *graph, error) {
	fset := token.NewFileSet()
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedModule,
		Dir:  o.dir,
		Fset: fset,
	}, "./...")
	if err != nil {
		return nil, nil, err
	}
	calls := newGraph()
	var got []*place
	for _, pkg := range pkgs {
		if len(pkg.Errors) > 0 || pkg.TypesInfo == nil {
			continue // it does not build, here or at all
		}
		for _, file := range pkg.Syntax {
			name, err := filepath.Rel(o.dir, fset.Position(file.Package).Filename)
			if err != nil || strings.HasPrefix(name, "..") || ast.IsGenerated(file) {
				continue
			}
			f := &finder{o: o, fset: fset, info: pkg.TypesInfo, file: file, name: name}
			f.find()
			calls.add(f)
			got = append(got, f.got...)
		}
	}
	return got, calls, nil
}

// A finder looks through one file.
type finder struct {
	o    *options
	fset *token.FileSet
	info *types.Info
	file *ast.File
	name string
	got  []*place
}

func (f *finder) find() {
	if !importsContext(f.file) {
		return // an import would be one more line
	}
	for _, decl := range f.file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil || !f.isThere(fn) {
			continue
		}
		spans := f.spans(fn)
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok {
				f.call(fn, call, spans)
			}
			return true
		})
	}
}

func importsContext(file *ast.File) bool {
	for _, spec := range file.Imports {
		if spec.Path.Value == `"context"` && spec.Name == nil {
			return true
		}
	}
	return false
}

// isThere reports whether a function is one of those that -where asks for.
func (f *finder) isThere(fn *ast.FuncDecl) bool {
	if f.o.where != "handler" {
		return true
	}
	sig := f.info.Defs[fn.Name].Type().(*types.Signature)
	for v := range sig.Params().Variables() {
		t := types.TypeString(v.Type(), nil)
		if t == "*net/http.Request" || strings.HasSuffix(t, "gin.Context") || strings.HasSuffix(t, "echo.Context") || strings.HasSuffix(t, "fiber.Ctx") {
			return true
		}
	}
	return false
}

// spans returns the variables that have the contexts of spans which the function starts,
// and where.
func (f *finder) spans(fn *ast.FuncDecl) map[types.Object]token.Pos {
	got := make(map[types.Object]token.Pos)
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Lhs) < 2 || len(as.Rhs) != 1 {
			return true
		}
		ctx, span := types.Object(nil), false
		for _, lhs := range as.Lhs {
			id, ok := lhs.(*ast.Ident)
			if !ok || id.Name == "_" {
				continue
			}
			obj := f.info.ObjectOf(id)
			switch {
			case obj == nil:
			case isContext(obj.Type()):
				ctx = obj
			default:
				span = span || hasMethod(obj.Type(), "End") || hasMethod(obj.Type(), "Finish")
			}
		}
		if ctx != nil && span {
			got[ctx] = as.End()
		}
		return true
	})
	return got
}

// call adds a call if a loss can be put into it.
func (f *finder) call(fn *ast.FuncDecl, call *ast.CallExpr, spans map[types.Object]token.Pos) {
	callee, _ := typeutil.Callee(f.info, call).(*types.Func)
	if callee == nil || callee.Pkg() == nil || callee.Pkg().Path() == "context" || f.inTaskOrDefer(call) {
		return
	}
	for i, arg := range call.Args {
		id, ok := ast.Unparen(arg).(*ast.Ident)
		if !ok || !isContext(f.info.TypeOf(id)) || !f.takesContext(callee, i) {
			continue
		}
		obj := f.info.Uses[id]
		if start, ok := spans[obj]; f.o.where == "span" && (!ok || call.Pos() < start) {
			continue
		}
		p := &place{
			file: f.name, line: f.fset.Position(id.Pos()).Line, fn: callee.FullName(), node: new(graph).nodeOf(callee), owner: f.nameOf(fn),
			start: f.fset.Position(id.Pos()).Offset, end: f.fset.Position(id.End()).Offset,
		}
		if stmt := f.stmtOf(call); stmt != nil {
			p.stmt = [2]int{f.fset.Position(stmt.Pos()).Offset, f.fset.Position(stmt.End()).Offset}
			p.line = f.fset.Position(stmt.Pos()).Line
		}
		if f.o.how == "task" && p.stmt[1] == 0 {
			continue
		}
		if f.o.how == "root" {
			p.line = f.fset.Position(id.Pos()).Line
		}
		f.got = append(f.got, p)
		return
	}
}

// takesContext reports whether what is called takes argument i as a context.
func (f *finder) takesContext(callee *types.Func, i int) bool {
	params := callee.Signature().Params()
	return i < params.Len() && isContext(params.At(i).Type())
}

// stmtOf returns the statement that a call is, if it is no more than that.
func (f *finder) stmtOf(call *ast.CallExpr) ast.Stmt {
	path, _ := astutil.PathEnclosingInterval(f.file, call.Pos(), call.End())
	for i, n := range path {
		if n == call && i+1 < len(path) {
			if stmt, ok := path[i+1].(*ast.ExprStmt); ok {
				return stmt
			}
		}
	}
	return nil
}

// inTaskOrDefer reports whether a call is in a task or a deferred call already, or in
// what is no statement of the function.
func (f *finder) inTaskOrDefer(call *ast.CallExpr) bool {
	path, _ := astutil.PathEnclosingInterval(f.file, call.Pos(), call.End())
	for _, n := range path {
		switch n.(type) {
		case *ast.GoStmt, *ast.DeferStmt, *ast.FuncLit:
			return true
		}
	}
	return false
}

func isContext(t types.Type) bool {
	return t != nil && types.TypeString(t, nil) == "context.Context"
}

func hasMethod(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	_, ok := obj.(*types.Func)
	return ok
}

// nameOf returns the full name of a declaration.
func (f *finder) nameOf(fn *ast.FuncDecl) string {
	return f.info.Defs[fn.Name].(*types.Func).FullName()
}
