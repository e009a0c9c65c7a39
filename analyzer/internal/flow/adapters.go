package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells what functions that are registered do with a context.

// passedToRegistered notes that v is passed to a function value whose type the package
// declares, and of which it makes functions out of those without a context:
//
//	type FuncCtx func(ctx context.Context, f Field) bool
//
//	func (v *Validate) Register(tag string, fn Func) {
//		v.RegisterCtx(tag, func(_ context.Context, f Field) bool { return fn(f) })
//	}
//
// That the others read it, which anybody may register, is not known: they get what the
// package's own functions of that type get. It reports whether the type is one.
func (r *Result) passedToRegistered(c lateCall) bool {
	t := kind.NamedOf(r.TypeOf(c.call.Fun))
	if t == nil || t.Obj().Pkg() != r.Pass.Pkg {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || !r.isAdapted(sig) {
		return false
	}
	if pi := kind.ParamIndex(sig, c.arg); pi >= 0 {
		r.flows[c.v] = append(r.flows[c.v], sig.Params().At(pi))
	}
	return true
}

// isAdapted reports whether the package makes functions of a type, whose signature that is,
// out of those without a context. Then the contexts of the type flow to its functions.
func (r *Result) isAdapted(sig *types.Signature) bool {
	adapted, known := r.adapted[sig]
	if known {
		return adapted
	}
	var funcs []*syntax.Func
	r.Funcs(func(f *syntax.Func) {
		if f.Sig.Variadic() == sig.Variadic() && types.Identical(f.Sig.Params(), sig.Params()) && types.Identical(f.Sig.Results(), sig.Results()) {
			funcs = append(funcs, f)
			adapted = adapted || r.adapts(f)
		}
	})
	r.adapted[sig] = adapted
	if !adapted {
		return false
	}
	for i, v := range kind.ContextParams(sig) {
		for _, f := range funcs {
			r.flows[v] = append(r.flows[v], f.Sig.Params().At(i))
		}
	}
	return true
}

// adapts reports whether a literal has no use for its contexts and calls a function that
// its own function was given, which takes none.
func (r *Result) adapts(lit *syntax.Func) bool {
	if lit.Outer == nil {
		return false
	}
	for _, v := range kind.ContextParams(lit.Sig) {
		if r.used[v] {
			return false
		}
	}
	return slices.ContainsFunc(lit.Calls, func(c *syntax.Call) bool {
		v := r.VarOf(ast.Unparen(c.Expr.Fun))
		if v == nil || kind.ParamOf(lit.Outer.Sig, v) < 0 {
			return false
		}
		sig, ok := v.Type().Underlying().(*types.Signature)
		return ok && !kind.TakesContext(sig)
	})
}
