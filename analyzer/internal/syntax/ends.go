package syntax

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file notes the variables by which a function hears of the end of a
// context.

// mayTellEnd reports whether a channel may tell the end of a context or of the process:
// it carries nothing, or signals.
func (ix *Index) mayTellEnd(ch ast.Expr) bool {
	t, ok := ix.TypeOf(ch).Underlying().(*types.Chan)
	if !ok {
		return false
	}
	st, bare := t.Elem().Underlying().(*types.Struct)
	return bare && st.NumFields() == 0 || kind.IsOSSignal(t.Elem())
}

// IsErr reports whether e is ctx.Err() or context.Cause(ctx).
func (ix *Index) IsErr(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Err" {
		return ix.ContextLike(ix.TypeOf(sel.X))
	}
	fn := ix.Callee(call)
	return fn != nil && fn.Name() == "Cause" && fn.Pkg() != nil && fn.Pkg().Path() == "context"
}

// noteErr notes an error that the init statement of an if asks a context for.
func (ix *Index) noteErr(s *ast.IfStmt) {
	if as, ok := s.Init.(*ast.AssignStmt); ok && as.Tok == token.DEFINE && len(as.Rhs) == 1 && ix.IsErr(as.Rhs[0]) {
		if v := ix.VarOf(as.Lhs[0]); v != nil {
			ix.endErrs[v] = true
		}
	}
}

// IsDone reports whether e is ctx.Done() for some context, or a variable that is
// never set to anything else.
func (ix *Index) IsDone(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		v := ix.VarOf(id)
		return v != nil && ix.dones[v] == allDone
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Done" && ix.ContextLike(ix.TypeOf(sel.X))
}

// A doneVar says what a channel variable is set to.
type doneVar uint8

const (
	unset   doneVar = iota
	allDone         // what contexts give by Done
	others          // something else, at least once
)

// noteDone notes a value that a channel variable gets.
func (ix *Index) noteDone(v *types.Var, rhs ast.Expr) {
	if _, ok := v.Type().Underlying().(*types.Chan); !ok || v.IsField() {
		return
	}
	if _, isCall := rhs.(*ast.CallExpr); isCall && ix.IsDone(rhs) && ix.dones[v] != others {
		ix.dones[v] = allDone
	} else {
		ix.dones[v] = others
	}
}
