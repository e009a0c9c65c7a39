package syntax

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file follows requests, which carry a context of their own.

// Rebased reports whether what a call returns is a request whose context is
// replaced before it is used: req.WithContext(ctx), req.Clone(ctx), or a call
// that takes both, such as client.Do(ctx, req).
func (ix *Index) Rebased(call *ast.CallExpr, f *Func) bool {
	if ix.requestResult(call) < 0 {
		return false
	}
	v := ix.resultVar(call, f)
	for _, s := range f.Calls {
		if sel, ok := ast.Unparen(s.Expr.Fun).(*ast.SelectorExpr); ok && len(s.Expr.Args) >= 1 {
			x := ast.Unparen(sel.X)
			if (x == call || v != nil && ix.VarOf(x) == v) && kind.IsContext(ix.TypeOf(s.Expr.Args[0])) && !ix.madeOf(s.Expr.Args[0], v) {
				return true
			}
		}
		if v != nil && ix.passesWithContext(s.Expr, v) {
			return true
		}
	}
	return false
}

// madeOf reports whether a context is made of that of v alone:
//
//	req = req.WithContext(context.WithValue(req.Context(), key, value))
func (ix *Index) madeOf(ctx ast.Expr, v *types.Var) bool {
	own, other := false, false
	ast.Inspect(ctx, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			used, _ := ix.Info.Uses[id].(*types.Var)
			own = own || used != nil && used == v
			other = other || used != nil && used != v && (kind.IsContext(used.Type()) || ix.Carries(used.Type()))
		}
		return true
	})
	return own && !other
}

// requestResult returns the index of the result of call that carries a
// context, or -1.
func (ix *Index) requestResult(call *ast.CallExpr) int { return ix.resultThat(call, ix.GivesContext) }

// resultVar returns the variable that the request which call returns is
// assigned to, or nil.
func (ix *Index) resultVar(call *ast.CallExpr, f *Func) (v *types.Var) {
	i := ix.requestResult(call)
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && len(as.Rhs) == 1 && ast.Unparen(as.Rhs[0]) == call && i < len(as.Lhs) {
			v = ix.VarOf(as.Lhs[i])
		}
		return v == nil
	})
	return v
}

// passesWithContext reports whether call takes v beside a context.
func (ix *Index) passesWithContext(call *ast.CallExpr, v *types.Var) bool {
	ctx, req := false, false
	for _, arg := range call.Args {
		ctx = ctx || kind.IsContext(ix.TypeOf(arg))
		req = req || ix.VarOf(arg) == v
	}
	return ctx && req
}

// Carried returns the expression that gives the context of the request v at pos,
// "" where a function would have to be imported for it.
func (ix *Index) Carried(v *types.Var, pos token.Pos) string {
	fn := ix.OwnCarrier(v.Type())
	switch {
	case fn == nil:
		return v.Name() + ix.Carrier(v.Type())
	case fn.Signature().Recv() != nil:
		return v.Name() + "." + fn.Name() + "()"
	case fn.Pkg() == ix.Pass.Pkg:
		return fn.Name() + "(" + v.Name() + ")"
	}
	_, obj := ix.ScopeAt(pos).LookupParent(fn.Pkg().Name(), pos)
	if imp, ok := obj.(*types.PkgName); !ok || imp.Imported() != fn.Pkg() {
		return "" // not imported here, or under another name
	}
	return fn.Pkg().Name() + "." + fn.Name() + "(" + v.Name() + ")"
}

// CarriedBy returns the expression that a call asks for its context, nil if that
// is no call of a carrier of the team.
func (ix *Index) CarriedBy(call *ast.CallExpr) ast.Expr {
	fn := ix.Callee(call)
	if !ix.IsCarrier(fn) {
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && len(call.Args) == 0 {
		return sel.X
	}
	if len(call.Args) != 1 {
		return nil
	}
	return call.Args[0] // of a function, or a method expression
}

// RequestOf returns the variable r of a call r.Context(), or nil.
func (ix *Index) RequestOf(call *ast.CallExpr) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) != 0 || !kind.IsContext(ix.TypeOf(call)) {
		return nil
	}
	if sel.Sel.Name != "Context" && ix.Carrier(ix.TypeOf(sel.X)) != "."+sel.Sel.Name+"()" {
		return nil // fiber's UserContext
	}
	return ix.BaseVar(sel.X)
}
