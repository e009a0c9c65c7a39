package ctxflow

import (
	"go/ast"
	"go/types"
	"strings"
)

// typeOf is info.TypeOf, but never nil: an expression without a type is invalid.
func typeOf(info *types.Info, e ast.Expr) types.Type {
	if t := info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// IsContext reports whether t, which may be nil, is context.Context itself.
func IsContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && isNamed(n, "context", "Context")
}

func isNamed(n *types.Named, pkg, name string) bool {
	obj := n.Obj()
	return obj.Name() == name && obj.Pkg() != nil && obj.Pkg().Path() == pkg
}

// contextLike reports whether t is a context: context.Context, or a type with
// its four methods such as an interface that embeds it.
func (r *Result) contextLike(t types.Type) bool {
	if IsContext(t) {
		return true
	}
	like, ok := r.likes[t]
	if !ok {
		like = r.hasMethods(t, "Deadline", "Done", "Err", "Value")
		r.likes[t] = like
	}
	return like
}

// hasMethods reports whether t has all the methods named.
func (r *Result) hasMethods(t types.Type, names ...string) bool {
	if namedOf(t) == nil {
		return false
	}
	for _, name := range names {
		if r.method(t, name) == nil {
			return false
		}
	}
	return true
}

// method returns t's method of that name, or nil.
func (r *Result) method(t types.Type, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, r.pass.Pkg, name)
	m, _ := obj.(*types.Func)
	return m
}

// namedOf returns the named type behind t and at most one pointer, or nil.
func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// A carrier is a value that carries the context of one request, and how to
// ask it: an *http.Request by .Context(), a gRPC stream likewise, a
// *gin.Context by .Request.Context(), an echo.Context by
// .Request().Context(). carrier returns what to append to an expression of
// type t, or "".
//
// A type with a Request comes first: gin's context is a context itself, but
// is given to the next request when the handler has returned.
func (r *Result) carrier(t types.Type) string {
	how, ok := r.carriers[t]
	if !ok {
		how = r.carrierOf(t)
		r.carriers[t] = how
	}
	return how
}

// carrierOf finds that out.
func (r *Result) carrierOf(t types.Type) string {
	n := namedOf(t)
	if n == nil || IsContext(t) {
		return ""
	}
	if n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "testing" {
		return "" // t.Context() ends before the cleanups: a test knows best
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, r.pass.Pkg, "Request")
	switch obj := obj.(type) {
	case *types.Var:
		if r.givesContext(obj.Type()) {
			return ".Request.Context()"
		}
	case *types.Func:
		sig := obj.Signature()
		if sig.Params().Len() == 0 && sig.Results().Len() == 1 && r.givesContext(sig.Results().At(0).Type()) {
			return ".Request().Context()"
		}
	}
	if m := r.method(t, "UserContext"); m != nil && m.Signature().Params().Len() == 0 && m.Signature().Results().Len() == 1 && IsContext(m.Signature().Results().At(0).Type()) {
		return ".UserContext()" // fiber's, which has another Context for the server
	}
	if r.givesContext(t) {
		return ".Context()"
	}
	return ""
}

// givesContext reports whether t has a method Context() context.Context.
func (r *Result) givesContext(t types.Type) bool {
	if namedOf(t) == nil {
		return false
	}
	m := r.method(t, "Context")
	if m == nil {
		return false
	}
	sig := m.Signature()
	return sig.Params().Len() == 0 && sig.Results().Len() == 1 && IsContext(sig.Results().At(0).Type())
}

// isLogger reports whether t is a logger or an instrument of metrics: one of a package for
// that, or of a type that is called Logger.
func isLogger(t types.Type) bool {
	n := namedOf(t)
	if n == nil {
		return false
	}
	return strings.HasSuffix(n.Obj().Name(), "Logger") || strings.EqualFold(n.Obj().Name(), "logger") ||
		n.Obj().Pkg() != nil && isLogPackage(n.Obj().Pkg().Name())
}

// logPackages are the names of packages that are there for logging or metrics: those of
// the known libraries, and what teams call their own. A part of a name says nothing:
// package logistics, type AuditLog.
var logPackages = map[string]bool{
	"log": true, "logs": true, "logger": true, "loggers": true, "logging": true, "logutil": true, "ctxlog": true,
	"slog": true, "klog": true, "glog": true, "hclog": true, "zap": true, "zapcore": true, "zaplog": true, "zerolog": true, "logrus": true, "logr": true, "logf": true,
	"metric": true, "metrics": true, "stats": true, "meter": true, "prometheus": true,
}

