package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// This file answers what is lost on the goroutine that a function runs on.

// Sinks returns the calls of the package that are sinks, in source order: not
// those in service loops, nor those after the end of a context.
func (r *Result) Sinks() []Sink {
	if r.sinks == nil {
		r.sinks = []Sink{}
		r.funcs(func(f *Func) {
			r.sinks = append(r.sinks, r.sinksIn(f)...)
		})
	}
	return r.sinks
}

// sinksIn returns the sinks among the calls that f itself makes.
func (r *Result) sinksIn(f *Func) []Sink {
	if f.body == nil || f.watches || isFresh(f) {
		return nil
	}
	var got []Sink
	for _, c := range f.calls {
		if sink := r.sinkAt(c, f); sink != nil && !r.isAside(f, c.expr.Pos()) {
			got = append(got, *sink)
		}
	}
	return got
}

// LostHere returns the context at hand that a sink loses on the goroutine that
// reaches it, or nil. What a task loses, its spawn does.
func (r *Result) LostHere(s Sink) *Hand {
	if s.Task || r.outlives(s) {
		return nil
	}
	in := s.In
	hand := r.HandFor(in, s.Call.Pos())
	if hand == nil && s.Arg >= 0 {
		// The root may be an argument of a literal around the call, whose
		// parameter hides what is at hand there, or a variable that was set
		// where nothing did.
		if f := r.FuncAt(in, s.Roots[0].Pos()); f != nil && r.runsWithin(in, f) {
			if h := r.HandFor(f, s.Roots[0].Pos()); h != nil && (f != in || r.hidden(h, s.Call.Pos())) {
				in, hand = f, h
			}
		}
	}
	if hand == nil || r.crossesSpawn(in, hand) {
		return nil
	}
	if hand.Blank != nil && hand.Func != s.In.Root().typ {
		return nil // a literal that is given a context it has no use for
	}
	return hand
}

// hidden reports whether something at pos is called like the variable that hand
// starts with.
func (r *Result) hidden(hand *Hand, pos token.Pos) bool {
	if hand.Var == nil || hand.Blank != nil {
		return false
	}
	_, obj := r.ScopeAt(pos).LookupParent(hand.Var.Name(), pos)
	return obj != hand.Var
}

// HandFor returns the context at hand for a call at pos in f, unless it is that of
// a service or the program.
func (r *Result) HandFor(f *Func, pos token.Pos) *Hand {
	for g := f; g != nil; g = g.outer {
		if g.serves || r.cleansUp(g, pos) {
			return nil // it starts up a service, or has heard of the end
		}
	}
	hand := r.HandAt(f, pos)
	if hand == nil || r.isStartup(f, hand) {
		return nil
	}
	return hand
}

// outlives reports whether what a call with a root starts goes on when the
// caller's work is done: it gives a channel to wait on.
func (r *Result) outlives(s Sink) bool {
	sig, ok := typeOf(r.info, s.Call.Fun).Underlying().(*types.Signature)
	if !ok {
		return true
	}
	for v := range sig.Results().Variables() {
		if ch, ok := v.Type().Underlying().(*types.Chan); ok && ch.Dir() != types.SendOnly {
			return true
		}
	}
	return false
}

// isStartup reports whether the context at hand is that of the process, or of
// the life of a thing that is being made or ended, rather than of a request:
// that of a command, of a function of package main, of a constructor, of Start
// and Stop.
func (r *Result) isStartup(f *Func, hand *Hand) bool {
	owner := f.Root()
	for g := f; g != nil && hand.Var != nil; g = g.outer {
		if encloses(g.node, hand.Var.Pos()) {
			owner = g
			break
		}
	}
	d := f.Root()
	if r.servesHTTP(owner) || r.isRPC(owner) || r.isHandler(owner) && !r.commandHand(hand) {
		return false
	}
	return isProgram(r.pass.Pkg) || r.commandHand(hand) || owner == d && d.obj != nil && r.onlyStarts(d, r.IsLifecycle, maxStarts)
}

