package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds the code that runs after the end of a context: it cleans up,
// and a root that it uses is a decision.

// CleansUp reports whether pos, in f itself, is run only after the end of a context
// that f has heard of.
func (r *Result) CleansUp(f *syntax.Func, pos token.Pos) bool {
	if f.Body == nil || !r.mayHearOfEnd(f) {
		return false
	}
	g := r.GraphOf(f)
	if r.untilEnd[f] == nil {
		region := g.Until(r.isEndStep)
		r.untilEnd[f] = &region
	}
	n := g.NodeAt(pos)
	return n != nil && g.Reaches(n) && !r.untilEnd[f].Has(n)
}

// mayHearOfEnd reports whether f receives from a channel that may tell the end of a
// context, asks a context for its error, or calls what only waits for an end: others
// cannot hear of one.
func (r *Result) mayHearOfEnd(f *syntax.Func) bool {
	if f.HearsEnd {
		return true
	}
	hears, known := r.hears[f]
	if !known {
		hears = slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
			return r.Func(c.Callee) != nil && r.onlyWaitsForEnd(c.Callee)
		})
		r.hears[f] = hears
	}
	return hears
}

// isEndStep reports whether a step on a path tells that a context has ended, or that
// the process is to: a receive, a condition, a call of a function that only waits.
func (r *Result) isEndStep(s path.Step) bool {
	switch n := s.Node.(type) {
	case *ast.UnaryExpr:
		return n.Op == token.ARROW && r.isEnd(n.X)
	case *ast.CallExpr:
		return s.Kind == path.Node && r.onlyWaitsForEnd(r.Callee(n))
	case *ast.BinaryExpr:
		return s.Kind == path.True && r.findsEnd(n, token.NEQ) || s.Kind == path.False && r.findsEnd(n, token.EQL)
	}
	return false
}

// onlyWaitsForEnd reports whether all that a function of the package does is to wait
// for the end of a context, or for a signal.
func (r *Result) onlyWaitsForEnd(fn *types.Func) bool {
	f := r.Func(fn)
	if f == nil || f.Body == nil || len(f.Body.List) != 1 {
		return false
	}
	ch := syntax.ReceivedFrom(f.Body.List[0])
	return ch != nil && r.isEnd(ch)
}

// isEnd reports whether a channel tells the end of a context, or of the
// process.
func (r *Result) isEnd(ch ast.Expr) bool {
	if r.IsDone(ch) {
		return true
	}
	t, ok := r.TypeOf(ch).Underlying().(*types.Chan)
	return ok && kind.IsOSSignal(t.Elem())
}

// findsEnd reports whether a comparison with nil asks a context for its error:
// ctx.Err() != nil, or err != nil in if err := context.Cause(ctx); err != nil.
func (r *Result) findsEnd(b *ast.BinaryExpr, op token.Token) bool {
	if b.Op != op || !r.Info.Types[b.Y].IsNil() {
		return false
	}
	if r.IsErr(b.X) {
		return true
	}
	v := r.VarOf(b.X)
	return v != nil && r.IsEndErr(v)
}
