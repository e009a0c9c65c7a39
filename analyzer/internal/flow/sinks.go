package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Sink is a call at which a trace is cut.
type Sink struct {
	Call   *ast.CallExpr
	Callee *types.Func  // nil for a function value
	Arg    int          // the argument that is a root, -1 if Callee starts its own
	Roots  []ast.Expr   // with Arg: the root expressions it comes from
	Way    []Step       // from here to where the root is handed over
	In     *syntax.Func // the function that makes the call
	Task   bool         // it is what a go statement starts
}

// A search collects sinks.
type search struct {
	r    *Result
	seen map[*syntax.Func]bool
	// spawned includes tasks that the code starts. A caller of the whole
	// wants them; for a task, they are tasks of their own.
	spawned bool
	drained *syntax.Func // whose service loops have an end, see drains
	sinks   []Sink
}

// SinksOf returns the sinks that f reaches on its own goroutine, in source
// order: those of a task.
func (r *Result) SinksOf(f *syntax.Func) []Sink {
	s := search{r: r, seen: make(map[*syntax.Func]bool)}
	s.function(f)
	return s.sinks
}

// CallSink returns the sink that call, made in f, is itself, or nil. It is
// what a go statement with a named function asks.
func (r *Result) CallSink(call *ast.CallExpr, f *syntax.Func) *Sink {
	return r.SinkAt(&syntax.Call{Expr: call, Callee: r.Callee(call)}, f)
}

// function collects the sinks of f's body and of the literals that run in
// place.
func (s *search) function(f *syntax.Func) {
	if s.seen[f] || f.Body == nil || s.r.serves[f] && f != s.drained || s.r.InFresh(f) || s.r.hasOwnTrace(f) {
		return // a service loop and what prepares it serve nobody in particular
	}
	s.seen[f] = true
	for _, c := range f.Calls {
		if s.mayReach(c) && (f == s.drained || !s.r.IsAside(f, c.Expr.Pos())) && !s.r.oneAtATime(f, c.Expr.Pos()) {
			s.site(c, f)
		}
	}
	if s.spawned {
		for _, task := range s.r.sentBy(f) {
			if !s.r.IsAside(f, task.Pos()) {
				s.value(task.Arg, task.Call, f)
			}
		}
	}
	for _, lit := range f.Lits {
		if s.inPlace(lit) && !s.r.IsAside(f, lit.Node.Pos()) {
			s.function(lit)
		}
	}
}

// mayReach reports whether a call may be a sink, or run a function that reaches one:
// most are told at once not to.
func (s *search) mayReach(c *syntax.Call) bool {
	if c.Callee == nil || kind.TakesContext(c.Callee.Signature()) || s.r.Of(c.Callee).Sink != nil || len(s.r.Of(c.Callee).Calls) > 0 || s.r.takesStruct(c.Callee) {
		return true
	}
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		_, isFunc := s.r.TypeOf(arg).Underlying().(*types.Signature)
		return isFunc
	})
}

// hasOwnTrace reports whether a declaration starts a span with the context of what it
// belongs to, in a field: what it does is part of that trace, whoever calls it.
func (r *Result) hasOwnTrace(f *syntax.Func) bool {
	return f.Obj != nil && slices.ContainsFunc(r.SpanStarts(f), func(s *syntax.SpanStart) bool {
		v := r.VarOf(s.Outer)
		return v != nil && v.IsField()
	})
}

// IsAside reports whether what f does at pos is no part of the work it was asked
// for: the rounds of a service loop, what follows somebody else's event, the clean-up after
// the end.
func (r *Result) IsAside(f *syntax.Func, pos token.Pos) bool {
	return r.ServiceLoopAt(f, pos) != nil || r.WatchesAt(f, pos) || r.CleansUp(f, pos)
}

