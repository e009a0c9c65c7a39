package flow

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells on whose behalf a function runs.

// OnBehalf reports whether the literal f runs on behalf of the function around
// it: in place, as its task, by a variable or a list of it, or for whoever called it
// for nothing else. One that is returned to others, stored, or registered to be called
// with data, runs for somebody else.
func (r *Result) OnBehalf(f *syntax.Func) bool {
	switch f.Role {
	case syntax.RoleCalled, syntax.RoleDeferred, syntax.RoleGo:
		return true
	case syntax.RoleAssigned:
		return !r.isReturned(f) && !r.isGivenAway(f)
	case syntax.RolePassed:
		if r.IsHandler(f) || r.IsShared(f) || r.isListed(f) {
			return false
		}
		return r.passedOnBehalf(f.Call, f.Arg, f.Sig, f.Outer, maxValue) || r.Info.Types[f.Call.Fun].IsType() && r.isJob(f)
	case syntax.RoleOther:
		return f.Outer != nil && (r.isJob(f) || r.tellsOfItem(f) || !kind.TakesData(f.Sig) && (r.isSent(f) || r.returnedToRun(f) || r.listedToRun(f)))
	}
	return false
}

// IsIterator reports whether a literal is an iterator that the function around it returns, as
// of package iter: whoever called that ranges over it, to get what it was asked for.
func (r *Result) IsIterator(f *syntax.Func) bool {
	if f.Role != syntax.RoleOther || f.Outer == nil || f.Sig.Params().Len() != 1 || f.Sig.Results().Len() != 0 {
		return false
	}
	yield, ok := f.Sig.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok || yield.Results().Len() != 1 || !kind.IsBool(yield.Results().At(0).Type()) {
		return false
	}
	return slices.ContainsFunc(f.Outer.Returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return ast.Unparen(e) == f.Node })
	})
}

// isReturned reports whether the function around a literal returns the variable that the
// literal is assigned to: as one that is returned itself, it runs when others call it.
func (r *Result) isReturned(lit *syntax.Func) bool {
	return lit.Variable != nil && slices.ContainsFunc(lit.Outer.Returns, func(ret *ast.ReturnStmt) bool {
		return len(ret.Results) == 0 && kind.IsResult(lit.Outer.Sig, lit.Variable) ||
			slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.VarOf(e) == lit.Variable })
	})
}

// isListed reports whether a literal is added to a list that is there when the function around it
// has returned.
//
//	h.ticks = append(h.ticks, func() { .. })
func (r *Result) isListed(lit *syntax.Func) bool {
	if !r.isBuiltin(lit.Call, "append") {
		return false
	}
	list := r.VarOf(lit.Call.Args[0])
	return list != nil && r.OutlivesCall(r.BaseVar(lit.Call.Args[0]), lit.Outer) || list != nil && list.IsField() && r.IsRequestParam(r.BaseVar(lit.Call.Args[0]), lit.Outer)
}

// isGivenAway reports whether all that the function around a literal does with the variable
// that it is assigned to is to give it to calls that keep it, for others to run it.
func (r *Result) isGivenAway(lit *syntax.Func) bool {
	if lit.Variable == nil {
		return false
	}
	given := 0
	lit.Outer.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			for i, arg := range c.Expr.Args {
				if r.VarOf(arg) == lit.Variable && !r.passedOnBehalf(c.Expr, i, lit.Sig, f, maxValue) {
					given++
				}
			}
		}
	})
	return given > 0 && given == len(r.MentionsOf(lit.Variable, lit.Root()))-1
}

// isSent reports whether a literal is what the function around it sends to who runs it.
func (r *Result) isSent(lit *syntax.Func) bool {
	return slices.ContainsFunc(lit.Outer.Sends, func(n *ast.SendStmt) bool { return ast.Unparen(n.Value) == lit.Node })
}

