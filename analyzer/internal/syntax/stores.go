package syntax

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// Stores calls yield for each value that the package sets a field or a variable to: by an
// assignment, which of a call with several results gives each the call, or in a struct
// literal. The function is the declaration, or the literal of a package variable, that it
// stands in; nil in the value of a package variable itself.
func (ix *Index) Stores(yield func(to *types.Var, value ast.Expr, in *Func)) {
	walk := func(n ast.Node, in *Func) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return in != nil
			case *ast.CompositeLit:
				ix.fields(n, func(to *types.Var, value ast.Expr) { yield(to, value, in) })
			case *ast.AssignStmt:
				for i, lhs := range n.Lhs {
					if v := ix.VarOf(lhs); v != nil {
						yield(v, n.Rhs[min(i, len(n.Rhs)-1)], in)
					}
				}
			}
			return true
		})
	}
	ix.Funcs(func(f *Func) {
		if f.Outer == nil && f.Body != nil {
			walk(f.Body, f)
		}
	})
	for _, file := range ix.Pass.Files {
		for _, decl := range file.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok {
				walk(gen, nil)
			}
		}
	}
}

// fields calls yield for the fields that a struct literal sets.
func (ix *Index) fields(lit *ast.CompositeLit, yield func(*types.Var, ast.Expr)) {
	st, ok := kind.Pointee(ix.TypeOf(lit)).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if v := ix.VarOf(kv.Key); v != nil {
				yield(v, kv.Value)
			}
		} else if i < st.NumFields() {
			yield(st.Field(i).Origin(), elt)
		}
	}
}
