package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which signals of a function nobody hears before it has returned.

// isGivenBack reports whether a signal of the function that spawns is nothing to it but what
// it returns: nobody hears of the task by it before.
//
//	out := make(chan error, 1)
//	go func() { out <- save(ctx) }()
//	return out
//
// Another task may hear of it, if what that tells is only given back as well.
func (r *Result) isGivenBack(v *types.Var, s *Spawn) bool {
	w := backWalk{r: r, s: s, seen: make(map[*types.Var]bool)}
	return w.onlyBack(v) && w.back
}

type backWalk struct {
	r    *Result
	s    *Spawn
	seen map[*types.Var]bool
	back bool // something is returned
}

func (w *backWalk) onlyBack(v *types.Var) bool {
	d := w.s.In.Root()
	if w.seen[v] {
		return true
	}
	w.seen[v] = true
	if v.IsField() || d.Body == nil || !syntax.Encloses(d.Body, v.Pos()) {
		return false
	}
	return !slices.ContainsFunc(w.r.MentionsOf(v, d), func(id *ast.Ident) bool {
		f := syntax.Innermost(d, id.Pos())
		for g := f; g != nil && !syntax.Encloses(g.Node, v.Pos()); g = g.Outer {
			if w.r.isBody(g, w.s) {
				return false // the task may do what it likes
			} else if w.r.IsStarted(g) {
				return !w.tellsOnlyBack(g)
			}
		}
		return !w.isBack(id, f, d)
	})
}

// tellsOnlyBack reports whether a task other than the one asked about tells of what it
// hears by nothing but what is given back.
func (w *backWalk) tellsOnlyBack(task *syntax.Func) bool {
	only := true
	ast.Inspect(task.Node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return only
		}
		v, ok := w.r.Info.Uses[id].(*types.Var)
		if ok && !syntax.Encloses(task.Node, v.Pos()) && (kind.IsSignal(v.Type()) || kind.HasSignal(v.Type())) {
			only = only && w.onlyBack(v)
		}
		return only
	})
	return only
}

// isBack reports whether a use of a signal in f, which is no task, makes it, counts, hands
// it to a task, or returns it.
func (w *backWalk) isBack(id *ast.Ident, f, d *syntax.Func) bool {
	path := syntax.PathTo(id.Pos(), d.Body)
	p, rest := syntax.Parent(path[:len(path)-1])
	switch p := p.(type) {
	case *ast.ReturnStmt:
		w.back = w.back || f == w.s.In
		return f == w.s.In
	case *ast.AssignStmt:
		return isMade(id, p.Lhs, p.Rhs)
	case *ast.ValueSpec:
		return len(p.Values) == 0 || isMade(id, syntax.Exprs(p.Names), p.Values)
	case *ast.SelectorExpr:
		call, _ := rest[len(rest)-1].(*ast.CallExpr)
		return call != nil && call.Fun == p && w.r.onlyCounts(w.r.Callee(call))
	case *ast.CallExpr:
		_, isGo := rest[len(rest)-1].(*ast.GoStmt)
		return isGo
	}
	return false
}
