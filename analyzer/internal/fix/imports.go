// Package fix builds the text edits of suggested fixes. Its functions are pure:
// they look at syntax and types and return edits, or say that there is no safe
// way. A fix that is claimed safe is argued in the comment of the function
// that builds it.
package fix

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"

	"golang.org/x/tools/go/analysis"
)

// RuntimePath is the import path of package ctxrun.
const RuntimePath = "github.com/lostctx/lostctx/runtime"

// Import returns the name by which the package pkgPath can be used at pos in
// the file, and the edits that import it as name if it is not imported yet. The
// name is another one only if name is taken; it is "" if an existing import is
// hidden at pos.
func (s *Site) Import(pos token.Pos, name, pkgPath string) (string, []analysis.TextEdit) {
	inner := s.Flow.ScopeAt(pos)
	for _, spec := range s.File.Imports {
		pn := s.Pass.TypesInfo.PkgNameOf(spec)
		if pn == nil || pn.Imported().Path() != pkgPath || pn.Name() == "_" || pn.Name() == "." {
			continue
		}
		if _, obj := inner.LookupParent(pn.Name(), pos); obj != pn {
			return "", nil
		}
		return pn.Name(), nil
	}
	name = s.freshInFile(name)
	return name, addImport(s.File, name, pkgPath)
}

// freshInFile returns name, or name with a number, such that no identifier of the
// file and no declaration of its package is called so: a single new import serves
// the whole file, also where something is shadowed.
func (s *Site) freshInFile(name string) string {
	used := s.Changes.usedIn(s.File)
	fresh := name
	for i := 2; used[fresh] || s.Pass.Pkg.Scope().Lookup(fresh) != nil; i++ {
		fresh = name + strconv.Itoa(i)
	}
	return fresh
}

// addImport returns the edit that imports pkgPath as name.
//
//	import (
//		"context"
//	+
//	+	ctxrun "github.com/lostctx/lostctx/runtime"
//	)
//
// A package of the standard library goes before the first import, any other
// after the last one, with an empty line between them: gofmt would sort it
// into the block that it is glued to.
func addImport(file *ast.File, name, pkgPath string) []analysis.TextEdit {
	spec := strconv.Quote(pkgPath)
	if name != path.Base(pkgPath) {
		spec = name + " " + spec
	}
	decl := lastImport(file)
	switch {
	case decl == nil:
		return insert(file.Name.End(), "\n\nimport "+spec)
	case !decl.Lparen.IsValid() && isStd(pkgPath):
		start := decl.Pos()
		if decl.Doc != nil {
			start = decl.Doc.Pos()
		}
		return insert(start, "import "+spec+"\n")
	case !decl.Lparen.IsValid():
		return insert(endOf(decl.Specs[0].(*ast.ImportSpec)), "\nimport "+spec)
	case isStd(pkgPath):
		return insert(decl.Lparen+1, "\n\t"+spec)
	case len(decl.Specs) == 0:
		return insert(decl.Lparen+1, "\n\t"+spec+"\n")
	}
	last := decl.Specs[len(decl.Specs)-1].(*ast.ImportSpec)
	end := endOf(last)
	lastPath, _ := strconv.Unquote(last.Path.Value)
	if isStd(lastPath) {
		return insert(end, "\n\n\t"+spec)
	}
	return insert(end, "\n\t"+spec)
}

// endOf returns the end of an import with the comment that is about it.
func endOf(spec *ast.ImportSpec) token.Pos {
	if spec.Comment != nil {
		return spec.Comment.End()
	}
	return spec.End()
}

// lastImport returns the import declaration to add to: the last with
// parentheses, else the last; the one of "C" is left alone.
func lastImport(file *ast.File) *ast.GenDecl {
	var best *ast.GenDecl
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.IMPORT {
			break // they come first
		}
		if importsC(decl) {
			continue
		}
		if best == nil || decl.Lparen.IsValid() || !best.Lparen.IsValid() {
			best = decl
		}
	}
	return best
}

func importsC(decl *ast.GenDecl) bool {
	for _, s := range decl.Specs {
		if s.(*ast.ImportSpec).Path.Value == `"C"` {
			return true
		}
	}
	return false
}

// isStd reports whether a path looks like one of the standard library: its
// first element has no dot.
func isStd(pkgPath string) bool {
	for _, c := range pkgPath {
		switch c {
		case '.':
			return false
		case '/':
			return true
		}
	}
	return true
}

func insert(pos token.Pos, text string) []analysis.TextEdit {
	return []analysis.TextEdit{{Pos: pos, End: pos, NewText: []byte(text)}}
}

func replace(n ast.Node, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: n.Pos(), End: n.End(), NewText: []byte(text)}
}