// maxStarts bounds how many calls deep a start-up is followed.
const maxStarts = 4

// onlyStarts reports whether d is a function that starts, or is called by nothing
// but such functions. One that starts a span has a trace of its own.
func (r *Result) onlyStarts(d *Func, starts func(*types.Func) bool, depth int) bool {
	if starts(d.obj) {
		return !r.startsSpan(d)
	}
	if depth == 0 || len(r.values[d.obj]) > 0 || !r.private(d.obj) || r.startsSpan(d) {
		return false
	}
	calls := 0
	for _, c := range r.callsOf(d.obj) {
		caller := c.in.Root()
		if r.inTest(c.site.expr.Pos()) || caller == d {
			continue
		}
		if caller.obj == nil || !r.onlyStarts(caller, starts, depth-1) {
			return false
		}
		calls++
	}
	return calls > 0
}

func (r *Result) startsSpan(d *Func) bool {
	return len(r.spanStarts(d)) > 0
}

// isProgram reports whether a package is that of a command, or of migrations:
// its functions start and end the process, or run before it serves.
func isProgram(pkg *types.Package) bool {
	if pkg.Name() == "main" || pkg.Name() == "cmd" || strings.HasSuffix(strings.TrimSuffix(pkg.Name(), "s"), "migration") {
		return true
	}
	dir := pkg.Path()[:max(0, strings.LastIndexByte(pkg.Path(), '/'))]
	return strings.HasSuffix(dir, "/cmd")
}

// commandHand reports whether the context at hand is that of a command line's
// command, such as cobra's, or derived from it.
func (r *Result) commandHand(hand *Hand) bool {
	if hand.Var == nil {
		return false
	}
	if isCommand(hand.Var.Type()) {
		return true
	}
	found := false
	if info := r.vars[hand.Var]; info != nil && len(info.defs) > 0 {
		r.livesAt(hand.Var, info.defs[len(info.defs)-1].pos, func(l life) {
			found = found || l.param != nil && isCommand(l.param.Type())
		})
	}
	return found
}

// isCommand reports whether t is a command of a command line.
func isCommand(t types.Type) bool {
	n := namedOf(t)
	return n != nil && (n.Obj().Name() == "Command" || n.Obj().Pkg() != nil && n.Obj().Pkg().Name() == "cli")
}

// isConstructor reports whether fn by its name makes a thing.
func (r *Result) isConstructor(fn *types.Func) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(fn.Name()), "new")
	return ok && r.IsLifecycle(fn) && rest != ""
}

// IsLifecycle reports whether fn makes a thing, starts it or ends it: its context, if
// any, is not that of the work which the thing does. A whole word says so, and New before
// a noun; a verb before a noun, such as StartCheckout, may be a request like any other:
// there the body has to show it, see runsOn.
func (r *Result) IsLifecycle(fn *types.Func) bool {
	name := fn.Name()
	results := fn.Signature().Results()
	switch strings.ToLower(name) {
	case "start", "starting", "running", "stop", "stopping", "shutdown", "close", "open", "init", "setup", "main", "serve", "listenandserve":
		return true
	case "run": // Run(ctx) of a service, not Run(ctx, job)
		return fn.Signature().Params().Len() <= 1 && (results.Len() == 0 || results.Len() == 1 && isError(results.At(0).Type()))
	}
	if rest, ok := cutFold(name, "new"); ok && results.Len() > 0 && startsWord(rest) {
		return lookupMethod(results.At(0).Type(), "Context") == nil // newRequest makes nothing that lasts
	}
	return r.runsOn(r.byObj[fn])
}

// cutFold is strings.CutPrefix without regard to case.
func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// startsWord reports whether a part of a name is one or more words.
func startsWord(s string) bool { return s != "" && (s[0] < 'a' || s[0] > 'z') }

