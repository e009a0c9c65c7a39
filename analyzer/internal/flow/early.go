package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a context ends while a task still works with it.

// EndsEarly tells why the context that a task keeps ends before the task has, or
// returns "" if nobody knows that it does, see Excuse.
func (r *Result) EndsEarly(k Kept) string {
	why, not := r.endsEarly(k)
	if why == "" && k.Spawn != nil {
		r.excuse(k.Spawn, not)
	}
	return why
}

func (r *Result) endsEarly(k Kept) (why string, not Reason) {
	l := k.life
	if l.Cancel == nil {
		return r.endsOnReturn(k), NeverEnds
	}
	switch {
	case r.HandedOn(l.Cancel, l.In):
		return "", CancelKept
	case r.isShutdown(k):
		return "", Shutdown
	case r.goesAlong(k):
		return "", StopsIt
	}
	cancels := []*types.Var{l.Cancel}
	at := r.endsFirst(k, path.Order{
		Before: func(s path.Step) bool { return r.isCallOf(s, cancels) },
		Open:   true, Sure: true, Excused: r.failing(l.In),
	})
	switch at := at.(type) {
	case nil:
		return "", Joined
	case *ast.CallExpr:
		switch {
		case !r.Mentions(at, l.Cancel): // it panics, and what is deferred comes next
		case r.stopsOnPurpose(k, at):
			return "", StopsIt
		default:
			return l.Cancel.Name() + " is called", ""
		}
	}
	if r.waitsOnPurpose(k) {
		return "", StopsIt
	}
	return l.Cancel.Name() + " is deferred", ""
}

// Reused is why a task must not keep a framework's own context: it is given to the next
// request.
const Reused = "the server reuses it"

// endsOnReturn tells why the context of a parameter ends when the function has
// returned, or returns "" if nobody knows that it does.
func (r *Result) endsOnReturn(k Kept) string {
	l := k.life
	switch {
	case l.Served:
		return Reused
	case kind.IsContext(l.Param.Type()):
		switch {
		case r.ServesHTTP(l.In):
			return "the server cancels it"
		case r.IsRPC(l.In):
			return "the RPC server cancels it"
		}
	case kind.IsHTTPRequest(l.Param.Type()):
		if r.ServesHTTP(l.In) {
			return "the server cancels it"
		}
	case r.Carrier(l.Param.Type()) == ".Context()":
		if r.HasMethods(l.Param.Type(), "SendMsg", "RecvMsg") {
			return "the RPC server cancels it"
		}
	case r.GivesServerContext(l.Param.Type()):
		if k.Spawn != nil && syntax.Encloses(k.Spawn.Task(), k.Ctx.Pos()) && r.BaseVar(k.Ctx) == l.Param {
			return Reused // whatever it is asked for then
		}
	case r.CarriesServed(l.Param.Type()):
		if !kind.IsContext(r.TypeOf(k.Ctx)) {
			return Reused // gin's ends only if the engine is told so
		}
		return "the server cancels it"
	}
	return ""
}

// endsFirst returns where an order is violated after the task has been started, nil if
// every path waits for the task before. The wait may be in a literal that starts the
// task and is called in place.
func (r *Result) endsFirst(k Kept, order path.Order) ast.Node {
	order.Is = r.endOrWait(k)
	at, f := k.node(), k.in
	if order.Excused != nil && !r.comesToWait(k, order.Is) {
		order.Excused = nil // nobody waits on any path: that a path fails tells nothing
	}
	for ; f != k.life.In; at, f = r.startOf(f), f.Outer {
		if f == nil || at == nil || f.Outer == nil {
			return nil // nobody knows
		}
		if got := r.GraphOf(f).AlwaysAfter(at, path.Order{Is: order.Is}); got.Always || got.Unknown {
			return nil
		}
	}
	if at == nil {
		return nil
	}
	got := r.GraphOf(f).AlwaysAfter(at, order)
	if got.Always {
		return nil
	}
	return got.At
}

