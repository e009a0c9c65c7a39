package ctxflow

import (
	"go/ast"
	"go/types"
)

// This file follows functions that are named where they are not called, and
// literals in variables.

// givesSink reports whether a call in f is given a function by name that reaches a
// sink.
func (r *Result) givesSink(c *site, f *Func) bool {
	s := search{r: r, spawned: true}
	return len(s.given(c, f)) > 0
}

// given returns the sinks that the functions reach which a call is given by name,
// and which run as part of the function that makes it:
//
//	c.group.Go(c.flush)
func (s *search) given(c *site, f *Func) []Sink {
	if c.callee == nil {
		return nil
	}
	var got []Sink
	for i, arg := range c.expr.Args {
		fn := s.r.namedFunc(arg)
		if fn == nil {
			fn = s.r.assignedFunc(arg)
		}
		way := s.r.Of(fn).Sink
		if way == nil || !s.runs(c.callee, i, fn.Signature()) || registers(c.callee) {
			continue
		}
		step := Step{Callee: FuncName(fn), At: s.r.at(arg.Pos())}
		got = append(got, Sink{Call: c.expr, Callee: fn, Arg: -1, Way: s.r.prepend(step, fn, way), In: f})
	}
	return got
}

// namedFunc returns the function or method that the expression e names, or nil.
func (r *Result) namedFunc(e ast.Expr) *types.Func {
	var fn *types.Func
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		fn, _ = r.info.Uses[e].(*types.Func)
	case *ast.SelectorExpr:
		fn, _ = r.info.Uses[e.Sel].(*types.Func)
	}
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// assignedOnce returns the value of a local variable that is assigned once, nil
// for any other expression.
func (r *Result) assignedOnce(e ast.Expr) ast.Expr {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := r.info.Uses[id].(*types.Var)
	if v == nil {
		return nil
	}
	info := r.vars[v.Origin()]
	if info == nil || info.param >= 0 || len(info.defs) != 1 || info.defs[0].index >= 0 || info.defs[0].zero {
		return nil
	}
	return ast.Unparen(info.defs[0].rhs)
}

// assignedLit returns the literal that the variable e is assigned once, or nil.
func (r *Result) assignedLit(e ast.Expr) *Func {
	lit, ok := r.assignedOnce(e).(*ast.FuncLit)
	if !ok {
		return nil
	}
	return r.byLit[lit]
}

// assignedFunc returns the function or method that the variable e is assigned
// once, or nil.
func (r *Result) assignedFunc(e ast.Expr) *types.Func {
	return r.namedFunc(r.assignedOnce(e))
}
