package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells what a function makes that is there when it has returned.

// makesToLast reports whether a call makes something that is there when f has returned.
func (r *Result) makesToLast(c *syntax.Call, f *syntax.Func) bool {
	return r.Constructs(c.Callee) && r.outlastsCall(c, f) && !r.underSpan(c.Expr, f)
}

// outlastsCall reports whether what a call makes is there when f has returned: f gives it, or
// puts it into a field, itself, in a literal or in something else that is made of it. What is
// done to make it belongs to its life.
func (r *Result) outlastsCall(c *syntax.Call, f *syntax.Func) bool {
	var made []*types.Var
	if c.Assign != nil {
		v := r.VarOf(c.Assign.Lhs[0])
		if v == nil || v.IsField() {
			return v != nil
		}
		made = append(made, v)
	}
	var holds func(e ast.Expr) bool
	holds = func(e ast.Expr) bool {
		if lit := r.literalOf(e, nil); lit != nil {
			return slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool {
				if kv, ok := elt.(*ast.KeyValueExpr); ok {
					elt = kv.Value
				}
				return holds(elt)
			})
		}
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		return ok && (call == c.Expr || r.Constructs(r.Callee(call)) && slices.ContainsFunc(call.Args, holds)) || slices.Contains(made, r.VarOf(e))
	}
	kept := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			kept = kept || slices.ContainsFunc(n.Results, holds)
		case *ast.AssignStmt:
			for i, rhs := range n.Rhs {
				if n == c.Assign || !holds(rhs) {
					continue
				}
				lhs := ast.Unparen(n.Lhs[i])
				if index, ok := lhs.(*ast.IndexExpr); ok {
					lhs = index.X
				}
				v := r.VarOf(lhs)
				switch {
				case v == nil:
				case v.IsField() || v.Parent() == r.Pass.Pkg.Scope():
					kept = true
				default:
					made = append(made, v)
				}
			}
		}
		return !kept
	})
	return kept
}
