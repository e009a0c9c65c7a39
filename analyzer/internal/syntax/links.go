package syntax

import (
	"go/ast"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file notes which spans begin with a link: a decision about their trace.

// noteLink notes whose link the identifier with these parents makes: that of the
// call which starts the span, or of the span that is linked later. A function
// that gathers links first has decided where its traces begin: nobody knows
// which of them.
func (ix *Index) noteLink(f *Func, stack []ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		call, ok := stack[i].(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, isSel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if isSel && kind.LinksSpans(sel.Sel.Name) {
			if v := ix.VarOf(sel.X); v != nil && !v.IsField() {
				ix.linkedSpans[v] = true
				return
			}
			continue
		}
		if slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return kind.IsContext(ix.TypeOf(arg)) }) {
			ix.linked[call] = true
			return
		}
	}
	f.Root().Links = true
}

// noteLinkedStarts notes the calls that start the spans which are linked later.
func (ix *Index) noteLinkedStarts() {
	if len(ix.linkedSpans) == 0 {
		return
	}
	ix.Funcs(func(f *Func) {
		for _, c := range f.Calls {
			if c.Assign == nil {
				continue
			}
			for _, lhs := range c.Assign.Lhs {
				if v := ix.VarOf(lhs); v != nil && ix.linkedSpans[v] {
					ix.linked[c.Expr] = true
				}
			}
		}
	})
}