// tellsOfItem reports whether a literal is in a field of an item that the function around it sends,
// to be called with how it went: it tells whoever has sent that.
//
//	s.jobs <- &job{film: film, done: func(error) { .. }}
func (r *Result) tellsOfItem(lit *syntax.Func) bool {
	for v := range lit.Sig.Params().Variables() {
		if !kind.IsError(v.Type()) {
			return false
		}
	}
	return slices.ContainsFunc(lit.Outer.Sends, func(n *ast.SendStmt) bool {
		value := ast.Unparen(n.Value)
		if u, ok := value.(*ast.UnaryExpr); ok {
			value = u.X
		}
		item, ok := value.(*ast.CompositeLit)
		return ok && slices.ContainsFunc(item.Elts, func(elt ast.Expr) bool {
			kv, ok := elt.(*ast.KeyValueExpr)
			return ok && ast.Unparen(kv.Value) == lit.Node
		})
	})
}

// returnedToRun reports whether a literal is what a function of the package returns, and
// all who call that function call or start what they get at once:
//
//	go save(ctx, o)()
func (r *Result) returnedToRun(lit *syntax.Func) bool {
	d := lit.Outer
	if d.Obj == nil || !r.Private(d.Obj) || len(r.UsedAsValue(d.Obj)) > 0 || !slices.ContainsFunc(d.Returns, func(ret *ast.ReturnStmt) bool {
		return len(ret.Results) == 1 && ast.Unparen(ret.Results[0]) == lit.Node
	}) {
		return false
	}
	calls := r.CallsOf(d.Obj)
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c syntax.CallIn) bool {
		return !slices.ContainsFunc(c.In.Calls, func(outer *syntax.Call) bool { return ast.Unparen(outer.Expr.Fun) == c.Call.Expr })
	})
}

// listedToRun reports whether a literal is an element of a list that is ranged over where
// it is written, or by the variable that it is the only value of, to call or start each:
//
//	for _, f := range []func(){func() { .. }} { go f() }
func (r *Result) listedToRun(lit *syntax.Func) bool {
	path := syntax.PathTo(lit.Node.Pos(), lit.Root().Node)
	i := slices.Index(path, lit.Node)
	if i < 0 {
		return false
	}
	p, rest := syntax.Parent(path[:i])
	if kv, ok := p.(*ast.KeyValueExpr); ok && kv.Value == lit.Node {
		p, rest = syntax.Parent(rest)
	}
	list, ok := p.(*ast.CompositeLit)
	if !ok {
		return false
	}
	p, _ = syntax.Parent(rest)
	if round, ok := p.(*ast.RangeStmt); ok {
		return round.X == list && r.runsEach(round, lit.Outer)
	}
	as, ok := p.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 {
		return false
	}
	v := r.VarOf(as.Lhs[0])
	if v == nil || !r.isLocal(v, lit.Outer) {
		return false
	}
	for _, id := range r.MentionsOf(v, lit.Root()) {
		if id == as.Lhs[0] {
			continue
		}
		path := syntax.PathTo(id.Pos(), lit.Root().Node)
		round, ok := path[len(path)-2].(*ast.RangeStmt)
		if !ok || round.X != id || !r.runsEach(round, syntax.Innermost(lit.Root(), id.Pos())) {
			return false
		}
	}
	return true
}

// runsEach reports whether a loop of f calls or starts each element of the list that it
// ranges over.
func (r *Result) runsEach(round *ast.RangeStmt, f *syntax.Func) bool {
	if round.Value == nil {
		return false
	}
	v := r.VarOf(round.Value)
	return v != nil && slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool { return r.VarOf(c.Expr.Fun) == v })
}

// IsShared reports whether the literal f is work that is done for all who ask for
// it, whoever came first.
func (r *Result) IsShared(f *syntax.Func) bool {
	if f.Role != syntax.RolePassed {
		return false
	}
	callee := r.Callee(f.Call)
	return r.keyedWork(f) || callee != nil && r.sharesAt(f.Call, callee, f.Outer)
}

// IsHandler reports whether f is given a request, and so works for that.
func (r *Result) IsHandler(f *syntax.Func) bool {
	for i := range f.Sig.Params().Len() {
		if r.Carries(f.Sig.Params().At(i).Type()) {
			return true
		}
	}
	return false
}

// RunsWithin reports whether f runs on behalf of outer: it is that function, or
// a literal in it that is called in place or as its task.
func (r *Result) RunsWithin(f, outer *syntax.Func) bool {
	for ; f != nil; f = f.Outer {
		if f == outer {
			return true
		}
		if !r.OnBehalf(f) {
			return false
		}
	}
	return false
}

// MaxStarts bounds how many calls deep a start-up is followed.
const MaxStarts = 4

