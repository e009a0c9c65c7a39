package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// This file finds the code that runs after the end of a context: it cleans up,
// and a root that it uses is a decision.

// cleansUp reports whether pos, in f itself, is run only after the end of a context
// that f has heard of.
func (r *Result) cleansUp(f *Func, pos token.Pos) bool {
	if f.body == nil || !r.mayHearOfEnd(f) {
		return false
	}
	g := r.graphOf(f)
	if f.before == nil {
		region := g.Until(r.isEndStep)
		f.before = &region
	}
	n := g.NodeAt(pos)
	return n != nil && g.Reaches(n) && !f.before.Has(n)
}

// mayHearOfEnd reports whether f receives from a channel that may tell the end of a
// context, asks a context for its error, or calls what only waits for an end: others
// cannot hear of one.
func (r *Result) mayHearOfEnd(f *Func) bool {
	if f.hearsEnd {
		return true
	}
	for _, c := range f.calls {
		if r.byObj[c.callee] != nil && r.onlyWaitsForEnd(c.callee) {
			return true
		}
	}
	return false
}

// isEndStep reports whether a step on a path tells that a context has ended, or that
// the process is to: a receive, a condition, a call of a function that only waits.
func (r *Result) isEndStep(s path.Step) bool {
	switch n := s.Node.(type) {
	case *ast.UnaryExpr:
		return n.Op == token.ARROW && r.isEnd(n.X)
	case *ast.CallExpr:
		return s.Kind == path.Node && r.onlyWaitsForEnd(r.callee(n))
	case *ast.BinaryExpr:
		return s.Kind == path.True && r.findsEnd(n, token.NEQ) || s.Kind == path.False && r.findsEnd(n, token.EQL)
	}
	return false
}

// mayTellEnd reports whether a channel may tell the end of a context or of the process:
// it carries nothing, or signals.
func (r *Result) mayTellEnd(ch ast.Expr) bool {
	t, ok := typeOf(r.info, ch).Underlying().(*types.Chan)
	if !ok {
		return false
	}
	st, bare := t.Elem().Underlying().(*types.Struct)
	return bare && st.NumFields() == 0 || isOSSignal(t.Elem())
}

// onlyWaitsForEnd reports whether all that a function of the package does is to wait
// for the end of a context, or for a signal.
func (r *Result) onlyWaitsForEnd(fn *types.Func) bool {
	f := r.byObj[fn]
	if f == nil || f.body == nil || len(f.body.List) != 1 {
		return false
	}
	ch := receivedFrom(f.body.List[0])
	return ch != nil && r.isEnd(ch)
}

// isEnd reports whether a channel tells the end of a context, or of the
// process.
func (r *Result) isEnd(ch ast.Expr) bool {
	if r.isDone(ch) {
		return true
	}
	t, ok := typeOf(r.info, ch).Underlying().(*types.Chan)
	return ok && isOSSignal(t.Elem())
}

// findsEnd reports whether a comparison with nil asks a context for its error:
// ctx.Err() != nil, or err != nil in if err := context.Cause(ctx); err != nil.
func (r *Result) findsEnd(b *ast.BinaryExpr, op token.Token) bool {
	if b.Op != op || !r.info.Types[b.Y].IsNil() {
		return false
	}
	if r.isErr(b.X) {
		return true
	}
	v := r.varOf(b.X)
	return v != nil && r.endErrs[v]
}

// isErr reports whether e is ctx.Err() or context.Cause(ctx).
func (r *Result) isErr(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Err" {
		return r.contextLike(typeOf(r.info, sel.X))
	}
	fn := r.callee(call)
	return fn != nil && fn.Name() == "Cause" && fn.Pkg() != nil && fn.Pkg().Path() == "context"
}

// noteErr notes an error that the init statement of an if asks a context for.
func (r *Result) noteErr(s *ast.IfStmt) {
	if as, ok := s.Init.(*ast.AssignStmt); ok && as.Tok == token.DEFINE && len(as.Rhs) == 1 && r.isErr(as.Rhs[0]) {
		if v := r.varOf(as.Lhs[0]); v != nil {
			r.endErrs[v] = true
		}
	}
}

// isDone reports whether e is ctx.Done() for some context, or a variable that is
// never set to anything else.
func (r *Result) isDone(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		v := r.varOf(id)
		return v != nil && r.dones[v] == allDone
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Done" && r.contextLike(typeOf(r.info, sel.X))
}

// A doneVar says what a channel variable is set to.
type doneVar uint8

const (
	unset   doneVar = iota
	allDone         // what contexts give by Done
	others          // something else, at least once
)

// noteDone notes a value that a channel variable gets.
func (r *Result) noteDone(v *types.Var, rhs ast.Expr) {
	if _, ok := v.Type().Underlying().(*types.Chan); !ok || v.IsField() {
		return
	}
	if _, isCall := rhs.(*ast.CallExpr); isCall && r.isDone(rhs) && r.dones[v] != others {
		r.dones[v] = allDone
	} else {
		r.dones[v] = others
	}
}
