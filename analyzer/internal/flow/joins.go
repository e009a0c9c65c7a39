package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether the function that starts a task ends only after the task
// has. Order is what package path decides; what signals the end of a task, and what
// waits for a signal, is decided here.

// A signal is a group that a task is in, or a channel by which it tells its end.
type signal struct {
	v    *types.Var
	kind signalKind
}

type signalKind uint8

const (
	grouped signalKind = iota // wg.Done(), or the group of a spawner
	closed                    // close(ch), which every receive hears of
	sent                      // ch <- x, which one receive hears of
)

// Joined reports whether on every path the function that spawns ends only after the
// task has, and the context variable ctx, nil for none, is not canceled before.
func (r *Result) Joined(s *Spawn, t *Task, ctx *types.Var) bool {
	signals := r.endSignals(s, t)
	signals = slices.DeleteFunc(signals, func(sig signal) bool { return sig.kind == sent && r.hasSeveral(s.In.Root(), sig.v) })
	cancels := r.cancelsOf(ctx, s.Pos())
	joined := func(signals []signal) bool {
		return len(signals) > 0 && r.alwaysAfter(s, path.Order{
			Is: r.waitFor(signals), Before: func(step path.Step) bool { return r.isCallOf(step, cancels) }, Each: heardOnce(signals),
		})
	}
	if !heardOnce(signals) {
		// Of several ways in which tasks tell their ends, a receive may hear of another task.
		signals = slices.DeleteFunc(signals, func(sig signal) bool { return sig.kind == sent })
	}
	return joined(signals)
}

// alwaysAfter asks whether the order holds after a spawn: in the function that spawns,
// or in one around it where that is a literal which is called in place.
func (r *Result) alwaysAfter(s *Spawn, order path.Order) bool {
	at, f := s.node(), s.In
	for f.Body != nil {
		if r.GraphOf(f).AlwaysAfter(at, order).Always {
			return true
		}
		if f.Outer == nil || !r.RunsInPlace(f) {
			break
		}
		at, f = f.Call, f.Outer
	}
	return false
}

// node is what happens when the task is started.
func (s *Spawn) node() ast.Node {
	switch {
	case s.Go != nil:
		return s.Go
	case s.Send != nil:
		return s.Send
	}
	return s.Call
}

// RunsInPlace reports whether a literal runs where it is written, before what
// follows: it is called, or passed to a function that is known to call it and to keep
// it no longer.
func (r *Result) RunsInPlace(f *syntax.Func) bool {
	switch f.Role {
	case syntax.RoleCalled:
		return true
	case syntax.RolePassed:
		return r.CallsInPlace(f.Call, f.Arg)
	}
	return false
}

// CallsInPlace reports whether a function is known to do nothing with the function
// that it is given as argument arg but to call it before it returns.
func (r *Result) CallsInPlace(call *ast.CallExpr, arg int) bool {
	callee := r.Callee(call)
	if callee == nil || kind.IsMethodOfInterface(callee) {
		return false
	}
	if f := r.Func(callee); callee.Pkg() == r.Pass.Pkg && (f == nil || f.Body == nil) {
		return false
	}
	sum, pi := r.Of(callee), kind.ParamIndex(callee.Signature(), arg)
	if pi < 0 || Has(sum.Spawns|sum.Keeps, pi) || r.sharesWork(callee) || kind.Registers(callee) {
		return false
	}
	for v := range r.resultsOf(call).Variables() {
		if kind.IsFuncLike(v.Type()) {
			return false // it may return it, or what calls it
		}
	}
	return true
}

// endSignals returns the signals of a task by which it tells its end: the group that
// a spawner is a method of, and what all that it can be does last.
func (r *Result) endSignals(s *Spawn, t *Task) []signal {
	got := r.groupSignal(s)
	bodies := []body{}
	if task := r.TaskFunc(s); task != nil {
		bodies = []body{{f: task}}
	} else if t != nil && t.Lit != nil {
		bodies = []body{{f: t.Lit}}
	}
	for _, b := range bodies {
		r.bodySignals(s, b, func(sig signal, last bool) {
			if last {
				got = append(got, sig)
			}
		})
	}
	return got
}

// groupSignal returns the group that a spawner is a method of.
func (r *Result) groupSignal(s *Spawn) []signal {
	if s.Spawner == nil {
		return nil
	}
	if sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr); ok {
		if v := r.VarOf(sel.X); v != nil {
			return []signal{{v, grouped}}
		}
	}
	return nil
}

// bodySignals calls yield for what a body of a task signals with, as the function that
// starts it knows that, and whether it is the last that the body does.
func (r *Result) bodySignals(s *Spawn, b body, yield func(sig signal, last bool)) {
	if b.f.Body == nil {
		return
	}
	b.f.All(func(f *syntax.Func) {
		if f != b.f && f.Role != syntax.RoleDeferred && f.Role != syntax.RoleCalled {
			return
		}
		r.signalsIn(f, func(sig signal, n ast.Node) {
			if sig.v = r.outside(sig.v, s, b); sig.v != nil {
				yield(sig, r.isLastAct(b.f, n))
			}
		})
	})
}

