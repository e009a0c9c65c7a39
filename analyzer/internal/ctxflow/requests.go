package ctxflow

import (
	"go/ast"
	"go/types"
)

// This file follows requests, which carry a context of their own.

// evalCarrier evaluates the call of a carrier's Context method, or of what a team
// has in its place.
func (r *Result) evalCarrier(call *ast.CallExpr, f *Func) (value, bool) {
	x := r.carriedBy(call)
	if x == nil {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Context" || len(call.Args) != 0 {
			return value{}, false
		}
		x = sel.X
	}
	if v := r.baseVar(x); v != nil && r.isRequestParam(v, f) {
		return value{class: caller}, true
	}
	return value{}, true
}

// baseVar returns the variable that a chain of selections and calls without
// arguments starts from: c of c.Request().Context(), or nil.
func (r *Result) baseVar(e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return r.varOf(x)
		case *ast.SelectorExpr:
			e = x.X
		case *ast.CallExpr:
			if len(x.Args) > 0 {
				return nil
			}
			e = x.Fun
		default:
			return nil
		}
	}
}

// rebased reports whether what a call returns is a request whose context is
// replaced before it is used: req.WithContext(ctx), req.Clone(ctx), or a call
// that takes both, such as client.Do(ctx, req).
func (r *Result) rebased(call *ast.CallExpr, f *Func) bool {
	if r.requestResult(call) < 0 {
		return false
	}
	v := r.resultVar(call, f)
	for _, s := range f.calls {
		if sel, ok := ast.Unparen(s.expr.Fun).(*ast.SelectorExpr); ok && len(s.expr.Args) >= 1 {
			x := ast.Unparen(sel.X)
			if (x == call || v != nil && r.varOf(x) == v) && IsContext(typeOf(r.info, s.expr.Args[0])) {
				return true
			}
		}
		if v != nil && r.passesWithContext(s.expr, v) {
			return true
		}
	}
	return false
}

// requestResult returns the index of the result of call that carries a
// context, or -1.
func (r *Result) requestResult(call *ast.CallExpr) int {
	switch t := r.info.TypeOf(call).(type) {
	case *types.Tuple:
		for i := range t.Len() {
			if r.givesContext(t.At(i).Type()) {
				return i
			}
		}
	case nil:
	default:
		if r.givesContext(t) {
			return 0
		}
	}
	return -1
}

// resultVar returns the variable that the request which call returns is
// assigned to, or nil.
func (r *Result) resultVar(call *ast.CallExpr, f *Func) (v *types.Var) {
	i := r.requestResult(call)
	ast.Inspect(f.body, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && len(as.Rhs) == 1 && ast.Unparen(as.Rhs[0]) == call && i < len(as.Lhs) {
			v = r.varOf(as.Lhs[i])
		}
		return v == nil
	})
	return v
}

// passesWithContext reports whether call takes v beside a context.
func (r *Result) passesWithContext(call *ast.CallExpr, v *types.Var) bool {
	ctx, req := false, false
	for _, arg := range call.Args {
		ctx = ctx || IsContext(typeOf(r.info, arg))
		req = req || r.varOf(arg) == v
	}
	return ctx && req
}
