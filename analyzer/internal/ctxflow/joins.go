package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/path"
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
// task has, and the context variable ctx, nil for none, is not cancelled before.
func (r *Result) Joined(s *Spawn, t *Task, ctx *types.Var) bool {
	signals := r.endSignals(s, r.taskFunc(s))
	if t != nil && t.Lit != nil && r.taskFunc(s) == nil {
		signals = r.endSignals(s, t.Lit)
	}
	signals = slices.DeleteFunc(signals, func(sig signal) bool { return sig.kind == sent && r.hasSeveral(s.In.Root(), sig.v) })
	if len(signals) == 0 {
		return false
	}
	cancels := r.cancelsOf(ctx, s.Pos())
	order := path.Order{Is: r.waitFor(signals), Before: func(step path.Step) bool { return r.isCallOf(step, cancels) }}
	order.Each = heardOnce(signals)
	return r.alwaysAfter(s, order)
}

// alwaysAfter asks whether the order holds after a spawn: in the function that spawns,
// or in one around it where that is a literal which is called in place.
func (r *Result) alwaysAfter(s *Spawn, order path.Order) bool {
	at, f := s.node(), s.In
	for f.body != nil {
		if r.graphOf(f).AlwaysAfter(at, order).Always {
			return true
		}
		if f.outer == nil || !r.runsInPlace(f) {
			break
		}
		at, f = f.call, f.outer
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

// runsInPlace reports whether a literal runs where it is written, before what
// follows: it is called, or passed to a function that is known to call it and to keep
// it no longer.
func (r *Result) runsInPlace(f *Func) bool {
	switch f.role {
	case roleCalled:
		return true
	case rolePassed:
		return r.callsInPlace(f.call, f.arg)
	}
	return false
}

// callsInPlace reports whether a function is known to do nothing with the function
// that it is given as argument arg but to call it before it returns.
func (r *Result) callsInPlace(call *ast.CallExpr, arg int) bool {
	callee := r.callee(call)
	if callee == nil || isMethodOfInterface(callee) {
		return false
	}
	if f := r.byObj[callee]; callee.Pkg() == r.pass.Pkg && (f == nil || f.body == nil) {
		return false
	}
	sum, pi := r.Of(callee), paramIndex(callee.Signature(), arg)
	if pi < 0 || has(sum.Spawns|sum.Keeps, pi) || r.sharesWork(callee) || registers(callee) {
		return false
	}
	for v := range callee.Signature().Results().Variables() {
		if isFuncLike(v.Type()) {
			return false // it may return it, or what calls it
		}
	}
	return true
}

// endSignals returns the signals of a task by which it tells its end: the group that
// a spawner is a method of, and what the task does last.
func (r *Result) endSignals(s *Spawn, task *Func) []signal {
	var got []signal
	if s.Spawner != nil {
		if sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr); ok {
			if v := r.varOf(sel.X); v != nil {
				got = append(got, signal{v, grouped})
			}
		}
	}
	if task == nil || task.body == nil {
		return got
	}
	task.all(func(f *Func) {
		if f != task && f.role != roleDeferred && f.role != roleCalled {
			return
		}
		r.signalsIn(f, func(sig signal, n ast.Node) {
			if sig.v = r.outside(sig.v, s, task); sig.v != nil && r.isLastAct(task, n) {
				got = append(got, sig)
			}
		})
	})
	return got
}

// outside returns the variable that a signal of a task is for the function that
// starts it: a parameter of the task is its argument. It is nil for one of the task.
func (r *Result) outside(v *types.Var, s *Spawn, task *Func) *types.Var {
	if i := paramOf(task.sig, v); i >= 0 {
		if s.Go == nil || i >= len(s.Call.Args) || task.sig.Variadic() {
			return nil
		}
		return r.varOf(addressed(s.Call.Args[i]))
	}
	if v.IsField() || !encloses(task.node, v.Pos()) {
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
func (r *Result) signalsIn(f *Func, yield func(signal, ast.Node)) {
	ast.Inspect(f.body, func(n ast.Node) bool {
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
			if v := r.varOf(e); v != nil {
				yield(signal{v, kind}, n)
			}
		}
		return true
	})
}

func (r *Result) isBuiltin(call *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && id.Name == name && r.info.Types[call.Fun].IsBuiltin() && len(call.Args) > 0
}

// isLastAct reports whether a task does no work with a context after the signal n:
// one that does goes on when whoever waits does too.
func (r *Result) isLastAct(task *Func, n ast.Node) bool {
	last := true
	task.all(func(f *Func) {
		if f != task && f.role != roleDeferred && f.role != roleCalled {
			return
		}
		for _, c := range f.calls {
			if last && !encloses(c.expr, n.Pos()) && r.mayWork(c) && r.follows(task, n, c.expr) {
				last = false
			}
		}
	})
	return last
}

// follows reports whether the call, in the task or a literal that it calls or defers,
// may be made after n.
func (r *Result) follows(task *Func, n ast.Node, call *ast.CallExpr) bool {
	from, fromDefer := topOf(task, n)
	to, toDefer := topOf(task, call)
	switch {
	case from == to && fromDefer != nil:
		return n.Pos() < call.Pos() // of one deferred literal
	case fromDefer != nil && toDefer != nil:
		return toDefer.Pos() < fromDefer.Pos() // the last is made first
	case fromDefer != nil:
		return false
	case toDefer != nil:
		return true
	}
	return r.graphOf(task).Between(from, to, nil)
}

// topOf returns the node of f's own body that n is done by: n, the call of the
// literal around it, or with the deferred call that makes it.
func topOf(f *Func, n ast.Node) (ast.Node, *ast.DeferStmt) {
	for _, d := range f.defers {
		if encloses(d.stmt, n.Pos()) {
			return d.stmt, d.stmt
		}
	}
	in := innermost(f, n.Pos())
	for in != f && in.outer != f {
		in = in.outer
	}
	if in != f && in.call != nil {
		return in.call, nil
	}
	return n, nil
}

// mayWork reports whether a call may work with a context: it takes one, makes one of
// its own, or is that of a function value.
func (r *Result) mayWork(c *site) bool {
	if c.callee == nil {
		_, lit := ast.Unparen(c.expr.Fun).(*ast.FuncLit)
		return !lit
	}
	return HasContextParam(c.callee) && !isLogging(c.callee) || r.Of(c.callee).Sink != nil
}

// heardOnce reports whether all that tells of the end of a task is what it sends: one
// receive hears of one task.
func heardOnce(signals []signal) bool {
	return !slices.ContainsFunc(signals, func(sig signal) bool { return sig.kind != sent })
}

// hasSeveral reports whether several tasks of a function have a channel: what one
// receive hears of may be the end of another one.
func (r *Result) hasSeveral(d *Func, ch *types.Var) bool {
	tasks := 0
	d.all(func(f *Func) {
		for _, c := range f.calls {
			if (c.goStmt != nil || len(r.spawnsAt(c, f)) > 0) && r.mentions(c.expr, ch) {
				tasks++
			}
		}
	})
	return tasks > 1
}

// waitFor returns what tells a step that waits for one of the signals.
func (r *Result) waitFor(signals []signal) func(path.Step) bool {
	return func(step path.Step) bool {
		return slices.ContainsFunc(signals, func(sig signal) bool { return r.waitsFor(step, sig, maxWaits) })
	}
}

// maxWaits bounds how many calls deep a wait is looked for.
const maxWaits = 3

// waitsFor reports whether a step waits for a signal, and for nothing less: a wait
// that is given a context or a time may be given up.
func (r *Result) waitsFor(step path.Step, sig signal, depth int) bool {
	switch n := step.Node.(type) {
	case *ast.UnaryExpr:
		return n.Op == token.ARROW && sig.kind != grouped && r.varOf(n.X) == sig.v
	case *ast.RangeStmt:
		if r.varOf(n.X) != sig.v || sig.kind == grouped {
			return false
		}
		return step.Kind == path.Done || step.Kind == path.Next && sig.kind == sent
	case *ast.CallExpr:
		return (step.Kind == path.Node || step.Kind == path.Defer) && r.callWaitsFor(n, sig, depth)
	}
	return false
}

// callWaitsFor reports whether a call waits for a signal: it is the Wait of a group, by
// a variable too, or of a function of the package that always waits for what it is
// given.
func (r *Result) callWaitsFor(call *ast.CallExpr, sig signal, depth int) bool {
	fun := ast.Unparen(call.Fun)
	if once := r.assignedOnce(fun); once != nil && len(call.Args) == 0 {
		fun = once // wait := wg.Wait
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && sig.kind == grouped && r.varOf(sel.X) == sig.v && strings.Contains(sel.Sel.Name, "Wait") {
		callee, _ := r.info.Uses[sel.Sel].(*types.Func)
		return callee == nil || !mayGiveUp(callee.Signature())
	}
	callee := r.byObj[r.callee(call)]
	if callee == nil || callee.body == nil || depth == 0 {
		return false
	}
	for i, arg := range call.Args {
		pi := paramIndex(callee.sig, i)
		if pi < 0 || r.varOf(addressed(arg)) != sig.v {
			continue
		}
		inside := signal{callee.sig.Params().At(pi), sig.kind}
		if r.alwaysWaits(callee, inside, depth-1) {
			return true
		}
	}
	return false
}

// alwaysWaits reports whether every path of f waits for a signal.
func (r *Result) alwaysWaits(f *Func, sig signal, depth int) bool {
	return r.graphOf(f).Always(path.Order{Is: func(step path.Step) bool { return r.waitsFor(step, sig, depth) }})
}

// mayGiveUp reports whether a wait may end before what is waited for: it is given a
// context, or a time.
func mayGiveUp(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if IsContext(v.Type()) {
			return true
		}
		if n := namedOf(v.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time" {
			return true
		}
	}
	return false
}

// waitedFor returns the group or channel whose end the node n may wait for.
func (r *Result) waitedFor(n ast.Node) *types.Var {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return r.varOf(n.X)
		}
	case *ast.RangeStmt:
		if _, ok := typeOf(r.info, n.X).Underlying().(*types.Chan); ok {
			return r.varOf(n.X)
		}
	case *ast.CallExpr:
		if sel, ok := n.Fun.(*ast.SelectorExpr); ok && strings.Contains(sel.Sel.Name, "Wait") {
			return r.varOf(sel.X)
		}
	}
	return nil
}

// isCallOf reports whether a step calls one of the function variables.
func (r *Result) isCallOf(step path.Step, vars []*types.Var) bool {
	call, ok := step.Node.(*ast.CallExpr)
	if !ok || len(vars) == 0 || step.Kind != path.Node && step.Kind != path.Defer {
		return false
	}
	v := r.varOf(call.Fun)
	return v != nil && slices.Contains(vars, v)
}

// cancelsOf returns the variables whose calls cancel the context variable ctx, as it
// is at pos.
func (r *Result) cancelsOf(ctx *types.Var, pos token.Pos) (cancels []*types.Var) {
	if ctx == nil {
		return nil
	}
	w := lifeWalk{r: r, seen: make(map[ast.Expr]bool), yield: func(l life) {
		if l.cancel != nil {
			cancels = append(cancels, l.cancel)
		}
	}}
	w.variable(ctx, pos)
	return cancels
}
