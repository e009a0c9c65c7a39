package ctxflow

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"sort"
)

// This file finds what is around a place without a look at all that is not:
// generated functions have thousands of loops, literals and scopes.

// A nest has the nodes of one kind in a function, in source order. Each is inside
// another or beside it.
type nest[N ast.Node] []nested[N]

type nested[N ast.Node] struct {
	node     N
	pos, end token.Pos
	around   int // the index of the next one around it, or -1
}

// add adds a node that comes after those that are there.
func (n *nest[N]) add(node N) {
	around := len(*n) - 1
	for around >= 0 && (*n)[around].end <= node.Pos() {
		around = (*n)[around].around
	}
	*n = append(*n, nested[N]{node, node.Pos(), node.End(), around})
}

// at returns the nodes around pos, the innermost first.
func (n nest[N]) at(pos token.Pos) iter.Seq[N] {
	return func(yield func(N) bool) {
		i := sort.Search(len(n), func(i int) bool { return n[i].pos > pos }) - 1
		for ; i >= 0; i = n[i].around {
			if pos < n[i].end && !yield(n[i].node) {
				return
			}
		}
	}
}

// innermost returns the function at pos, which is in f or a literal inside it.
func innermost(f *Func, pos token.Pos) *Func {
	for f != nil {
		i := sort.Search(len(f.lits), func(i int) bool { return f.lits[i].node.Pos() > pos })
		if i == 0 || !encloses(f.lits[i-1].node, pos) {
			break
		}
		f = f.lits[i-1]
	}
	return f
}

// inLoop reports whether pos is in a loop of f.
func (f *Func) inLoop(pos token.Pos) bool {
	for range f.loops.at(pos) {
		return true
	}
	return false
}

// returnsBetween reports whether f may return between two places.
func (f *Func) returnsBetween(a, b token.Pos) bool {
	i := sort.Search(len(f.returns), func(i int) bool { return f.returns[i].Pos() > a })
	return i < len(f.returns) && f.returns[i].End() <= b
}

// ScopeAt returns the innermost scope at pos.
func (r *Result) ScopeAt(pos token.Pos) *types.Scope {
	i := slices.IndexFunc(r.pass.Files, func(f *ast.File) bool { return f.FileStart <= pos && pos <= f.FileEnd })
	if i < 0 || r.info.Scopes[r.pass.Files[i]] == nil {
		return r.pass.Pkg.Scope() // in a file that the type checker has left out
	}
	scope := r.info.Scopes[r.pass.Files[i]]
	for {
		inner := r.childAt(scope, pos)
		if inner == nil {
			return scope
		}
		scope = inner
	}
}

// childAt returns the scope at pos that is directly inside another, or nil.
func (r *Result) childAt(scope *types.Scope, pos token.Pos) *types.Scope {
	children, ok := r.scopes[scope]
	if !ok {
		for child := range scope.Children() {
			children = append(children, child)
		}
		slices.SortStableFunc(children, func(a, b *types.Scope) int { return cmp.Compare(a.Pos(), b.Pos()) })
		r.scopes[scope] = children
	}
	i := sort.Search(len(children), func(i int) bool { return children[i].Pos() > pos })
	if i == 0 || !children[i-1].Contains(pos) {
		return nil
	}
	return children[i-1]
}

// pathTo returns the nodes around pos from n on, the outermost first. Of a list of
// statements it only looks at the one at pos.
func pathTo(pos token.Pos, n ast.Node) (path []ast.Node) {
	ast.Inspect(n, func(m ast.Node) bool {
		if m == nil || !encloses(m, pos) {
			return false
		}
		path = append(path, m)
		list := listOf(m)
		i := sort.Search(len(list), func(i int) bool { return list[i].End() > pos })
		if i == len(list) || list[i].Pos() > pos {
			return true
		}
		path = append(path, pathTo(pos, list[i])...)
		return false
	})
	return path
}

// blockOf returns the block or statement of f that v is declared in: all of its
// body if it is declared there or outside.
func (r *Result) blockOf(v *types.Var, f *Func) ast.Node {
	for _, n := range pathTo(v.Pos(), f.body) {
		if r.info.Scopes[n] == v.Parent() {
			return n
		}
	}
	return f.body
}

// handVars are the variables of a scope that may be a context at hand.
type handVars struct {
	contexts []*types.Var // the last first
	requests []*types.Var // by name
}

// before returns the contexts that are declared before pos, no more than maxHands.
func (h *handVars) before(pos token.Pos) []*types.Var {
	i := sort.Search(len(h.contexts), func(i int) bool { return h.contexts[i].Pos() < pos })
	return h.contexts[i:min(i+maxHands, len(h.contexts))]
}

// handVarsOf returns those of a scope.
func (r *Result) handVarsOf(scope *types.Scope) *handVars {
	if got := r.hands[scope]; got != nil {
		return got
	}
	got := new(handVars)
	for _, name := range scope.Names() {
		switch v, ok := scope.Lookup(name).(*types.Var); {
		case !ok:
		case IsContext(v.Type()):
			got.contexts = append(got.contexts, v)
		case r.vars[v] == nil && (r.carries(v.Type()) || r.contextLike(v.Type())):
			got.requests = append(got.requests, v)
		}
	}
	slices.SortFunc(got.contexts, func(a, b *types.Var) int { return cmp.Compare(b.Pos(), a.Pos()) })
	r.hands[scope] = got
	return got
}
