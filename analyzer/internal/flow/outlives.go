package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds contexts that may be worked with when the function that is given them
// has returned, for fixes: such a context must not begin to end. It is asked the
// other way round than keeps.go, which is silent where somebody may hear of a task's
// end: who hears of it may not wait for it on every path.

// solveOutlives finds the context parameters that a task works with which is not known
// to be joined, or that are put away, closed over the calls of the package.
func (r *Result) solveOutlives() {
	for work := r.Decls; len(work) > 0; {
		var next []*syntax.Func
		for _, f := range work {
			if f.Body == nil || r.InTest(f.Node.Pos()) || !r.readsParam(f) {
				continue
			}
			r.now = f
			before := r.known(f.Obj).Outlives
			r.leaves(f, func(l Life) {
				if i := kind.ParamOf(f.Sig, l.Param); l.In == f && i >= 0 && kind.IsContext(l.Param.Type()) {
					r.own(f.Obj).Outlives |= bit(i) &^ r.known(f.Obj).Detached
				}
			})
			if r.known(f.Obj).Outlives == before {
				continue
			}
			next = append(next, r.callingFuncs(f.Obj)...)
			for _, m := range r.Implemented(f.Obj) {
				r.own(m).Outlives |= r.known(f.Obj).Outlives
				next = append(next, r.callingFuncs(m)...)
			}
		}
		work = next
	}
	r.now = nil
}

// readsParam reports whether values are read through a context parameter of f.
func (r *Result) readsParam(f *syntax.Func) bool {
	for _, v := range kind.ContextParams(f.Sig) {
		if r.levels[v] == Reads {
			return true
		}
	}
	return false
}

// leaves calls yield for the parameters whose context the declaration d leaves to others,
// itself or by what it calls.
func (r *Result) leaves(d *syntax.Func, yield func(Life)) {
	d.All(func(f *syntax.Func) {
		for _, s := range r.sentBy(f) {
			r.leftBySpawn(s, yield)
		}
		kept := r.keptLit(f)
		for _, m := range f.Mentions {
			if kept || r.putAway(m, f) {
				r.lastsFor(m.Ident, f, yield)
			}
		}
		for _, c := range f.Calls {
			for _, s := range r.SpawnsAt(c, f) {
				r.leftBySpawn(s, yield)
			}
			for i, arg := range c.Expr.Args {
				if r.leftByCall(c, i, d) {
					r.lastsFor(arg, f, yield)
				}
			}
		}
	})
}

// keptLit reports whether f is a literal that is stored, or passed to who may keep it.
// What the declaration around it returns is for who calls that.
func (r *Result) keptLit(f *syntax.Func) bool {
	switch f.Role {
	case syntax.RoleOther:
		return f.Outer != nil && !returns(f.Root().Sig, f.Sig)
	case syntax.RolePassed:
		c := f.Outer.CallOf(f.Call)
		if c == nil {
			return true // append, a conversion
		}
		return c.Callee != nil && Has(r.Of(c.Callee).Keeps, kind.ParamIndex(c.Callee.Signature(), f.Arg))
	}
	return false
}

// putAway reports whether a context is put where others may find it when the function
// has returned: into a value that is sent, or into a field. What the function returns
// with the context in it is for who calls it, as a request is.
func (r *Result) putAway(m syntax.Mention, f *syntax.Func) bool {
	p, rest := syntax.Parent(m.Stack)
	if kv, ok := p.(*ast.KeyValueExpr); ok && kv.Value == m.Ident {
		p, _ = syntax.Parent(rest)
	}
	var holder types.Type
	switch p := p.(type) {
	case *ast.SendStmt:
		return p.Value == m.Ident
	case *ast.CompositeLit:
		holder = r.TypeOf(p)
	case *ast.AssignStmt:
		sel, ok := ast.Unparen(r.TargetOf(m.Ident, p.Lhs, p.Rhs)).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		holder = r.TypeOf(sel.X)
	default: // of what is put in a map or a list, nobody knows
		return false
	}
	_, isMap := holder.Underlying().(*types.Map)
	return !isMap && !r.ContextLike(holder) && !r.ContextLike(types.NewPointer(holder)) && !returns(f.Root().Sig, holder)
}

// returns reports whether a function returns a value of type t, or a pointer to one.
func returns(sig *types.Signature, t types.Type) bool {
	for v := range sig.Results().Variables() {
		if types.Identical(kind.Pointee(v.Type()), kind.Pointee(t)) {
			return true
		}
	}
	return false
}