func (s *search) site(c *syntax.Call, f *syntax.Func) {
	if c.Go != nil && (!s.spawned || s.r.SharedTask(f, c.Expr.Pos())) {
		return
	}
	if c.Callee == nil {
		if lit := s.r.AssignedLit(c.Expr.Fun); lit != nil && !s.r.TakesContext(lit) {
			s.function(lit)
			return
		}
		if s.spawned {
			s.value(c.Expr.Fun, c.Expr, f)
		}
	}
	if sink := s.r.SinkAt(c, f); sink != nil {
		s.sinks = append(s.sinks, *sink)
	}
	if s.spawned {
		s.sinks = append(s.sinks, s.given(c, f)...)
	}
	for i, arg := range c.Expr.Args {
		if lit := s.r.AssignedLit(arg); lit != nil && c.Callee != nil && !s.r.TakesContext(lit) && s.runs(c.Expr, c.Callee, i, lit.Sig, f) {
			s.function(lit)
		}
	}
}

// value collects the sinks of the functions that a value can be which a call in f calls,
// or sends.
func (s *search) value(e ast.Expr, call *ast.CallExpr, f *syntax.Func) {
	set, _ := s.r.funcsOf(e, maxValue)
	for _, lit := range set.lits {
		if !s.r.TakesContext(lit) {
			s.function(lit)
		}
	}
	for _, fn := range set.named {
		if sum := s.r.Of(fn); sum.Sink != nil && !sum.Serves && !kind.HasContextParam(fn) {
			step := Step{Callee: kind.FuncName(fn), At: s.r.Place(e.Pos())}
			s.sinks = append(s.sinks, Sink{Call: call, Callee: fn, Arg: -1, Way: s.r.prepend(step, fn, sum.Sink), In: f})
		}
	}
}

// ValueSinks returns the sinks that a call in f of a function value reaches outside of
// the declaration around f, or that what f sends does, if call is nil.
func (r *Result) ValueSinks(c *syntax.Call, f *syntax.Func) (outside []Sink) {
	s := search{r: r, seen: make(map[*syntax.Func]bool), spawned: true}
	if c != nil && c.Callee == nil {
		s.value(c.Expr.Fun, c.Expr, f)
	} else if c == nil {
		for _, task := range r.sentBy(f) {
			s.value(task.Arg, task.Call, f)
		}
	}
	for _, sink := range s.sinks {
		if sink.In.Root() != f.Root() || sink.Callee != nil && sink.Callee != r.Callee(sink.Call) {
			outside = append(outside, sink)
		}
	}
	return outside
}

// inPlace reports whether a literal runs as part of the function around it.
func (s *search) inPlace(lit *syntax.Func) bool {
	switch lit.Role {
	case syntax.RoleCalled, syntax.RoleDeferred:
		return true
	case syntax.RoleGo:
		return s.spawned && !s.r.SharedTask(lit.Outer, lit.Node.Pos())
	case syntax.RolePassed:
		callee := s.r.Callee(lit.Call)
		if s.r.keyedWork(lit) || !s.spawned && s.r.isGuarded(lit) {
			return false
		}
		if callee == nil {
			return !kind.TakesData(lit.Sig)
		}
		return s.runs(lit.Call, callee, lit.Arg, lit.Sig, lit.Outer)
	case syntax.RoleOther:
		return s.spawned && s.r.isJob(lit) && !s.r.SharedTask(lit.Outer, lit.Node.Pos())
	}
	return false
}

// isGuarded reports whether a literal is passed to the function that a go statement
// starts: it is part of that task.
func (r *Result) isGuarded(lit *syntax.Func) bool {
	site := lit.Outer.CallOf(lit.Call)
	return site != nil && site.Go != nil
}

// takenAsAny reports whether parameter pi of a function is one of any type: a function that
// is given so is kept, to be looked at when it is needed.
func takenAsAny(fn *types.Func, pi int) bool {
	if pi < 0 || pi >= fn.Signature().Params().Len() {
		return false
	}
	it, ok := types.Unalias(fn.Signature().Params().At(pi).Type()).(*types.Interface)
	return ok && it.Empty()
}

