package ctxflow

import (
	"go/ast"
	"go/types"
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

// tracing reports whether e holds something of a trace: a span from wherever it is
// kept, the headers of a message, the caller's context. A root that gets it has been
// given a parent.
func (r *Result) tracing(e ast.Expr, f *Func) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if found {
			return false
		}
		if x, ok := n.(ast.Expr); ok && r.isPartOfTrace(x) {
			found = true
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if t := r.info.TypeOf(n); t != nil && isLogger(t) {
				return false // a logger made from the caller's context
			}
			found = beginsTrace(r.callee(n))
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
			} else {
				found = r.carries(v.Type()) && !isLogger(v.Type()) || r.metContext(v, f) || r.askedOfSpan(v, f)
			}
		}
		return !found
	})
	return found
}

// askedOfSpan reports whether the string v, of f, is what a span was asked for: its
// trace's id.
func (r *Result) askedOfSpan(v *types.Var, f *Func) bool {
	if b, ok := v.Type().Underlying().(*types.Basic); !ok || b.Info()&types.IsString == 0 || f == nil {
		return false
	}
	asked := false
	f.Root().all(func(f *Func) {
		for _, s := range f.calls {
			if sel, ok := ast.Unparen(s.expr.Fun).(*ast.SelectorExpr); ok && s.assign != nil && r.varOf(s.assign.Lhs[0]) == v {
				asked = asked || r.isPartOfTrace(sel.X)
			}
		}
	})
	return asked
}

// isPartOfTrace reports whether the value of an expression is one, by its type.
func (r *Result) isPartOfTrace(e ast.Expr) bool {
	tv := r.info.Types[e]
	if !tv.IsValue() || tv.IsNil() || tv.Type == nil {
		return false
	}
	return r.isSpanLike(tv.Type) || r.isCarrierOfTrace(tv.Type)
}

// beginsTrace reports whether fn is OpenTelemetry's option by which a span begins a trace
// on purpose.
func beginsTrace(fn *types.Func) bool { return fn != nil && fn.Name() == "WithNewRoot" }

// metContext reports whether the map v has something of the caller's context: it was
// passed to a call beside it, as a propagator's carrier is, or is what a call gives that
// is given nothing else, as the metadata of a request. A plain value or one with methods
// of its own may have been as well, so only maps and the like count.
func (r *Result) metContext(v *types.Var, f *Func) bool {
	if _, isMap := v.Type().Underlying().(*types.Map); !isMap || f == nil {
		return false
	}
	met := false
	f.Root().all(func(f *Func) {
		for _, s := range f.calls {
			ctx, carrier := false, s.assign != nil && r.varOf(s.assign.Lhs[0]) == v
			for _, arg := range s.expr.Args {
				carrier = carrier || r.varOf(arg) == v
				ctx = ctx || IsContext(typeOf(r.info, arg)) && r.eval(arg, f).class == caller
			}
			met = met || ctx && carrier
		}
	})
	return met
}
