package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which spawners return without waiting for the task that they are given.

// solveLeaves finds those of the package.
func (r *Result) solveLeaves() {
	l := &leaving{r: r, waits: make(map[*syntax.Func]bool), leaves: make(map[*syntax.Func]bool)}
	for _, f := range r.Decls {
		if f.Body != nil && r.known(f.Obj).Spawns != 0 && l.leavesAll(f) {
			r.own(f.Obj).Leaves = r.known(f.Obj).Spawns
		}
	}
}

type leaving struct {
	r      *Result
	waits  map[*syntax.Func]bool // memo of mayWait
	leaves map[*syntax.Func]bool // memo of leavesAll
}

// leavesAll reports whether f waits for none of the tasks that it starts or passes on.
func (l *leaving) leavesAll(f *syntax.Func) bool {
	if got, known := l.leaves[f]; known {
		return got
	}
	l.leaves[f] = true // in a circle: decided by the others
	leaves := !l.waitsAfter(f, l.firstSpawn(f)) && !slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool { return c.Go == nil && l.passesToWaiter(c) })
	l.leaves[f] = leaves
	return leaves
}

// passesToWaiter reports whether a call passes a task to a spawner that may wait for it.
func (l *leaving) passesToWaiter(c *syntax.Call) bool {
	spawns := l.r.Of(c.Callee).Spawns
	if spawns == 0 || kind.SpawnsByName(c.Callee.FullName()) != 0 {
		return false
	}
	if f := l.r.Func(c.Callee); f != nil && f.Body != nil {
		return !l.leavesAll(f)
	}
	if impls := l.r.impls[c.Callee]; len(impls) > 0 {
		return slices.ContainsFunc(impls, func(impl *types.Func) bool {
			f := l.r.Func(impl)
			return f == nil || f.Body == nil || !l.leavesAll(f)
		})
	}
	return l.r.Of(c.Callee).Leaves != spawns
}

// firstSpawn is the first place of f that may start a task, or NoPos: a wait before it waits
// for something else, a slot or a token.
func (l *leaving) firstSpawn(f *syntax.Func) token.Pos {
	first := token.NoPos
	note := func(pos token.Pos) {
		if first == token.NoPos || pos < first {
			first = pos
		}
	}
	f.All(func(g *syntax.Func) {
		for _, c := range g.Calls {
			if c.Go != nil || l.r.Of(c.Callee).Spawns != 0 {
				note(c.Expr.Pos())
			}
		}
		for _, s := range g.Sends {
			note(s.Pos())
		}
		if len(g.Loops) > 0 {
			note(g.Node.Pos())
		}
	})
	return first
}

// waitsAfter reports whether f may wait for somebody after a place of it: itself, deferred,
// or in a function of the package that it calls, other than a spawner. What a select receives beside what it sends
// is where it gives up.
func (l *leaving) waitsAfter(f *syntax.Func, from token.Pos) bool {
	waits := false
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			g := l.r.Lit(lit)
			return g == nil || g.Role == syntax.RoleDeferred || g.Role == syntax.RoleCalled
		}
		if waits || n == nil || n.End() <= from {
			return !waits
		}
		if l.r.isWait(n) && !l.givesUp(n, stack) && !l.onCond(n) {
			waits = true
		}
		return !waits
	})
	return waits || slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		g := l.r.Func(c.Callee)
		return c.Go == nil && c.Expr.End() > from && g != nil && g.Body != nil && l.r.Of(c.Callee).Spawns == 0 && l.mayWait(g)
	})
}

// mayWait reports whether a function of the package may wait for somebody.
func (l *leaving) mayWait(f *syntax.Func) bool {
	if got, known := l.waits[f]; known {
		return got
	}
	l.waits[f] = false
	waits := l.waitsAfter(f, token.NoPos)
	l.waits[f] = waits
	return waits
}

// givesUp reports whether a receive, whose parents are stack, is a case of a select that
// sends something too, or of one in a loop which asks a field: it waits for room, and tries
// again.
func (l *leaving) givesUp(n ast.Node, stack []ast.Node) bool {
	inLoop := slices.ContainsFunc(stack, func(p ast.Node) bool {
		_, ok := p.(*ast.ForStmt)
		return ok
	})
	for i := len(stack) - 1; i > 0; i-- {
		clause, ok := stack[i].(*ast.CommClause)
		if !ok {
			continue
		}
		if i+1 < len(stack) && stack[i+1] != clause.Comm {
			return false // it is in the body of the case
		}
		if u, ok := n.(*ast.UnaryExpr); ok && inLoop {
			if v := l.r.VarOf(u.X); v != nil && v.IsField() {
				return true
			}
		}
		body, ok := stack[i-1].(*ast.BlockStmt)
		return ok && slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
			other, ok := s.(*ast.CommClause)
			if !ok {
				return false
			}
			_, sends := other.Comm.(*ast.SendStmt)
			return sends
		})
	}
	return false
}

// onCond reports whether a wait is that of a sync.Cond: for a state, such as a free place.
func (l *leaving) onCond(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	named := kind.NamedOf(l.r.TypeOf(sel.X))
	return named != nil && kind.IsNamed(named, "sync", "Cond")
}
