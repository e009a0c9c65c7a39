package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Hand is a context at hand: an expression that yields the caller's context.
type Hand struct {
	Expr  string         // such as "ctx" or "r.Context()"
	Var   *types.Var     // the variable that Expr starts with
	Blank *ast.Field     // the parameter to be given a name, else nil
	Func  *ast.FuncType  // with Blank: whose parameter it is
	Body  *ast.BlockStmt // with Blank: of that function
}

// HandAt returns the context at hand at pos in f, or nil. It looks in the
// innermost function first: there for a context, a parameter to be named, a
// request; then in the function around it, as long as the literal runs on
// behalf of that one.
func (r *Result) HandAt(f *Func, pos token.Pos) *Hand {
	if r.inShared(f) {
		return nil // what it makes of the context of whoever came first is no better
	}
	if f != nil && isFresh(f) {
		return nil // it starts a trace on purpose
	}
	for ; f != nil; f = f.outer {
		within := r.serviceLoopAt(f, pos)
		if f.serves && within == nil {
			return nil // it starts up a service, whose life its context is
		}
		if h := r.localHand(f, pos, within); h != nil {
			return h
		}
		if !r.onBehalf(f) || within != nil {
			return nil // what is around does not ask for it
		}
	}
	return nil
}

// onBehalf reports whether the literal f runs on behalf of the function around
// it: in place, as its task, or by a variable of it. One that is returned,
// stored, or registered to be called with data, runs for somebody else.
func (r *Result) onBehalf(f *Func) bool {
	switch f.role {
	case roleCalled, roleDeferred, roleGo, roleAssigned:
		return true
	case rolePassed:
		if r.isHandler(f) || r.isShared(f) {
			return false
		}
		return r.passedOnBehalf(f.call, f.arg, f.sig, f.outer, maxValue)
	}
	return false
}

// passedOnBehalf reports whether a function of that signature that a call in f is given
// as argument arg runs on behalf of f: at once, or as a task of it. One that is kept, or
// made into something else that is, runs for whoever calls that.
func (r *Result) passedOnBehalf(call *ast.CallExpr, arg int, sig *types.Signature, f *Func, depth int) bool {
	if depth == 0 {
		return false
	}
	if r.info.Types[call.Fun].IsType() {
		return r.madeOnBehalf(call, sig, f, depth) // task(func() { .. })
	}
	callee := r.callee(call)
	if callee == nil {
		return !takesData(sig)
	}
	pi := paramIndex(callee.Signature(), arg)
	s := r.Of(callee)
	if registers(callee) || has(s.Keeps, pi) || s.Serves {
		return false
	}
	if has(s.Spawns, pi) {
		return !takesData(sig) || r.isGivenData(&site{expr: call, callee: callee}, arg)
	}
	results := callee.Signature().Results()
	if results.Len() != 1 || !r.mayKeepFunc(results.At(0).Type()) {
		return true
	}
	return r.madeOnBehalf(call, sig, f, depth) // a wrapper, or what keeps it
}

// madeOnBehalf reports whether what a call in f makes of a function runs on behalf of f:
// it is a function too, that is called, started or passed on there.
func (r *Result) madeOnBehalf(made *ast.CallExpr, sig *types.Signature, f *Func, depth int) bool {
	got, ok := typeOf(r.info, made).Underlying().(*types.Signature)
	if !ok || takesData(got) || r.hasMethod(typeOf(r.info, made)) {
		return false // an adapter, an option, a thing that has it
	}
	for _, c := range f.calls {
		if ast.Unparen(c.expr.Fun) == made {
			return true // defer timed(func() { .. })()
		}
		if i := argIndex(c.expr, made); i >= 0 {
			return r.passedOnBehalf(c.expr, i, sig, f, depth-1)
		}
	}
	if outer := r.callWith(f, made); outer != nil { // of a conversion
		return r.passedOnBehalf(outer, argIndex(outer, made), sig, f, depth-1)
	}
	for _, n := range f.sends {
		if ast.Unparen(n.Value) == made {
			return true
		}
	}
	return r.isLocalValue(made, f)
}