// comesToWait reports whether any path from where the task is started comes to a wait for it.
func (r *Result) comesToWait(k Kept, waits func(path.Step) bool) bool {
	for at, f := k.node(), k.in; f != nil && at != nil; at, f = r.startOf(f), f.Outer {
		if r.GraphOf(f).ComesTo(at, waits) {
			return true
		}
		if f == k.life.In {
			return false
		}
	}
	return true // nobody knows
}

// node is what starts the task.
func (k *Kept) node() ast.Node {
	switch {
	case k.Spawn != nil:
		return k.Spawn.node()
	case k.Put != nil:
		return k.Put.At
	}
	return k.Call
}

// startOf is StartOf, but of a literal that a variable has which is called once, in the
// function around, the call.
func (r *Result) startOf(lit *syntax.Func) ast.Node {
	if lit.Role != syntax.RoleAssigned || lit.Outer == nil {
		return StartOf(lit)
	}
	var calls []*ast.CallExpr
	for _, c := range lit.Outer.Calls {
		if c.Callee == nil && r.AssignedLit(c.Expr.Fun) == lit {
			calls = append(calls, c.Expr)
		}
	}
	if len(calls) != 1 || len(r.MentionsOf(lit.Variable, lit.Root())) != 2 {
		return StartOf(lit)
	}
	return calls[0]
}

// StartOf returns what happens in the function around a literal when that is started.
func StartOf(lit *syntax.Func) ast.Node {
	if lit.Outer == nil {
		return nil
	}
	switch lit.Role {
	case syntax.RoleCalled, syntax.RolePassed:
		return lit.Call
	case syntax.RoleGo, syntax.RoleDeferred:
		if c := lit.Outer.CallOf(lit.Call); c != nil && c.Go != nil {
			return c.Go
		} else if c != nil {
			return c.Defer
		}
	}
	return lit.Node
}

// endOrWait returns what tells a step that waits for the task of k, or that hears of
// the end of a context: then it is over anyway.
func (r *Result) endOrWait(k Kept) func(path.Step) bool {
	return func(s path.Step) bool {
		if r.isEndStep(s) {
			return true
		}
		if call, ok := s.Node.(*ast.CallExpr); ok && s.Kind == path.Node && r.Of(r.Callee(call)).Serves {
			return true // it goes on until it is told to end
		}
		return slices.ContainsFunc(k.signals, func(sig signal) bool { return r.waitsFor(s, sig, maxWaits) })
	}
}

// stopsOnPurpose reports whether a cancel that is called while the task works ends it
// on purpose: the function waits for the task then, or fails.
func (r *Result) stopsOnPurpose(k Kept, cancel *ast.CallExpr) bool {
	g := r.GraphOf(k.life.In)
	return g.AlwaysAfter(cancel, path.Order{Is: r.endOrWait(k), Excused: r.failing(k.life.In)}).Always
}

// waitsOnPurpose reports whether the function waits for the task when a deferred
// cancel has ended it, and has been written so: the wait is deferred where there is
// something to cancel already. One that was deferred before the context was made
// waited for something else than a canceled task.
//
//	ctx, cancel := context.WithCancel(ctx)
//	defer wg.Wait()
//	defer cancel()
func (r *Result) waitsOnPurpose(k Kept) bool {
	wait := r.endOrWait(k)
	last := token.NoPos // where a deferred call cancels
	for _, d := range k.life.In.Defers {
		if slices.ContainsFunc(r.callsIn(d.Stmt.Call), func(call ast.Node) bool {
			return r.isCallOf(path.Step{Node: call, Kind: path.Defer}, []*types.Var{k.life.Cancel})
		}) {
			last = d.Stmt.Pos()
		}
	}
	return slices.ContainsFunc(k.life.In.Defers, func(d syntax.Deferred) bool {
		return k.life.call.Pos() < d.Stmt.Pos() && d.Stmt.Pos() < last && slices.ContainsFunc(r.callsIn(d.Stmt.Call), func(call ast.Node) bool {
			return wait(path.Step{Node: call, Kind: path.Defer})
		})
	})
}

// callsIn returns a call, and the calls and receives in it and its literals.
func (r *Result) callsIn(call *ast.CallExpr) (nodes []ast.Node) {
	ast.Inspect(call, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.CallExpr, *ast.UnaryExpr, *ast.RangeStmt:
			nodes = append(nodes, n)
		}
		return true
	})
	return nodes
}

