package syntax

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// This file finds what is around a place without a look at all that is not:
// generated functions have thousands of loops, literals and scopes.

// A Nest has the nodes of one kind in a function, in source order. Each is inside
// another or beside it.
type Nest[N ast.Node] []nested[N]

type nested[N ast.Node] struct {
	Node     N
	pos, end token.Pos
	around   int // the index of the next one around it, or -1
}

// add adds a node that comes after those that are there.
func (n *Nest[N]) add(node N) {
	around := len(*n) - 1
	for around >= 0 && (*n)[around].end <= node.Pos() {
		around = (*n)[around].around
	}
	*n = append(*n, nested[N]{node, node.Pos(), node.End(), around})
}

// At returns the nodes around pos, the innermost first.
func (n Nest[N]) At(pos token.Pos) iter.Seq[N] {
	return func(yield func(N) bool) {
		i := sort.Search(len(n), func(i int) bool { return n[i].pos > pos }) - 1
		for ; i >= 0; i = n[i].around {
			if pos < n[i].end && !yield(n[i].Node) {
				return
			}
		}
	}
}

// ScopeAt returns the innermost scope at pos.
func (ix *Index) ScopeAt(pos token.Pos) *types.Scope {
	i := slices.IndexFunc(ix.Pass.Files, func(f *ast.File) bool { return f.FileStart <= pos && pos <= f.FileEnd })
	if i < 0 || ix.Info.Scopes[ix.Pass.Files[i]] == nil {
		return ix.Pass.Pkg.Scope() // in a file that the type checker has left out
	}
	scope := ix.Info.Scopes[ix.Pass.Files[i]]
	for {
		inner := ix.childAt(scope, pos)
		if inner == nil {
			return scope
		}
		scope = inner
	}
}

// childAt returns the scope at pos that is directly inside another, or nil.
func (ix *Index) childAt(scope *types.Scope, pos token.Pos) *types.Scope {
	children, ok := ix.scopes[scope]
	if !ok {
		for child := range scope.Children() {
			children = append(children, child)
		}
		slices.SortStableFunc(children, func(a, b *types.Scope) int { return cmp.Compare(a.Pos(), b.Pos()) })
		ix.scopes[scope] = children
	}
	i := sort.Search(len(children), func(i int) bool { return children[i].Pos() > pos })
	if i == 0 || !children[i-1].Contains(pos) {
		return nil
	}
	return children[i-1]
}

// PathTo returns the nodes around pos from n on, the outermost first. Of a list of
// statements it only looks at the one at pos.
func PathTo(pos token.Pos, n ast.Node) (path []ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		if m == nil || !Encloses(m, pos) {
			return false
		}
		path = append(path, m)
		list := ListOf(m)
		i := sort.Search(len(list), func(i int) bool { return list[i].End() > pos })
		if i == len(list) || list[i].Pos() > pos {
			return true
		}
		path = append(path, PathTo(pos, list[i])...)
		return false
	})
	return path
}

// BlockOf returns the block or statement of f that v is declared in: all of its
// body if it is declared there or outside.
func (ix *Index) BlockOf(v *types.Var, f *Func) ast.Node {
	for _, n := range PathTo(v.Pos(), f.Body) {
		if ix.Info.Scopes[n] == v.Parent() {
			return n
		}
	}
	return f.Body
}

// InTest reports whether pos is in a test file.
func (ix *Index) InTest(pos token.Pos) bool {
	return strings.HasSuffix(ix.Pass.Fset.Position(pos).Filename, "_test.go")
}

// Place gives a position as "file.go:12", to be read beside the package.
func (ix *Index) Place(pos token.Pos) string {
	p := ix.Pass.Fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}