// isLocalValue reports whether a call is what a local variable of f is set to.
func (r *Result) isLocalValue(call *ast.CallExpr, f *Func) bool {
	for _, c := range f.calls {
		if c.expr == call && c.assign != nil && len(c.assign.Lhs) == 1 {
			v := r.varOf(c.assign.Lhs[0])
			return v != nil && !v.IsField() && encloses(f.Root().node, v.Pos())
		}
	}
	return false
}

// hasMethod reports whether a named type has a method: a function of it is an
// implementation of something.
func (r *Result) hasMethod(t types.Type) bool {
	n := namedOf(t)
	return n != nil && n.NumMethods() > 0
}

// mayKeepFunc reports whether a value of type t may have a function in it: it is one, an
// interface, or a struct with one.
func (r *Result) mayKeepFunc(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return true
	case *types.Interface:
		return !isError(t)
	case *types.Struct:
		for f := range u.Fields() {
			if isTaskType(f.Type()) {
				return true
			}
		}
	}
	return false
}

// inShared reports whether f is, or runs on behalf of, work that isShared.
func (r *Result) inShared(f *Func) bool {
	for ; f != nil; f = f.outer {
		if r.isShared(f) {
			return true
		}
		if !r.onBehalf(f) {
			return false
		}
	}
	return false
}

// isShared reports whether the literal f is work that is done for all who ask for
// it, whoever came first.
func (r *Result) isShared(f *Func) bool {
	if f.role != rolePassed {
		return false
	}
	callee := r.callee(f.call)
	return r.keyedWork(f) || callee != nil && r.sharesWork(callee)
}

// isHandler reports whether f is given a request, and so works for that.
func (r *Result) isHandler(f *Func) bool {
	for i := range f.sig.Params().Len() {
		if r.carries(f.sig.Params().At(i).Type()) {
			return true
		}
	}
	return false
}

// takesData reports whether a function of that signature is given anything
// but a context: a message, a connection, an event.
func takesData(sig *types.Signature) bool {
	for i := range sig.Params().Len() {
		if !IsContext(sig.Params().At(i).Type()) {
			return true
		}
	}
	return false
}

// LostAt returns the context that a spawn loses, or nil: the one at hand, unless
// the task is not the caller's to begin with.
func (r *Result) LostAt(s *Spawn) *Hand {
	if r.sharedTask(s.In, s.Pos()) || collects(s.In.Root().obj) {
		return nil
	}
	hand := r.HandAt(s.In, s.Pos())
	if hand == nil || hand.Var != nil && s.In.Root().obj != nil && encloses(s.In.Root().typ, hand.Var.Pos()) && r.constructing(s.In.Root()) {
		return nil
	}
	return hand
}

// constructing reports whether d is called to make a thing, whose life its
// context is, by its name or by all of its callers.
func (r *Result) constructing(d *Func) bool {
	return !r.servesHTTP(d) && !r.isRPC(d) && r.onlyStarts(d, r.isConstructor, maxStarts)
}

// localHand returns the context at hand that f itself declares, or nil; in a
// service loop, only what the loop declares.
func (r *Result) localHand(f *Func, pos token.Pos, within *loop) *Hand {
	inner := r.ScopeAt(pos)
	seen := func(v *types.Var) bool {
		if v.Pos() >= pos || within != nil && !encloses(within, v.Pos()) {
			return false
		}
		_, obj := inner.LookupParent(v.Name(), pos)
		return obj == v && encloses(f.node, v.Pos()) // not shadowed, nor another function's
	}
	var request *types.Var
	outermost := r.info.Scopes[f.typ]
	for s := inner; s != nil; s = s.Parent() {
		vars := r.handVarsOf(s)
		for _, v := range vars.before(pos) {
			if seen(v) && r.evalVar(v, pos).class == caller {
				return &Hand{Expr: v.Name(), Var: v}
			}
		}
		for _, v := range vars.requests {
			if seen(v) && r.isRequestParam(v, f) && r.carried(v, pos) != "" {
				request = v
			}
		}
		if s == outermost {
			break
		}
	}
	if within != nil {
		return nil // only what the loop itself declares
	}
	if h := r.blankHand(f); h != nil {
		return h
	}
	if request != nil {
		return &Hand{Expr: r.carried(request, pos), Var: request}
	}
	return nil
}

