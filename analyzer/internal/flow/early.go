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

// node is what starts the task.
func (k *Kept) node() ast.Node {
	switch {
	case k.Spawn != nil:
		return k.Spawn.node()
	case k.Send != nil:
		return k.Send
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
	if len(calls) != 1 || len(r.mentionsOf(lit.Variable, lit.Root())) != 2 {
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

// failing returns what tells a return with an error: whoever gives up knows that, and
// wants what was started to end.
func (r *Result) failing(f *syntax.Func) func(ast.Node) bool {
	results := f.Sig.Results()
	n := results.Len()
	if n == 0 || !kind.IsError(results.At(n-1).Type()) {
		return nil
	}
	return func(end ast.Node) bool {
		ret, ok := end.(*ast.ReturnStmt)
		if !ok {
			return true // a panic
		}
		return len(ret.Results) == n && r.isFailure(f, ret, ret.Results[n-1])
	}
}

// isFailure reports whether a returned error is known not to be nil: it is made there,
// or was compared with nil before.
func (r *Result) isFailure(f *syntax.Func, ret *ast.ReturnStmt, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr, *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		return r.IsErr(e) || r.makesError(e) || slices.ContainsFunc(e.Args, func(arg ast.Expr) bool {
			return kind.IsError(r.Info.TypeOf(arg)) && r.isFailure(f, ret, arg)
		})
	case *ast.SelectorExpr:
		v, ok := r.Info.Uses[e.Sel].(*types.Var)
		return ok && !v.IsField() && kind.IsError(v.Type()) // io.EOF
	case *ast.Ident:
		v, ok := r.Info.Uses[e].(*types.Var)
		if !ok || !kind.IsError(v.Type()) {
			return false
		}
		if v.Parent() == v.Pkg().Scope() {
			return true // errNotFound
		}
		return r.GraphOf(f).Dominated(ret, func(s path.Step) bool {
			b, ok := s.Node.(*ast.BinaryExpr)
			return ok && r.VarOf(b.X) == v && r.Info.Types[b.Y].IsNil() &&
				(s.Kind == path.True && b.Op == token.NEQ || s.Kind == path.False && b.Op == token.EQL)
		})
	}
	return false
}

// makesError reports whether a call makes an error: it is of package errors or fmt, or
// is given a format.
func (r *Result) makesError(call *ast.CallExpr) bool {
	fn := r.Callee(call)
	if fn == nil {
		return false
	}
	switch fn.FullName() {
	case "errors.New", "fmt.Errorf":
		return true
	}
	sig := fn.Signature()
	return sig.Variadic() && sig.Results().Len() == 1 && kind.IsError(sig.Results().At(0).Type())
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

// heard returns the signals by which the function that spawns hears of the end of a
// task. They are not known where it may hear of it in another way: then it may wait, or
// not care any more.
//
// A signal that comes before the work is understood as well: it does not tell the end.
func (r *Result) heard(s *Spawn) (signals []signal, known bool) {
	told := r.groupSignal(s)
	signals = slices.Clone(told)
	for _, b := range r.bodies(s) {
		r.bodySignals(s, b, func(sig signal, last bool) {
			told = append(told, sig)
			if last {
				signals = append(signals, sig)
			}
		})
	}
	understood := func(v *types.Var) bool {
		return slices.ContainsFunc(told, func(sig signal) bool { return sig.v == v && r.isPlain(sig, s) })
	}
	return signals, !r.reportsBack(s, understood)
}

// isPlain reports whether all that is done with a signal is known: it is a group or a
// channel of the function that spawns, which carries no result and is only waited for
// there. A result may not be wanted any more.
func (r *Result) isPlain(sig signal, s *Spawn) bool {
	d := s.In.Root()
	if sig.v.IsField() || d.Body == nil || !syntax.Encloses(d.Body, sig.v.Pos()) || r.OwnerOf(sig.v, s.In) != nil {
		return false
	}
	if ch, ok := sig.v.Type().Underlying().(*types.Chan); ok && !isBare(ch.Elem()) {
		return false
	}
	// What is known of the spawn in isPlainUse: one answer does for all that agree in it.
	key := plainKey{sig: sig, in: s.In}
	for _, b := range r.bodies(s) {
		if key.task == nil && !r.IsStarted(b.f) {
			key.task = b.f
		}
	}
	for l := range s.In.Loops.At(s.Pos()) {
		if key.loop == nil || l.Pos() > key.loop.Pos() {
			key.loop = l
		}
	}
	plain, known := r.plain[key]
	if !known {
		plain = !slices.ContainsFunc(r.mentionsOf(sig.v, d), func(id *ast.Ident) bool {
			path := syntax.PathTo(id.Pos(), d.Body)
			return !r.isPlainUse(id, path[:len(path)-1], sig, s)
		})
		r.plain[key] = plain
	}
	return plain
}

// A plainKey is what isPlain goes by: the signal, and where its task is started.
type plainKey struct {
	sig  signal
	in   *syntax.Func
	loop *syntax.Loop // the innermost one of in
	task *syntax.Func // the task, if IsStarted does not tell that it is one
}

// IsStarted reports whether a literal is started as a task where it is written.
func (r *Result) IsStarted(f *syntax.Func) bool {
	return f.Role == syntax.RoleGo || f.Role == syntax.RolePassed && r.IsSpawned(f)
}

// isBare reports whether a value of type t carries nothing but that it was sent.
func isBare(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		return t.NumFields() == 0
	case *types.Basic:
		return t.Kind() == types.Bool
	}
	return false
}

// isPlainUse reports whether one use of a signal, whose parents are stack, is one of
// those that isPlain knows. A wait in another task, or in a loop that the spawn is not
// in, waits who knows how often.
func (r *Result) isPlainUse(id *ast.Ident, stack []ast.Node, sig signal, s *Spawn) bool {
	f := syntax.Innermost(s.In.Root(), id.Pos())
	inTask := false
	for g := f; g != nil && !syntax.Encloses(g.Node, sig.v.Pos()); g = g.Outer {
		switch {
		case r.IsStarted(g) || r.isBody(g, s):
			inTask = true
		case g.Role != syntax.RoleDeferred && !r.RunsInPlace(g):
			return false
		}
	}
	p, rest := syntax.Parent(stack)
	if u, ok := p.(*ast.UnaryExpr); ok && u.Op == token.AND {
		p, rest = syntax.Parent(rest)
	}
	waits := false
	switch p := p.(type) {
	case *ast.SelectorExpr:
		call, _ := rest[len(rest)-1].(*ast.CallExpr)
		if call == nil || call.Fun != p || sig.kind != grouped {
			return false
		}
		waits = r.callWaitsFor(call, sig, maxWaits)
		if !waits && !r.onlyCounts(r.Callee(call)) && !r.neverWaits(r.Callee(call), maxWaits) {
			return false
		}
	case *ast.SendStmt:
	case *ast.UnaryExpr:
		waits = true
	case *ast.RangeStmt:
		return p.X == id && !inTask && !f.InLoopBut(p, id.Pos(), s.Pos())
	case *ast.AssignStmt:
		return isMade(id, p.Lhs, p.Rhs)
	case *ast.ValueSpec:
		return len(p.Values) == 0 || isMade(id, syntax.Exprs(p.Names), p.Values)
	case *ast.CallExpr:
		if _, isGo := rest[len(rest)-1].(*ast.GoStmt); isGo || r.isBuiltin(p, "close") || isStartedResult(p, rest) {
			break
		}
		if waits = r.callWaitsFor(p, sig, maxWaits); !waits && !r.plainInside(p, id, sig) {
			return false
		}
	default:
		return false
	}
	if waits && sig.kind != sent && isDeferred(stack) {
		return !inTask // in a loop too: once does
	}
	return !waits || !inTask && !f.InLoopBut(nil, id.Pos(), s.Pos())
}

// isDeferred reports whether one of the nodes around another one is a defer statement.
func isDeferred(stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(n ast.Node) bool {
		_, ok := n.(*ast.DeferStmt)
		return ok
	})
}

// isStartedResult reports whether a go statement starts what a call gives, whose parents
// are stack: what the call is given is the task's.
//
//	go task(ctx, &wg)()
func isStartedResult(call *ast.CallExpr, stack []ast.Node) bool {
	p, rest := syntax.Parent(stack)
	outer, ok := p.(*ast.CallExpr)
	if !ok || ast.Unparen(outer.Fun) != call {
		return false
	}
	p, _ = syntax.Parent(rest)
	_, ok = p.(*ast.GoStmt)
	return ok
}

// plainInside reports whether a call gives a signal to a function of the package that only
// waits for it, counts or tells it, on whatever paths.
func (r *Result) plainInside(call *ast.CallExpr, id *ast.Ident, sig signal) bool {
	f := r.Func(r.Callee(call))
	i := slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return ast.Unparen(addressed(arg)) == id })
	if f == nil || f.Body == nil || i < 0 {
		return false
	}
	i = kind.ParamIndex(f.Sig, i)
	if i < 0 || f.Sig.Variadic() {
		return false
	}
	inside := signal{f.Sig.Params().At(i), sig.kind}
	return !slices.ContainsFunc(r.mentionsOf(inside.v, f), func(id *ast.Ident) bool {
		path := syntax.PathTo(id.Pos(), f.Body)
		p, rest := syntax.Parent(path[:len(path)-1])
		switch p := p.(type) {
		case *ast.SelectorExpr:
			call, _ := rest[len(rest)-1].(*ast.CallExpr)
			if call == nil || call.Fun != p || sig.kind != grouped || !r.callWaitsFor(call, inside, maxWaits) && !r.onlyCounts(r.Callee(call)) {
				return true
			}
		case *ast.UnaryExpr:
			if p.Op != token.ARROW {
				return true
			}
		case *ast.CallExpr:
			if !r.isBuiltin(p, "close") {
				return true
			}
		default:
			return true
		}
		for g := syntax.Innermost(f, id.Pos()); g != f; g = g.Outer {
			if g.Role != syntax.RoleDeferred && !r.RunsInPlace(g) {
				return true
			}
		}
		return false
	})
}

