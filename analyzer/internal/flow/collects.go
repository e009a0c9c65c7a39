package flow

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds what is collected, or under way, for all who come: in an element of what
// outlives a call, or in a list that is emptied as a whole.

// flushes reports whether a call in f is of a function of the package that empties what f has
// put something into, below a condition about that: what is collected there is of all who
// have put something into it.
//
//	b.items = append(b.items, item)
//	if len(b.items) >= b.max {
//		b.flush()
//	}
func (r *Result) flushes(c *syntax.Call, f *syntax.Func) bool {
	g := r.Func(c.Callee)
	if g == nil || g.Body == nil || f.Body == nil || r.Of(c.Callee).Sink == nil || !r.assignmentsOf(f).lasting {
		return false
	}
	return slices.ContainsFunc(syntax.PathTo(c.Expr.Lparen, f.Body), func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		return ok && syntax.Encloses(s.Body, c.Expr.Pos()) && slices.ContainsFunc(r.fieldsIn(s.Cond, f, 1), func(field *types.Var) bool {
			return r.changesField(f, field) && r.empties(g, field) && r.isTakenBack(field)
		})
	})
}

// empties reports whether a function of the package changes a field, itself or in a function
// that it calls.
func (r *Result) empties(f *syntax.Func, field *types.Var) bool {
	if r.changesField(f, field) {
		return true
	}
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		g := r.Func(c.Callee)
		return g != nil && g.Body != nil && r.changesField(g, field)
	})
}

// isSharedElement reports whether a local variable of f points to an element of a list or a
// map that outlives the call.
func (r *Result) isSharedElement(v *types.Var, f *syntax.Func) bool {
	if v == nil || v.IsField() {
		return false
	}
	if _, isPtr := v.Type().Underlying().(*types.Pointer); !isPtr {
		return false
	}
	return slices.ContainsFunc(r.assignedTo(v, f), func(e ast.Expr) bool { return r.takesElement(e, f, 3) })
}

// takesElement reports whether an expression in f is an element of what outlives the call:
// by an index, of a sync.Map, or by a function of the package that gives one.
func (r *Result) takesElement(e ast.Expr, f *syntax.Func, depth int) bool {
	if depth == 0 {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return r.OutlivesCall(r.BaseVar(e.X), f)
	case *ast.TypeAssertExpr:
		return r.takesElement(e.X, f, depth)
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		return ok && slices.ContainsFunc(r.assignedTo(v, f), func(e ast.Expr) bool { return r.takesElement(e, f, depth-1) })
	case *ast.CallExpr:
		fn := r.Callee(e)
		if fn == nil || !r.OutlivesCall(r.BaseVar(e.Fun), f) {
			return false
		}
		if recv := fn.Signature().Recv(); recv != nil {
			if n := kind.NamedOf(recv.Type()); n != nil && kind.IsNamed(n, "sync", "Map") {
				return true
			}
		}
		d := r.Func(fn)
		return d != nil && d.Body != nil && slices.ContainsFunc(d.Returns, func(ret *ast.ReturnStmt) bool {
			return len(ret.Results) > 0 && r.takesElement(ret.Results[0], d, depth-1)
		})
	}
	return false
}

// isTakenBack reports whether the package also empties a field: it is false, nil, zero or
// without elements again when what is under way, or is collected there, is over. One that is
// only ever set tells a state, which each brings about for itself.
func (r *Result) isTakenBack(field *types.Var) bool {
	if r.takenBack == nil {
		r.takenBack = make(map[*types.Var]bool)
		r.Stores(func(to *types.Var, value ast.Expr, _ *syntax.Func) {
			if to.IsField() && r.isEmpty(value) {
				r.takenBack[to] = true
			}
		})
	}
	return r.takenBack[field]
}

// isEmpty reports whether an expression is a zero value, or one without elements.
func (r *Result) isEmpty(e ast.Expr) bool {
	switch tv := r.Info.Types[e]; {
	case tv.IsNil():
		return true
	case tv.Value != nil:
		return tv.Value.Kind() == constant.Bool && !constant.BoolVal(tv.Value) || tv.Value.String() == "0"
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.SliceExpr:
		return e.High != nil && r.Info.Types[e.High].Value != nil && r.Info.Types[e.High].Value.String() == "0"
	case *ast.CallExpr:
		return r.isBuiltin(e, "make")
	}
	return false
}
