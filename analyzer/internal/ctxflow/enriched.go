package ctxflow

import (
	"go/ast"
	"go/types"
	"strings"
)

// This file tells a root that was given something of the caller's trace from one
// that was not.

// enriched reports whether call gives a root something of the caller's trace:
// a span, a link, the caller's context itself. A logger does not count, nor
// does a plain value such as a user id.
func (r *Result) enriched(call *ast.CallExpr, rootArg int, f *Func) bool {
	for i, arg := range call.Args {
		if i != rootArg && r.tracing(arg, f) {
			return true
		}
	}
	return false
}

// tracing reports whether e holds something of the caller's trace.
func (r *Result) tracing(e ast.Expr, f *Func) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if t := r.info.TypeOf(n); t != nil && isLogger(t) {
				return false // a logger made from the caller's context
			}
		case *ast.SelectorExpr:
			v := r.varOf(n.X)
			if v != nil && !v.IsField() && r.carries(v.Type()) {
				m, _ := r.info.Uses[n.Sel].(*types.Func)
				found = n.Sel.Name == "Context" || n.Sel.Name == "Request" || isCarrier(m)
				return false // r.URL.Path is no part of the trace
			}
		case *ast.Ident:
			v, ok := r.info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				return true
			}
			if IsContext(v.Type()) {
				found = r.eval(n, f).class != root
			} else if b, ok := v.Type().Underlying().(*types.Basic); ok {
				found = b.Info()&types.IsString != 0 && speaksOfTrace(n.Name)
			} else {
				found = isSpanLike(v.Type()) || r.carries(v.Type()) && !isLogger(v.Type()) || r.metContext(v, f)
			}
		}
		return !found
	})
	return found
}

// metContext reports whether v was passed to a call beside the caller's context,
// as a propagator's carrier is: inject(ctx, c) .. extract(root, c). A plain
// value or one with methods of its own may have been as well, so only maps
// and the like count.
func (r *Result) metContext(v *types.Var, f *Func) bool {
	if _, isMap := v.Type().Underlying().(*types.Map); !isMap || f == nil {
		return false
	}
	met := false
	f.Root().all(func(f *Func) {
		for _, s := range f.calls {
			ctx, carrier := false, false
			for _, arg := range s.expr.Args {
				carrier = carrier || r.varOf(arg) == v
				ctx = ctx || IsContext(typeOf(r.info, arg)) && r.eval(arg, f).class == caller
			}
			met = met || ctx && carrier
		}
	})
	return met
}

// speaksOfTrace reports whether a variable of that name holds a trace's id.
func speaksOfTrace(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "trace") || strings.Contains(name, "span")
}
