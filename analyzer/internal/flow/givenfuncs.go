package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds the sinks of the functions that a call is given by name.

// given returns the sinks that the functions reach which a call is given by name,
// and which run as part of the function that makes it:
//
//	c.group.Go(c.flush)
func (s *search) given(c *syntax.Call, f *syntax.Func) []Sink {
	if c.Callee == nil {
		return nil
	}
	var got []Sink
	for i, arg := range c.Expr.Args {
		fn := s.r.NamedFunc(arg)
		if fn == nil {
			fn = s.r.AssignedFunc(arg)
		}
		way := s.r.Of(fn).Sink
		if way == nil || !s.runs(c.Expr, c.Callee, i, fn.Signature(), f) || kind.Registers(c.Callee) {
			continue
		}
		step := Step{Callee: kind.FuncName(fn), At: s.r.Place(arg.Pos())}
		got = append(got, Sink{Call: c.Expr, Callee: fn, Arg: -1, Way: s.r.prepend(step, fn, way), In: f})
	}
	return got
}

// givesIdle reports whether all that a function of the package does with roots is to call
// functions with them that it is given, and a call gives it functions alone which read no values
// from their contexts:
//
//	func (r *record) CloseAsync(next func(context.Context)) { go func() { next(context.TODO()) }() }
func (r *Result) givesIdle(c *syntax.Call) bool {
	f := r.Func(c.Callee)
	if f == nil || f.Body == nil || !slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		_, ok := r.TypeOf(arg).Underlying().(*types.Signature)
		return ok
	}) {
		return false
	}
	sinks := r.sinksWithin(f)
	return len(sinks) > 0 && !slices.ContainsFunc(sinks, func(sink Sink) bool {
		v := r.VarOf(sink.Call.Fun)
		i := kind.ParamOf(f.Sig, v)
		if sink.Callee != nil || v == nil || i < 0 || i >= len(c.Expr.Args) || f.Sig.Variadic() {
			return true
		}
		set, all := r.funcsOf(c.Expr.Args[i], maxValue)
		if !all {
			return true
		}
		reads := func(sig *types.Signature) bool {
			pi := kind.ParamIndex(sig, sink.Arg)
			return pi < 0 || r.Level(sig.Params().At(pi)) == Reads
		}
		return slices.ContainsFunc(set.lits, func(lit *syntax.Func) bool { return reads(lit.Sig) }) ||
			slices.ContainsFunc(set.named, func(fn *types.Func) bool {
				pi := kind.ParamIndex(fn.Signature(), sink.Arg)
				return pi < 0 || r.ParamLevel(fn, pi) == Reads
			})
	})
}

// sinksWithin returns the sinks of f, and of the tasks that it starts.
func (r *Result) sinksWithin(f *syntax.Func) []Sink {
	sinks, known := r.idle[f]
	if !known {
		s := search{r: r, seen: make(map[*syntax.Func]bool), spawned: true}
		s.function(f)
		sinks = s.sinks
		if r.solved {
			r.idle[f] = sinks
		}
	}
	return sinks
}

// GivesSink reports whether a call in f is given a function by name that reaches a
// sink.
func (r *Result) GivesSink(c *syntax.Call, f *syntax.Func) bool {
	s := search{r: r, spawned: true}
	return len(s.given(c, f)) > 0
}
