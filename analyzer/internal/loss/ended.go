package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a context in scope is over where it is asked for.

// spanIsOver reports whether the context of v is that of a span of f which has ended at pos:
// what comes then belongs to whatever the span belongs to.
func (r *Result) spanIsOver(v *types.Var, pos token.Pos, f *syntax.Func) bool {
	made, known := r.madeBy[f]
	if !known {
		for _, s := range r.SpanStarts(f) {
			if s.Ctx != nil && s.Assign.Tok == token.DEFINE && r.SetTimes(s.Ctx, f) == 1 {
				if made == nil {
					made = make(map[*types.Var]*syntax.SpanStart)
				}
				made[s.Ctx] = s
			}
		}
		r.madeBy[f] = made
	}
	s := made[v]
	if s == nil || s.Assign.End() > pos {
		return false
	}
	open := r.openOf(s)
	return open != nil && !r.openAt(s, open, pos)
}

// CanceledBefore reports whether f has canceled the context that v has at pos, on every path
// to it: what comes then is the clean-up, and can only have its values.
func (r *Result) CanceledBefore(v *types.Var, pos token.Pos, f *syntax.Func) bool {
	over := false
	r.LivesAt(v, pos, func(l flow.Life) {
		if l.Cancel == nil || l.In != f || over || !r.callsBefore(l.Cancel, f, pos) {
			return
		}
		g := r.GraphOf(f)
		node := g.NodeAt(pos)
		over = node != nil && g.Dominated(node, func(s path.Step) bool {
			call, ok := s.Node.(*ast.CallExpr)
			return ok && s.Kind == path.Node && r.VarOf(call.Fun) == l.Cancel
		})
	})
	return over
}

// callsBefore reports whether f calls a function variable itself before pos, not deferred, as
// few do.
func (r *Result) callsBefore(v *types.Var, f *syntax.Func, pos token.Pos) bool {
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		return c.Expr.Pos() < pos && c.Defer == nil && c.Go == nil && r.VarOf(c.Expr.Fun) == v
	})
}
