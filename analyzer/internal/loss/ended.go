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
// so must not end with it: where a call that was given one has failed, or behind a receive
// that hears of the end.
//
//	if err := s.charge(ctx, o); err != nil {
//		s.db.Exec("insert into failed ..")
func (r *Result) MayFollowEnd(f *syntax.Func, pos token.Pos) bool {
	if f == nil || f.Body == nil {
		return false
	}
	for _, n := range syntax.PathTo(pos, f.Body) {
		s, ok := n.(*ast.IfStmt)
		if ok && syntax.Encloses(s.Body, pos) && r.asksFailed(s, f) {
			return true
		}
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

// asksFailed reports whether a condition of f asks for an error that a call which was given a
// context has returned, or for that of a context that has ended.
func (r *Result) asksFailed(s *ast.IfStmt, f *syntax.Func) bool {
	failed := false
	ast.Inspect(s.Cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL && r.Info.Types[n.Y].IsNil() {
				return false // err == nil
			}
		case *ast.SelectorExpr:
			v, ok := r.Info.Uses[n.Sel].(*types.Var)
			failed = failed || ok && v.Pkg() != nil && v.Pkg().Path() == "context" && kind.IsError(v.Type())
		case *ast.Ident:
			if v, ok := r.Info.Uses[n].(*types.Var); ok && kind.IsError(v.Type()) {
				failed = failed || r.comesFromContext(v, s, f)
			}
		}
		return !failed
	})
	return failed
}

// comesFromContext reports whether the last call of f before a condition, or in it, that sets
// an error is given a context, or a request.
func (r *Result) comesFromContext(err *types.Var, s *ast.IfStmt, f *syntax.Func) bool {
	var last *syntax.Call
	for _, c := range f.Calls {
		if c.Assign == nil || c.Expr.Pos() > s.Cond.Pos() || last != nil && c.Expr.Pos() < last.Expr.Pos() {
			continue
		}
		if slices.ContainsFunc(c.Assign.Lhs, func(lhs ast.Expr) bool { return r.VarOf(lhs) == err }) {
			last = c
		}
	}
	return last != nil && slices.ContainsFunc(last.Expr.Args, func(arg ast.Expr) bool {
		t := r.TypeOf(arg)
		return kind.IsContext(t) || r.Carries(t) || kind.IsHTTPRequest(t)
	})
}
