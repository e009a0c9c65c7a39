package flow

import (
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

// GivesSink reports whether a call in f is given a function by name that reaches a
// sink.
func (r *Result) GivesSink(c *syntax.Call, f *syntax.Func) bool {
	s := search{r: r, spawned: true}
	return len(s.given(c, f)) > 0
}
