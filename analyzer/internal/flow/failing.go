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

// This file tells whether a return is one of a function that fails.

// failing returns what tells a return with an error: whoever gives up knows that, and
// wants what was started to end.
func (r *Result) failing(f *syntax.Func) func(ast.Node) bool {
	results := f.Sig.Results()
	n := results.Len()
	if n == 0 || !kind.IsError(results.At(n-1).Type()) {
		return nil
	}
	return func(end ast.Node) bool {
		ret, ok := end.(*ast.ReturnStmt)
		if !ok {
			return true // a panic
		}
		return len(ret.Results) == n && r.isFailure(f, ret, ret.Results[n-1])
	}
}

// isFailure reports whether a returned error is known not to be nil: it is made there,
// or was compared with nil before.
func (r *Result) isFailure(f *syntax.Func, ret *ast.ReturnStmt, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr, *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		return r.IsErr(e) || r.makesError(e) || slices.ContainsFunc(e.Args, func(arg ast.Expr) bool {
			return kind.IsError(r.Info.TypeOf(arg)) && r.isFailure(f, ret, arg)
		})
	case *ast.SelectorExpr:
		v, ok := r.Info.Uses[e.Sel].(*types.Var)
		return ok && !v.IsField() && kind.IsError(v.Type()) // io.EOF
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		if !ok || !kind.IsError(v.Type()) {
			return false
		}
		if v.Parent() == v.Pkg().Scope() {
			return true // errNotFound
		}
		return r.GraphOf(f).Dominated(ret, func(s path.Step) bool {
			b, ok := s.Node.(*ast.BinaryExpr)
			return ok && r.VarOf(b.X) == v && r.Info.Types[b.Y].IsNil() &&
				(s.Kind == path.True && b.Op == token.NEQ || s.Kind == path.False && b.Op == token.EQL)
		})
	}
	return false
}

// makesError reports whether a call makes an error: it is of package errors or fmt, or
// is given a format.
func (r *Result) makesError(call *ast.CallExpr) bool {
	fn := r.Callee(call)
	if fn == nil {
		return false
	}
	switch fn.FullName() {
	case "errors.New", "fmt.Errorf":
		return true
	}
	sig := fn.Signature()
	return sig.Variadic() && sig.Results().Len() == 1 && kind.IsError(sig.Results().At(0).Type())
}
