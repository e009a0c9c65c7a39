package flow

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Spawn is a place where a task is taken to another goroutine or to a later
// time: a go statement, or an argument of a spawner.
type Spawn struct {
	Go      *ast.GoStmt // nil for a spawner
	Call    *ast.CallExpr
	Spawner *types.Func  // nil for a go statement
	Arg     ast.Expr     // the argument of the spawner that is the task
	In      *syntax.Func // the function that spawns

	Send *ast.SendStmt // which sends the task to whoever runs it; Call is made up then

	Method *types.Func // of Arg, that is what runs; else Arg is a function
	One    bool        // Call starts others too
}

// Pos is where the spawn begins.
func (s *Spawn) Pos() token.Pos {
	switch {
	case s.Go != nil:
		return s.Go.Pos()
	case s.One:
		return s.Arg.Pos()
	}
	return s.Call.Pos()
}

// Task returns what is spawned, as it is written.
func (s *Spawn) Task() ast.Expr {
	if s.Go != nil {
		return ast.Unparen(s.Call.Fun)
	}
	return ast.Unparen(s.Arg)
}

// A Task is what a spawn runs.
type Task struct {
	Lit   *syntax.Func // the literal, in place or assigned to a variable; or
	Named *types.Func  // the function or method
	Sinks []Sink       // in source order
}

// Around returns the function around a literal, nil for a declaration.
func (r *Result) Around(f *syntax.Func) *syntax.Func { return f.Outer }

// Spawns returns the spawns of the package in source order.
func (r *Result) Spawns() []*Spawn {
	if r.spawns != nil {
		return r.spawns
	}
	got := []*Spawn{}
	r.Funcs(func(f *syntax.Func) {
		first := len(got)
		for _, s := range f.Calls {
			got = append(got, r.SpawnsAt(s, f)...)
		}
		if sent := r.sentBy(f); len(sent) > 0 {
			got = append(got, sent...)
			slices.SortStableFunc(got[first:], func(a, b *Spawn) int { return cmp.Compare(a.Pos(), b.Pos()) })
		}
	})
	r.spawns = got
	return got
}

// sentBy returns the tasks that f sends to who runs them:
//
//	p.tasks <- func() { .. }
func (r *Result) sentBy(f *syntax.Func) []*Spawn {
	var got []*Spawn
	for _, n := range f.Sends {
		task, method := r.sent(n)
		if task != nil {
			call := &ast.CallExpr{Fun: n.Chan, Lparen: n.Arrow, Args: []ast.Expr{n.Value}, Rparen: n.Value.End() - 1}
			got = append(got, &Spawn{Call: call, Arg: task, Method: method, In: f, Send: n})
		}
	}
	return got
}

// sent returns what runs of what a statement sends: see runOf, else that itself, if it is
// a function.
func (r *Result) sent(n *ast.SendStmt) (task ast.Expr, method *types.Func) {
	if ch, ok := r.TypeOf(n.Chan).Underlying().(*types.Chan); ok {
		task, method = r.runOf(n.Value, ch.Elem())
	}
	if task == nil && r.isTask(n.Value) {
		task = n.Value
	}
	return task, method
}

// SpawnsAt returns the spawns that a call in f is: of a function that takes several tasks, several.
func (r *Result) SpawnsAt(s *syntax.Call, f *syntax.Func) []*Spawn {
	if s.Go != nil {
		return []*Spawn{{Go: s.Go, Call: s.Expr, In: f}}
	}
	set := r.Of(s.Callee).Spawns
	if set == 0 || r.sharesWork(s.Callee) || kind.Registers(s.Callee) {
		return nil
	}
	var got []*Spawn
	for i, arg := range s.Expr.Args {
		pi := kind.ParamIndex(s.Callee.Signature(), i)
		if !Has(set, pi) {
			continue
		}
		task, method := r.runOf(arg, s.Callee.Signature().Params().At(pi).Type())
		if task == nil && (r.isTask(arg) || r.isGivenData(s, i)) {
			task = arg
		}
		if task != nil {
			got = append(got, &Spawn{Call: s.Expr, Spawner: s.Callee, Arg: task, Method: method, In: f})
		}
	}
	for _, spawn := range got {
		spawn.One = len(got) > 1
	}
	return got
}

// isTask reports whether e is a function that needs no data. One that is given
// a message or an event each time is not a task of the function that registers
// it: it serves whoever sends them.
func (r *Result) isTask(e ast.Expr) bool {
	sig, ok := r.TypeOf(e).Underlying().(*types.Signature)
	return ok && !kind.TakesData(sig)
}