// OnlyStarts reports whether d is a function that starts, or is called by nothing
// but such functions. One that starts a span has a trace of its own.
func (r *Result) OnlyStarts(d *syntax.Func, starts func(*types.Func) bool, depth int) bool {
	if starts(d.Obj) {
		return !r.StartsSpan(d)
	}
	if depth == 0 || len(r.UsedAsValue(d.Obj)) > 0 || !r.Private(d.Obj) || r.StartsSpan(d) {
		return false
	}
	calls := 0
	for _, c := range r.CallsOf(d.Obj) {
		caller := c.In.Root()
		if r.InTest(c.Call.Expr.Pos()) || caller == d {
			continue
		}
		if caller.Obj == nil || !r.OnlyStarts(caller, starts, depth-1) {
			return false
		}
		calls++
	}
	return calls > 0
}

// HearsSignals reports whether fn, of the package, makes a context that ends with a signal of
// the system: it is the main part of a program.
func (r *Result) HearsSignals(fn *types.Func) bool {
	f := r.Func(fn)
	if f == nil {
		return false
	}
	hears, known := r.signals[f]
	if !known {
		hears = slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
			return c.Callee != nil && c.Callee.Name() == "NotifyContext" && c.Callee.FullName() == "os/signal.NotifyContext"
		})
		r.signals[f] = hears
	}
	return hears
}

// IsSpawned reports whether the literal f is passed to a spawner.
func (r *Result) IsSpawned(f *syntax.Func) bool {
	if s := f.Outer.CallOf(f.Call); s != nil && s.Go != nil {
		return true // go safe(func() { .. })
	}
	callee := r.Callee(f.Call)
	return callee != nil && Has(r.Of(callee).Spawns, kind.ParamIndex(callee.Signature(), f.Arg))
}

// passedOnBehalf reports whether a function of that signature that a call in f is given
// as argument arg runs on behalf of f: at once, or as a task of it. One that is kept, or
// made into something else that is, runs for whoever calls that.
func (r *Result) passedOnBehalf(call *ast.CallExpr, arg int, sig *types.Signature, f *syntax.Func, depth int) bool {
	if depth == 0 {
		return false
	}
	if r.Info.Types[call.Fun].IsType() {
		return r.madeOnBehalf(call, sig, f, depth) // task(func() { .. })
	}
	callee := r.Callee(call)
	if callee == nil {
		return !kind.TakesData(sig)
	}
	pi := kind.ParamIndex(callee.Signature(), arg)
	s := r.Of(callee)
	if kind.Registers(callee) || Has(s.Keeps, pi) || s.Serves || takenAsAny(callee, pi) && kind.TakesData(sig) {
		return false // as a finalizer: whoever looks at what it is gives it something
	}
	if Has(s.Spawns, pi) {
		return !kind.TakesData(sig) || r.isGivenData(&syntax.Call{Expr: call, Callee: callee}, arg)
	}
	results := r.resultsOf(call)
	if kind.IsMethodOfInterface(callee) && len(r.impls[callee]) == 0 && sig.Results().Len() == 0 && (results.Len() == 0 && kind.TakesData(sig) || givesHandle(results)) {
		return false // what implements it is not known: it may call back whenever there is something
	}
	if results.Len() != 1 || !r.mayKeepFunc(results.At(0).Type()) {
		return true
	}
	return r.madeOnBehalf(call, sig, f, depth) // a wrapper, or what keeps it
}

// resultsOf returns the results of a call, with the types that it has for type parameters.
func (r *Result) resultsOf(call *ast.CallExpr) *types.Tuple {
	if sig, ok := r.TypeOf(call.Fun).Underlying().(*types.Signature); ok {
		return sig.Results()
	}
	return nil // a conversion
}

// givesHandle reports whether the first of several results is an interface that has methods, as
// a scheduler gives one to ask, or to stop, what it has been given.
//
//	job, err := scheduler.NewJob(definition, gocron.NewTask(func() { .. }))
func givesHandle(results *types.Tuple) bool {
	if results.Len() < 2 {
		return false
	}
	t := results.At(0).Type()
	iface, ok := t.Underlying().(*types.Interface)
	return ok && iface.NumMethods() > 0 && !kind.IsError(t) && !kind.IsContext(t)
}