// runsOn reports whether what f does goes on when it has returned: it starts a service
// loop, keeps its context in a field, or gives a function to end what it has started.
func (r *Result) runsOn(f *Func) bool {
	if f == nil || f.body == nil {
		return false
	}
	for _, v := range contextParams(f.sig) {
		if slices.ContainsFunc(r.flows[v], (*types.Var).IsField) {
			return true
		}
	}
	runs := false
	f.all(func(g *Func) {
		for _, c := range g.calls {
			if c.goStmt == nil {
				continue
			}
			task := r.taskFunc(&Spawn{Go: c.goStmt, Call: c.expr, In: g})
			runs = runs || task != nil && task.serves || c.callee != nil && r.Of(c.callee).Serves
		}
	})
	return runs
}

// crossesSpawn reports whether the context at hand belongs to a function
// around the task that f is, or is in.
func (r *Result) crossesSpawn(f *Func, hand *Hand) bool {
	for ; f.outer != nil; f = f.outer {
		if hand.Var != nil && encloses(f.node, hand.Var.Pos()) || hand.Func == f.typ {
			return false
		}
		if f.role == roleGo || f.role == rolePassed && r.isSpawned(f) {
			return true
		}
	}
	return false
}

// isSpawned reports whether the literal f is passed to a spawner.
func (r *Result) isSpawned(f *Func) bool {
	if s := r.siteOf(f); s != nil && s.goStmt != nil {
		return true // go safe(func() { .. })
	}
	callee := r.callee(f.call)
	return callee != nil && has(r.Of(callee).Spawns, paramIndex(callee.Signature(), f.arg))
}

// siteOf returns the call that the literal f is called by or passed to, nil for one of a
// conversion.
func (r *Result) siteOf(f *Func) *site {
	i := slices.IndexFunc(f.outer.calls, func(c *site) bool { return c.expr == f.call })
	if i < 0 {
		return nil
	}
	return f.outer.calls[i]
}

// HasContextParam reports whether fn takes a context, used or not.
func HasContextParam(fn *types.Func) bool {
	return takesContext(fn.Signature())
}

// A Replacement is an assignment of a root to a context parameter, for all that
// the function does.
type Replacement struct {
	Var  string   // the parameter
	Root ast.Expr // where the root is made
	Name string   // what makes it
	In   *Func
}

// Replacements returns the replacements of the package, in source order:
//
//	ctx, cancel := context.WithTimeout(context.TODO(), d)
//
// where ctx is a parameter. Those below a condition, such as ctx == nil, are not
// among them, nor are those after the end of the context.
func (r *Result) Replacements() []Replacement {
	var got []Replacement
	r.funcs(func(f *Func) {
		if f.body == nil || f.serves || f.watches || isFresh(f) {
			return
		}
		for v := range f.sig.Params().Variables() {
			if IsContext(v.Type()) {
				got = append(got, r.replacements(f, v)...)
			}
		}
	})
	return got
}

func (r *Result) replacements(f *Func, v *types.Var) []Replacement {
	info := r.vars[v]
	if info == nil || len(info.defs) == 0 || r.levels[v] != reads || r.orphan(f, info.param) || r.isStartup(f, &Hand{Var: v}) {
		return nil
	}
	for i := range info.defs {
		d := &info.defs[i]
		if !d.always(f) || d.rhs == nil || r.cleansUp(d.in, d.at.Pos()) {
			continue
		}
		got := r.evalDef(d)
		if got.class == root && encloses(d.in.body, got.roots[0].Pos()) {
			return []Replacement{{Var: v.Name(), Root: got.roots[0], Name: r.rootName(got.roots[0]), In: d.in}}
		}
	}
	return nil
}

// always reports whether d is no statement of a block below f's body, or of one
// in a literal that f calls there.
func (d *def) always(f *Func) bool {
	in, scope := d.in, d.scope
	for in != f {
		if scope != in.body || in.role != roleCalled || !slices.ContainsFunc(in.outer.body.List, func(s ast.Stmt) bool {
			x, ok := s.(*ast.ExprStmt)
			return ok && x.X == in.call
		}) {
			return false
		}
		in, scope = in.outer, in.outer.body
	}
	return scope == f.body
}
