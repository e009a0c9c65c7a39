package loss

import (
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whose contexts the functions of a module are given: where all packages are
// known, a function that nobody ever gives anything but a root works for no request.

// A Feed is what a package gives one function of the module as its context.
type Feed struct {
	From  map[*types.Func]bool // functions of the package that pass on the context that they are given
	Other bool                 // it is given another one than a root, or by whom nobody knows
}

// Feeds returns the functions of the module that the package calls with a context, or names
// as values; own tells its packages.
func (r *Result) Feeds(own func(*types.Package) bool) map[*types.Func]*Feed {
	feeds := make(map[*types.Func]*Feed)
	of := func(fn *types.Func) *Feed {
		fn = fn.Origin()
		if feeds[fn] == nil {
			feeds[fn] = &Feed{From: make(map[*types.Func]bool)}
		}
		return feeds[fn]
	}
	isOwn := func(fn *types.Func) bool {
		return fn != nil && fn.Pkg() != nil && own(fn.Pkg()) && kind.TakesContext(fn.Signature())
	}
	named := make(map[*types.Func]int) // how often, other than by a call
	for id, obj := range r.Info.Uses {
		if fn, ok := obj.(*types.Func); ok && isOwn(fn) && !r.InTest(id.Pos()) {
			named[fn.Origin()]++
		}
	}
	r.Funcs(func(f *syntax.Func) {
		if f.Obj != nil && isOwn(f.Obj) && r.IsRPC(f) {
			of(f.Obj).Other = true
		}
		if f.Body == nil {
			return
		}
		for _, c := range f.Calls {
			if !isOwn(c.Callee) || r.InTest(c.Expr.Pos()) {
				continue
			}
			named[c.Callee.Origin()]--
			if c.Callee.Origin() != f.Root().Obj {
				r.feed(of(c.Callee), c, f) // recursion adds no caller
			}
		}
	})
	for fn, n := range named {
		if n > 0 {
			of(fn).Other = true
		}
	}
	return feeds
}

// feed notes what a call of f gives as context.
func (r *Result) feed(to *Feed, c *syntax.Call, f *syntax.Func) {
	for i := range kind.ContextParams(c.Callee.Signature()) {
		if i >= len(c.Expr.Args) {
			to.Other = true
			continue
		}
		arg := c.Expr.Args[i]
		v := r.VarOf(arg)
		if v != nil && !v.IsField() {
			if from := r.OnlyParam(v, arg.Pos(), f); from != nil {
				to.From[from] = true
				continue
			}
		}
		to.Other = to.Other || r.Eval(arg, f).Class != flow.Root && !beginsAlone(f)
	}
}

// beginsAlone reports whether f is a declaration without a parameter, such as main: what
// contexts it has, by whatever function, are no request's.
func beginsAlone(f *syntax.Func) bool {
	return f.Obj != nil && f.Sig.Recv() == nil && f.Sig.Params().Len() == 0
}

// OnlyParam returns the declaration around f if all that a context variable has at pos comes
// from a context parameter of that, else nil. Who starts a span has a trace of his own.
func (r *Result) OnlyParam(v *types.Var, pos token.Pos, f *syntax.Func) *types.Func {
	d := f.Root()
	if d.Obj == nil || r.StartsSpan(d) {
		return nil
	}
	found, other := false, false
	r.LivesAt(v, pos, func(l flow.Life) {
		switch {
		case l.Cancel != nil:
		case l.Param != nil && l.In == d && kind.IsContext(l.Param.Type()):
			found = true
		default:
			other = true
		}
	})
	if !found || other {
		return nil
	}
	return d.Obj.Origin()
}
