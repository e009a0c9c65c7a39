package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells a root that was given something of the caller's trace from one
// that was not.

// Enriched reports whether call gives a root something of the caller's trace:
// a span, a link, the caller's context itself. A logger does not count, nor
// does a plain value such as a user id.
func (r *Result) Enriched(call *ast.CallExpr, rootArg int, f *syntax.Func) bool {
	for i, arg := range call.Args {
		if i != rootArg && (r.tracing(arg, f) || r.carriesOver(call, arg, f)) && !r.injects(call, i) {
			return true
		}
	}
	return false
}

// carriesOver reports whether an argument of a call is what the same package takes out of the
// caller's context, and has headers, which may carry a trace:
//
//	metadata.NewContext(context.Background(), metadata.HeaderOf(ctx))
func (r *Result) carriesOver(call *ast.CallExpr, arg ast.Expr, f *syntax.Func) bool {
	from, ok := ast.Unparen(arg).(*ast.CallExpr)
	if !ok || len(from.Args) != 1 || !kind.IsContext(r.TypeOf(from.Args[0])) {
		return false
	}
	to, of := r.Callee(call), r.Callee(from)
	if to == nil || of == nil || to.Pkg() == nil || to.Pkg() != of.Pkg() || !hasHeaders(r.TypeOf(from)) {
		return false
	}
	got := r.Eval(from.Args[0], f).Class
	return got == Caller || got == Mixed
}

// hasHeaders reports whether a type is a struct, or a pointer to one, with a map of strings.
func hasHeaders(t types.Type) bool {
	st, ok := kind.Pointee(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for field := range st.Fields() {
		if m, ok := field.Type().Underlying().(*types.Map); ok {
			if b, ok := m.Key().Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
				return true
			}
		}
	}
	return false
}

// injects reports whether a call writes the trace of a context into its argument i, as a
// propagator's Inject does, which gives nothing back.
func (r *Result) injects(call *ast.CallExpr, i int) bool {
	sig, ok := r.TypeOf(call.Fun).Underlying().(*types.Signature)
	if !ok || sig.Params().Len() != 2 || sig.Results().Len() != 0 || i >= 2 {
		return false
	}
	t := sig.Params().At(i).Type()
	return types.IsInterface(t) && r.HasMethods(t, "Set")
}

// tracing reports whether an argument holds something of a trace: a span from wherever
// it is kept, the headers of a message, a request, the caller's context. A root that gets
// it has been given a parent. A value that was looked up in a request or in its context
// is no part of the trace, but an option may be made of one.
func (r *Result) tracing(e ast.Expr, f *syntax.Func) bool {
	e = ast.Unparen(e)
	t := r.TypeOf(e)
	switch {
	case kind.IsLogger(t):
		return false // it may be made from the caller's context
	case r.isPartOfTrace(e):
		return true
	case kind.IsContext(t):
		got := r.Eval(e, f).Class
		_, isCall := e.(*ast.CallExpr)
		return got == Caller || got == Mixed || got == Unknown && !isCall && !r.Info.Types[e].IsNil()
	case r.Carries(t):
		return true
	}
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		return ok && !v.IsField() && (r.metContext(v, f) || r.askedOfSpan(v, f))
	case *ast.UnaryExpr:
		return r.tracing(e.X, f)
	case *ast.KeyValueExpr:
		return r.tracing(e.Value, f)
	case *ast.CompositeLit:
		return slices.ContainsFunc(e.Elts, func(elt ast.Expr) bool { return r.tracing(elt, f) })
	case *ast.CallExpr:
		callee := r.Callee(e)
		if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && isMap(t) && isMap(r.TypeOf(sel.X)) && r.tracing(sel.X, f) {
			return true // md.Copy()
		}
		if beginsTrace(callee) || callee != nil && kind.LinksSpans(callee.Name()) {
			return true
		}
		return isOption(t) && slices.ContainsFunc(e.Args, func(arg ast.Expr) bool { return r.tracing(arg, f) })
	}
	return false
}

// isOption reports whether what a call gives may be made of what it is given: a function,
// an interface, a list. A value that is looked up is not.
func isOption(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Signature, *types.Interface, *types.Slice, *types.Map:
		return true
	}
	return false
}

// isPartOfTrace reports whether the value of an expression is one, by its type.
func (r *Result) isPartOfTrace(e ast.Expr) bool {
	tv := r.Info.Types[e]
	if !tv.IsValue() || tv.IsNil() || tv.Type == nil {
		return false
	}
	return r.IsSpanLike(tv.Type) || r.IsCarrierOfTrace(tv.Type)
}

// beginsTrace reports whether fn is OpenTelemetry's option by which a span begins a trace
// on purpose.
func beginsTrace(fn *types.Func) bool { return fn != nil && fn.Name() == "WithNewRoot" }

// askedOfSpan reports whether the string v, of f, is what a span was asked for: its
// trace's id.
func (r *Result) askedOfSpan(v *types.Var, f *syntax.Func) bool {
	if b, ok := v.Type().Underlying().(*types.Basic); !ok || b.Info()&types.IsString == 0 || f == nil {
		return false
	}
	asked := false
	f.Root().All(func(f *syntax.Func) {
		for _, s := range f.Calls {
			if sel, ok := ast.Unparen(s.Expr.Fun).(*ast.SelectorExpr); ok && s.Assign != nil && r.VarOf(s.Assign.Lhs[0]) == v {
				asked = asked || r.isPartOfTrace(sel.X)
			}
		}
	})
	return asked
}

// metContext reports whether the map v has something of the caller's context: it was
// passed to a call beside it, as a propagator's carrier is, or is what a call gives that
// is given nothing else, as the metadata of a request. A plain value or one with methods
// of its own may have been as well, so only maps and the like count.
func (r *Result) metContext(v *types.Var, f *syntax.Func) bool {
	return r.metWithin(v, f, 2)
}

func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// metWithin is metContext, of a map that is made of at most so many others.
func (r *Result) metWithin(v *types.Var, f *syntax.Func, depth int) bool {
	if !isMap(v.Type()) || f == nil || depth == 0 {
		return false
	}
	met := false
	f.Root().All(func(f *syntax.Func) {
		for _, s := range f.Calls {
			ctx, carrier := false, s.Assign != nil && r.VarOf(s.Assign.Lhs[0]) == v
			for _, arg := range s.Expr.Args {
				carrier = carrier || r.VarOf(arg) == v
				ctx = ctx || kind.IsContext(r.TypeOf(arg)) && r.Eval(arg, f).Class == Caller
				if from := r.VarOf(arg); from != nil && from != v && s.Assign != nil && r.VarOf(s.Assign.Lhs[0]) == v && types.Identical(from.Type(), v.Type()) {
					ctx = ctx || r.metWithin(from, f, depth-1) // metadata.Join(md, more)
				}
			}
			met = met || ctx && carrier
		}
	})
	return met
}
