package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which contexts a task works with, so that their end ends its
// work.

// A use is a context that somebody works with, and where.
type use struct {
	ctx ast.Expr
	in  *syntax.Func
	of  body // which uses it; none for an argument
}

// taskUses returns the contexts from outside that a task works with.
func (r *Result) taskUses(s *Spawn) []use {
	var uses []use
	if s.Go != nil {
		uses = r.argUses(s, r.TaskFunc(s))
	}
	for _, b := range r.bodies(s) {
		if syntax.LitOf(b.f) == nil {
			continue
		}
		for _, u := range r.bodyUses(b) {
			u.of = b
			uses = append(uses, u)
		}
	}
	return append(append(uses, r.givenUses(s)...), r.structUses(s)...)
}

// givenUses returns the contexts that a call of a function of the package is given for the task
// beside it, which works with them: the function starts what it is given with what it is given.
//
//	func start(ctx context.Context, f func(context.Context)) { go f(ctx) }
func (r *Result) givenUses(s *Spawn) (uses []use) {
	d, lit := r.Func(s.Spawner), r.TaskFunc(s)
	at := slices.Index(s.Call.Args, s.Arg)
	if s.Go != nil || d == nil || d.Body == nil || d.Sig.Variadic() || lit == nil || at < 0 {
		return nil
	}
	fn := d.Sig.Params().At(at)
	d.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if r.VarOf(c.Expr.Fun) != fn {
				continue
			}
			for i, arg := range c.Expr.Args {
				from := kind.ParamOf(d.Sig, r.VarOf(arg))
				pi := kind.ParamIndex(lit.Sig, i)
				if from < 0 || pi < 0 || from >= len(s.Call.Args) || !kind.IsContext(r.TypeOf(arg)) || r.SetTimes(r.VarOf(arg), d) > 0 {
					continue
				}
				if r.worksParam(lit.Sig.Params().At(pi)) {
					uses = append(uses, use{ctx: s.Call.Args[from], in: s.In})
				}
			}
		}
	})
	return uses
}

// argUses returns the contexts that a go statement passes to a function which
// works with them.
func (r *Result) argUses(s *Spawn, task *syntax.Func) []use {
	var uses []use
	sig, ok := r.TypeOf(s.Call.Fun).Underlying().(*types.Signature)
	if !ok {
		return nil
	}
	callee := r.startedFunc(s)
	if callee == nil && task == nil {
		if set, all := r.funcsOf(s.Call.Fun, 2); all { // a field that is set once
			callee, task = set.only()
		}
	}
	if callee != nil && r.allServe(callee) {
		return nil
	}
	for i, arg := range s.Call.Args {
		pi := kind.ParamIndex(sig, i)
		if pi < 0 {
			continue
		}
		if !kind.IsContext(r.TypeOf(arg)) && r.wrapped(arg, s.In) == nil {
			if r.WorksRequest(s.Call, i, arg) {
				uses = append(uses, use{ctx: arg, in: s.In})
			}
			continue
		}
		works := false
		switch {
		case task != nil && task.Body != nil:
			works = r.worksParam(task.Sig.Params().At(kind.ParamIndex(task.Sig, i)))
		case callee != nil:
			works = r.ParamLevel(callee, pi) == Reads && !Has(r.Of(callee).Lasts, pi)
		}
		if works {
			uses = append(uses, use{ctx: arg, in: s.In})
		}
	}
	return uses
}

// allServe reports whether a function does not end by itself, nor do any of those that it can be as
// a method of an interface.
func (r *Result) allServe(fn *types.Func) bool {
	impls := r.impls[fn]
	return r.Of(fn).Serves || len(impls) > 0 && !slices.ContainsFunc(impls, func(impl *types.Func) bool { return !r.Of(impl).Serves })
}

// worksParam reports whether the value that a parameter is given is worked
// with.
func (r *Result) worksParam(v *types.Var) bool {
	v = v.Origin()
	if got, ok := r.works[v]; ok {
		return got
	}
	r.works[v] = false // recursion adds nothing
	info := r.Var(v)
	if info == nil || info.Owner.Body == nil {
		return false
	}
	got := len(r.worksWith(info.Owner, func(u *types.Var, pos token.Pos) bool {
		if u != v {
			return false
		}
		_, initial := r.reaching(info, v, pos)
		return initial
	})) > 0
	r.works[v] = got
	return got
}

