package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// This file finds detached tasks that keep a context which ends without them.

// A Kept is a context that a detached task keeps.
type Kept struct {
	Spawn *Spawn        // where the task is started, here; or
	Call  *ast.CallExpr // the call of a function that starts it
	Ctx   ast.Expr      // the context, as the task or the call has it
	Why   string        // why it has ended when the function has returned
	At    string        // with Call: where the task is started
	Name  string        // with Call: the function that is called
	life  life

	in      *Func    // which starts the task, or calls
	signals []signal // by which the function hears of the task's end
}

// Kept returns the detached tasks of the package that keep a context which is
// known to be cancelled when the function that it comes from returns, and the
// calls of functions that start such a task, in source order.
func (r *Result) Kept() []Kept {
	var got []Kept
	type one struct { // to the reader
		call   *ast.CallExpr
		spawns bool
	}
	seen := make(map[one]bool)
	for _, d := range slices.Concat(r.decls, r.globals) {
		r.keeps(d, func(k Kept) {
			this := one{call: k.Call}
			if k.Spawn != nil {
				this = one{k.Spawn.Call, true}
			}
			if seen[this] {
				return
			}
			if k.Why == "" {
				k.Why = r.endsEarly(k)
			}
			if k.Why != "" {
				seen[this] = true
				got = append(got, k)
			}
		})
	}
	return got
}

// solveKeeps finds the context parameters that a detached task keeps, closed
// over the calls of the package.
func (r *Result) solveKeeps() {
	r.solveLasting()
	for work := r.decls; len(work) > 0; {
		var next []*Func
		for _, f := range work {
			r.now = f
			if f.body == nil || r.inTest(f.node.Pos()) || f.serves || !HasContextParam(f.obj) {
				continue
			}
			before := r.known(f.obj).Detached
			r.keeps(f, func(k Kept) {
				if k.life.param == nil || k.life.in != f {
					return
				}
				if i := paramOf(f.sig, k.life.param); i >= 0 && IsContext(k.life.param.Type()) {
					s := r.own(f.obj)
					s.Detached |= bit(i)
					if s.DetachedAt == "" {
						s.DetachedAt = k.At
						if k.Spawn != nil {
							s.DetachedAt = r.at(k.Spawn.Pos())
						}
					}
				}
			})
			if r.known(f.obj).Detached != before {
				next = append(next, r.callingFuncs(f.obj)...)
			}
		}
		for _, m := range r.liftDetached() {
			next = append(next, r.callingFuncs(m)...)
		}
		work = next
	}
	r.now = nil
}

// liftDetached gives the methods of the package's interfaces what any of their
// implementations detaches, and returns those for which that is new. Unlike a
// sink, a task that keeps its context is wrong behind an interface too.
func (r *Result) liftDetached() []*types.Func {
	var lifted []*types.Func
	for _, m := range r.methods {
		impls := r.impls[m]
		for _, impl := range impls {
			s := r.known(impl)
			if s.Detached&^r.known(m).Detached == 0 {
				continue
			}
			r.own(m).Detached |= s.Detached
			r.own(m).DetachedAt = s.DetachedAt
			lifted = append(lifted, m)
		}
	}
	return lifted
}

// solveLasting finds the context parameters that a function detaches from before
// it does anything with them, itself or in what it calls, or only makes links with.
// Only functions that do so are looked into, and their callers.
func (r *Result) solveLasting() {
	var work []*Func
	for _, f := range r.decls {
		if f.body != nil && HasContextParam(f.obj) && r.mayDetach(f) {
			work = append(work, f)
		}
	}
	for len(work) > 0 {
		f := work[0]
		work = work[1:]
		r.now = f
		before := r.known(f.obj).Lasts
		for i, v := range contextParams(f.sig) {
			if r.levels[v] == reads && !r.worksParam(v) {
				r.own(f.obj).Lasts |= bit(i)
			}
		}
		if r.known(f.obj).Lasts != before {
			work = append(work, r.callingFuncs(f.obj)...)
		}
	}
	r.now = nil
}

// mayDetach reports whether f calls something that detaches from a context, or that
// makes a link of it.
func (r *Result) mayDetach(f *Func) bool {
	found := false
	f.all(func(f *Func) {
		found = found || slices.ContainsFunc(f.calls, func(c *site) bool {
			return c.callee != nil && (r.Of(c.callee).Lasts != 0 || linksSpans(c.callee.Name()) || r.contextResult(c.expr) >= 0 && r.detaches(c.callee))
		})
	})
	return found
}

