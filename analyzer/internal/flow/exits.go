package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells how a loop is left: because the service ends, or because its
// work is done.

// asksForEnd reports whether a condition to leave a loop is about the end of
// the service and not about its work: !ok, err != nil, s.closed, ctx.Err().
func (r *Result) asksForEnd(cond ast.Expr) bool {
	found := r.namesEnd(cond)
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			id, ok := ast.Unparen(n.X).(*ast.Ident)
			found = found || ok && n.Op == token.NOT && id.Name == "ok"
		case *ast.BinaryExpr:
			// err != nil, err == io.EOF
			isNil := r.Info.Types[n.Y].IsNil()
			found = found || kind.IsError(r.Info.TypeOf(n.X)) && (n.Op == token.NEQ) == isNil
		case *ast.CallExpr:
			fn := r.Callee(n)
			found = found || fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "errors"
		}
		return !found
	})
	return found
}

// namesEnd reports whether a condition asks something that by its name is the
// state of a thing that runs, or asks a context for its error.
func (r *Result) namesEnd(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			found = found || kind.IsEndState(n.Name)
		case *ast.SelectorExpr:
			found = found || n.Sel.Name == "Err" && r.ContextLike(r.TypeOf(n.X))
		}
		return !found
	})
	return found
}

// comparesErrors reports whether a loop knows the error that ends a list, such
// as io.EOF; one that tells that the source is closed does not.
func (r *Result) comparesErrors(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			found = found || n.Op == token.EQL && kind.IsError(r.Info.TypeOf(n.X)) && !r.Info.Types[n.Y].IsNil() && !syntax.NamedLike(n.Y, kind.IsEndChannel)
		case *ast.CallExpr:
			fn := r.Callee(n)
			found = found || fn != nil && fn.FullName() == "errors.Is" && !syntax.NamedLike(n.Args[1], kind.IsEndChannel)
		}
		return !found
	})
	return found
}

// productiveExit reports whether the loop can be left because its work is
// done: a retry that succeeded, the last page. A service loop is left only
// when it is told to stop or its source is gone.
func (r *Result) productiveExit(body *ast.BlockStmt) bool {
	found := false
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || !r.endingExit(stack)
		case *ast.BranchStmt:
			found = found || leavesLoop(n, stack) && !r.endingExit(stack)
		}
		return !found
	})
	return found
}

// leavesLoop reports whether a branch statement below a loop's body leaves it. One
// with a label is taken to leave.
func leavesLoop(n *ast.BranchStmt, stack []ast.Node) bool {
	if n.Tok == token.GOTO {
		return true
	}
	if n.Tok != token.BREAK {
		return false
	}
	if n.Label != nil {
		return true
	}
	for _, s := range stack {
		switch s.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SelectStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
			return false // leaves that one
		}
	}
	return true
}

// endingExit reports whether one of the conditions around an exit is the end
// of the service: a stop channel's case, a condition that asksForEnd.
func (r *Result) endingExit(stack []ast.Node) bool {
	for _, n := range stack {
		switch n := n.(type) {
		case *ast.CommClause:
			if r.stopCase(n.Comm) {
				return true
			}
		case *ast.IfStmt:
			if r.asksForEnd(n.Cond) {
				return true
			}
		}
	}
	return false
}

// stopCase reports whether a select case waits for an end: of a context, on a
// channel that carries errors, signals, or nothing and is called stop or so.
func (r *Result) stopCase(comm ast.Stmt) bool {
	ch := syntax.ReceivedFrom(comm)
	if ch == nil {
		return false
	}
	t, ok := r.TypeOf(ch).Underlying().(*types.Chan)
	if !ok {
		return false
	}
	if st, ok := t.Elem().Underlying().(*types.Struct); ok && st.NumFields() == 0 {
		return syntax.NamedLike(ch, kind.IsEndChannel)
	}
	return kind.IsError(t.Elem()) || kind.IsOSSignal(t.Elem())
}
