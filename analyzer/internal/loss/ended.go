package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
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
	if info := r.Var(v); s == nil && len(made) > 0 && info != nil && len(info.Defs) == 1 {
		// made of one that is
		if call, ok := ast.Unparen(info.Defs[0].Rhs).(*ast.CallExpr); ok && len(call.Args) > 0 && r.onlyDerives(r.Callee(call), maxDerived) {
			from := r.VarOf(call.Args[0])
			return from != nil && from != v && r.spanIsOver(from, pos, f)
		}
	}
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

// MayFollowEnd reports whether what f does at pos may be done because a context has ended, and
// so must not end with it: it is reached where something has failed that may have heard of that,
// is given an error, or comes behind a receive that hears of the end.
//
//	if err := s.charge(ctx, o); err != nil {
//		s.db.Exec("insert into failed ..")
func (r *Result) MayFollowEnd(f *syntax.Func, pos token.Pos) bool {
	if f == nil || f.Body == nil {
		return false
	}
	if r.takesError(f) || (failure{r, f}).at(pos) {
		return true
	}
	g := r.GraphOf(f)
	at := g.NodeAt(pos)
	if at == nil || !f.HearsEnd {
		return false
	}
	heard := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			heard = heard || n.Op == token.ARROW && r.IsDone(n.X) && g.Between(n, at, nil)
		}
		return !heard
	})
	return heard
}

// takesError reports whether a function, or one around it, is given an error: it is there for when
// something has failed.
func (r *Result) takesError(f *syntax.Func) bool {
	for ; f != nil; f = f.Outer {
		for v := range f.Sig.Params().Variables() {
			if kind.IsError(v.Type()) {
				return true
			}
		}
	}
	return false
}
