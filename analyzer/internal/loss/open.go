package loss

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds what only those know who see all packages: which context is lost by a
// call of an interface whose implementations are elsewhere.

// An OpenCall is a call of a method of an interface that takes no context, where one is in
// scope that would be lost if what implements the interface reached a sink.
type OpenCall struct {
	Call *syntax.Call
	Hand *Hand
	Task *flow.Spawn // the spawn of the task that makes the call, nil if the caller does
}

// OpenCalls returns those of the package, in source order, the first one of a task. What starts
// or ends a thing, or may have a context by other ways, is not among them, nor is a task that is
// known to lose its context.
func (r *Result) OpenCalls() []OpenCall {
	var got []OpenCall
	tasks := make(map[*flow.Spawn]bool)
	r.Funcs(func(f *syntax.Func) {
		if f.Body == nil {
			return
		}
		for _, c := range f.Calls {
			if !r.isOpen(c) || r.WorksForItself(c, f) != "" {
				continue
			}
			sink := flow.Sink{Call: c.Expr, Callee: c.Callee, Arg: -1, In: f, Task: c.Go != nil}
			hand, why := r.LostHere(sink)
			switch {
			case why == nil && hand != nil:
				got = append(got, OpenCall{Call: c, Hand: hand})
			case why != nil && why.Reason == InTask:
				s := r.SpawnOf(c.Expr, f)
				if s == nil || tasks[s] {
					continue
				}
				tasks[s] = true
				if hand := r.openTask(s, sink); hand != nil {
					got = append(got, OpenCall{Call: c, Hand: hand, Task: s})
				}
			}
		}
	})
	return got
}

// openTask returns the context that a task loses if a sink is one that is not known to lose
// any, or nil.
func (r *Result) openTask(s *flow.Spawn, sink flow.Sink) *Hand {
	task := r.TaskOf(s)
	if task != nil && len(task.Sinks) > 0 {
		return nil
	}
	open := flow.Task{Sinks: []flow.Sink{sink}}
	if task != nil {
		open.Lit, open.Named = task.Lit, task.Named
	}
	hand, _ := r.LostAt(s, &open)
	return hand
}

func (r *Result) isOpen(c *syntax.Call) bool {
	fn := c.Callee
	if fn == nil || fn.Pkg() == nil || c.Defer != nil || !kind.IsMethodOfInterface(fn) || kind.TakesContext(fn.Signature()) || r.Of(fn).Sink != nil || r.Of(fn).Serves {
		return false
	}
	if kind.Quiet(fn) || kind.IsLogging(fn) || r.IsLifecycle(fn) || r.isGivenContext(c.Expr) {
		return false
	}
	recv := fn.Signature().Recv().Type()
	if r.ContextLike(recv) || r.Carries(recv) || r.takesContextBy(recv) != "" {
		return false // it is the context, or may have one
	}
	for v := range fn.Signature().Params().Variables() {
		if r.Carries(v.Type()) || r.ContextLike(v.Type()) {
			return false
		}
	}
	return true
}

// DoesNothing reports whether a function has a body that calls nothing.
func (r *Result) DoesNothing(f *syntax.Func) bool {
	calls := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		calls = calls || ok && !r.Info.Types[call.Fun].IsType() && !r.Info.Types[call.Fun].IsBuiltin()
		return !calls
	})
	return !calls
}

// LeavesUnread reports whether a function that is given contexts reads no values from any of
// them, nor hands them to whoever might.
func (r *Result) LeavesUnread(f *syntax.Func) bool {
	for _, v := range kind.ContextParams(f.Sig) {
		if r.Level(v) == flow.Reads {
			return false
		}
	}
	return true
}

// PassesTo returns the methods of interfaces to which f, a method, passes on what it is there
// for: each use by which values of its contexts, or of what is derived from those, might be read is
// an argument of one of them.
// Where it is given no context they are those without one that it calls.
func (r *Result) PassesTo(f *syntax.Func) (to []*types.Func) {
	if !kind.TakesContext(f.Sig) {
		for _, c := range f.Calls {
			if c.Callee != nil && kind.IsMethodOfInterface(c.Callee) && !kind.TakesContext(c.Callee.Signature()) {
				to = append(to, c.Callee)
			}
		}
		return to
	}
	vars := make(map[*types.Var]bool)
	for _, v := range kind.ContextParams(f.Sig) {
		vars[v] = true
	}
	passed := true
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || !passed {
			return passed
		}
		v, ok := r.Info.Uses[id].(*types.Var)
		if !ok || !vars[v] || r.LevelAt(id, stack) != flow.Reads {
			return true
		}
		if made := r.derivedInto(id, stack); made != nil && !made.IsField() && (vars[made] || syntax.Encloses(f.Body, made.Pos())) {
			vars[made] = true // what is derived comes before its uses
			return true
		}
		passed = false
		if call, ok := stack[len(stack)-1].(*ast.CallExpr); ok {
			if callee := r.Callee(call); callee != nil && kind.IsMethodOfInterface(callee) {
				to, passed = append(to, callee), true
			}
		}
		return passed
	})
	if !passed {
		return nil
	}
	return to
}
