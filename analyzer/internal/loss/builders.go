package loss

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds requests that are built in a chain of calls, and could be given a
// context on the way:
//
//	client.R().SetQueryParam("id", id).Get(url)
//	client.R().SetContext(ctx).SetQueryParam("id", id).Get(url)

// builderMethods are the names by which a builder takes a context, in the order in which
// they are looked for.
var builderMethods = []string{"SetContext", "WithContext"}

// builderLoss returns the method by which what a call sends could have been given a
// context, "" if the call ends no chain that begins with a new builder, or if a context
// is in the chain. A call that cannot fail sends nothing.
func (r *Result) builderLoss(c *syntax.Call) string {
	results := c.Callee.Signature().Results()
	if c.Callee.Signature().Recv() == nil || results.Len() == 0 || !kind.IsError(results.At(results.Len()-1).Type()) || c.Go != nil || c.Defer != nil {
		return ""
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	t := r.TypeOf(sel.X)
	method := r.takesContextBy(t)
	if method == "" || types.Identical(r.TypeOf(c.Expr), t) || kind.IsLogger(t) || kind.IsHTTPRequest(t) {
		return ""
	}
	for e := sel.X; ; {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return "" // it was made somewhere else
		}
		for _, arg := range call.Args {
			if kind.IsContext(r.TypeOf(arg)) || r.ContextLike(r.TypeOf(arg)) {
				return ""
			}
		}
		from, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		if !types.Identical(r.TypeOf(from.X), t) {
			if r.takesContextBy(r.TypeOf(from.X)) != "" || r.Callee(call) == nil {
				return "" // what it is made of may have one
			}
			return method
		}
		e = from.X
	}
}

// takesContextBy returns the method of a builder that takes a context, and gives the
// builder back; "" for none.
func (r *Result) takesContextBy(t types.Type) string {
	if kind.NamedOf(t) == nil {
		return ""
	}
	for _, name := range builderMethods {
		m := r.Method(t, name)
		if m == nil || !m.Exported() {
			continue
		}
		sig := m.Signature()
		if sig.Params().Len() == 1 && kind.IsContext(sig.Params().At(0).Type()) && sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), t) {
			return name
		}
	}
	return ""
}