// madeOnBehalf reports whether what a call in f makes of a function runs on behalf of f:
// it is a function too, that is called, started or passed on there.
func (r *Result) madeOnBehalf(made *ast.CallExpr, sig *types.Signature, f *syntax.Func, depth int) bool {
	got, ok := r.TypeOf(made).Underlying().(*types.Signature)
	if !ok || kind.TakesData(got) || r.hasMethod(r.TypeOf(made)) {
		return false // an adapter, an option, a thing that has it
	}
	for _, c := range f.Calls {
		if ast.Unparen(c.Expr.Fun) == made {
			return true // defer timed(func() { .. })()
		}
		if i := syntax.ArgIndex(c.Expr, made); i >= 0 {
			return r.passedOnBehalf(c.Expr, i, sig, f, depth-1)
		}
	}
	if outer := r.CallWith(f, made); outer != nil { // of a conversion
		return r.passedOnBehalf(outer, syntax.ArgIndex(outer, made), sig, f, depth-1)
	}
	for _, n := range f.Sends {
		if ast.Unparen(n.Value) == made {
			return true
		}
	}
	return r.isLocalValue(made, f)
}

// isLocalValue reports whether a call is what a local variable of f is set to.
func (r *Result) isLocalValue(call *ast.CallExpr, f *syntax.Func) bool {
	c := f.CallOf(call)
	if c == nil || c.Assign == nil || len(c.Assign.Lhs) != 1 {
		return false
	}
	v := r.VarOf(c.Assign.Lhs[0])
	return v != nil && !v.IsField() && syntax.Encloses(f.Root().Node, v.Pos())
}

// hasMethod reports whether a named type has a method: a function of it is an
// implementation of something.
func (r *Result) hasMethod(t types.Type) bool {
	n := kind.NamedOf(t)
	return n != nil && n.NumMethods() > 0
}

// mayKeepFunc reports whether a value of type t may have a function in it: it is one, an
// interface, or a struct with one.
func (r *Result) mayKeepFunc(t types.Type) bool {
	t = kind.Pointee(t)
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return true
	case *types.Interface:
		return !kind.IsError(t)
	case *types.Struct:
		for f := range u.Fields() {
			if kind.IsTaskType(f.Type()) {
				return true
			}
		}
	}
	return false
}

// IsLifecycle reports whether fn makes a thing, starts it or ends it: its context, if
// any, is not that of the work which the thing does. A whole word says so, and New before
// a noun; a verb before a noun, such as StartCheckout, may be a request like any other:
// there the body has to show it. What is given a request works for that.
func (r *Result) IsLifecycle(fn *types.Func) bool {
	name := fn.Name()
	for v := range fn.Signature().Params().Variables() {
		if r.Carries(v.Type()) && !r.IsCommand(v.Type()) {
			return false
		}
	}
	results := fn.Signature().Results()
	if kind.IsLifeWord(fn) {
		return !strings.EqualFold(name, "run") || !r.runsForCallers(fn)
	}
	if rest, ok := kind.CutFold(name, "new"); ok && results.Len() > 0 && kind.StartsWord(rest) {
		return kind.MethodOf(results.At(0).Type(), "Context") == nil // newRequest makes nothing that lasts
	}
	f := r.Func(fn)
	return r.keepsOn(f) || kind.BeginsLife(name) && r.startsLoop(f) || r.givesServing(f) || r.RunsMade(fn)
}

// runsForCallers reports whether a function called Run does a piece of work and no service: it
// ends, and a method of the package that is given something to do, or a request, calls it with
// its own context.
//
//	func (a *API) Place(ctx context.Context, o Order) error {
//		return a.sagaFor(o).Run(ctx)
func (r *Result) runsForCallers(fn *types.Func) bool {
	f := r.Func(fn)
	if f == nil || f.Body == nil || !kind.TakesContext(f.Sig) || r.Of(fn).Serves || r.keepsOn(f) || r.startsLoop(f) {
		return false
	}
	return slices.ContainsFunc(r.CallsOf(fn), func(c syntax.CallIn) bool {
		d := c.In.Root()
		if c.Call.Go != nil || d == f || d.Obj == nil || r.InTest(c.Call.Expr.Pos()) || kind.BeginsLife(d.Obj.Name()) || d.Obj.Name() == "main" {
			return false
		}
		asked := r.IsHandler(d) || d.Sig.Recv() != nil && kind.TakesData(d.Sig)
		return asked && slices.ContainsFunc(c.Call.Expr.Args, func(arg ast.Expr) bool {
			return kind.IsContext(r.TypeOf(arg)) && r.Eval(arg, c.In).Class == Caller
		})
	})
}

