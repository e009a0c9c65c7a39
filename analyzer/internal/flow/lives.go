package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whose cancellation a context follows.

// A Life is something that ends a context: whoever passed the parameter that it
// comes from, or the cancel function that was made with it.
type Life struct {
	Param  *types.Var // a context, or a request that carries one
	Cancel *types.Var
	call   *ast.CallExpr // with Cancel: what made it
	In     *syntax.Func  // whose parameter it is, or which made the cancel function
	Served bool          // with Param: what is used of it is a context that the server takes back
}

// lives calls yield for everything that ends the context expression e, written
// in f. What is unknown is left out, and so is what a context was detached from.
func (r *Result) lives(e ast.Expr, f *syntax.Func, yield func(Life)) {
	w := lifeWalk{r: r, yield: yield, seen: make(map[ast.Expr]bool)}
	w.expr(e, f)
}

// LivesAt calls yield for everything that ends the context that v has at pos.
func (r *Result) LivesAt(v *types.Var, pos token.Pos, yield func(Life)) {
	w := lifeWalk{r: r, yield: yield, seen: make(map[ast.Expr]bool)}
	w.variable(v, pos)
}

type lifeWalk struct {
	r     *Result
	yield func(Life)
	seen  map[ast.Expr]bool

	own    bool // it stops at a context that the function which made it ends itself
	served bool // on the way here was a context that a server takes back
}

func (w *lifeWalk) expr(e ast.Expr, f *syntax.Func) {
	e = ast.Unparen(e)
	if w.seen[e] || len(w.seen) > maxSteps {
		return
	}
	if w.r.IsServerContext(w.r.TypeOf(e)) {
		defer func(was bool) { w.served = was }(w.served)
		w.served = true
		w.request(e, f)
		return
	}
	w.seen[e] = true
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := w.r.Info.Uses[e].(*types.Var)
		ctx := w.r.wrapped(e, f)
		switch {
		case !ok:
		case ctx != nil:
			w.expr(ctx, f)
		case w.r.IsRequest(v.Type()):
			delete(w.seen, e)
			w.request(e, f)
		default:
			w.variable(v.Origin(), e.Pos())
		}
	case *ast.CallExpr:
		if w.r.IsRequest(w.r.TypeOf(e)) {
			delete(w.seen, e)
			w.request(e, f) // c.Copy()
			return
		}
		w.call(e, f, nil)
	case *ast.SelectorExpr, *ast.UnaryExpr, *ast.CompositeLit:
		if ctx := w.r.wrapped(e, f); ctx != nil {
			w.expr(ctx, f)
		}
	}
}

func (w *lifeWalk) variable(v *types.Var, pos token.Pos) {
	info := w.r.Var(v)
	if info == nil || v.IsField() || !kind.IsContext(v.Type()) || v.Parent() == w.r.Pass.Pkg.Scope() {
		return
	}
	defs, initial := w.r.reaching(info, v, pos)
	if initial {
		w.param(v, info)
	}
	for _, d := range defs {
		if d.Rhs == nil || d.Zero || d.In == nil {
			continue
		}
		if call, ok := ast.Unparen(d.Rhs).(*ast.CallExpr); ok {
			if !w.seen[call] {
				w.seen[call] = true
				w.call(call, d.In, w.r.cancelOf(d))
			}
			continue
		}
		w.expr(d.Rhs, d.In)
	}
}

// param follows a parameter to the argument, where that is known.
func (w *lifeWalk) param(v *types.Var, info *syntax.Var) {
	f := info.Owner
	switch f.Role {
	case syntax.RoleCalled, syntax.RoleDeferred, syntax.RoleGo:
		if f.Call != nil && !f.Sig.Variadic() && info.Param < len(f.Call.Args) {
			w.expr(f.Call.Args[info.Param], f.Outer)
		}
		return
	case syntax.RoleAssigned:
		w.args(f, info.Param)
		return
	}
	w.yield(Life{Param: v, In: f})
}

// args follows parameter i of a literal that a variable is set to: to the
// arguments of the calls of the variable.
func (w *lifeWalk) args(f *syntax.Func, i int) {
	f.Root().All(func(in *syntax.Func) {
		for _, c := range in.Calls {
			if c.Callee == nil && i < len(c.Expr.Args) && w.r.AssignedLit(c.Expr.Fun) == f {
				w.expr(c.Expr.Args[i], in)
			}
		}
	})
}

