package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
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
			isNil := r.info.Types[n.Y].IsNil()
			found = found || isError(r.info.TypeOf(n.X)) && (n.Op == token.NEQ) == isNil
		case *ast.CallExpr:
			fn := r.callee(n)
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
			found = found || endState(n.Name)
		case *ast.SelectorExpr:
			found = found || n.Sel.Name == "Err" && r.contextLike(typeOf(r.info, n.X))
		}
		return !found
	})
	return found
}

// endState reports whether a name is that of the state of something that runs.
func endState(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "running", "alive", "active", "done", "quit", "exit", "stop":
		return true
	}
	return containsAny(name, "stopped", "stopping", "closed", "closing", "shutdown", "shutting", "cancel", "terminat", "killed")
}

// endChannel reports whether a name is that of a channel which tells to stop.
func endChannel(name string) bool {
	return containsAny(strings.ToLower(name), "stop", "clos", "shut", "cancel", "term", "exit", "quit", "done", "abort", "kill", "dying", "halt")
}

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// comparesErrors reports whether a loop knows the error that ends a list, such
// as io.EOF; one that tells that the source is closed does not.
func (r *Result) comparesErrors(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			found = found || n.Op == token.EQL && isError(r.info.TypeOf(n.X)) && !r.info.Types[n.Y].IsNil() && !namedLike(n.Y, endChannel)
		case *ast.CallExpr:
			fn := r.callee(n)
			found = found || fn != nil && fn.FullName() == "errors.Is" && !namedLike(n.Args[1], endChannel)
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
	ch := receivedFrom(comm)
	if ch == nil {
		return false
	}
	t, ok := typeOf(r.info, ch).Underlying().(*types.Chan)
	if !ok {
		return false
	}
	if st, ok := t.Elem().Underlying().(*types.Struct); ok && st.NumFields() == 0 {
		return namedLike(ch, endChannel)
	}
	return isError(t.Elem()) || isOSSignal(t.Elem())
}

// namedLike reports whether match holds for one of the names in e.
func namedLike(e ast.Expr, match func(string) bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && match(id.Name)
		return !found
	})
	return found
}

func isOSSignal(t types.Type) bool {
	n := namedOf(t)
	return n != nil && isNamed(n, "os", "Signal")
}

// receivedFrom returns the channel that a statement receives from, or nil.
func receivedFrom(s ast.Stmt) ast.Expr {
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