// RunsMade reports whether fn is what something that is made for long does: it takes nothing but
// a context, nobody but tests calls it, and it is only given to functions by which such things
// are made.
//
//	p.Service = services.NewTimerService(interval, nil, p.iteration, nil)
func (r *Result) RunsMade(fn *types.Func) bool {
	f := r.Func(fn)
	if f == nil || f.Sig.Params().Len() != 1 || !kind.IsContext(f.Sig.Params().At(0).Type()) || f.Sig.Results().Len() > 1 {
		return false
	}
	if slices.ContainsFunc(r.CallsOf(f.Obj), func(c syntax.CallIn) bool { return !r.InTest(c.Call.Expr.Pos()) }) {
		return false
	}
	made := false
	for _, in := range r.UsedAsValue(f.Obj) {
		if r.InTest(in.Node.Pos()) {
			continue
		}
		made = slices.ContainsFunc(in.Calls, func(c *syntax.Call) bool {
			return c.Callee != nil && r.Constructs(c.Callee) && slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return r.NamedFunc(arg) == f.Obj })
		})
		if !made {
			return false
		}
	}
	return made
}

// givesServing reports whether f returns something that it has started a service loop of:
//
//	g := &Gateway{queue: make(chan event)}
//	go g.work()
//	return g
func (r *Result) givesServing(f *syntax.Func) bool {
	if f == nil || f.Body == nil || f.Sig.Results().Len() == 0 {
		return false
	}
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		if c.Go == nil || c.Callee == nil || !r.Of(c.Callee).Serves {
			return false
		}
		made := r.BaseVar(c.Expr.Fun)
		return made != nil && kind.ParamOf(f.Sig, made) < 0 && slices.ContainsFunc(f.Returns, func(ret *ast.ReturnStmt) bool {
			return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.VarOf(e) == made })
		})
	})
}

// IsConstructor reports whether fn makes a thing, by its name or by what it gives.
func (r *Result) IsConstructor(fn *types.Func) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(fn.Name()), "new")
	return ok && r.IsLifecycle(fn) && rest != "" || r.givesServing(r.Func(fn))
}

// lastsWith reports whether a field is one of the receiver of f, or of what f returns.
func lastsWith(field *types.Var, f *syntax.Func) bool {
	owners := []*types.Var{}
	if recv := f.Sig.Recv(); recv != nil {
		owners = append(owners, recv)
	}
	for v := range f.Sig.Results().Variables() {
		owners = append(owners, v)
	}
	return slices.ContainsFunc(owners, func(v *types.Var) bool {
		n := kind.NamedOf(v.Type())
		if n == nil {
			return false
		}
		st, ok := n.Origin().Underlying().(*types.Struct)
		if !ok {
			return false
		}
		for i := range st.NumFields() {
			if st.Field(i) == field {
				return true
			}
		}
		return false
	})
}

// keepsOn reports whether f keeps its context in a field of what it belongs to, or
// returns: it is for all that this does later.
func (r *Result) keepsOn(f *syntax.Func) bool {
	if f == nil || f.Body == nil {
		return false
	}
	for _, v := range kind.ContextParams(f.Sig) {
		if slices.ContainsFunc(r.flows[v], func(to *types.Var) bool { return to.IsField() && lastsWith(to, f) }) {
			return true
		}
	}
	return false
}

// startsLoop reports whether f starts a service loop on a goroutine of its own. That is
// no evidence alone: a request may do so too, beside its work.
func (r *Result) startsLoop(f *syntax.Func) bool {
	if f == nil || f.Body == nil {
		return false
	}
	runs := false
	f.All(func(g *syntax.Func) {
		for _, c := range g.Calls {
			if c.Go == nil {
				continue
			}
			task := r.TaskFunc(&Spawn{Go: c.Go, Call: c.Expr, In: g})
			runs = runs || task != nil && r.serves[task] || c.Callee != nil && r.Of(c.Callee).Serves
		}
	})
	return runs
}