// call follows what a call makes of its context. cancel is the variable that
// its second result is assigned to, nil if there is none.
func (w *lifeWalk) call(call *ast.CallExpr, f *syntax.Func, cancel *types.Var) {
	if w.r.RequestOf(call) != nil {
		w.request(ast.Unparen(call.Fun).(*ast.SelectorExpr).X, f)
		return
	}
	callee := w.r.Callee(call)
	if callee == nil || w.r.Detaches(callee) {
		return
	}
	if cancel != nil {
		w.yield(Life{Cancel: cancel, call: call, In: f})
		if w.own && !w.r.HandedOn(cancel, f) {
			return
		}
	}
	for i, arg := range call.Args {
		if !w.r.followsArg(callee, i) {
			continue
		}
		switch t := w.r.TypeOf(arg); {
		case kind.IsContext(t) || w.r.IsServerContext(t):
			w.expr(arg, f)
		case w.r.IsRequest(t):
			w.request(arg, f) // appContextOf(r)
		}
	}
}

// request follows an expression that gives a request, or a framework's value for one: to
// the parameter that it comes from, or to the context that it was made with.
//
//	req := r.Clone(r.Context())
//	cp := c.Copy()
func (w *lifeWalk) request(e ast.Expr, f *syntax.Func) {
	e = ast.Unparen(e)
	if w.seen[e] || len(w.seen) > maxSteps || f == nil {
		return
	}
	w.seen[e] = true
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := w.r.Info.Uses[e].(*types.Var)
		if !ok {
			return
		}
		values, initial := w.r.valuesAt(v, f, e)
		if owner := w.r.OwnerOf(v, f); owner != nil && initial {
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
			if kind.IsContext(w.r.TypeOf(arg)) {
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
func (w *lifeWalk) requestParam(v *types.Var, owner *syntax.Func) {
	switch owner.Role {
	case syntax.RoleCalled, syntax.RoleDeferred, syntax.RoleGo:
		if i := kind.ParamOf(owner.Sig, v); owner.Call != nil && !owner.Sig.Variadic() && i < len(owner.Call.Args) {
			w.request(owner.Call.Args[i], owner.Outer)
		}
		return
	}
	w.yield(Life{Param: v, In: owner, Served: w.served})
}

// cancelOf returns the variable that gets the cancel function of a context:
//
//	ctx, cancel := context.WithTimeout(ctx, d)
//
// It is nil for a definition of another kind.
func (r *Result) cancelOf(d *syntax.Def) *types.Var {
	as, ok := d.At.(*ast.AssignStmt)
	if !ok || d.Index != 0 || len(as.Lhs) < 2 {
		return nil
	}
	call, ok := ast.Unparen(d.Rhs).(*ast.CallExpr)
	if !ok {
		return nil
	}
	v := r.VarOf(as.Lhs[1])
	if v == nil || v.IsField() || !r.MakesCancel(call) {
		return nil
	}
	return v
}

// TakesBack reports whether the context of v is that of a framework's own value for a
// request, which the framework gives to the next request when the handler has returned:
// gin's, echo's. A task must not ask it for anything.
func (r *Result) TakesBack(v *types.Var) bool {
	return v != nil && !kind.IsContext(v.Type()) && !kind.IsHTTPRequest(v.Type()) && r.CarriesServed(v.Type())
}

// ServesHTTP reports whether f is given the writer of an HTTP response.
func (r *Result) ServesHTTP(f *syntax.Func) bool {
	for i := range f.Sig.Params().Len() {
		if n := kind.NamedOf(f.Sig.Params().At(i).Type()); n != nil && kind.IsNamed(n, "net/http", "ResponseWriter") {
			return true
		}
	}
	return false
}

// IsRPC reports whether f is a method that an RPC server calls, going by its
// shape: an exported func(context.Context, *Req) (*Resp, error) that an
// interface declares beside Req or Resp, which are protobuf messages, as the
// generators of gRPC and Twirp write them; or one with connect's Request and Response.
func (r *Result) IsRPC(f *syntax.Func) bool {
	if interceptsRPC(f.Sig) {
		return true
	}
	if f.Obj == nil || !f.Obj.Exported() || f.Sig.Recv() == nil || f.Sig.Params().Len() != 2 || f.Sig.Results().Len() != 2 {
		return false
	}
	if !kind.IsContext(f.Sig.Params().At(0).Type()) || !kind.IsError(f.Sig.Results().At(1).Type()) {
		return false
	}
	req, resp := kind.NamedOf(f.Sig.Params().At(1).Type()), kind.NamedOf(f.Sig.Results().At(0).Type())
	if req == nil || resp == nil {
		return false
	}
	if req.Obj().Name() == "Request" && resp.Obj().Name() == "Response" && req.TypeArgs().Len() == 1 && resp.TypeArgs().Len() == 1 {
		return true
	}
	isMessage := r.Method(req, "ProtoMessage") != nil || r.Method(types.NewPointer(req), "ProtoMessage") != nil
	return isMessage && (kind.DeclaredBeside(req, f.Obj) || kind.DeclaredBeside(resp, f.Obj))
}

// interceptsRPC reports whether a function of that signature stands before the methods of an
// RPC server, as a grpc.UnaryServerInterceptor does: it is given what handles the same request
// and gives the same response.
//
//	func(ctx context.Context, req any, info *UnaryServerInfo, handler func(context.Context, any) (any, error)) (any, error)
func interceptsRPC(sig *types.Signature) bool {
	params, results := sig.Params(), sig.Results()
	if params.Len() < 3 || results.Len() != 2 || !kind.IsContext(params.At(0).Type()) || !kind.IsError(results.At(1).Type()) {
		return false
	}
	next, ok := params.At(params.Len() - 1).Type().Underlying().(*types.Signature)
	return ok && next.Params().Len() == 2 && next.Results().Len() == 2 && kind.IsContext(next.Params().At(0).Type()) &&
		types.Identical(next.Params().At(1).Type(), params.At(1).Type()) && types.Identical(next.Results().At(0).Type(), results.At(0).Type())
}

// HandedOn reports whether a cancel function that f makes is kept or returned.
func (r *Result) HandedOn(cancel *types.Var, f *syntax.Func) bool {
	if cancel == nil || cancel.IsField() {
		return cancel != nil
	}
	for _, id := range r.MentionsOf(cancel, f) {
		if r.Info.Uses[id] == nil {
			continue // its declaration
		}
		for g := syntax.Innermost(f, id.Pos()); g != f; g = g.Outer {
			if !r.OnBehalf(g) {
				return true
			}
		}
		path := syntax.PathTo(id.Pos(), f.Body)
		stack := path[:len(path)-1]
		if syntax.IsAssigned(id, stack) {
			continue
		}
		p, _ := syntax.Parent(stack)
		if call, ok := p.(*ast.CallExpr); !ok || r.VarOf(call.Fun) != cancel {
			return true
		}
	}
	return false
}

// isLifeOfThing reports whether a context, written in f, goes on until somebody calls its
// cancel function who is not the function that makes it: that keeps it in a field, or
// returns it, itself or in a literal. One with a limit is for a piece of work, and so is one
// that ends with the function in any case.
func (r *Result) isLifeOfThing(e ast.Expr, f *syntax.Func) bool {
	found := false
	r.lives(e, f, func(l Life) {
		if callee := r.calleeOf(l.call); callee != nil && strings.HasPrefix(callee.FullName(), "context.WithCancel") {
			found = found || l.Cancel != nil && r.isKept(l.Cancel, l.In) && !r.defersCall(l.Cancel, l.In)
		}
	})
	return found
}

// defersCall reports whether f defers a call of a function variable.
func (r *Result) defersCall(v *types.Var, f *syntax.Func) bool {
	return slices.ContainsFunc(f.Defers, func(d syntax.Deferred) bool { return r.VarOf(d.Stmt.Call.Fun) == v })
}

// calleeOf is Callee for a call that may be nil.
func (r *Result) calleeOf(call *ast.CallExpr) *types.Func {
	if call == nil {
		return nil
	}
	return r.Callee(call)
}

// isKept reports whether f keeps a variable in a field, or returns it.
func (r *Result) isKept(v *types.Var, f *syntax.Func) bool {
	if v.IsField() {
		return true
	}
	return slices.ContainsFunc(r.MentionsOf(v, f), func(id *ast.Ident) bool {
		for g := syntax.Innermost(f, id.Pos()); g != f && g != nil; g = g.Outer {
			if !r.OnBehalf(g) {
				return true
			}
		}
		path := syntax.PathTo(id.Pos(), f.Body)
		p, rest := syntax.Parent(path[:len(path)-1])
		switch p := p.(type) {
		case *ast.ReturnStmt, *ast.CompositeLit:
			return true
		case *ast.KeyValueExpr:
			lit, _ := syntax.Parent(rest)
			_, ok := lit.(*ast.CompositeLit)
			return ok && p.Value == id
		case *ast.AssignStmt:
			to := r.TargetOf(id, p.Lhs, p.Rhs)
			if index, ok := ast.Unparen(to).(*ast.IndexExpr); ok {
				to = index.X
			}
			target := r.VarOf(to)
			return target != nil && target.IsField()
		}
		return false
	})
}
