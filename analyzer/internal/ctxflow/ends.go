package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// This file finds the code that runs after the end of a context: it cleans up,
// and a root that it uses is a decision.

// endWait returns the end of the first statement of f's body that waits for the
// end of a context, or NoPos. What follows is a clean-up after the end of the
// work: its root is a decision.
func (r *Result) endWait(f *Func) token.Pos {
	for _, s := range f.body.List {
		if r.waitsForEnd(s) {
			return s.End()
		}
	}
	return token.NoPos
}

// waitsForEnd reports whether a statement waits for the end of a context or for
// a signal: by a receive, by a select of nothing else, by a call of a function
// that does only that.
func (r *Result) waitsForEnd(s ast.Stmt) bool {
	if ch := receivedFrom(s); ch != nil {
		return r.isEnd(ch)
	}
	switch s := s.(type) {
	case *ast.SelectStmt:
		for _, c := range s.Body.List {
			ch := receivedFrom(c.(*ast.CommClause).Comm)
			if ch == nil || !r.isEnd(ch) {
				return false
			}
		}
		return len(s.Body.List) > 0
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := r.byObj[r.callee(call)]
		return fn != nil && fn.body != nil && len(fn.body.List) == 1 && receivedFrom(fn.body.List[0]) != nil && r.waitsForEnd(fn.body.List[0])
	}
	return false
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

// findsEnd reports whether the body of an if is run only when a context has
// ended: if ctx.Err() != nil, if err := context.Cause(ctx); err != nil.
func (r *Result) findsEnd(s *ast.IfStmt) bool {
	b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ || !r.info.Types[b.Y].IsNil() {
		return false
	}
	x := ast.Unparen(b.X)
	if as, ok := s.Init.(*ast.AssignStmt); ok && len(as.Rhs) == 1 {
		x = ast.Unparen(as.Rhs[0])
	}
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Err" {
		return r.contextLike(typeOf(r.info, sel.X))
	}
	fn := r.callee(call)
	return fn != nil && fn.FullName() == "context.Cause"
}

// cleansUp reports whether pos, in f itself, is run after the end of a context
// that f waits for.
func (f *Func) cleansUp(pos token.Pos) bool {
	if f.until.IsValid() && pos > f.until {
		return true
	}
	for range f.ends.at(pos) {
		return true
	}
	return false
}

// isDone reports whether e is ctx.Done() for some context.
func (r *Result) isDone(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Done" && r.contextLike(typeOf(r.info, sel.X))
}
