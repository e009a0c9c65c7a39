package kind

import "go/types"

// This file tells what spans are.

// IsSpanLike reports whether a value of type t is or names a part of a trace, going by
// what can be asked of it: a span or a transaction, which ends; a span context, which
// has ids; a link, which has a span context.
func (ts *Types) IsSpanLike(t types.Type) bool {
	like, ok := ts.spanLikes[t]
	if !ok {
		ts.spanLikes[t] = false // recursive types: decided by their other parts
		like = ts.spanShaped(t, maxSpanDepth)
		ts.spanLikes[t] = like
	}
	return like
}

// maxSpanDepth bounds how deep a span context is looked for in structs.
const maxSpanDepth = 2

func (ts *Types) spanShaped(t types.Type, depth int) bool {
	if s, ok := types.Unalias(t).Underlying().(*types.Slice); ok {
		t = s.Elem()
	}
	n := NamedOf(t)
	if n == nil || IsContext(t) || IsLogger(t) {
		return false
	}
	if ts.CanEnd(t) && (ts.Method(t, "SetAttribute") != nil || ts.Method(t, "SpanContext") != nil || ts.startsOthers(t)) {
		return true
	}
	if ts.isSpanContext(t) {
		return true
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return false
	}
	ids := 0
	if m := ts.Method(t, "Close"); m != nil && m.Signature().Params().Len() == 1 && IsError(m.Signature().Params().At(0).Type()) {
		ids++ // X-Ray's segments end so
	}
	for f := range st.Fields() {
		switch f.Name() {
		case "TraceID", "SpanID":
			ids++
		}
		if f.Exported() && NamedOf(f.Type()) != nil && ts.isSpanContext(f.Type()) {
			return true // a link
		}
	}
	return ids == 2
}

// isSpanContext reports whether a value of type t has the ids of a span, or its baggage.
func (ts *Types) isSpanContext(t types.Type) bool {
	for _, name := range []string{"TraceID", "SpanID", "ForeachBaggageItem"} {
		if ts.Method(t, name) != nil {
			return true
		}
	}
	return false
}

// startsOthers reports whether a thing that ends is put into contexts and taken from
// them by its package, as a vendor's transaction is, or begins with a context of its own:
//
//	func NewContext(ctx context.Context, txn *Transaction) context.Context
//	func FromContext(ctx context.Context) *Transaction
//	func Start(ctx context.Context, name string) (context.Context, *Span)
func (ts *Types) startsOthers(t types.Type) bool {
	n := NamedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return false
	}
	put, taken := false, false
	scope := n.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		fn, ok := scope.Lookup(name).(*types.Func)
		if !ok || !fn.Exported() {
			continue
		}
		params, results := fn.Signature().Params(), fn.Signature().Results()
		if params.Len() == 0 || results.Len() == 0 || !IsContext(params.At(0).Type()) {
			continue
		}
		if results.Len() == 2 && (IsContext(results.At(0).Type()) && types.Identical(results.At(1).Type(), t) || IsContext(results.At(1).Type()) && types.Identical(results.At(0).Type(), t)) {
			return true
		}
		taken = taken || params.Len() == 1 && types.Identical(results.At(0).Type(), t)
		put = put || params.Len() == 2 && types.Identical(params.At(1).Type(), t) && IsContext(results.At(0).Type())
	}
	return put && taken
}

// IsCarrierOfTrace reports whether a value of type t holds what a propagator writes and
// reads, such as the headers of a message: it is asked by keys.
func (ts *Types) IsCarrierOfTrace(t types.Type) bool {
	return ts.HasMethods(t, "Get", "Set", "Keys") || types.IsInterface(t) && ts.HasMethods(t, "ForeachKey")
}

// CanEnd reports whether a value of type t is a span, going by its methods: it ends, with
// options or with an error.
func (ts *Types) CanEnd(t types.Type) bool {
	for _, name := range []string{"End", "Finish"} {
		if NamedOf(t) == nil {
			return false
		}
		if m := ts.Method(t, name); m != nil {
			params := m.Signature().Params()
			return params.Len() == 0 || params.Len() == 1 && (m.Signature().Variadic() || IsError(params.At(0).Type()))
		}
	}
	return false
}

// OnlyDerives reports whether a function makes a context and nothing else of the
// one it is given: the loss is where that is used. One that starts a span on
// the way is a sink.
func (ts *Types) OnlyDerives(sig *types.Signature) bool {
	derives := false
	for i := range sig.Results().Len() {
		t := sig.Results().At(i).Type()
		if ts.IsSpanLike(t) || ts.Method(t, "End") != nil || ts.Method(t, "Finish") != nil {
			return false
		}
		derives = derives || IsContext(t)
	}
	return derives
}
