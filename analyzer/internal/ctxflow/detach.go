package ctxflow

import (
	"go/ast"
	"go/types"
)

// This file tells which functions make a context that does not end with the one that
// they are given.

// detaches reports whether the context that fn makes does not end with the one it is
// given: what it returns shows it.
func (r *Result) detaches(fn *types.Func) bool {
	if fn.Pkg() != nil && fn.Pkg().Path() == "context" {
		return fn.Name() == "WithoutCancel"
	}
	return r.Of(fn).Detaches
}

// solveDetaches finds those of the package.
func (r *Result) solveDetaches() {
	for work := r.decls; len(work) > 0; {
		var next []*Func
		for _, f := range work {
			if f.body == nil || r.known(f.obj).Detaches || !takesContext(f.sig) || !r.returnsDetached(f) {
				continue
			}
			r.own(f.obj).Detaches = true
			next = append(next, r.callingFuncs(f.obj)...)
		}
		work = next
	}
}

// returnsDetached reports whether the first context that f returns is detached, in each
// of its returns.
func (r *Result) returnsDetached(f *Func) bool {
	i := -1
	for j := range f.sig.Results().Len() {
		if t := f.sig.Results().At(j).Type(); i < 0 && r.contextLike(t) {
			i = j
		}
	}
	if i < 0 || len(f.returns) == 0 {
		return false
	}
	for _, ret := range f.returns {
		if i >= len(ret.Results) || !r.isDetached(ret.Results[i], f, maxValue) {
			return false
		}
	}
	return true
}

// isDetached reports whether an expression gives a context that nobody ends but who
// bounds it later: one that is made of a root or of a detached one, or a type whose Done
// gives nothing to wait for.
func (r *Result) isDetached(e ast.Expr, f *Func, depth int) bool {
	if depth == 0 {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := r.info.Uses[e].(*types.Var)
		if !ok || v.IsField() || r.vars[v] == nil || !IsContext(v.Type()) {
			return false
		}
		defs, initial := r.reaching(r.vars[v], v, e.Pos())
		for _, d := range defs {
			if d.zero || d.rhs == nil || d.index > 0 || !r.isDetached(d.rhs, d.in, depth-1) {
				return false
			}
		}
		return !initial && len(defs) > 0
	case *ast.CallExpr:
		callee := r.callee(e)
		if callee == nil {
			return false
		}
		if r.detaches(callee) || r.rootResults(callee) != 0 {
			return true
		}
		if r.contextResult(e) < 0 {
			return false
		}
		for _, arg := range e.Args {
			if IsContext(typeOf(r.info, arg)) {
				return r.isDetached(arg, f, depth-1)
			}
		}
	case *ast.UnaryExpr:
		return r.isDetached(e.X, f, depth)
	case *ast.CompositeLit:
		return r.neverDone(typeOf(r.info, e))
	}
	return false
}

// neverDone reports whether a type of the package is a context whose Done gives nil.
func (r *Result) neverDone(t types.Type) bool {
	if namedOf(t) == nil {
		return false
	}
	f := r.byObj[r.method(t, "Done")]
	if f == nil {
		f = r.byObj[r.method(types.NewPointer(t), "Done")]
	}
	if f == nil || f.body == nil || len(f.returns) != 1 || len(f.returns[0].Results) != 1 {
		return false
	}
	return r.info.Types[f.returns[0].Results[0]].IsNil()
}