// goesAlong reports whether a task is there for as long as the function that cancels its
// context works: it goes round until it hears of that, while the function has rounds of its
// own. The cancel function has no other use than to end it.
//
//	ctx, cancel := context.WithCancel(ctx)
//	defer cancel()
//	go func() {
//		for {
//			select {
//			case <-ctx.Done():
//				return
//			case <-time.After(d):
//				lock.renew(ctx)
//			}
//		}
//	}()
//	for m := range messages { .. }
func (r *Result) goesAlong(k Kept) bool {
	if k.Spawn == nil || k.life.call == nil {
		return false
	}
	made, task := r.Callee(k.life.call), r.TaskFunc(k.Spawn)
	if made == nil || task == nil || task.Body == nil || !strings.HasPrefix(made.FullName(), "context.WithCancel") {
		return false
	}
	rounds := false
	for _, l := range k.life.In.Loops {
		rounds = rounds || l.Node.Pos() > k.Spawn.Pos() && !syntax.Encloses(task.Node, l.Node.Pos())
	}
	if !rounds {
		return false
	}
	for _, l := range task.Loops {
		if s, ok := l.Node.Stmt.(*ast.ForStmt); ok && s.Cond == nil && r.leavesAtEnd(s.Body) {
			return true
		}
	}
	return false
}

// leavesAtEnd reports whether a case of a select in a loop hears of the end of a context and
// returns.
func (r *Result) leavesAtEnd(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CommClause:
			if ch := syntax.ReceivedFrom(n.Comm); ch != nil && r.IsDone(ch) && len(n.Body) > 0 {
				_, returns := n.Body[len(n.Body)-1].(*ast.ReturnStmt)
				found = found || returns
			}
		}
		return !found
	})
	return found
}

// isShutdown reports whether the cancel of a context is the shutdown of the program: the
// context comes from roots alone, and it is the main part that makes it, or that waits
// for something before it cancels.
func (r *Result) isShutdown(k Kept) bool {
	f := k.life.In
	if !r.madeOfRoot(k.life) {
		return false
	}
	if d := f.Root(); kind.IsProgram(r.Pass.Pkg) && d.Obj != nil && r.OnlyStarts(d, isMain, MaxStarts) {
		return true
	}
	if d := f.Root(); kind.TakesContext(d.Sig) || r.IsHandler(d) {
		return false // somebody asks for it, and goes on
	}
	at := k.node()
	for g := k.in; g != f; g = g.Outer {
		if g == nil {
			return false
		}
		at = StartOf(g)
	}
	cancels := []*types.Var{k.life.Cancel}
	return at != nil && r.GraphOf(f).AlwaysAfter(at, path.Order{Is: r.blocks, Before: func(s path.Step) bool { return r.isCallOf(s, cancels) }}).Always
}

func isMain(fn *types.Func) bool {
	return fn.Signature().Recv() == nil && (fn.Name() == "main" && fn.Pkg().Name() == "main" || fn.Name() == "init")
}

// madeOfRoot reports whether the context that a cancel function was made with comes
// from roots alone.
func (r *Result) madeOfRoot(l Life) bool {
	if fn := r.Callee(l.call); fn != nil && r.rootResults(fn) != 0 {
		return true
	}
	for _, arg := range l.call.Args {
		if kind.IsContext(r.TypeOf(arg)) {
			return r.Eval(arg, l.In).Class == Root
		}
	}
	return false
}

// blocks reports whether a step waits for anything that another goroutine does.
func (r *Result) blocks(s path.Step) bool {
	switch n := s.Node.(type) {
	case *ast.UnaryExpr:
		return n.Op == token.ARROW
	case *ast.RangeStmt:
		return r.waitedFor(n) != nil
	case *ast.CallExpr:
		return s.Kind == path.Node && (r.Of(r.Callee(n)).Serves || r.waitedFor(n) != nil || r.onlyWaitsForEnd(r.Callee(n)))
	}
	return false
}
