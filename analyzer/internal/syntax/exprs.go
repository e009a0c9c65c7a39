package syntax

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file reads expressions and statements.

// Parent returns the node around the last one, parentheses left out.
func Parent(stack []ast.Node) (ast.Node, []ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		if _, ok := stack[i].(*ast.ParenExpr); !ok {
			return stack[i], stack[:i]
		}
	}
	return nil, nil
}

// Encloses reports whether n's source contains pos.
func Encloses(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

// VarOf returns the variable or field that e names, its origin if it is of an
// instance, or nil.
func (ix *Index) VarOf(e ast.Expr) *types.Var {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	}
	if id == nil {
		return nil
	}
	v, _ := ix.Info.ObjectOf(id).(*types.Var)
	if v == nil {
		return nil
	}
	return v.Origin()
}

// BaseVar returns the variable that a chain of selections and calls without
// arguments starts from: c of c.Request().Context(), or nil.
func (ix *Index) BaseVar(e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return ix.VarOf(x)
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

// Callee returns the function or interface method that call names, its origin
// if it is an instance, or nil. A variable may stand for one, see nameSpawners.
func (ix *Index) Callee(call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(ix.Info, call).(*types.Func)
	if fn == nil {
		return ix.declared[call]
	}
	return fn.Origin()
}

// ArgIndex returns the index of arg among the arguments of call, or -1.
func ArgIndex(call *ast.CallExpr, arg ast.Expr) int {
	for i, a := range call.Args {
		if ast.Unparen(a) == ast.Unparen(arg) {
			return i
		}
	}
	return -1
}

// Exprs returns names as expressions.
func Exprs(names []*ast.Ident) []ast.Expr {
	got := make([]ast.Expr, len(names))
	for i, name := range names {
		got[i] = name
	}
	return got
}

// ToBlank reports whether the use is that of _ = ctx.
func ToBlank(stack []ast.Node) bool {
	p, _ := Parent(stack)
	as, ok := p.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 {
		return false
	}
	id, ok := as.Lhs[0].(*ast.Ident)
	return ok && id.Name == "_"
}

// IsExprStmt reports whether n is an expression that stands alone.
func IsExprStmt(n ast.Node) bool {
	_, ok := n.(*ast.ExprStmt)
	return ok
}

// ListOf returns the statements of a block or a clause, nil for another node.
func ListOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// ReceivedFrom returns the channel that a statement receives from, or nil.
func ReceivedFrom(s ast.Stmt) ast.Expr {
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	}
	if e == nil {
		return nil
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X
	}
	return nil
}

// TargetOf returns what an assignment gives the value of e, a context or a call
// that gives one, to, or nil.
func (ix *Index) TargetOf(e ast.Expr, lhs, rhs []ast.Expr) ast.Expr {
	for i, x := range rhs {
		if ast.Unparen(x) != ast.Unparen(e) {
			continue
		}
		if len(lhs) == len(rhs) {
			return lhs[i]
		}
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			if i := ix.ContextResult(call); i >= 0 && i < len(lhs) {
				return lhs[i]
			}
		}
	}
	return nil
}

// ContextResult returns the index of the first context among the results of
// call, or -1.
func (ix *Index) ContextResult(call *ast.CallExpr) int { return ix.resultThat(call, kind.IsContext) }

// resultThat returns the index of the first result of call whose type is one, or -1.
func (ix *Index) resultThat(call *ast.CallExpr, is func(types.Type) bool) int {
	switch t := ix.Info.TypeOf(call).(type) {
	case *types.Tuple:
		for i := range t.Len() {
			if is(t.At(i).Type()) {
				return i
			}
		}
	case nil:
	default:
		if is(t) {
			return 0
		}
	}
	return -1
}

// NamedLike reports whether match holds for one of the names in e.
func NamedLike(e ast.Expr, match func(string) bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && match(id.Name)
		return !found
	})
	return found
}

// Mentions reports whether n mentions v.
func (ix *Index) Mentions(n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && ix.Info.Uses[id] == v
		return !found
	})
	return found
}

// IsAssigned reports whether an identifier is what an assignment changes.
func IsAssigned(id *ast.Ident, stack []ast.Node) bool {
	p, _ := Parent(stack)
	as, ok := p.(*ast.AssignStmt)
	if !ok {
		return false
	}
	for _, lhs := range as.Lhs {
		if lhs == id {
			return true
		}
	}
	return false
}
