package ctxflow

import (
	"go/ast"
	"slices"
)

// This file notes which spans begin with a link: a decision about their trace.

// noteLink notes whose link the identifier with these parents makes: that of the
// call which starts the span, or of the span that is linked later. A function
// that gathers links first has decided where its traces begin: nobody knows
// which of them.
func (r *Result) noteLink(f *Func, stack []ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		call, ok := stack[i].(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if isSel && linksSpans(sel.Sel.Name) {
			if v := r.varOf(sel.X); v != nil && !v.IsField() {
				r.linkedSpans[v] = true
				return
			}
			continue
		}
		if slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return IsContext(typeOf(r.info, arg)) }) {
			r.linked[call] = true
			return
		}
	}
	f.Root().links = true
}

// noteLinkedStarts notes the calls that start the spans which are linked later.
func (r *Result) noteLinkedStarts() {
	if len(r.linkedSpans) == 0 {
		return
	}
	r.funcs(func(f *Func) {
		for _, c := range f.calls {
			if c.assign == nil {
				continue
			}
			for _, lhs := range c.assign.Lhs {
				if v := r.varOf(lhs); v != nil && r.linkedSpans[v] {
					r.linked[c.expr] = true
				}
			}
		}
	})
}

// linksSpans reports whether a function of that name links one span to another.
func linksSpans(name string) bool {
	switch name {
	case "AddLink", "WithLinks", "LinkFromContext", "FollowsFrom":
		return true
	}
	return false
}
