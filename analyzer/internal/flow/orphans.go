package flow

import (
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds the context parameters that are given nobody's context.

// IsOrphan reports whether parameter i of f, -1 for any context parameter, is
// given nobody's context: each call of f in the package, and there are no
// others, passes a root, or the context of the service loop it is made in.
func (r *Result) IsOrphan(f *syntax.Func, i int) bool {
	if f.Obj == nil || len(r.UsedAsValue(f.Obj)) > 0 || !r.Private(f.Obj) {
		return false
	}
	if i < 0 {
		for j := range kind.ContextParams(f.Sig) {
			i = j
			break
		}
	}
	if i < 0 || f.Sig.Variadic() && i == f.Sig.Params().Len()-1 {
		return false
	}
	v := f.Sig.Params().At(i)
	if got, ok := r.orphans[v]; ok {
		r.cut = r.cut || r.asking[v]
		return got
	}
	r.orphans[v], r.asking[v] = true, true // recursion adds no caller
	got := r.allRoots(f.Obj, i)
	r.orphans[v] = got
	delete(r.asking, v)
	return got
}

// allRoots reports whether fn is called at all, and only with roots or from
// service loops, as argument i. Calls in tests do not count: they pass roots.
func (r *Result) allRoots(fn *types.Func, i int) bool {
	calls := 0
	for _, s := range r.CallsOf(fn) {
		if r.InTest(s.Call.Expr.Pos()) {
			continue
		}
		calls++
		if i >= len(s.Call.Expr.Args) {
			return false // f(g()) with several results
		}
		arg := s.Call.Expr.Args[i]
		if r.inKeyedWork(s.In) {
			continue // whoever came first
		}
		switch v := r.Eval(arg, s.In); v.Class {
		case Root:
		case Caller:
			l := r.ServiceLoopAt(s.In, arg.Pos())
			av := r.BaseVar(arg)
			if l == nil || av == nil || syntax.Encloses(l, av.Pos()) {
				return false
			}
		default:
			// Unknown, or an orphan's own parameter handed on.
			av := r.VarOf(arg)
			if av == nil || !r.orphans[av] {
				return false
			}
		}
	}
	return calls > 0
}
