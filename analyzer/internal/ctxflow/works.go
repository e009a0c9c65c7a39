package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// This file tells which contexts a task works with, so that their end ends its
// work.

// A use is a context that somebody works with, and where.
type use struct {
	ctx ast.Expr
	in  *Func
}

// taskUses returns the contexts from outside that a task works with.
func (r *Result) taskUses(s *Spawn, task *Func) []use {
	var uses []use
	if s.Go != nil {
		uses = r.argUses(s, task)
	}
	if lit := litOf(task); lit != nil {
		uses = append(uses, r.worksWith(lit, func(v *types.Var, _ token.Pos) bool {
			return !encloses(lit.node, v.Pos())
		})...)
	}
	for _, arg := range r.guarded(s) {
		set, _ := r.funcsOf(arg, maxValue)
		for _, lit := range set.lits {
			uses = append(uses, r.worksWith(lit, func(v *types.Var, _ token.Pos) bool { return !encloses(lit.node, v.Pos()) })...)
		}
	}
	return uses
}

// argUses returns the contexts that a go statement passes to a function which
// works with them.
func (r *Result) argUses(s *Spawn, task *Func) []use {
	var uses []use
	sig, ok := typeOf(r.info, s.Call.Fun).Underlying().(*types.Signature)
	if !ok {
		return nil
	}
	callee := r.startedFunc(s)
	if callee != nil && r.Of(callee).Serves {
		return nil
	}
	for i, arg := range s.Call.Args {
		pi := paramIndex(sig, i)
		if pi < 0 {
			continue
		}
		if !IsContext(typeOf(r.info, arg)) {
			if r.worksRequest(s.Call, i, arg) {
				uses = append(uses, use{arg, s.In})
			}
			continue
		}
		works := false
		switch {
		case task != nil && task.body != nil:
			works = r.worksParam(task.sig.Params().At(paramIndex(task.sig, i)))
		case callee != nil:
			works = r.paramLevel(callee, pi) == reads && !has(r.Of(callee).Lasts, pi)
		}
		if works {
			uses = append(uses, use{arg, s.In})
		}
	}
	return uses
}

// worksParam reports whether the value that a parameter is given is worked
// with.
func (r *Result) worksParam(v *types.Var) bool {
	v = v.Origin()
	if got, ok := r.works[v]; ok {
		return got
	}
	r.works[v] = false // recursion adds nothing
	info := r.vars[v]
	if info == nil || info.owner.body == nil {
		return false
	}
	got := len(r.worksWith(info.owner, func(u *types.Var, pos token.Pos) bool {
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
func (r *Result) worksWith(f *Func, match func(*types.Var, token.Pos) bool) []use {
	var uses []use
	add := func(ctx ast.Expr) {
		if in := innermost(f.Root(), ctx.Pos()); !r.cleansUp(in, ctx.Pos()) {
			uses = append(uses, use{ctx, in})
		}
	}
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v, ok := r.info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				break
			}
			if IsContext(v.Type()) && match(v.Origin(), n.Pos()) && r.worksAt(n, stack) ||
				r.isRequest(v.Type()) && match(v, n.Pos()) && r.worksRequestAt(n, stack) {
				add(n)
			}
		case *ast.CallExpr:
			v := r.requestOf(n)
			if v != nil && !IsContext(v.Type()) && match(v, n.Pos()) && r.worksAt(n, stack) {
				add(n)
			}
		}
		return true
	})
	return uses
}

// isRequest reports whether a value of type t is a request that carries a context, or
// is a context itself as a framework's value for one is.
func (r *Result) isRequest(t types.Type) bool {
	return !IsContext(t) && namedOf(t) != nil && (r.carrier(t) != "" || r.contextLike(t) && r.carriesServed(t))
}

// worksRequestAt reports whether a use of a request, whose parents are stack, hands it
// to what works with its context.
func (r *Result) worksRequestAt(id *ast.Ident, stack []ast.Node) bool {
	p, _ := parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok {
		return false
	}
	i := argIndex(call, id)
	return i >= 0 && r.worksRequest(call, i, id)
}