// runs reports whether what a call of callee in f is given as argument arg, with that
// signature, runs as part of f.
func (s *search) runs(call *ast.CallExpr, callee *types.Func, arg int, sig *types.Signature, f *syntax.Func) bool {
	sum, pi := s.r.Of(callee), kind.ParamIndex(callee.Signature(), arg)
	if s.r.sharesAt(call, callee, f) || sum.Serves || Has(sum.Keeps, pi) || takenAsAny(callee, pi) {
		return false
	}
	if Has(sum.Spawns, pi) {
		return s.spawned && !kind.TakesData(sig)
	}
	return true
}

// SinkAt returns the sink that a call is, or nil.
func (r *Result) SinkAt(c *syntax.Call, f *syntax.Func) *Sink {
	sig, ok := r.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok {
		return nil
	}
	if c.Callee == nil {
		fn := r.AssignedFunc(c.Expr.Fun)
		if v := r.VarOf(c.Expr.Fun); fn == nil && v != nil && v.IsField() {
			if set, all := r.funcsOf(c.Expr.Fun, 2); all {
				fn, _ = set.only() // a field that is set once
			}
		}
		if fn != nil {
			c = &syntax.Call{Expr: c.Expr, Callee: fn, Go: c.Go}
		}
	}
	if c.Callee != nil {
		sig = c.Callee.Signature()
	}
	if !kind.TakesContext(sig) && r.Of(c.Callee).Sink == nil && !r.takesStruct(c.Callee) {
		if len(r.Of(c.Callee).Calls) > 0 {
			return r.givenSink(c, f)
		}
		return nil // as most calls
	}
	if r.WorksForItself(c, f) != "" || r.endingParams(f) == 0 && (r.fallsBack(f, c.Expr.Pos()) || r.reportsError(c, f)) {
		return nil
	}
	if sink, _, _ := r.handsRoot(c, sig, f); sink != nil {
		return sink
	}
	way := r.Of(c.Callee).Sink
	if way == nil || r.Rebased(c.Expr, f) || r.makesToLast(c, f) || r.handsOption(c, f) || len(way) == 1 && r.givesIdle(c) {
		return nil
	}
	step := Step{Callee: kind.FuncName(c.Callee), At: r.Place(c.Expr.Pos()), Sibling: kind.Sibling(c.Callee, nil) != nil}
	return &Sink{Call: c.Expr, Callee: c.Callee, Arg: -1, Way: r.prepend(step, c.Callee, way), In: f, Task: c.Go != nil}
}

// SilentCall tells why a call of a function that takes no context and reaches a sink is none,
// "" if it is one, or if there is nothing to tell.
func (r *Result) SilentCall(c *syntax.Call, f *syntax.Func) Reason {
	if c.Callee == nil || kind.TakesContext(c.Callee.Signature()) || r.Of(c.Callee).Sink == nil {
		return ""
	}
	if why := r.WorksForItself(c, f); why != "" {
		return why
	}
	switch {
	case r.makesToLast(c, f):
		return Constructs
	case r.handsOption(c, f):
		return Enriched
	}
	return ""
}

// reportsError reports whether a call, of which nothing comes back, is given an error where there
// is one: nobody gives a function a context for what it tells of that.
//
//	if err != nil {
//		events.Write(context.TODO(), err)
//	}
func (r *Result) reportsError(c *syntax.Call, f *syntax.Func) bool {
	sig, ok := r.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok || sig.Results().Len() > 0 || !slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return kind.IsError(r.TypeOf(arg)) }) {
		return false
	}
	return slices.ContainsFunc(syntax.PathTo(c.Expr.Pos(), f.Body), func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		if !ok || !syntax.Encloses(s.Body, c.Expr.Pos()) {
			return false
		}
		asks := false
		ast.Inspect(s.Cond, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			asks = asks || ok && kind.IsError(r.Info.TypeOf(e))
			return !asks
		})
		return asks
	})
}

