package flow

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a context that was made with a group is over when a task starts
// with it: the group cancels it when it has been waited for, whatever it was made of.
//
//	g, ctx := errgroup.WithContext(ctx)
//	..
//	err := g.Wait()
//	go save(ctx)

// overAt returns the group that has been waited for on every path to a spawn, and that
// the context e, written in f, was made with; nil if there is none, or nobody knows.
func (r *Result) overAt(e ast.Expr, f *syntax.Func, s *Spawn) *types.Var {
	v := r.VarOf(e)
	info := r.Var(v)
	if info == nil || v.IsField() || !kind.IsContext(v.Type()) {
		return nil
	}
	defs, initial := r.reaching(info, v, e.Pos())
	if initial || len(defs) != 1 {
		return nil
	}
	d := defs[0]
	g := r.groupOf(d)
	if g == nil || d.In != s.In || f != s.In && !r.inTask(f, s) {
		return nil
	}
	waits := func(step path.Step) bool {
		call, ok := step.Node.(*ast.CallExpr)
		if !ok || step.Kind != path.Node {
			return false
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Wait" && r.VarOf(sel.X) == g
	}
	graph := r.GraphOf(s.In)
	if !graph.Dominated(s.node(), waits) || graph.Between(d.At, s.node(), waits) { // or another group was, in the same variable
		return nil
	}
	return g
}

// groupOf returns the group that a definition of a context gives beside it, or nil.
func (r *Result) groupOf(d *syntax.Def) *types.Var {
	as, ok := d.At.(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 || len(as.Lhs) != 2 {
		return nil
	}
	call, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	if !ok || r.Callee(call) == nil || r.Detaches(r.Callee(call)) {
		return nil
	}
	for _, lhs := range as.Lhs {
		if g := r.VarOf(lhs); g != nil && !g.IsField() && r.HasMethods(g.Type(), "Go", "Wait") {
			return g
		}
	}
	return nil
}
