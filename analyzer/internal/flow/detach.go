package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which functions make a context that does not end with the one that
// they are given.

// Detaches reports whether the context that fn makes does not end with the one it is
// given: what it returns shows it.
func (r *Result) Detaches(fn *types.Func) bool {
	if fn.Pkg() != nil && fn.Pkg().Path() == "context" {
		return fn.Name() == "WithoutCancel"
	}
	return r.Of(fn).Detaches
}

// solveDetaches finds those of the package.
func (r *Result) solveDetaches() {
	for work := r.Decls; len(work) > 0; {
		var next []*syntax.Func
		for _, f := range work {
			if f.Body == nil || r.known(f.Obj).Detaches || !kind.TakesContext(f.Sig) || !r.returnsDetached(f) {
				continue
			}
			r.own(f.Obj).Detaches = true
			next = append(next, r.callingFuncs(f.Obj)...)
		}
		work = next
	}
}

// returnsDetached reports whether the first context that f returns is detached, in each
// of its returns.
func (r *Result) returnsDetached(f *syntax.Func) bool {
	i := -1
	for j := range f.Sig.Results().Len() {
		if t := f.Sig.Results().At(j).Type(); i < 0 && r.ContextLike(t) {
			i = j
		}
	}
	if i < 0 || len(f.Returns) == 0 {
		return false
	}
	for _, ret := range f.Returns {
		if i >= len(ret.Results) || !r.isDetached(ret.Results[i], maxValue) {
			return false
		}
	}
	return true
}

// isDetached reports whether an expression gives a context that nobody ends but who
// bounds it later: one that is made of a root or of a detached one, or a type whose Done
// gives nothing to wait for.
func (r *Result) isDetached(e ast.Expr, depth int) bool {
	if depth == 0 {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		if !ok || v.IsField() || r.Var(v) == nil || !kind.IsContext(v.Type()) {
			return false
		}
		defs, initial := r.reaching(r.Var(v), v, e.Pos())
		for _, d := range defs {
			if d.Zero || d.Rhs == nil || d.Index > 0 || !r.isDetached(d.Rhs, depth-1) {
				return false
			}
		}
		return !initial && len(defs) > 0
	case *ast.CallExpr:
		callee := r.Callee(e)
		if callee == nil {
			return false
		}
		if r.Detaches(callee) || r.rootResults(callee) != 0 {
			return true
		}
		if r.ContextResult(e) < 0 {
			return false
		}
		for i, arg := range e.Args {
			if kind.IsContext(r.TypeOf(arg)) && r.followsArg(callee, i) {
				return r.isDetached(arg, depth-1)
			}
		}
	case *ast.UnaryExpr:
		return r.isDetached(e.X, depth)
	case *ast.CompositeLit:
		return r.neverDone(r.TypeOf(e))
	}
	return false
}

// NeverEnds reports whether the context variable v is at pos what context.WithoutCancel gave,
// by every definition that reaches it: there is nothing to detach it from. It is false for no
// variable.
func (r *Result) NeverEnds(v *types.Var, pos token.Pos) bool {
	info := r.Var(v)
	if info == nil || v.IsField() {
		return false
	}
	defs, initial := r.reaching(info, v, pos)
	return !initial && len(defs) > 0 && !slices.ContainsFunc(defs, func(d *syntax.Def) bool {
		call, ok := ast.Unparen(d.Rhs).(*ast.CallExpr)
		return !ok || d.Zero || r.Callee(call) == nil || r.Callee(call).FullName() != "context.WithoutCancel"
	})
}

// neverDone reports whether a type of the package is a context whose Done gives nil.
func (r *Result) neverDone(t types.Type) bool {
	if kind.NamedOf(t) == nil {
		return false
	}
	f := r.Func(r.Method(t, "Done"))
	if f == nil {
		f = r.Func(r.Method(types.NewPointer(t), "Done"))
	}
	if f == nil || f.Body == nil || len(f.Returns) != 1 || len(f.Returns[0].Results) != 1 {
		return false
	}
	return r.Info.Types[f.Returns[0].Results[0]].IsNil()
}