// worksRequest reports whether a call works with the context of a request that is its
// argument i: a function of the package says so itself, a context parameter is given the
// context, and what sends or handles requests does.
func (r *Result) worksRequest(call *ast.CallExpr, i int, arg ast.Expr) bool {
	if !r.isRequest(typeOf(r.info, arg)) {
		return false
	}
	sig, ok := typeOf(r.info, call.Fun).Underlying().(*types.Signature)
	pi := -1
	if ok {
		pi = paramIndex(sig, i)
	}
	if pi < 0 {
		return false
	}
	callee := r.callee(call)
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok && r.byLit[lit] != nil {
		return r.worksRequestParam(r.byLit[lit], pi)
	}
	if IsContext(sig.Params().At(pi).Type()) {
		return callee == nil || r.paramLevel(callee, pi) == reads && !r.detaches(callee) && r.contextResult(call) < 0
	}
	if f := r.byObj[callee]; f != nil && f.body != nil {
		return r.worksRequestParam(f, pi)
	}
	return callee != nil && r.isHTTPRequest(sig.Params().At(pi).Type()) && isSender(callee)
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
func (r *Result) worksRequestParam(f *Func, i int) bool {
	v := f.sig.Params().At(i)
	if got, ok := r.works[v]; ok {
		return got
	}
	r.works[v] = false // recursion adds nothing
	got := len(r.worksWith(f, func(u *types.Var, _ token.Pos) bool { return u == v })) > 0
	r.works[v] = got
	return got
}

// requestOf returns the variable r of a call r.Context(), or nil.
func (r *Result) requestOf(call *ast.CallExpr) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Context" || len(call.Args) != 0 || !IsContext(typeOf(r.info, call)) {
		return nil
	}
	return r.baseVar(sel.X)
}

// worksAt reports whether the context expression e, whose parents are stack,
// is worked with: handed to a reader that does not detach from it.
func (r *Result) worksAt(e ast.Expr, stack []ast.Node) bool {
	from := r.varOf(e)
	for {
		p, rest := parent(stack)
		switch p := p.(type) {
		case *ast.CallExpr:
			i := argIndex(p, e)
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
			return r.worksTarget(from, e, exprs(p.Names), p.Values)
		}
		return false // asked for its end, stored, returned: nobody knows
	}
}

// worksCall tells whether a call works with its argument i, or makes another
// context of it.
func (r *Result) worksCall(call *ast.CallExpr, i int) (works, up bool) {
	callee := r.callee(call)
	if callee == nil {
		lit := r.assignedLit(call.Fun)
		if l, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
			lit = r.byLit[l]
		}
		if lit == nil {
			return r.valueLevel(call) == reads, false
		}
		pi := paramIndex(lit.sig, i)
		return pi >= 0 && r.worksParam(lit.sig.Params().At(pi)), false
	}
	if r.detaches(callee) || r.looksUp(call) || r.links(call) {
		return false, false
	}
	if r.contextResult(call) >= 0 {
		return false, true
	}
	pi := paramIndex(callee.Signature(), i)
	if pi < 0 || r.Of(callee).Serves || has(r.Of(callee).Lasts, pi) || r.paramLevel(callee, pi) != reads {
		return false, false
	}
	if f := r.byObj[callee]; f != nil && f.body != nil && IsContext(f.sig.Params().At(pi).Type()) {
		return r.worksParam(f.sig.Params().At(pi)), false
	}
	return true, false
}

// worksTarget reports whether the variable that e, made of from, is assigned to is
// worked with: if it is from itself, in what is written after that.
func (r *Result) worksTarget(from *types.Var, e ast.Expr, lhs, rhs []ast.Expr) bool {
	v := r.varOf(r.targetOf(e, lhs, rhs))
	if v == nil || v.IsField() || !IsContext(v.Type()) || r.levels[v] != reads {
		return false
	}
	info := r.vars[v]
	if v != from || info == nil || info.owner.body == nil || innermost(info.owner, e.Pos()).inLoop(e.Pos()) {
		return true
	}
	if got, ok := r.rebound[e]; ok {
		return got
	}
	got := len(r.worksWith(info.owner, func(u *types.Var, pos token.Pos) bool { return u == v && pos > e.End() })) > 0
	r.rebound[e] = got
	return got
}