// fallsBack reports whether what f does at pos is done only where a context is nil that it has
// from elsewhere, as f takes none: nobody has given one.
//
//	if c.ctx != nil {
//		return http.NewRequestWithContext(c.ctx, method, url, nil)
//	}
//	return http.NewRequest(method, url, nil)
func (r *Result) fallsBack(f *syntax.Func, pos token.Pos) bool {
	return slices.ContainsFunc(r.nilChecks(f), func(s *ast.IfStmt) bool {
		switch given := ast.Unparen(s.Cond).(*ast.BinaryExpr).Op == token.NEQ; {
		case syntax.Encloses(s.Body, pos):
			return !given
		case s.Else != nil && syntax.Encloses(s.Else, pos):
			return given
		case !given || !leaves(s.Body) || s.End() > pos:
			return false
		}
		path := syntax.PathTo(s.Pos(), f.Body)
		return len(path) > 1 && syntax.Encloses(path[len(path)-2], pos)
	})
}

// nilChecks returns the statements of f that ask whether a context is nil.
func (r *Result) nilChecks(f *syntax.Func) []*ast.IfStmt {
	checks, known := r.nilAsked[f]
	if known || f.Body == nil {
		return checks
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt:
			b, ok := ast.Unparen(n.Cond).(*ast.BinaryExpr)
			if ok && (b.Op == token.EQL || b.Op == token.NEQ) && r.Info.Types[b.Y].IsNil() && kind.IsContext(r.TypeOf(b.X)) {
				checks = append(checks, n)
			}
		}
		return true
	})
	r.nilAsked[f] = checks
	return checks
}

// handsOption reports whether a call is given an option that is made of the caller's
// context: its root is for those who give none.
//
//	s.Find(user, WithContext(ctx))
func (r *Result) handsOption(c *syntax.Call, f *syntax.Func) bool {
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		call, ok := ast.Unparen(arg).(*ast.CallExpr)
		return ok && isOption(r.TypeOf(arg)) && slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
			return kind.IsContext(r.TypeOf(arg)) && r.Eval(arg, f).Class == Caller
		})
	})
}

// WorksForItself tells why what a call in f does is its own work and nobody's who makes
// the call, "" if it is not. What is done under a span of f has an end.
func (r *Result) WorksForItself(c *syntax.Call, f *syntax.Func) Reason {
	if kind.Collects(c.Callee) {
		return Collects
	}
	why := Reason("")
	switch callee := r.Func(c.Callee); {
	case r.Of(c.Callee).Serves:
		why = Serves
	case callee != nil && r.Watches(callee) && r.known(c.Callee).Sink == nil:
		why = Watches
	case r.loadsForAll(c, f), r.setsUp(c, f), r.fillsEmpty(f, c.Expr.Pos()), r.refreshes(f, c.Expr.Pos()), callee != nil && r.onlyRefreshes(callee, 2):
		why = Loads
	case f.Body != nil && r.oneAtATime(f, c.Expr.Pos()), r.flushes(c, f):
		why = Shared
	}
	if why != "" && c.Go == nil && r.underSpan(c.Expr, f) {
		return ""
	}
	return why
}

// underSpan reports whether a node of f is below a span that f starts, and has not ended
// before it.
func (r *Result) underSpan(n ast.Node, f *syntax.Func) bool {
	return slices.ContainsFunc(r.SpanStarts(f), func(s *syntax.SpanStart) bool {
		return s.Assign.End() <= n.Pos() && syntax.Encloses(s.Block, n.Pos()) && !slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
			return c.Defer == nil && c.Expr.Pos() < n.Pos() && r.EndsSpan(c.Expr, s)
		})
	})
}