// worksWith returns the uses of context variables in f, of those that match,
// by which values are read or work is done that the end of the context ends.
// What is done after that end is none.
func (r *Result) worksWith(f *syntax.Func, match func(*types.Var, token.Pos) bool) []use {
	var uses []use
	add := func(ctx ast.Expr) {
		if in := syntax.Innermost(f.Root(), ctx.Pos()); !r.CleansUp(in, ctx.Pos()) {
			uses = append(uses, use{ctx: ctx, in: in})
		}
	}
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v, ok := r.Info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				break
			}
			if kind.IsContext(v.Type()) && match(v.Origin(), n.Pos()) && r.worksAt(n, stack) ||
				r.IsRequest(v.Type()) && match(v, n.Pos()) && r.worksRequestAt(n, stack) {
				add(n)
			}
		case *ast.SelectorExpr:
			if v := r.BaseVar(n.X); v != nil && kind.IsContext(r.TypeOf(n)) && match(v, n.Pos()) && r.wrapped(n, f) != nil && r.worksAt(n, stack) {
				add(n)
			}
		case *ast.CallExpr:
			v := r.RequestOf(n)
			if v == nil && len(n.Args) == 0 && r.IsServerContext(r.TypeOf(n)) {
				v = r.BaseVar(n.Fun) // fiber's Context
			}
			if v != nil && !kind.IsContext(v.Type()) && match(v, n.Pos()) && r.worksAt(n, stack) {
				add(n)
			}
		}
		return true
	})
	return uses
}

// IsRequest reports whether a value of type t is a request that carries a context, or
// is a context itself as a framework's value for one is.
func (r *Result) IsRequest(t types.Type) bool {
	return !kind.IsContext(t) && kind.NamedOf(t) != nil && (r.Carrier(t) != "" || r.ContextLike(t) && r.CarriesServed(t) || r.IsServerContext(t))
}

// worksRequestAt reports whether a use of a request, whose parents are stack, hands it
// to what works with its context.
func (r *Result) worksRequestAt(id *ast.Ident, stack []ast.Node) bool {
	p, _ := syntax.Parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok {
		return false
	}
	i := syntax.ArgIndex(call, id)
	return i >= 0 && r.WorksRequest(call, i, id)
}

// WorksRequest reports whether a call works with the context of a request that is its
// argument i: a function of the package says so itself, a context parameter is given the
// context, and what sends or handles requests does.
func (r *Result) WorksRequest(call *ast.CallExpr, i int, arg ast.Expr) bool {
	if !r.IsRequest(r.TypeOf(arg)) {
		return false
	}
	sig, ok := r.TypeOf(call.Fun).Underlying().(*types.Signature)
	pi := -1
	if ok {
		pi = kind.ParamIndex(sig, i)
	}
	if pi < 0 {
		return false
	}
	callee := r.Callee(call)
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok && r.Lit(lit) != nil {
		return r.worksRequestParam(r.Lit(lit), pi)
	}
	if kind.IsContext(sig.Params().At(pi).Type()) {
		return callee == nil || r.ParamLevel(callee, pi) == Reads && !r.Detaches(callee) && r.ContextResult(call) < 0
	}
	if f := r.Func(callee); f != nil && f.Body != nil {
		return r.worksRequestParam(f, pi)
	}
	return callee != nil && kind.IsHTTPRequest(sig.Params().At(pi).Type()) && isSender(callee)
}

// isSender reports whether fn sends or handles the request that it is given, as those of
// net/http do.
func isSender(fn *types.Func) bool {
	switch fn.Name() {
	case "Do", "RoundTrip", "ServeHTTP":
		return true
	}
	return false
}

// worksRequestParam reports whether f works with the context of the request that is its
// parameter i.
func (r *Result) worksRequestParam(f *syntax.Func, i int) bool {
	v := f.Sig.Params().At(i)
	if got, ok := r.works[v]; ok {
		return got
	}
	r.works[v] = false // recursion adds nothing
	got := len(r.worksWith(f, func(u *types.Var, _ token.Pos) bool { return u == v })) > 0
	r.works[v] = got
	return got
}