// isGivenData reports whether the function that a spawner is given as argument i gets
// data that the spawner is given too, one or each of a list: it works for whoever gives
// both, as the body of a loop does.
//
//	each(orders, func(o Order) { .. })
func (r *Result) isGivenData(s *syntax.Call, i int) bool {
	sig, ok := r.TypeOf(s.Expr.Args[i]).Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for v := range sig.Params().Variables() {
		for j, arg := range s.Expr.Args {
			if j != i && isOrHas(r.TypeOf(arg), v.Type()) {
				return true
			}
		}
	}
	return false
}

// isOrHas reports whether t is elem, or a list of those.
func isOrHas(t, elem types.Type) bool {
	if b, ok := t.(*types.Basic); ok {
		t = types.Default(b)
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		t = u.Elem()
	case *types.Map:
		t = u.Elem()
	case *types.Chan:
		t = u.Elem()
	}
	if types.Identical(t, elem) {
		return true
	}
	ptr, ok := elem.(*types.Pointer) // to an element of a list
	return ok && types.Identical(t, ptr.Elem())
}

// TaskOf returns the task of a spawn and the sinks it reaches. The task is nil
// where it is not known.
func (r *Result) TaskOf(s *Spawn) *Task {
	t := r.written(s)
	if t == nil {
		t = new(Task)
	}
	if t.Lit == nil && len(t.Sinks) == 0 {
		if set, all := r.funcsOf(s.Task(), maxValue); all || t.Named == nil {
			t.Sinks = r.sinksOfSet(set, s, s.Task())
		}
	}
	for _, arg := range r.guarded(s) {
		set, _ := r.funcsOf(arg, maxValue)
		t.Sinks = append(t.Sinks, r.sinksOfSet(set, s, arg)...)
	}
	if t.Lit == nil && t.Named == nil && len(t.Sinks) == 0 {
		return nil
	}
	return t
}

// written is the task as it is written: a literal, in place or in a variable, or a
// function by its name.
func (r *Result) written(s *Spawn) *Task {
	if s.Method != nil {
		return &Task{Named: s.Method, Sinks: r.sinksOfSet(funcSet{named: []*types.Func{s.Method}}, s, s.Arg)}
	}
	fun := s.Task()
	if lit, ok := fun.(*ast.FuncLit); ok {
		return r.litTask(r.Lit(lit))
	}
	if lit := r.AssignedLit(fun); lit != nil {
		t := r.litTask(lit)
		if s.Go != nil && len(t.Sinks) == 0 {
			if sink := r.CallSink(s.Call, s.In); sink != nil {
				t.Sinks = []Sink{*sink}
			}
		}
		return t
	}
	if s.Go != nil {
		return r.namedTask(s)
	}
	return r.passedTask(fun)
}

// guarded returns the functions that a go statement passes to the function it starts,
// which calls them: they are part of the task.
//
//	go safe(func() { .. })
//	go func(f func()) { f() }(func() { .. })
func (r *Result) guarded(s *Spawn) (args []ast.Expr) {
	if s.Go == nil {
		return nil
	}
	for i, arg := range s.Call.Args {
		if r.runsGuarded(s.Call, i) {
			args = append(args, arg)
		}
	}
	return args
}

// runsGuarded reports whether the call that a go statement makes runs the function that
// it is given as argument i, itself or on another goroutine.
func (r *Result) runsGuarded(call *ast.CallExpr, i int) bool {
	if _, ok := r.TypeOf(call.Args[i]).Underlying().(*types.Signature); !ok {
		return false
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		f := r.Lit(lit)
		pi := -1
		if f != nil {
			pi = kind.ParamIndex(f.Sig, i)
		}
		return pi >= 0 && slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool { return r.VarOf(c.Expr.Fun) == f.Sig.Params().At(pi) })
	}
	callee := r.Callee(call)
	if callee == nil || r.Of(callee).Serves {
		return false // it is called again and again
	}
	return r.CallsInPlace(call, i) || Has(r.Of(callee).Spawns, kind.ParamIndex(callee.Signature(), i))
}

func (r *Result) litTask(lit *syntax.Func) *Task {
	if lit == nil {
		return nil // broken code
	}
	return &Task{Lit: lit, Sinks: r.SinksOf(lit)}
}