// leftByCall reports whether what d calls leaves its argument i to others: a function, or
// what a value can be.
func (r *Result) leftByCall(c *syntax.Call, i int, d *syntax.Func) bool {
	if c.Callee != nil {
		return r.leftByFunc(c.Callee, i) || kind.IsContext(r.TypeOf(c.Expr.Args[i])) && r.tellsOthers(c, d)
	}
	if !kind.IsContext(r.TypeOf(c.Expr.Args[i])) {
		return false
	}
	set, all := r.funcsOf(c.Expr.Fun, maxValue)
	if !all && r.tellsOthers(c, d) {
		return true
	}
	return slices.ContainsFunc(set.named, func(fn *types.Func) bool { return r.leftByFunc(fn, i) }) ||
		slices.ContainsFunc(set.lits, func(lit *syntax.Func) bool { return lit.Root() != d && r.litKeeps(lit, i) })
}

// tellsOthers reports whether a call in d tells somebody something, whom d has not been given, and hears
// nothing of what comes of that: a hook, a method of an interface that types of other packages may have.
//
//	for _, f := range b.subscribers {
//		f(ctx, event)
//	}
func (r *Result) tellsOthers(c *syntax.Call, d *syntax.Func) bool {
	sig, ok := r.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok || sig.Results().Len() > 0 || c.Callee != nil && (!kind.IsMethodOfInterface(c.Callee) || len(r.impls[c.Callee]) > 0 && !kind.IsExportedMethod(c.Callee)) {
		return false
	}
	told := r.VarOf(c.Expr.Fun)
	if c.Callee != nil {
		told = nil
		if sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr); ok {
			told = r.VarOf(sel.X)
		}
	}
	return told == nil || told.IsField() || kind.ParamOf(d.Sig, told) < 0
}

func (r *Result) leftByFunc(fn *types.Func, i int) bool {
	set := r.Of(fn).left()
	return set != 0 && Has(set, kind.ParamIndex(fn.Signature(), i))
}

// leftBySpawn is leaves for a task: it may have the context if it is not joined.
func (r *Result) leftBySpawn(s *Spawn, yield func(Life)) {
	uses := append(r.taskUses(s), r.spawnerUses(s)...)
	if s.Go != nil && r.startedFunc(s) == nil && r.TaskFunc(s) == nil {
		for _, arg := range s.Call.Args {
			uses = append(uses, use{ctx: arg, in: s.In}) // anybody may have it
		}
	}
	if len(uses) == 0 || r.Joined(s, nil, nil) {
		return
	}
	for _, u := range uses {
		if arg := u.of.given(r.VarOf(u.ctx)); arg != nil {
			r.lastsFor(arg, s.In, yield)
		} else if u.of.made == nil {
			r.lastsFor(u.ctx, u.in, yield)
		}
	}
}

// spawnerUses returns the contexts that the variable was made with whose method starts a task
// which takes one: the task's is made of those.
//
//	p := pool.New().WithContext(ctx)
//	p.Go(func(ctx context.Context) error {
func (r *Result) spawnerUses(s *Spawn) (uses []use) {
	sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr)
	if !ok || s.Go != nil {
		return nil
	}
	if sig, ok := r.TypeOf(s.Task()).Underlying().(*types.Signature); !ok || !kind.TakesContext(sig) {
		return nil
	}
	made := []ast.Expr{sel.X}
	if v := r.VarOf(sel.X); v != nil && !v.IsField() {
		made = r.ValuesOf(v, s.In)
	}
	for _, e := range made {
		for call, ok := ast.Unparen(e).(*ast.CallExpr); ok; call, ok = ast.Unparen(e).(*ast.CallExpr) {
			for _, arg := range call.Args {
				if kind.IsContext(r.TypeOf(arg)) {
					uses = append(uses, use{ctx: arg, in: s.In})
				}
			}
			sel, isMethod := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if !isMethod {
				break
			}
			e = sel.X
		}
	}
	return uses
}

// lastsFor calls yield for the parameters whose end alone ends a context: not for those
// of one with a cancel function that the function calls itself.
func (r *Result) lastsFor(ctx ast.Expr, f *syntax.Func, yield func(Life)) {
	w := lifeWalk{r: r, seen: make(map[ast.Expr]bool), own: true, yield: func(l Life) {
		if l.Param != nil {
			yield(l)
		}
	}}
	w.expr(ctx, f)
}