// neverWaits reports whether a method of the package gives nothing back, and neither waits
// nor calls anything that may: who calls it does not hear of a task.
func (r *Result) neverWaits(m *types.Func, depth int) bool {
	f := r.Func(m)
	if f == nil || f.Body == nil || depth == 0 || m.Signature().Results().Len() > 0 {
		return false
	}
	waits := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectStmt:
			waits = true
		case *ast.UnaryExpr:
			waits = waits || n.Op == token.ARROW
		case *ast.RangeStmt:
			_, isChan := r.TypeOf(n.X).Underlying().(*types.Chan)
			waits = waits || isChan
		case *ast.CallExpr:
			if r.Info.Types[n.Fun].IsType() || r.Info.Types[n.Fun].IsBuiltin() {
				break
			}
			callee := r.Callee(n)
			_, starts := r.startedBy(n, f)
			waits = waits || !starts && !r.neverWaits(callee, depth-1)
		}
		return !waits
	})
	return !waits
}

// startedBy returns the go statement of f that makes a call.
func (r *Result) startedBy(call *ast.CallExpr, f *syntax.Func) (*ast.GoStmt, bool) {
	c := syntax.Innermost(f, call.Lparen).CallOf(call)
	if c == nil || c.Go == nil {
		return nil, false
	}
	return c.Go, true
}

// onlyCounts reports whether a method of a group neither waits nor lets others wait: it
// starts a task, counts one that has ended, or sets a number.
func (r *Result) onlyCounts(m *types.Func) bool {
	if m == nil {
		return false
	}
	params := m.Signature().Params()
	switch {
	case r.Of(m).Spawns != 0, m.Name() == "Done" && params.Len() == 0:
		return true
	case params.Len() != 1 || m.Signature().Results().Len() > 0:
		return false
	}
	_, basic := params.At(0).Type().Underlying().(*types.Basic)
	return basic
}

// isMade reports whether an identifier is assigned something new: what a call gives, or
// a literal.
func isMade(id *ast.Ident, lhs, rhs []ast.Expr) bool {
	i := slices.IndexFunc(lhs, func(e ast.Expr) bool { return e == id })
	if i < 0 {
		return false
	}
	switch ast.Unparen(addressed(rhs[min(i, len(rhs)-1)])).(type) {
	case *ast.CallExpr, *ast.CompositeLit:
		return true
	}
	return false
}
