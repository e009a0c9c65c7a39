package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a place is only reached where something has failed that was given a
// context: that may have failed since the context has ended.

// A failure looks for that in a function.
type failure struct {
	r *Result
	f *syntax.Func
}

// at reports whether pos is reached only where something has failed: in a branch, or behind one
// that leaves where it has not.
func (x failure) at(pos token.Pos) bool {
	path := syntax.PathTo(pos, x.f.Body)
	for i, n := range path {
		switch n := n.(type) {
		case *ast.IfStmt:
			if syntax.Encloses(n.Body, pos) && x.failed(n.Cond) || n.Else != nil && syntax.Encloses(n.Else, pos) && x.succeeded(n.Cond) {
				return true
			}
		case *ast.CaseClause:
			s, ok := path[max(i-2, 0)].(*ast.SwitchStmt)
			if ok && n.Colon < pos && x.inCase(s, n) {
				return true
			}
		}
		if slices.ContainsFunc(syntax.ListOf(n), func(stmt ast.Stmt) bool { return stmt.End() <= pos && x.leavesUnfailed(stmt) }) {
			return true
		}
	}
	return false
}

// inCase reports whether a clause of a switch is for a failure.
func (x failure) inCase(s *ast.SwitchStmt, c *ast.CaseClause) bool {
	isNil := func(e ast.Expr) bool { return x.r.Info.Types[e].IsNil() }
	switch {
	case s.Tag != nil:
		return kind.IsError(x.r.TypeOf(s.Tag)) && !slices.ContainsFunc(c.List, isNil) && x.hears(s.Tag)
	case c.List != nil:
		return slices.ContainsFunc(c.List, x.failed)
	}
	return slices.ContainsFunc(s.Body.List, func(other ast.Stmt) bool {
		return slices.ContainsFunc(other.(*ast.CaseClause).List, x.succeeded)
	})
}

// leavesUnfailed reports whether a statement leaves the function where nothing has failed: itself,
// or in a round of a loop.
func (x failure) leavesUnfailed(stmt ast.Stmt) bool {
	switch s := stmt.(type) {
	case *ast.IfStmt:
		if len(s.Body.List) == 0 {
			return false
		}
		_, returns := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
		return returns && x.succeeded(s.Cond)
	case *ast.ForStmt:
		return slices.ContainsFunc(s.Body.List, x.leavesUnfailed)
	case *ast.RangeStmt:
		return slices.ContainsFunc(s.Body.List, x.leavesUnfailed)
	}
	return false
}

// failed reports whether a condition holds where something has failed: it asks for an error, for
// that of a context, or whether a call that is given one has done nothing.
func (x failure) failed(cond ast.Expr) bool {
	switch e := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND || e.Op == token.LOR:
			return x.failed(e.X) || x.failed(e.Y)
		case e.Op == token.NEQ && x.r.Info.Types[e.Y].IsNil():
			return kind.IsError(x.r.TypeOf(e.X)) && x.hears(e.X)
		case e.Op == token.EQL && !x.r.Info.Types[e.Y].IsNil():
			return x.isOfEnd(e.Y) || x.isOfEnd(e.X)
		}
	case *ast.UnaryExpr:
		if call, ok := ast.Unparen(e.X).(*ast.CallExpr); ok && e.Op == token.NOT && kind.IsBool(x.r.TypeOf(call)) && x.r.isGivenContext(call) {
			return true
		}
		return e.Op == token.NOT && x.succeeded(e.X)
	case *ast.CallExpr: // errors.Is
		return slices.ContainsFunc(e.Args, func(arg ast.Expr) bool {
			return kind.IsError(x.r.TypeOf(arg)) && (x.isOfEnd(arg) || x.hears(arg))
		})
	case *ast.Ident:
		value := x.onlyValue(e)
		return value != nil && x.failed(value)
	}
	return false
}

// succeeded reports whether a condition holds where nothing has failed.
func (x failure) succeeded(cond ast.Expr) bool {
	switch e := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND || e.Op == token.LOR:
			return x.succeeded(e.X) || x.succeeded(e.Y)
		case e.Op == token.EQL && x.r.Info.Types[e.Y].IsNil():
			return kind.IsError(x.r.TypeOf(e.X)) && x.hears(e.X)
		}
	case *ast.UnaryExpr:
		return e.Op == token.NOT && x.failed(e.X)
	case *ast.Ident:
		value := x.onlyValue(e)
		return value != nil && x.succeeded(value)
	}
	return false
}

// onlyValue returns the condition that a variable is set to once, nil for any other.
func (x failure) onlyValue(id *ast.Ident) ast.Expr {
	v, ok := x.r.Info.Uses[id].(*types.Var)
	if !ok || x.r.SetTimes(v, x.f) != 1 {
		return nil
	}
	values := x.r.ValuesOf(v, x.f)
	if len(values) != 1 || !kind.IsBool(x.r.TypeOf(values[0])) || ast.Unparen(values[0]) == id {
		return nil
	}
	return values[0]
}

// isOfEnd reports whether an expression is the error of a context that has ended.
func (x failure) isOfEnd(e ast.Expr) bool {
	v := x.r.VarOf(e)
	return v != nil && v.Pkg() != nil && v.Pkg().Path() == "context" && kind.IsError(v.Type())
}

// hears reports whether an error may be because a context has ended, by what it was set to last
// before it is asked for: a call that is given one, or an error, or has a thing to ask that may
// have one; what is received, or was kept somewhere.
func (x failure) hears(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return x.hearsIn(e)
	case *ast.Ident:
		v, ok := x.r.Info.Uses[e].(*types.Var)
		if !ok {
			return false
		}
		switch value := ast.Unparen(x.lastValue(v, e.Pos())).(type) {
		case *ast.CallExpr:
			return x.hearsIn(value)
		case *ast.Ident:
			return value.Name != e.Name && !x.r.Info.Types[value].IsNil() && x.hears(value)
		}
		return true // received, or of a list
	case *ast.SelectorExpr, *ast.IndexExpr:
		return true
	}
	return false
}

// hearsIn reports whether a call may fail because a context has ended.
func (x failure) hearsIn(call *ast.CallExpr) bool {
	if _, isMethod := ast.Unparen(call.Fun).(*ast.SelectorExpr); isMethod && len(call.Args) == 0 && x.r.Callee(call) != nil && x.r.Callee(call).Signature().Recv() != nil {
		return true // of a group, of rows
	}
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		t := x.r.TypeOf(arg)
		if s, ok := t.Underlying().(*types.Slice); ok {
			t = s.Elem()
		}
		return kind.IsContext(t) || x.r.Carries(t) || kind.IsHTTPRequest(t) || kind.IsError(t)
	})
}

// lastValue returns what a variable of the function is set to last before pos, as it is written,
// or nil.
func (x failure) lastValue(v *types.Var, pos token.Pos) (last ast.Expr) {
	for _, value := range x.r.ValuesOf(v, x.f) {
		if value.Pos() < pos && (last == nil || value.Pos() > last.Pos()) {
			last = value
		}
	}
	return last
}