// namedTask is the task of go f(..).
func (r *Result) namedTask(s *Spawn) *Task {
	t := &Task{Named: r.startedFunc(s)}
	if sink := r.CallSink(s.Call, s.In); sink != nil {
		t.Sinks = []Sink{*sink}
	} else if m := r.dynamicMethod(s.Call, t.Named); m != nil {
		return &Task{Named: m, Sinks: r.sinksOfSet(funcSet{named: []*types.Func{m}}, s, s.Call)}
	} else if sink := r.drainSink(s, t.Named); sink != nil {
		t.Sinks = []Sink{*sink}
	}
	return t
}

// drainSink returns the sink that a function of the package reaches for the elements of a
// channel that the caller makes and closes, or nil: that is no service, but the caller's
// work.
//
//	for range 4 {
//		go worker(jobs)
//	}
//	close(jobs)
func (r *Result) drainSink(s *Spawn, fn *types.Func) *Sink {
	f := r.Func(fn)
	if f == nil || f.Body == nil || !r.serves[f] || !r.drains(s, f) {
		return nil
	}
	in := search{r: r, seen: make(map[*syntax.Func]bool), drained: f}
	in.function(f)
	if len(in.sinks) == 0 {
		return nil
	}
	step := Step{Callee: kind.FuncName(fn), At: r.Place(s.Call.Pos())}
	return &Sink{Call: s.Call, Callee: fn, Arg: -1, Way: r.prepend(step, fn, in.sinks[0].Way), In: s.In, Task: true}
}

// drains reports whether each service loop of f ranges over a channel that the spawn makes,
// closes, and gives it.
func (r *Result) drains(s *Spawn, f *syntax.Func) bool {
	loops := 0
	for _, n := range f.Loops {
		if !r.IsService(n.Node, f) {
			continue
		}
		loops++
		rng, ok := n.Node.Stmt.(*ast.RangeStmt)
		if !ok {
			return false
		}
		i := kind.ParamOf(f.Sig, r.VarOf(rng.X))
		if i < 0 || f.Sig.Variadic() || i >= len(s.Call.Args) || !r.makesAndCloses(r.VarOf(s.Call.Args[i]), s.In) {
			return false
		}
	}
	return loops > 0
}

// makesAndCloses reports whether a channel is made by f, or the function around it, and
// closed there.
func (r *Result) makesAndCloses(v *types.Var, f *syntax.Func) bool {
	if !r.isLocal(v, f) || r.assignmentsOf(f).times[v] != 1 {
		return false
	}
	return slices.ContainsFunc(r.MentionsOf(v, f.Root()), func(id *ast.Ident) bool {
		path := syntax.PathTo(id.Pos(), f.Root().Body)
		p, _ := syntax.Parent(path[:len(path)-1])
		call, ok := p.(*ast.CallExpr)
		return ok && types.ExprString(call.Fun) == "close"
	})
}

// passedTask is the task of pool.Submit(f): a function, a method value, or a
// literal in a wrapper.
func (r *Result) passedTask(fun ast.Expr) *Task {
	if call, ok := fun.(*ast.CallExpr); ok {
		for _, arg := range call.Args {
			if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
				return r.litTask(r.Lit(lit))
			}
		}
	}
	fn := r.NamedFunc(fun)
	if fn == nil {
		return nil
	}
	return &Task{Named: fn}
}

// sinksOfSet returns the sinks that the functions reach which a task can be, or calls,
// as it is written in at.
func (r *Result) sinksOfSet(set funcSet, s *Spawn, at ast.Expr) (sinks []Sink) {
	for _, lit := range set.lits {
		// What it starts is for who makes it, if that has a context.
		made := search{r: r, seen: make(map[*syntax.Func]bool), spawned: lit.Root() != s.In.Root() && !r.TakesContext(lit.Root())}
		made.function(lit)
		sinks = append(sinks, made.sinks...)
	}
	for _, fn := range set.named {
		if sum := r.Of(fn); sum.Sink != nil && !sum.Serves {
			step := Step{Callee: kind.FuncName(fn), At: r.Place(at.Pos())}
			sinks = append(sinks, Sink{Call: s.Call, Callee: fn, Arg: -1, Way: r.prepend(step, fn, sum.Sink), In: s.In})
		}
	}
	return sinks
}

// Runs reports whether e is part of the task of a spawn, or an argument of it.
func (s *Spawn) Runs(e ast.Expr) bool {
	if s.Go != nil {
		return syntax.Encloses(s.Go, e.Pos())
	}
	return syntax.Encloses(s.Arg, e.Pos())
}
