package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a function goes on with a context when it has returned.

// KeepsArg reports whether what a call calls keeps the context that is its argument i: in
// a task that nobody waits for, or in a field. Of a function value it has to be known
// what it can be; a method of an interface does what its implementations in the package
// do.
func (r *Result) KeepsArg(call *ast.CallExpr, i int) bool {
	if callee := r.Callee(call); callee != nil {
		return r.KeepsParam(callee, kind.ParamIndex(callee.Signature(), i))
	}
	set, all := r.funcsOf(call.Fun, maxValue)
	if !all {
		return true
	}
	return slices.ContainsFunc(set.lits, func(lit *syntax.Func) bool { return r.litKeeps(lit, i) }) ||
		slices.ContainsFunc(set.named, func(fn *types.Func) bool { return r.KeepsParam(fn, i) })
}

// KeepsParam reports whether fn keeps the context that is its parameter i.
func (r *Result) KeepsParam(fn *types.Func, i int) bool {
	if Has(r.Of(fn).Detached, i) || r.StoresParam(fn, i) {
		return true
	}
	return slices.ContainsFunc(r.impls[fn], func(impl *types.Func) bool {
		return Has(r.Of(impl).Detached, i) || r.StoresParam(impl, i)
	})
}

// litKeeps reports whether a literal starts or sends something with the context that is
// its parameter i, or stores it.
func (r *Result) litKeeps(lit *syntax.Func, i int) bool {
	if i < 0 || i >= lit.Sig.Params().Len() {
		return true
	}
	v := lit.Sig.Params().At(i)
	keeps := r.storesVar(v, make(map[*types.Var]bool))
	lit.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			keeps = keeps || (c.Go != nil || len(r.SpawnsAt(c, f)) > 0) && r.Mentions(c.Expr, v)
		}
		for _, n := range f.Sends {
			keeps = keeps || r.Mentions(n, v)
		}
	})
	return keeps
}

// storesVar reports whether the value of a context variable gets into a field.
func (r *Result) storesVar(v *types.Var, seen map[*types.Var]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	return v.IsField() || slices.ContainsFunc(r.flows[v], func(to *types.Var) bool { return r.storesVar(to, seen) })
}
