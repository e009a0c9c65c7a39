package loss

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows what functions do with a field of a value out of a pool.

// A touch is what a function does with a field of a value first.
type touch uint8

const (
	untouched touch = iota
	changed
	used
	handed // v is given to somebody who may have changed it
)

// A poolWalk follows what functions do with the field of a variable.
type poolWalk struct {
	r        *Result
	v, field *types.Var
	before   ast.Node // of the function that is walked: what clears asks for comes before it; nil for any place
}

// first tells what f does with the field first. A change below a condition is
// none, since it may not be made.
func (w poolWalk) first(f *syntax.Func, depth int) touch {
	if depth == 0 || f == nil || f.Body == nil {
		return untouched
	}
	got := untouched
	ast.PreorderStack(w.r.BlockOf(w.v, f), nil, func(n ast.Node, stack []ast.Node) bool {
		if got != untouched {
			return false
		}
		t := untouched
		switch n := n.(type) {
		case *ast.DeferStmt:
			return false // it runs last
		case *ast.AssignStmt:
			if rhs := w.assigned(n); rhs != nil {
				if !w.below(n, stack) {
					got = changed
				}
				return false
			}
		case *ast.SelectorExpr:
			if w.isField(n) {
				got = used
			}
		case *ast.Ident:
			if w.escapes(n, stack) {
				got = handed
			}
		case *ast.CallExpr:
			t = w.call(n, func(in poolWalk, f *syntax.Func) touch { return in.first(f, depth-1) })
		}
		if t != changed || !w.below(n, stack) {
			got = max(got, t)
		}
		return true
	})
	return got
}

// clears reports whether f gives the field another value than the context of a
// caller: itself, or in a function that it calls with v.
func (w poolWalk) clears(f *syntax.Func, depth int) bool {
	if depth == 0 || f == nil || f.Body == nil {
		return false
	}
	found := false
	ast.PreorderStack(w.r.BlockOf(w.v, f), nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			rhs := w.assigned(n)
			found = found || rhs != nil && !w.isCallers(rhs, syntax.Innermost(f.Root(), n.Pos())) && w.mayPrecede(n, f)
		case *ast.Ident:
			found = found || w.escapes(n, stack)
		case *ast.CallExpr:
			found = found || w.call(n, func(in poolWalk, f *syntax.Func) touch {
				if in.clears(f, depth-1) {
					return changed
				}
				return untouched
			}) != untouched && w.mayPrecede(n, f)
		}
		return !found
	})
	return found
}

// missed reports whether f, which clears the field itself and defers to put v back, may come to
// its end after it has set the field without having cleared it.
//
//	defer pool.Put(e)
//	e.ctx = ctx
//	if err := e.run(); err != nil {
//		return err
//	}
//	e.clear()
func (w poolWalk) missed(f *syntax.Func, put *ast.CallExpr) bool {
	clears := func(step path.Step) bool {
		switch n := step.Node.(type) {
		case *ast.AssignStmt:
			rhs := w.assigned(n)
			return rhs != nil && !w.isCallers(rhs, f)
		case *ast.CallExpr:
			return n != put && w.call(n, func(in poolWalk, f *syntax.Func) touch {
				if in.clears(f, maxClear) {
					return changed
				}
				return untouched
			}) != untouched
		}
		return false
	}
	puts := func(step path.Step) bool { return step.Node == put }
	missed := false
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			if w.escapes(n, stack) {
				missed = false
				return false
			}
		case *ast.AssignStmt:
			if rhs := w.assigned(n); rhs != nil && w.isCallers(rhs, f) {
				answer := w.r.GraphOf(f).AlwaysAfter(n, path.Order{Is: clears, Before: puts})
				missed = missed || !answer.Always && !answer.Unknown
			}
		}
		return true
	})
	return missed
}

// mayPrecede reports whether a path leads from a node to what it is to come before. In a
// literal nobody knows.
func (w poolWalk) mayPrecede(n ast.Node, f *syntax.Func) bool {
	return w.before == nil || syntax.Innermost(f, n.Pos()) != f || w.r.GraphOf(f).Between(n, w.before, nil)
}

// isField reports whether e is the field of v, or of a struct in it.
func (w poolWalk) isField(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && w.r.VarOf(sel) == w.field && w.r.BaseVar(sel.X) == w.v
}