func paramOf(sig *types.Signature, v *types.Var) int {
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return i
		}
	}
	return -1
}

// keeps calls yield for each context that a detached task which the declaration
// d starts keeps, and for each that it passes to a function which does. What a
// function starts that serves, or that then waits for an end or for somebody
// else's event, has as long as that takes.
func (r *Result) keeps(d *Func, yield func(Kept)) {
	d.all(func(f *Func) {
		if f.body == nil || f.serves || f.watches {
			return
		}
		for _, s := range r.sentBy(f) {
			if !f.endlessAt(s.Pos()) && !r.cleansUp(f, s.Pos()) {
				r.keptBySpawn(s, yield)
			}
		}
		for _, c := range f.calls {
			if f.endlessAt(c.expr.Pos()) || r.cleansUp(f, c.expr.Pos()) {
				continue
			}
			kept := false
			for _, s := range r.detachedSpawns(c, f) {
				r.keptBySpawn(s, func(k Kept) {
					kept = true
					yield(k)
				})
			}
			if !kept {
				r.keptByCall(c, f, yield) // a task may be waited for, and what it starts not
			}
		}
	})
}

// endlessAt reports whether pos is in a loop without a condition: what goes on
// around it keeps the context alive.
func (f *Func) endlessAt(pos token.Pos) bool {
	for l := range f.loops.at(pos) {
		if s, ok := l.Stmt.(*ast.ForStmt); ok && s.Cond == nil && encloses(s.Body, pos) {
			return true
		}
	}
	return false
}

// keptByCall yields the contexts of a call that the callee's task keeps.
func (r *Result) keptByCall(c *site, f *Func, yield func(Kept)) {
	sum := r.Of(c.callee)
	if sum.Detached == 0 {
		return
	}
	for i, arg := range c.expr.Args {
		if !has(sum.Detached, paramIndex(c.callee.Signature(), i)) {
			continue
		}
		r.lives(arg, f, func(l life) {
			if !r.runsWithin(f, l.in) {
				return
			}
			yield(Kept{Call: c.expr, Ctx: arg, At: r.seenFrom(sum.DetachedAt, c.callee), Name: FuncName(c.callee), life: l, in: f})
		})
	}
}

// KeptByCallee reports whether a call in f gives a context expression to a function
// whose task, for which nobody waits, works with it, or that stores it.
func (r *Result) KeptByCallee(ctx ast.Expr, f *Func) bool {
	call := r.callWith(f, ctx)
	if call == nil {
		return false
	}
	callee := r.callee(call)
	if callee == nil {
		return false
	}
	pi := paramIndex(callee.Signature(), argIndex(call, ctx))
	return has(r.Of(callee).Detached, pi) || r.storesParam(callee, pi)
}

// storesParam reports whether a function of the package puts a context that it is given
// into a field: who reads that may do so when the function has returned.
func (r *Result) storesParam(fn *types.Func, i int) bool {
	if f := r.byObj[fn]; f == nil || i < 0 {
		return false
	}
	seen := make(map[*types.Var]bool)
	var stores func(v *types.Var) bool
	stores = func(v *types.Var) bool {
		if seen[v] {
			return false
		}
		seen[v] = true
		return v.IsField() || slices.ContainsFunc(r.flows[v], stores)
	}
	return stores(fn.Signature().Params().At(i))
}

// runsWithin reports whether f runs on behalf of outer: it is that function, or
// a literal in it that is called in place or as its task.
func (r *Result) runsWithin(f, outer *Func) bool {
	for ; f != nil; f = f.outer {
		if f == outer {
			return true
		}
		if !r.onBehalf(f) {
			return false
		}
	}
	return false
}

// detachedSpawns returns the spawns that a call is whose task nobody is known
// to wait for. A function that takes a task may wait for it inside, which is
// why only those count that keep what they are given: pools, timers, and
// functions that take a task and give nothing back.
func (r *Result) detachedSpawns(c *site, f *Func) []*Spawn {
	if c.goStmt == nil && (c.callee == nil || r.Of(c.callee).Spawns == 0 || !r.takesOver(c, f)) {
		return nil
	}
	return r.spawnsAt(c, f)
}

