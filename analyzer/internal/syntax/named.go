package syntax

import (
	"go/ast"
	"go/types"
)

// This file follows functions that are named where they are not called, and
// literals in variables.

// NamedFunc returns the function or method that the expression e names, or nil.
func (ix *Index) NamedFunc(e ast.Expr) *types.Func {
	var fn *types.Func
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		fn, _ = ix.Info.Uses[e].(*types.Func)
	case *ast.SelectorExpr:
		fn, _ = ix.Info.Uses[e.Sel].(*types.Func)
	}
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// AssignedOnce returns the value of a local variable that is assigned once, nil
// for any other expression.
func (ix *Index) AssignedOnce(e ast.Expr) ast.Expr {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := ix.Info.Uses[id].(*types.Var)
	if v == nil {
		return nil
	}
	info := ix.vars[v.Origin()]
	if info == nil || info.Param >= 0 || len(info.Defs) != 1 || info.Defs[0].Index >= 0 || info.Defs[0].Zero {
		return nil
	}
	return ast.Unparen(info.Defs[0].Rhs)
}

// AssignedLit returns the literal that the variable e is assigned once, or nil.
func (ix *Index) AssignedLit(e ast.Expr) *Func {
	lit, ok := ix.AssignedOnce(e).(*ast.FuncLit)
	if !ok {
		return nil
	}
	return ix.byLit[lit]
}

// AssignedFunc returns the function or method that the variable e is assigned
// once, or nil.
func (ix *Index) AssignedFunc(e ast.Expr) *types.Func {
	return ix.NamedFunc(ix.AssignedOnce(e))
}