// holds reports whether e is a struct in v that has the field.
func (w poolWalk) holds(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || w.r.BaseVar(sel.X) != w.v {
		return false
	}
	t := types.Unalias(w.r.TypeOf(sel))
	if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != w.r.Pass.Pkg {
		return false
	}
	return slices.ContainsFunc(w.r.keptIn(t.Underlying(), "", maxClear), func(f keptField) bool { return f.v == w.field })
}

// assigned returns the value that an assignment gives to the field of v, or to
// a struct that has it, or to all of v, or nil. What is appended to a list is none.
func (w poolWalk) assigned(n *ast.AssignStmt) ast.Expr {
	for i, lhs := range n.Lhs {
		star, ok := ast.Unparen(lhs).(*ast.StarExpr)
		if w.isField(lhs) || w.holds(lhs) || ok && w.r.VarOf(star.X) == w.v {
			if rhs := n.Rhs[min(i, len(n.Rhs)-1)]; !w.appends(rhs) {
				return rhs
			}
		}
	}
	return nil
}

// appends reports whether e is the list in the field, with more.
func (w poolWalk) appends(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && len(call.Args) > 0 && w.r.Info.Types[call.Fun].IsBuiltin() && w.isField(call.Args[0])
}

// isCallers reports whether e is the context, or the request, of a caller of f,
// or a struct that has it.
func (w poolWalk) isCallers(e ast.Expr, f *syntax.Func) bool {
	e = ast.Unparen(e)
	if lit, ok := e.(*ast.CompositeLit); ok {
		return slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				return types.Identical(w.r.TypeOf(elt), w.field.Type()) && w.isCallers(elt, f)
			}
			return w.r.VarOf(kv.Key) == w.field && w.isCallers(kv.Value, f)
		})
	}
	if kind.IsHTTPRequest(w.r.TypeOf(e)) {
		v := w.r.BaseVar(e)
		return v != nil && w.r.IsRequestParam(v, f)
	}
	got := w.r.Eval(e, f)
	return got.Class == flow.Caller || got.Class == flow.Mixed
}

// below reports whether n, whose parents are stack, is below a condition or in a
// loop that v is declared outside of. Of an if with an else nobody knows.
func (w poolWalk) below(n ast.Node, stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(p ast.Node) bool {
		if syntax.Encloses(p, w.v.Pos()) {
			return false
		}
		switch p := p.(type) {
		case *ast.IfStmt:
			return p.Else == nil && syntax.Encloses(p.Body, n.Pos())
		case *ast.ForStmt:
			return p.Cond != nil && syntax.Encloses(p.Body, n.Pos())
		case *ast.RangeStmt:
			return syntax.Encloses(p.Body, n.Pos())
		}
		return false
	})
}

// escapes reports whether an identifier gives v to somebody who may do anything
// with it: another variable, a struct, a channel.
func (w poolWalk) escapes(id *ast.Ident, stack []ast.Node) bool {
	if w.r.Info.Uses[id] != w.v {
		return false
	}
	switch p, _ := syntax.Parent(stack); p := p.(type) {
	case *ast.AssignStmt:
		for i, rhs := range p.Rhs {
			if ast.Unparen(rhs) == id {
				lhs, ok := p.Lhs[i].(*ast.Ident)
				return !ok || lhs.Name != "_"
			}
		}
	case *ast.CompositeLit, *ast.KeyValueExpr, *ast.SendStmt:
		return true
	}
	return false
}

// call tells what a call does to v, which it is given as receiver or argument:
// what do says of a function of the package, anything if that is not known. A
// function of another package does not know the field.
func (w poolWalk) call(call *ast.CallExpr, do func(poolWalk, *syntax.Func) touch) touch {
	callee := w.r.Callee(call)
	f := w.r.Func(callee)
	given := func(e ast.Expr, param *types.Var) touch {
		switch {
		case e == nil || w.r.VarOf(e) != w.v:
			return untouched
		case f != nil && f.Body != nil && param != nil:
			return do(poolWalk{r: w.r, v: param, field: w.field}, f)
		case callee == nil && w.r.Info.Types[call.Fun].IsValue():
			return handed
		}
		return untouched
	}
	var recv *types.Var
	if f != nil {
		recv = f.Sig.Recv()
	}
	if t := given(receiverOf(call), recv); t != untouched {
		return t
	}
	for i, arg := range call.Args {
		var param *types.Var
		if f != nil {
			if pi := kind.ParamIndex(f.Sig, i); pi >= 0 {
				param = f.Sig.Params().At(pi)
			}
		}
		if t := given(arg, param); t != untouched {
			return t
		}
	}
	return untouched
}