// isLogPackage reports whether a package of that name is there for logging or metrics.
func isLogPackage(name string) bool {
	return logPackages[name] || strings.HasSuffix(name, "logger") || strings.HasSuffix(name, "logging")
}

// isLogging reports whether a call of fn is a call of logging or metrics: a
// method of a logger, a function of a logging package, or one that gives a
// logger. Its loss leaves a line without a trace id, or a sample without an
// exemplar; it does not cut the trace.
func isLogging(fn *types.Func) bool {
	sig := fn.Signature()
	if recv := sig.Recv(); recv != nil && isLogger(recv.Type()) {
		return true
	}
	if fn.Pkg() != nil && isLogPackage(fn.Pkg().Name()) {
		return true
	}
	return sig.Results().Len() > 0 && isLogger(sig.Results().At(0).Type())
}

// isSpanLike reports whether a value of type t is or names a part of a trace, going by
// what can be asked of it: a span or a transaction, which ends; a span context, which
// has ids; a link, which has a span context.
func (r *Result) isSpanLike(t types.Type) bool {
	like, ok := r.spanLikes[t]
	if !ok {
		r.spanLikes[t] = false // recursive types: decided by their other parts
		like = r.spanShaped(t, maxSpanDepth)
		r.spanLikes[t] = like
	}
	return like
}

// maxSpanDepth bounds how deep a span context is looked for in structs.
const maxSpanDepth = 2

func (r *Result) spanShaped(t types.Type, depth int) bool {
	if s, ok := types.Unalias(t).Underlying().(*types.Slice); ok {
		t = s.Elem()
	}
	n := namedOf(t)
	if n == nil || IsContext(t) || isLogger(t) {
		return false
	}
	switch n.Obj().Name() {
	case "Span", "SpanContext":
		return true
	}
	if r.canEnd(t) && (r.method(t, "SetAttribute") != nil || r.startsOthers(t)) || r.hasMethods(t, "TraceID", "SpanID") {
		return true
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return false
	}
	ids := 0
	for f := range st.Fields() {
		switch f.Name() {
		case "TraceID", "SpanID":
			ids++
		}
		if f.Exported() && namedOf(f.Type()) != nil && namedOf(f.Type()).Obj().Name() == "SpanContext" {
			return true // a link
		}
	}
	return ids == 2
}

// startsOthers reports whether a thing that ends is put into contexts and taken from
// them by its package, as a vendor's transaction is:
//
//	func NewContext(ctx context.Context, txn *Transaction) context.Context
//	func FromContext(ctx context.Context) *Transaction
func (r *Result) startsOthers(t types.Type) bool {
	n := namedOf(t)
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
		taken = taken || params.Len() == 1 && types.Identical(results.At(0).Type(), t)
		put = put || params.Len() == 2 && types.Identical(params.At(1).Type(), t) && IsContext(results.At(0).Type())
	}
	return put && taken
}

// isCarrierOfTrace reports whether a value of type t holds what a propagator writes and
// reads, such as the headers of a message: it is asked by keys.
func (r *Result) isCarrierOfTrace(t types.Type) bool {
	return r.hasMethods(t, "Get", "Set", "Keys") || types.IsInterface(t) && r.hasMethods(t, "ForeachKey")
}

// FuncName names fn as stack traces do: "mail.Send", "sql.(*DB).Exec".
func FuncName(fn *types.Func) string {
	pkg := ""
	if fn.Pkg() != nil {
		pkg = fn.Pkg().Name() + "."
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return pkg + fn.Name()
	}
	t := types.Unalias(recv.Type())
	ptr, isPtr := t.(*types.Pointer)
	if isPtr {
		t = types.Unalias(ptr.Elem())
	}
	name := "interface"
	if n, ok := t.(*types.Named); ok {
		name = n.Obj().Name()
	}
	if isPtr {
		name = "(*" + name + ")"
	}
	return pkg + name + "." + fn.Name()
}

// paramIndex returns the index of the parameter that argument arg is passed
// to, or -1 for a call that does not fit sig.
func paramIndex(sig *types.Signature, arg int) int {
	n := sig.Params().Len()
	if sig.Variadic() && arg >= n-1 {
		return n - 1
	}
	if arg >= n {
		return -1
	}
	return arg
}

// has reports whether bit i is in set.
func has(set uint64, i int) bool { return i >= 0 && i < 64 && set&(1<<i) != 0 }

// bit is the set of i alone, empty if i is out of range: unknown.
func bit(i int) uint64 {
	if i < 0 || i >= 64 {
		return 0
	}
	return 1 << i
}