// blankHand returns the first context parameter of f without a name, or nil.
func (r *Result) blankHand(f *Func) *Hand {
	if f.role == roleGo || f.role == roleCalled || f.role == roleDeferred {
		return nil // what it is called with is at hand around it
	}
	for _, field := range f.typ.Params.List {
		blank := len(field.Names) == 0 || len(field.Names) == 1 && field.Names[0].Name == "_"
		if !blank || !IsContext(r.info.TypeOf(field.Type)) {
			continue
		}
		if r.orphan(f, -1) {
			return nil
		}
		return &Hand{Expr: "ctx", Blank: field, Func: f.typ, Body: f.body}
	}
	return nil
}

// orphan reports whether parameter i of f, -1 for any context parameter, is
// given nobody's context: each call of f in the package, and there are no
// others, passes a root, or the context of the service loop it is made in.
func (r *Result) orphan(f *Func, i int) bool {
	if f.obj == nil || len(r.values[f.obj]) > 0 || !r.private(f.obj) {
		return false
	}
	if i < 0 {
		for j := range contextParams(f.sig) {
			i = j
			break
		}
	}
	if i < 0 || f.sig.Variadic() && i == f.sig.Params().Len()-1 {
		return false
	}
	v := f.sig.Params().At(i)
	if got, ok := r.orphans[v]; ok {
		r.cut = r.cut || r.asking[v]
		return got
	}
	r.orphans[v], r.asking[v] = true, true // recursion adds no caller
	got := r.allRoots(f.obj, i)
	r.orphans[v] = got
	delete(r.asking, v)
	return got
}

// private reports whether only this package can call fn.
func (r *Result) private(fn *types.Func) bool {
	if fn.Signature().Recv() != nil && r.ifaces[fn.Name()] {
		return false
	}
	return !fn.Exported() || r.pass.Pkg.Name() == "main" && fn.Signature().Recv() == nil
}

// allRoots reports whether fn is called at all, and only with roots or from
// service loops, as argument i. Calls in tests do not count: they pass roots.
func (r *Result) allRoots(fn *types.Func, i int) bool {
	calls := 0
	for _, s := range r.callsOf(fn) {
		if r.inTest(s.site.expr.Pos()) {
			continue
		}
		calls++
		if i >= len(s.site.expr.Args) {
			return false // f(g()) with several results
		}
		arg := s.site.expr.Args[i]
		if r.inKeyedWork(s.in) {
			continue // whoever came first
		}
		switch v := r.eval(arg, s.in); v.class {
		case root:
		case caller:
			l := r.serviceLoopAt(s.in, arg.Pos())
			av := r.baseVar(arg)
			if l == nil || av == nil || encloses(l, av.Pos()) {
				return false
			}
		default:
			// Unknown, or an orphan's own parameter handed on.
			av := r.varOf(arg)
			if av == nil || !r.orphans[av] {
				return false
			}
		}
	}
	return calls > 0
}

// A callIn is a call and the function that makes it.
type callIn struct {
	site *site
	in   *Func
}

// callsOf returns the calls of fn in the package.
func (r *Result) callsOf(fn *types.Func) []callIn {
	if r.callers == nil {
		r.callers = make(map[*types.Func][]callIn)
		r.funcs(func(f *Func) {
			for _, s := range f.calls {
				if s.callee != nil && s.callee.Pkg() == r.pass.Pkg {
					r.callers[s.callee] = append(r.callers[s.callee], callIn{s, f})
				}
			}
		})
	}
	return r.callers[fn]
}

// ContextInScope returns the name of the innermost context variable that can be
// named at pos and is no root, whoever it belongs to: what a line that logs could
// be given. It returns "" for none.
func (r *Result) ContextInScope(pos token.Pos) string {
	inner := r.ScopeAt(pos)
	for s := inner; s != nil && s != r.pass.Pkg.Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			v, ok := s.Lookup(name).(*types.Var)
			if !ok || v.Pos() >= pos || name == "_" || !IsContext(v.Type()) || r.evalVar(v, pos).class == root {
				continue
			}
			if _, obj := inner.LookupParent(name, pos); obj == v {
				return name
			}
		}
	}
	return ""
}
