package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
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
		for _, s := range f.calls {
			got = append(got, r.spawnsAt(s, f)...)
		}
	})
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
		if has(set, paramIndex(s.callee.Signature(), i)) && r.isTask(arg) {
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

// TaskOf returns the task of a spawn and the sinks it reaches. The task is nil
// where it is not known.
func (r *Result) TaskOf(s *Spawn) *Task {
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
	return r.passedTask(s, fun)
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
func (r *Result) passedTask(s *Spawn, fun ast.Expr) *Task {
	var fn *types.Func
	switch fun := fun.(type) {
	case *ast.Ident:
		fn, _ = r.info.Uses[fun].(*types.Func)
	case *ast.SelectorExpr:
		fn, _ = r.info.Uses[fun.Sel].(*types.Func)
	case *ast.CallExpr:
		for _, arg := range fun.Args {
			if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
				return r.litTask(r.byLit[lit])
			}
		}
	}
	if fn == nil {
		return nil
	}
	fn = fn.Origin()
	t := &Task{Named: fn}
	if sum := r.Of(fn); sum.Sink != nil && !sum.Serves {
		step := Step{Callee: FuncName(fn), At: r.at(fun.Pos())}
		t.Sinks = []Sink{{Call: s.Call, Callee: fn, Arg: -1, Way: r.prepend(step, fn, sum.Sink), In: s.In}}
	}
	return t
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
