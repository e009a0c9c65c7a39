package flow

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file evaluates what functions of the package give.

// givenTrace returns what a function of the package gives that takes no context: that of
// whoever has sent a message, if it takes it out of one, or of a span that it starts.
//
//	func contextOf(m *Message) context.Context { return propagator.Extract(context.Background(), m.Headers) }
func (r *Result) givenTrace(fn *types.Func, index int) Value {
	f := r.Func(fn)
	if f == nil || f.Body == nil || len(f.Returns) == 0 || r.IsHandler(f) {
		return Value{}
	}
	if r.computing[fn] {
		r.cut = true
		return Value{}
	}
	got, known := r.traces[fn]
	if !known {
		outer := r.cut
		r.cut, r.computing[fn] = false, true
		for i, ret := range f.Returns {
			v := r.returned(ret, index, f)
			if i > 0 {
				v = join(got, v)
			}
			got = v
		}
		delete(r.computing, fn)
		if !r.cut {
			r.traces[fn] = got
		}
		r.cut = r.cut || outer
	}
	if got.Class != Caller {
		return Value{}
	}
	return got
}

// rootResults returns which results of fn are roots. Those of a function whose
// results are being computed count as none, so that recursion ends.
func (r *Result) rootResults(fn *types.Func) uint64 {
	if kind.IsRootCall(fn) {
		return 1
	}
	f := r.Func(fn)
	if f == nil {
		return r.Of(fn).Roots
	}
	if r.InFresh(f) || r.IsCarrier(fn) {
		return 0 // what it gives is decided
	}
	if set, ok := r.roots[fn]; ok {
		r.cut = r.cut || r.computing[fn]
		return set
	}
	r.roots[fn], r.computing[fn] = 0, true
	defer delete(r.computing, fn)
	var set uint64
	for i := range fn.Signature().Results().Len() {
		if t := fn.Signature().Results().At(i).Type(); (kind.IsContext(t) || r.ContextLike(t)) && r.returnsRoot(f, i) {
			set |= bit(i)
		}
	}
	r.roots[fn] = set
	return set
}

// returnsRoot reports whether each return of f gives a root as result i.
func (r *Result) returnsRoot(f *syntax.Func, i int) bool {
	if f.Body == nil || len(f.Returns) == 0 {
		return false
	}
	for _, ret := range f.Returns {
		v := r.returned(ret, i, f)
		if v.Class != Root || len(ret.Results) > i && r.Info.Types[ret.Results[i]].IsNil() {
			return false // nil beside an error is no context
		}
	}
	return true
}

// returned evaluates result i of a return of f.
func (r *Result) returned(ret *ast.ReturnStmt, i int, f *syntax.Func) Value {
	switch {
	case len(ret.Results) == 0:
		return r.EvalVar(f.Sig.Results().At(i), ret.Pos())
	case len(ret.Results) == f.Sig.Results().Len():
		return r.Eval(ret.Results[i], f)
	case len(ret.Results) == 1:
		if call, ok := ast.Unparen(ret.Results[0]).(*ast.CallExpr); ok {
			return r.evalCall(call, i, f)
		}
	}
	return Value{}
}

// solveRoots puts the root results of the package into the summaries.
func (r *Result) solveRoots() {
	for _, f := range r.Decls {
		r.now = f
		if set := r.rootResults(f.Obj); set != 0 {
			r.own(f.Obj).Roots = set
		}
	}
	r.now = nil
}
