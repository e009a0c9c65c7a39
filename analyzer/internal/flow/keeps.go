package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds detached tasks that keep a context which ends without them.

// A Kept is a context that a detached task keeps.
type Kept struct {
	Spawn *Spawn        // where the task is started, here; or
	Put   *Put          // where it is put into a store, for a worker; or
	Call  *ast.CallExpr // the call of a function that does either
	Ctx   ast.Expr      // the context, as the task or the call has it
	Why   string        // why it has ended when the function has returned
	Over  bool          // it has ended already when the task starts
	At    string        // with Call: where the task is started
	Name  string        // with Call: the function that is called
	life  Life

	in      *syntax.Func // which starts the task, or calls
	signals []signal     // by which the function hears of the task's end
}

// solveKeeps finds the context parameters that a detached task keeps, closed
// over the calls of the package.
func (r *Result) solveKeeps() {
	r.solveLasting()
	for work := r.Decls; len(work) > 0; {
		var next []*syntax.Func
		for _, f := range work {
			r.now = f
			if f.Body == nil || r.InTest(f.Node.Pos()) || r.serves[f] || !kind.HasContextParam(f.Obj) {
				continue
			}
			before := r.known(f.Obj).Detached
			r.Keeps(f, func(k Kept) {
				if k.life.Param == nil || k.life.In != f {
					return
				}
				if i := kind.ParamOf(f.Sig, k.life.Param); i >= 0 && kind.IsContext(k.life.Param.Type()) {
					s := r.own(f.Obj)
					s.Detached |= bit(i)
					if s.DetachedAt == "" {
						s.DetachedAt = k.At
						if n := k.node(); k.Call == nil {
							s.DetachedAt = r.Place(n.Pos())
						}
					}
				}
			})
			if r.known(f.Obj).Detached != before {
				next = append(next, r.callingFuncs(f.Obj)...)
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
	var work []*syntax.Func
	for _, f := range r.Decls {
		if f.Body != nil && kind.HasContextParam(f.Obj) && r.mayDetach(f) {
			work = append(work, f)
		}
	}
	for len(work) > 0 {
		f := work[0]
		work = work[1:]
		r.now = f
		before := r.known(f.Obj).Lasts
		for i, v := range kind.ContextParams(f.Sig) {
			if r.levels[v] == Reads && !r.worksParam(v) {
				r.own(f.Obj).Lasts |= bit(i)
			}
		}
		if r.known(f.Obj).Lasts != before {
			work = append(work, r.callingFuncs(f.Obj)...)
		}
	}
	r.now = nil
}

// mayDetach reports whether f calls something that detaches from a context, that makes a
// link of it, or that takes the span out of it.
func (r *Result) mayDetach(f *syntax.Func) bool {
	found := false
	f.All(func(f *syntax.Func) {
		found = found || slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
			return c.Callee != nil && (r.Of(c.Callee).Lasts != 0 || kind.LinksSpans(c.Callee.Name()) || r.takesSpanOut(c.Callee) || r.ContextResult(c.Expr) >= 0 && r.Detaches(c.Callee))
		})
	})
	return found
}

// takesSpanOut reports whether a function gives the span that is in a context.
func (r *Result) takesSpanOut(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() == 1 && kind.HasContextParam(fn) && r.IsSpanLike(results.At(0).Type())
}

// Keeps calls yield for each context that a detached task which the declaration
// d starts keeps, and for each that it passes to a function which does. What a
// function starts that serves, or that then waits for an end or for somebody
// else's event, has as long as that takes.
func (r *Result) Keeps(d *syntax.Func, yield func(Kept)) {
	d.All(func(f *syntax.Func) {
		if f.Body == nil || r.serves[f] || r.Watches(f) {
			return
		}
		for _, s := range r.sentBy(f) {
			if !r.comesAround(f, s.node()) && !r.CleansUp(f, s.Pos()) {
				r.keptBySpawn(s, yield)
			}
		}
		for _, p := range r.itemStores().puts[f] {
			if !r.comesAround(f, p.At) && !r.CleansUp(f, p.At.Pos()) {
				r.keptByPut(p, yield)
			}
		}
		for _, c := range f.Calls {
			if r.comesAround(f, c.Expr) || r.CleansUp(f, c.Expr.Pos()) {
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

// comesAround reports whether a node of f is in a loop without a condition that goes on after it.
func (r *Result) comesAround(f *syntax.Func, n ast.Node) bool {
	if !f.EndlessAt(n.Pos()) {
		return false
	}
	if c, ok := n.(*ast.CallExpr); ok {
		if call := f.CallOf(c); call == nil || call.Go == nil && (call.Callee == nil || r.Of(call.Callee).Detached|r.Of(call.Callee).Spawns == 0) {
			return true // it keeps nothing anyway
		}
	}
	return r.GraphOf(f).Between(n, n, nil)
}

// keptByCall yields the contexts of a call that the callee's task keeps.
func (r *Result) keptByCall(c *syntax.Call, f *syntax.Func, yield func(Kept)) {
	sum := r.Of(c.Callee)
	if sum.Detached == 0 || r.asksOwner(c, f) {
		return
	}
	for i, arg := range c.Expr.Args {
		if !Has(sum.Detached, kind.ParamIndex(c.Callee.Signature(), i)) {
			continue
		}
		r.lives(arg, f, func(l Life) {
			if !r.RunsWithin(f, l.In) {
				return
			}
			yield(Kept{Call: c.Expr, Ctx: arg, At: r.seenFrom(sum.DetachedAt, c.Callee), Name: kind.FuncName(c.Callee), life: l, in: f})
		})
	}
}

// detachedSpawns returns the spawns that a call is whose task nobody is known
// to wait for.
func (r *Result) detachedSpawns(c *syntax.Call, f *syntax.Func) []*Spawn {
	if c.Go == nil && (c.Callee == nil || r.Of(c.Callee).Spawns == 0 || !r.takesOver(c, f)) {
		return nil
	}
	return r.SpawnsAt(c, f)
}

// keptBySpawn yields the contexts from outside that the task of s works with, and that
// its function does not keep alive until the task has ended, as far as is known.
func (r *Result) keptBySpawn(s *Spawn, yield func(Kept)) {
	if slices.ContainsFunc(r.bodies(s), func(b body) bool { return r.serves[b.f] || r.Watches(b.f) }) {
		r.excuse(s, Serves)
		return // it lives as long as the context on purpose
	}
	uses := r.taskUses(s)
	if len(uses) == 0 {
		return
	}
	for _, u := range uses {
		if g := r.overAt(u.ctx, u.in, s); g != nil {
			yield(Kept{Spawn: s, Ctx: u.ctx, Why: g.Name() + " has been waited for", Over: true, in: s.In})
			return
		}
	}
	signals, known, untilReturn := r.heard(s)
	if !known {
		r.excuse(s, HeardElsewhere)
	}
	if !untilReturn {
		return
	}
	for _, u := range uses {
		r.livesIn(u, s, func(ctx ast.Expr, l Life) {
			if !known && (l.Cancel == nil || l.In != s.In) {
				return // it may be waited for when the function has returned
			}
			if l.In == nil || !r.RunsWithin(s.In, l.In) || r.inTask(l.In, s) {
				return
			}
			k := Kept{Spawn: s, Ctx: ctx, life: l, in: s.In, signals: signals}
			if l.Cancel != nil {
				k.Why = r.EndsEarly(k)
			}
			switch {
			case k.Why != "" || l.Cancel == nil && r.endsFirst(k, path.Order{Excused: r.failing(l.In)}) != nil:
				yield(k)
			case l.Cancel == nil:
				r.excuse(s, Joined)
			}
		})
	}
}

func (r *Result) excuse(s *Spawn, why Reason) {
	if n := s.node(); r.excuses[n] == "" {
		r.excuses[n] = why // of several contexts, of the innermost
	}
}

// Excuse tells why the task of a spawn, which works with a context from outside, is not
// known to outlive that; "" if it is, or works with none.
func (r *Result) Excuse(s *Spawn) Reason { return r.excuses[s.node()] }

// inTask reports whether f is the task of s, or in it.
func (r *Result) inTask(f *syntax.Func, s *Spawn) bool {
	return syntax.Encloses(s.Task(), f.Node.Pos()) || r.isBody(f, s)
}

// TaskFunc returns the function of the package that a spawn runs, or nil.
func (r *Result) TaskFunc(s *Spawn) *syntax.Func {
	fun := s.Task()
	if lit, ok := fun.(*ast.FuncLit); ok {
		return r.Lit(lit)
	}
	if lit := r.AssignedLit(fun); lit != nil {
		return lit
	}
	if s.Go != nil {
		return r.Func(r.startedFunc(s))
	}
	return nil
}

// startedFunc returns the function or method that a go statement names, itself
// or by a variable that is assigned once, or nil.
func (r *Result) startedFunc(s *Spawn) *types.Func {
	if fn := r.Callee(s.Call); fn != nil {
		return fn
	}
	return r.AssignedFunc(s.Call.Fun)
}