// outside returns the variable that a signal of a task is for the function that
// starts it: a parameter of the task is its argument. It is nil for one of the task.
func (r *Result) outside(v *types.Var, s *Spawn, b body) *types.Var {
	if arg := b.given(v); arg != nil {
		return r.VarOf(addressed(arg))
	}
	if i := kind.ParamOf(b.f.Sig, v); i >= 0 {
		if s.Go == nil || i >= len(s.Call.Args) || b.f.Sig.Variadic() {
			return nil
		}
		return r.VarOf(addressed(s.Call.Args[i]))
	}
	if v.IsField() || !syntax.Encloses(b.f.Node, v.Pos()) {
		return v
	}
	return nil
}

// addressed returns x of &x, else e.
func addressed(e ast.Expr) ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		return u.X
	}
	return e
}

// signalsIn calls yield for what f itself signals with.
func (r *Result) signalsIn(f *syntax.Func, yield func(signal, ast.Node)) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		var e ast.Expr
		kind := grouped
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SendStmt:
			e, kind = n.Chan, sent
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && len(n.Args) == 0 {
				e = sel.X
			} else if r.isBuiltin(n, "close") {
				e, kind = n.Args[0], closed
			}
		}
		if e != nil {
			if v := r.VarOf(e); v != nil {
				yield(signal{v, kind}, n)
			}
		}
		return true
	})
}

func (r *Result) isBuiltin(call *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == name && r.Info.Types[call.Fun].IsBuiltin() && len(call.Args) > 0
}

// isLastAct reports whether a task does no work with a context after the signal n:
// one that does goes on when whoever waits does too.
func (r *Result) isLastAct(task *syntax.Func, n ast.Node) bool {
	last := true
	task.All(func(f *syntax.Func) {
		if f != task && f.Role != syntax.RoleDeferred && f.Role != syntax.RoleCalled {
			return
		}
		for _, c := range f.Calls {
			if last && !syntax.Encloses(c.Expr, n.Pos()) && r.mayWork(c) && r.follows(task, n, c.Expr) {
				last = false
			}
		}
	})
	return last
}

// follows reports whether the call, in the task or a literal that it calls or defers,
// may be made after n.
func (r *Result) follows(task *syntax.Func, n ast.Node, call *ast.CallExpr) bool {
	from, fromDefer := topOf(task, n)
	to, toDefer := topOf(task, call)
	switch {
	case from == to && fromDefer != nil:
		return n.Pos() < call.Pos() // of one deferred literal
	case from == to && from != n:
		return r.follows(childAround(task, n.Pos()), n, call) // of one literal that is called
	case fromDefer != nil && toDefer != nil:
		return toDefer.Pos() < fromDefer.Pos() // the last is made first
	case fromDefer != nil:
		return false
	case toDefer != nil:
		return true
	}
	return r.GraphOf(task).Between(from, to, nil)
}

// childAround returns the literal directly in f that a place is in.
func childAround(f *syntax.Func, pos token.Pos) *syntax.Func {
	in := syntax.Innermost(f, pos)
	for in.Outer != f {
		in = in.Outer
	}
	return in
}

// topOf returns the node of f's own body that n is done by: n, the call of the
// literal around it, or with the deferred call that makes it.
func topOf(f *syntax.Func, n ast.Node) (ast.Node, *ast.DeferStmt) {
	for _, d := range f.Defers {
		if syntax.Encloses(d.Stmt, n.Pos()) {
			return d.Stmt, d.Stmt
		}
	}
	in := syntax.Innermost(f, n.Pos())
	for in != f && in.Outer != f {
		in = in.Outer
	}
	if in != f && in.Call != nil {
		return in.Call, nil
	}
	return n, nil
}

// mayWork reports whether a call may work with a context: it takes one, makes one of
// its own, is that of a function value, or is given a literal that does.
func (r *Result) mayWork(c *syntax.Call) bool {
	for _, arg := range c.Expr.Args {
		works := false
		if lit := r.litOf(arg); lit != nil {
			lit.All(func(f *syntax.Func) { works = works || slices.ContainsFunc(f.Calls, r.mayWork) })
		}
		if works {
			return true
		}
	}
	if c.Callee == nil {
		_, lit := ast.Unparen(c.Expr.Fun).(*ast.FuncLit)
		return !lit
	}
	return kind.HasContextParam(c.Callee) && !kind.IsLogging(c.Callee) || r.Of(c.Callee).Sink != nil
}

// maxWaits bounds how many calls deep a wait is looked for.
const maxWaits = 3
