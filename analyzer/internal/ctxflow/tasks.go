package ctxflow

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Spawn is a place where a task is taken to another goroutine or to a later
// time: a go statement, or an argument of a spawner.
type Spawn struct {
	Go      *ast.GoStmt // nil for a spawner
	Call    *ast.CallExpr
	Spawner *types.Func // nil for a go statement
	Arg     ast.Expr    // the argument of the spawner that is the task
	In      *Func       // the function that spawns

	Send *ast.SendStmt // which sends the task to whoever runs it; Call is made up then
}

// Pos is where the spawn begins.
func (s *Spawn) Pos() token.Pos {
	if s.Go != nil {
		return s.Go.Pos()
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
	Lit   *Func       // the literal, in place or assigned to a variable; or
	Named *types.Func // the function or method
	Sinks []Sink      // in source order
}

// Callee returns the function or method that a call names, nil for a value.
func (r *Result) Callee(call *ast.CallExpr) *types.Func { return r.callee(call) }

// Func returns the declaration of a function of the package, nil for another one.
func (r *Result) Func(fn *types.Func) *Func { return r.byObj[fn] }

// Node returns the declaration or literal.
func (f *Func) Node() ast.Node { return f.node }

// Type returns the type as it is written.
func (f *Func) Type() *ast.FuncType { return f.typ }

// Body returns the body, nil for a function without one.
func (f *Func) Body() *ast.BlockStmt { return f.body }

// Around returns the function around a literal, nil for a declaration.
func (r *Result) Around(f *Func) *Func { return f.outer }

// RunsInPlace reports whether a literal runs where it is written, before what follows.
func (r *Result) RunsInPlace(f *Func) bool { return r.runsInPlace(f) }

// FuncAt returns the function that pos is in: in itself, a literal inside it,
// or a function around it. It returns nil for a package variable.
func (r *Result) FuncAt(in *Func, pos token.Pos) *Func {
	d := in.Root()
	if !encloses(d.node, pos) {
		return nil
	}
	return innermost(d, pos)
}

// Spawns returns the spawns of the package in source order.
func (r *Result) Spawns() []*Spawn {
	var got []*Spawn
	r.funcs(func(f *Func) {
		first := len(got)
		for _, s := range f.calls {
			got = append(got, r.spawnsAt(s, f)...)
		}
		if sent := r.sentBy(f); len(sent) > 0 {
			got = append(got, sent...)
			slices.SortStableFunc(got[first:], func(a, b *Spawn) int { return cmp.Compare(a.Pos(), b.Pos()) })
		}
	})
	return got
}

// sentBy returns the tasks that f sends to who runs them:
//
//	p.tasks <- func() { .. }
func (r *Result) sentBy(f *Func) []*Spawn {
	var got []*Spawn
	for _, n := range f.sends {
		if r.isTask(n.Value) {
			call := &ast.CallExpr{Fun: n.Chan, Lparen: n.Arrow, Args: []ast.Expr{n.Value}, Rparen: n.Value.End() - 1}
			got = append(got, &Spawn{Call: call, Arg: n.Value, In: f, Send: n})
		}
	}
	return got
}

func (r *Result) spawnsAt(s *site, f *Func) []*Spawn {
	if s.goStmt != nil {
		return []*Spawn{{Go: s.goStmt, Call: s.expr, In: f}}
	}
	set := r.Of(s.callee).Spawns
	if set == 0 || r.sharesWork(s.callee) || registers(s.callee) {
		return nil
	}
	var got []*Spawn
	for i, arg := range s.expr.Args {
		if has(set, paramIndex(s.callee.Signature(), i)) && (r.isTask(arg) || r.isGivenData(s, i)) {
			got = append(got, &Spawn{Call: s.expr, Spawner: s.callee, Arg: arg, In: f})
		}
	}
	return got
}

// registers reports whether fn, by its name, notes a function that is run when
// something happens, on behalf of what happens.
func registers(fn *types.Func) bool {
	name := fn.Name()
	for _, w := range []string{"Register", "On", "Handle", "Subscribe", "Notify"} {
		if rest, ok := strings.CutPrefix(name, w); ok && (rest == "" || rest[0] < 'a') {
			return true
		}
	}
	return false
}

// isTask reports whether e is a function that needs no data. One that is given
// a message or an event each time is not a task of the function that registers
// it: it serves whoever sends them.
func (r *Result) isTask(e ast.Expr) bool {
	sig, ok := typeOf(r.info, e).Underlying().(*types.Signature)
	return ok && !takesData(sig)
}

// isGivenData reports whether the function that a spawner is given as argument i gets
// data that the spawner is given too, one or each of a list: it works for whoever gives
// both, as the body of a loop does.
//
//	each(orders, func(o Order) { .. })
func (r *Result) isGivenData(s *site, i int) bool {
	sig, ok := typeOf(r.info, s.expr.Args[i]).Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for v := range sig.Params().Variables() {
		for j, arg := range s.expr.Args {
			if j != i && isOrHas(typeOf(r.info, arg), v.Type()) {
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
	return types.Identical(t, elem)
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
	fun := s.Task()
	if lit, ok := fun.(*ast.FuncLit); ok {
		return r.litTask(r.byLit[lit])
	}
	if lit := r.assignedLit(fun); lit != nil {
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
	if _, ok := typeOf(r.info, call.Args[i]).Underlying().(*types.Signature); !ok {
		return false
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		f := r.byLit[lit]
		pi := -1
		if f != nil {
			pi = paramIndex(f.sig, i)
		}
		return pi >= 0 && slices.ContainsFunc(f.calls, func(c *site) bool { return r.varOf(c.expr.Fun) == f.sig.Params().At(pi) })
	}
	callee := r.callee(call)
	if callee == nil || r.Of(callee).Serves {
		return false // it is called again and again
	}
	return r.callsInPlace(call, i) || has(r.Of(callee).Spawns, paramIndex(callee.Signature(), i))
}

func (r *Result) litTask(lit *Func) *Task {
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
	}
	return t
}

// passedTask is the task of pool.Submit(f): a function, a method value, or a
// literal in a wrapper.
func (r *Result) passedTask(fun ast.Expr) *Task {
	if call, ok := fun.(*ast.CallExpr); ok {
		for _, arg := range call.Args {
			if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
				return r.litTask(r.byLit[lit])
			}
		}
	}
	fn := r.namedFunc(fun)
	if fn == nil {
		return nil
	}
	return &Task{Named: fn}
}

// sinksOfSet returns the sinks that the functions reach which a task can be, or calls,
// as it is written in at.
func (r *Result) sinksOfSet(set funcSet, s *Spawn, at ast.Expr) (sinks []Sink) {
	for _, lit := range set.lits {
		sinks = append(sinks, r.SinksOf(lit)...)
	}
	for _, fn := range set.named {
		if sum := r.Of(fn); sum.Sink != nil && !sum.Serves {
			step := Step{Callee: FuncName(fn), At: r.at(at.Pos())}
			sinks = append(sinks, Sink{Call: s.Call, Callee: fn, Arg: -1, Way: r.prepend(step, fn, sum.Sink), In: s.In})
		}
	}
	return sinks
}

// MadeBy returns the function whose result a function value is, or the variable
// that it names: nil for none.
func (r *Result) MadeBy(e ast.Expr) *types.Func {
	if once := r.assignedOnce(e); once != nil {
		e = once
	}
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return r.callee(call)
	}
	return nil
}

// inTest reports whether pos is in a test file.
func (r *Result) inTest(pos token.Pos) bool {
	return strings.HasSuffix(r.pass.Fset.Position(pos).Filename, "_test.go")
}
