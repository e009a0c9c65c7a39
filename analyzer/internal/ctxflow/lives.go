package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// This file tells whose cancellation a context follows.

// A life is something that ends a context: whoever passed the parameter that it
// comes from, or the cancel function that was made with it.
type life struct {
	param  *types.Var // a context, or a request that carries one
	cancel *types.Var
	made   token.Pos // with cancel: where it is made
	in     *Func     // whose parameter it is, or which made the cancel function
}

// lives calls yield for everything that ends the context expression e, written
// in f. What is unknown is left out, and so is what a context was detached from.
func (r *Result) lives(e ast.Expr, f *Func, yield func(life)) {
	w := lifeWalk{r: r, yield: yield, seen: make(map[ast.Expr]bool)}
	w.expr(e, f)
}

// livesAt calls yield for everything that ends the context that v has at pos.
func (r *Result) livesAt(v *types.Var, pos token.Pos, yield func(life)) {
	w := lifeWalk{r: r, yield: yield, seen: make(map[ast.Expr]bool)}
	w.variable(v, pos)
}

type lifeWalk struct {
	r     *Result
	yield func(life)
	seen  map[ast.Expr]bool
}

func (w *lifeWalk) expr(e ast.Expr, f *Func) {
	e = ast.Unparen(e)
	if w.seen[e] || len(w.seen) > maxSteps {
		return
	}
	w.seen[e] = true
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := w.r.info.Uses[e].(*types.Var)
		switch {
		case !ok:
		case w.r.isRequest(v.Type()):
			delete(w.seen, e)
			w.request(e, f)
		default:
			w.variable(v.Origin(), e.Pos())
		}
	case *ast.CallExpr:
		w.call(e, f, nil)
	}
}

func (w *lifeWalk) variable(v *types.Var, pos token.Pos) {
	info := w.r.vars[v]
	if info == nil || v.IsField() || !IsContext(v.Type()) || v.Parent() == w.r.pass.Pkg.Scope() {
		return
	}
	defs, initial := w.r.reaching(info, v, pos)
	if initial {
		w.param(v, info)
	}
	for _, d := range defs {
		if d.rhs == nil || d.zero || d.in == nil {
			continue
		}
		if call, ok := ast.Unparen(d.rhs).(*ast.CallExpr); ok {
			if !w.seen[call] {
				w.seen[call] = true
				w.call(call, d.in, w.r.cancelOf(d))
			}
			continue
		}
		w.expr(d.rhs, d.in)
	}
}

// param follows a parameter to the argument, where that is known.
func (w *lifeWalk) param(v *types.Var, info *varInfo) {
	f := info.owner
	switch f.role {
	case roleCalled, roleDeferred, roleGo:
		if f.call != nil && !f.sig.Variadic() && info.param < len(f.call.Args) {
			w.expr(f.call.Args[info.param], f.outer)
		}
		return
	case roleAssigned:
		w.args(f, info.param)
		return
	}
	w.yield(life{param: v, in: f})
}

// args follows parameter i of a literal that a variable is set to: to the
// arguments of the calls of the variable.
func (w *lifeWalk) args(f *Func, i int) {
	f.Root().all(func(in *Func) {
		for _, c := range in.calls {
			if c.callee == nil && i < len(c.expr.Args) && w.r.assignedLit(c.expr.Fun) == f {
				w.expr(c.expr.Args[i], in)
			}
		}
	})
}

// call follows what a call makes of its context. cancel is the variable that
// its second result is assigned to, nil if there is none.
func (w *lifeWalk) call(call *ast.CallExpr, f *Func, cancel *types.Var) {
	if w.r.requestOf(call) != nil {
		w.request(ast.Unparen(call.Fun).(*ast.SelectorExpr).X, f)
		return
	}
	callee := w.r.callee(call)
	if callee == nil || w.r.detaches(callee) {
		return
	}
	if cancel != nil {
		w.yield(life{cancel: cancel, made: call.Pos(), in: f})
	}
	for _, arg := range call.Args {
		if IsContext(typeOf(w.r.info, arg)) {
			w.expr(arg, f)
		}
	}
}

// request follows an expression that gives a request, or a framework's value for one: to
// the parameter that it comes from, or to the context that it was made with.
//
//	req := r.Clone(r.Context())
//	cp := c.Copy()
func (w *lifeWalk) request(e ast.Expr, f *Func) {
	e = ast.Unparen(e)
	if w.seen[e] || len(w.seen) > maxSteps || f == nil {
		return
	}
	w.seen[e] = true
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := w.r.info.Uses[e].(*types.Var)
		if !ok {
			return
		}
		values, initial := w.r.valuesAt(v, f, e)
		if owner := w.r.ownerOf(v, f); owner != nil && initial {
			w.requestParam(v, owner)
		}
		for _, rhs := range values {
			w.request(rhs, f)
		}
	case *ast.SelectorExpr:
		w.request(e.X, f)
	case *ast.StarExpr:
		w.request(e.X, f)
	case *ast.CallExpr:
		given := false
		for _, arg := range e.Args {
			if IsContext(typeOf(w.r.info, arg)) {
				given = true
				w.expr(arg, f)
			}
		}
		if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && !given && len(e.Args) == 0 {
			w.request(sel.X, f)
		}
	}
}

