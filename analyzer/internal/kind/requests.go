package kind

import "go/types"

// This file tells what carries the context of a request.

// A carrier is a value that carries the context of one request, and how to
// ask it: an *http.Request by .Context(), a gRPC stream likewise, a
// *gin.Context by .Request.Context(), an echo.Context by
// .Request().Context(). Carrier returns what to append to an expression of
// type t, or "".
//
// A type with a Request comes first: gin's context is a context itself, but
// is given to the next request when the handler has returned.
func (ts *Types) Carrier(t types.Type) string {
	how, ok := ts.carriers[t]
	if !ok {
		how = ts.carrierOf(t)
		ts.carriers[t] = how
	}
	return how
}

// carrierOf finds that out.
func (ts *Types) carrierOf(t types.Type) string {
	n := NamedOf(t)
	if n == nil || IsStandard(t) {
		return ""
	}
	if n.Obj().Pkg() != nil {
		switch n.Obj().Pkg().Path() {
		case "testing":
			return "" // t.Context() ends before the cleanups: a test knows best
		case "crypto/tls":
			return "" // a handshake's is that of the connection, which no request has begun yet
		}
	}
	if IsNamed(n, "net/http", "Response") {
		return "" // it has what the request had that was sent, which may be anybody's
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, ts.pkg, "Request")
	switch obj := obj.(type) {
	case *types.Var:
		if ts.GivesContext(obj.Type()) {
			if !ts.isBound(n) {
				return "" // it may be nil
			}
			return ".Request.Context()"
		}
	case *types.Func:
		sig := obj.Signature()
		if sig.Params().Len() == 0 && sig.Results().Len() == 1 && ts.GivesContext(sig.Results().At(0).Type()) {
			return ".Request().Context()"
		}
	}
	if m := ts.Method(t, "UserContext"); m != nil && m.Signature().Params().Len() == 0 && m.Signature().Results().Len() == 1 && IsContext(m.Signature().Results().At(0).Type()) {
		return ".UserContext()" // fiber's, which has another Context for the server
	}
	if ts.GivesContext(t) {
		return ".Context()"
	}
	return ""
}

// isBound reports whether a struct that has a request in a field is made for that, and the
// field not one that some of those who make it leave nil: it is a context, has the response
// too, or its package makes it of a request, or sets it to one. The package that is looked at
// knows its own.
func (ts *Types) isBound(n *types.Named) bool {
	if n.Obj().Pkg() == ts.pkg || ts.ContextLike(n) || ts.ContextLike(types.NewPointer(n)) {
		return true
	}
	takes := func(sig *types.Signature) bool {
		for v := range sig.Params().Variables() {
			if IsHTTPRequest(v.Type()) {
				return true
			}
		}
		return false
	}
	methods := types.NewMethodSet(types.NewPointer(n))
	for i := range methods.Len() {
		if fn, ok := methods.At(i).Obj().(*types.Func); ok && takes(fn.Signature()) {
			return true
		}
	}
	if ts.hasResponse(n, 3) {
		return true
	}
	if n.Obj().Pkg() == nil {
		return false
	}
	scope := n.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		fn, ok := scope.Lookup(name).(*types.Func)
		if !ok || !takes(fn.Signature()) {
			continue
		}
		for v := range fn.Signature().Results().Variables() {
			if made := NamedOf(v.Type()); made != nil && made.Obj() == n.Obj() {
				return true
			}
		}
	}
	return false
}

// hasResponse reports whether a field of a struct, or of one that is embedded in it, is what a
// response is written to.
func (ts *Types) hasResponse(n *types.Named, depth int) bool {
	st, ok := n.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return false
	}
	for f := range st.Fields() {
		if ts.HasMethods(f.Type(), "Header", "Write", "WriteHeader") {
			return true
		}
		if e := NamedOf(f.Type()); f.Embedded() && e != nil && ts.hasResponse(e, depth-1) {
			return true
		}
	}
	return false
}

// IsTest reports whether t is what package testing hands a test, a benchmark or a fuzz test.
func IsTest(t types.Type) bool {
	n := NamedOf(t)
	return n != nil && (IsNamed(n, "testing", "T") || IsNamed(n, "testing", "B") || IsNamed(n, "testing", "F"))
}

// RunsSubtest reports whether a function runs a part of a test, before that ends.
func RunsSubtest(fn *types.Func) bool {
	return fn != nil && (fn.Name() == "Run" || fn.Name() == "Fuzz") && fn.Signature().Recv() != nil && IsTest(fn.Signature().Recv().Type())
}

// GivesContext reports whether t has a method Context() context.Context.
func (ts *Types) GivesContext(t types.Type) bool {
	if NamedOf(t) == nil {
		return false
	}
	m := ts.Method(t, "Context")
	if m == nil {
		return false
	}
	sig := m.Signature()
	return sig.Params().Len() == 0 && sig.Results().Len() == 1 && IsContext(sig.Results().At(0).Type())
}

// CarriesServed reports whether t carries a request that a server was sent, as
// gin's and echo's contexts do. A response carries the one that a client sent.
func (ts *Types) CarriesServed(t types.Type) bool {
	if n := NamedOf(t); n == nil || IsNamed(n, "net/http", "Response") {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, ts.pkg, "Request")
	switch obj := obj.(type) {
	case *types.Var:
		return IsHTTPRequest(obj.Type())
	case *types.Func:
		results := obj.Signature().Results()
		return results.Len() == 1 && IsHTTPRequest(results.At(0).Type())
	}
	return false
}

// GivesServerContext reports whether a value of type t is a framework's own for a request,
// which gives the server's context: fiber's. The framework gives it to the next request.
func (ts *Types) GivesServerContext(t types.Type) bool {
	if NamedOf(t) == nil || IsStandard(t) {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, ts.pkg, "Context")
	fn, ok := obj.(*types.Func)
	return ok && fn.Signature().Results().Len() == 1 && ts.IsServerContext(fn.Signature().Results().At(0).Type())
}

// IsServerContext reports whether t is a context itself that has the request and the
// response of a server, which gives it to the next request: fasthttp's, fiber's.
func (ts *Types) IsServerContext(t types.Type) bool {
	if NamedOf(t) == nil || IsStandard(t) || !ts.ContextLike(t) {
		return false
	}
	for _, name := range []string{"Request", "Response"} {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, ts.pkg, name); obj == nil {
			return false
		}
	}
	return true
}

// IsHTTPRequest reports whether t is an http.Request or a pointer to one.
func IsHTTPRequest(t types.Type) bool {
	n := NamedOf(t)
	return n != nil && IsNamed(n, "net/http", "Request")
}