// worksAt reports whether the context expression e, whose parents are stack,
// is worked with: handed to a reader that does not detach from it.
func (r *Result) worksAt(e ast.Expr, stack []ast.Node) bool {
	from := r.VarOf(e)
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.CallExpr:
			i := syntax.ArgIndex(p, e)
			if i < 0 {
				return false
			}
			if works, up := r.worksCall(p, i); !up {
				return works
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			return r.worksTarget(from, e, p.Lhs, p.Rhs)
		case *ast.ValueSpec:
			return r.worksTarget(from, e, syntax.Exprs(p.Names), p.Values)
		}
		return false // asked for its end, stored, returned: nobody knows
	}
}

// worksCall tells whether a call works with its argument i, or makes another
// context of it.
func (r *Result) worksCall(call *ast.CallExpr, i int) (works, up bool) {
	callee := r.Callee(call)
	if callee == nil {
		lit := r.AssignedLit(call.Fun)
		if l, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
			lit = r.Lit(l)
		}
		if lit == nil {
			return r.valueLevel(call) == Reads, false
		}
		pi := kind.ParamIndex(lit.Sig, i)
		return pi >= 0 && r.worksParam(lit.Sig.Params().At(pi)), false
	}
	if r.Detaches(callee) || r.looksUp(call) || r.links(call) {
		return false, false
	}
	if r.ContextResult(call) >= 0 {
		return false, r.followsArg(callee, i)
	}
	pi := kind.ParamIndex(callee.Signature(), i)
	if pi < 0 || r.Of(callee).Serves || Has(r.Of(callee).Lasts, pi) || r.ParamLevel(callee, pi) != Reads {
		return false, false
	}
	if f := r.Func(callee); f != nil && f.Body != nil && kind.IsContext(f.Sig.Params().At(pi).Type()) {
		return r.worksParam(f.Sig.Params().At(pi)), false
	}
	return true, false
}

// worksTarget reports whether the variable that e, made of from, is assigned to is
// worked with: if it is from itself, in what is written after that.
func (r *Result) worksTarget(from *types.Var, e ast.Expr, lhs, rhs []ast.Expr) bool {
	v := r.VarOf(r.TargetOf(e, lhs, rhs))
	if v == nil || v.IsField() || !kind.IsContext(v.Type()) || r.levels[v] != Reads {
		return false
	}
	info := r.Var(v)
	if info == nil || info.Owner == nil || info.Owner.Body == nil {
		return true
	}
	if v != from || syntax.Innermost(info.Owner, e.Pos()).InLoop(e.Pos()) {
		return r.worksAnywhere(v, info.Owner.Root())
	}
	if got, ok := r.rebound[e]; ok {
		return got
	}
	got := slices.ContainsFunc(r.namedIn(v, info.Owner.Root()), func(n named) bool { return n.Ident.Pos() > e.End() && r.worksNamed(n) })
	r.rebound[e] = got
	return got
}

// worksAnywhere reports whether the context variable v of the declaration d is worked with.
func (r *Result) worksAnywhere(v *types.Var, d *syntax.Func) bool {
	if got, ok := r.copied[v]; ok {
		return got
	}
	r.copied[v] = false // recursion adds nothing
	got := slices.ContainsFunc(r.namedIn(v, d), r.worksNamed)
	r.copied[v] = got
	return got
}

// A named is a place where a function names a context variable.
type named struct {
	syntax.Mention
	in *syntax.Func
}

func (r *Result) worksNamed(n named) bool {
	return r.worksAt(n.Ident, n.Stack) && !r.CleansUp(n.in, n.Ident.Pos())
}

// namedIn returns where the declaration d names the context variable v, in source order but
// for what stands in literals.
func (r *Result) namedIn(v *types.Var, d *syntax.Func) []named {
	all, ok := r.contexts[d]
	if !ok {
		all = make(map[*types.Var][]named)
		d.All(func(f *syntax.Func) {
			for _, m := range f.Mentions {
				all[m.Var] = append(all[m.Var], named{m, f})
			}
		})
		r.contexts[d] = all
	}
	return all[v.Origin()]
}