// takesOver reports whether a spawner returns without waiting for its task.
func (r *Result) takesOver(c *site, f *Func) bool {
	sig := c.callee.Signature()
	name := c.callee.FullName()
	if name == "context.AfterFunc" {
		return false // its task is there for the end of the context
	}
	if r.givesHandle(c) || r.waitsInside(c.callee) || givesResult(sig) {
		return false
	}
	if sig.Recv() == nil {
		return name == "time.AfterFunc" || sig.Params().Len() == 1 && sig.Results().Len() == 0 && !sig.Variadic()
	}
	sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr)
	if !ok || sig.Params().Len() != 1 || sig.Variadic() {
		return false
	}
	if v := r.varOf(sel.X); v != nil && !v.IsField() && v.Pkg() != r.pass.Pkg {
		return true // a variable of another package
	}
	v := r.baseVar(sel.X) // what a local group waits for, see heard
	return v != nil && (v.IsField() || v.Parent() == r.pass.Pkg.Scope() || isSelector(sel.X) || r.isLocal(v, f))
}

// givesHandle reports whether the function that calls a spawner keeps what that
// returns, a timer or a future: it may stop the task by it, or wait.
func (r *Result) givesHandle(c *site) bool {
	if c.assign == nil {
		return false
	}
	v := r.varOf(c.assign.Lhs[0])
	if v == nil || v.Name() == "_" || v.IsField() || isError(v.Type()) {
		return false
	}
	_, basic := v.Type().Underlying().(*types.Basic)
	return !basic
}

// waitsInside reports whether a function of the package waits for anything
// itself: that may be the task it is given.
func (r *Result) waitsInside(fn *types.Func) bool {
	f := r.byObj[fn]
	if f == nil || f.body == nil {
		return false
	}
	waits := false
	ast.Inspect(f.body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		waits = waits || r.waitedFor(n) != nil
		return !waits
	})
	return waits
}

// givesResult reports whether a spawner may return what its task does: both
// have results.
func givesResult(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if task, ok := v.Type().Underlying().(*types.Signature); ok && task.Results().Len() > 0 {
			return sig.Results().Len() > 0
		}
	}
	return false
}

func isSelector(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok
}

// keptBySpawn yields the contexts from outside that the task of s works with, and that
// its function does not keep alive until the task has ended, as far as is known.
func (r *Result) keptBySpawn(s *Spawn, yield func(Kept)) {
	task := r.taskFunc(s)
	if task != nil && (task.serves || task.watches) {
		return // it lives as long as the context on purpose
	}
	uses := r.taskUses(s, task)
	if len(uses) == 0 {
		return
	}
	signals, known := r.heard(s, task)
	if !known {
		return
	}
	for _, u := range uses {
		r.lives(u.ctx, u.in, func(l life) {
			if l.in == nil || !r.runsWithin(s.In, l.in) || r.inTask(l.in, s) {
				return
			}
			k := Kept{Spawn: s, Ctx: u.ctx, life: l, in: s.In, signals: signals}
			if l.cancel != nil {
				k.Why = r.endsEarly(k)
			}
			if k.Why != "" || l.cancel == nil && r.endsFirst(k, path.Order{Excused: r.failing(l.in)}) != nil {
				yield(k)
			}
		})
	}
}

func litOf(f *Func) *Func {
	if f == nil || f.obj != nil {
		return nil
	}
	return f
}

// inTask reports whether f is the task of s, or in it.
func (r *Result) inTask(f *Func, s *Spawn) bool {
	return encloses(s.Task(), f.node.Pos())
}

// taskFunc returns the function of the package that a spawn runs, or nil.
func (r *Result) taskFunc(s *Spawn) *Func {
	fun := s.Task()
	if lit, ok := fun.(*ast.FuncLit); ok {
		return r.byLit[lit]
	}
	if lit := r.assignedLit(fun); lit != nil {
		return lit
	}
	if s.Go != nil {
		return r.byObj[r.startedFunc(s)]
	}
	return nil
}

// startedFunc returns the function or method that a go statement names, itself
// or by a variable that is assigned once, or nil.
func (r *Result) startedFunc(s *Spawn) *types.Func {
	if fn := r.callee(s.Call); fn != nil {
		return fn
	}
	return r.assignedFunc(s.Call.Fun)
}