// requestParam follows a parameter that is a request: one of a literal that is called
// in place or started to its argument.
func (w *lifeWalk) requestParam(v *types.Var, owner *Func) {
	switch owner.role {
	case roleCalled, roleDeferred, roleGo:
		if i := paramOf(owner.sig, v); owner.call != nil && !owner.sig.Variadic() && i < len(owner.call.Args) {
			w.request(owner.call.Args[i], owner.outer)
		}
		return
	}
	w.yield(life{param: v, in: owner})
}

// ownerOf returns the function, f or one around it, that v is a parameter of.
func (r *Result) ownerOf(v *types.Var, f *Func) *Func {
	for ; f != nil; f = f.outer {
		if paramOf(f.sig, v) >= 0 {
			return f
		}
	}
	return nil
}

// cancelOf returns the variable that gets the cancel function of a context:
//
//	ctx, cancel := context.WithTimeout(ctx, d)
//
// It is nil for a definition of another kind.
func (r *Result) cancelOf(d *def) *types.Var {
	as, ok := d.at.(*ast.AssignStmt)
	if !ok || d.index != 0 || len(as.Lhs) < 2 {
		return nil
	}
	call, ok := ast.Unparen(d.rhs).(*ast.CallExpr)
	if !ok {
		return nil
	}
	v := r.varOf(as.Lhs[1])
	if v == nil || v.IsField() || !r.makesCancel(call) {
		return nil
	}
	return v
}

// makesCancel reports whether the second result of a call is a cancel function.
func (r *Result) makesCancel(call *ast.CallExpr) bool {
	callee := r.callee(call)
	if callee == nil || callee.Signature().Results().Len() < 2 {
		return false
	}
	t := types.TypeString(callee.Signature().Results().At(1).Type(), nil)
	return strings.HasSuffix(t, "context.CancelFunc") || strings.HasSuffix(t, "context.CancelCauseFunc")
}

// TakesBack reports whether the context of v is that of a framework's own value for a
// request, which the framework gives to the next request when the handler has returned:
// gin's, echo's. A task must not ask it for anything.
func (r *Result) TakesBack(v *types.Var) bool {
	return v != nil && !IsContext(v.Type()) && !r.isHTTPRequest(v.Type()) && r.carriesServed(v.Type())
}

// carriesServed reports whether t carries a request that a server was sent, as
// gin's and echo's contexts do. A response carries the one that a client sent.
func (r *Result) carriesServed(t types.Type) bool {
	if n := namedOf(t); n == nil || isNamed(n, "net/http", "Response") {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, r.pass.Pkg, "Request")
	switch obj := obj.(type) {
	case *types.Var:
		return r.isHTTPRequest(obj.Type())
	case *types.Func:
		results := obj.Signature().Results()
		return results.Len() == 1 && r.isHTTPRequest(results.At(0).Type())
	}
	return false
}

func (r *Result) isHTTPRequest(t types.Type) bool {
	n := namedOf(t)
	return n != nil && isNamed(n, "net/http", "Request")
}

// servesHTTP reports whether f is given the writer of an HTTP response.
func (r *Result) servesHTTP(f *Func) bool {
	for i := range f.sig.Params().Len() {
		if n := namedOf(f.sig.Params().At(i).Type()); n != nil && isNamed(n, "net/http", "ResponseWriter") {
			return true
		}
	}
	return false
}

// isRPC reports whether f is a method that an RPC server calls, going by its
// shape: an exported func(context.Context, *Req) (*Resp, error) that an
// interface declares beside Req or Resp, which are protobuf messages, as the
// generators of gRPC and Twirp write them; or one with connect's Request and Response.
func (r *Result) isRPC(f *Func) bool {
	if f.obj == nil || !f.obj.Exported() || f.sig.Recv() == nil || f.sig.Params().Len() != 2 || f.sig.Results().Len() != 2 {
		return false
	}
	if !IsContext(f.sig.Params().At(0).Type()) || !isError(f.sig.Results().At(1).Type()) {
		return false
	}
	req, resp := namedOf(f.sig.Params().At(1).Type()), namedOf(f.sig.Results().At(0).Type())
	if req == nil || resp == nil {
		return false
	}
	if req.Obj().Name() == "Request" && resp.Obj().Name() == "Response" && req.TypeArgs().Len() == 1 && resp.TypeArgs().Len() == 1 {
		return true
	}
	isMessage := r.method(req, "ProtoMessage") != nil || r.method(types.NewPointer(req), "ProtoMessage") != nil
	return isMessage && (declaredBeside(req, f.obj) || declaredBeside(resp, f.obj))
}

// declaredBeside reports whether an interface of the package of message, other
// than f's own, has f's method.
func declaredBeside(message *types.Named, f *types.Func) bool {
	pkg := message.Obj().Pkg()
	if pkg == nil || pkg == f.Pkg() {
		return false
	}
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() {
			continue
		}
		iface, ok := tn.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for m := range iface.Methods() {
			if m.Name() == f.Name() && types.Identical(types.NewSignatureType(nil, nil, nil, m.Signature().Params(), m.Signature().Results(), false),
				types.NewSignatureType(nil, nil, nil, f.Signature().Params(), f.Signature().Results(), false)) {
				return true
			}
		}
	}
	return false
}
