package ctxflow

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// A Sink is a call at which a trace is cut.
type Sink struct {
	Call   *ast.CallExpr
	Callee *types.Func // nil for a function value
	Arg    int         // the argument that is a root, -1 if Callee starts its own
	Roots  []ast.Expr  // with Arg: the root expressions it comes from
	Way    []Step      // from here to where the root is handed over
	In     *Func       // the function that makes the call
	Task   bool        // it is what a go statement starts
}

// A search collects sinks.
type search struct {
	r    *Result
	seen map[*Func]bool
	// spawned includes tasks that the code starts. A caller of the whole
	// wants them; for a task, they are tasks of their own.
	spawned bool
	sinks   []Sink
}

// SinksOf returns the sinks that f reaches on its own goroutine, in source
// order: those of a task.
func (r *Result) SinksOf(f *Func) []Sink {
	s := search{r: r, seen: make(map[*Func]bool)}
	s.function(f)
	return s.sinks
}

// CallSink returns the sink that call, made in f, is itself, or nil. It is
// what a go statement with a named function asks.
func (r *Result) CallSink(call *ast.CallExpr, f *Func) *Sink {
	return r.sinkAt(&site{expr: call, callee: r.callee(call)}, f)
}

// function collects the sinks of f's body and of the literals that run in
// place.
func (s *search) function(f *Func) {
	if s.seen[f] || f.body == nil || f.serves || f.watches || isFresh(f) {
		return // a service loop and what prepares it serve nobody in particular
	}
	s.seen[f] = true
	for _, c := range f.calls {
		if s.mayReach(c) && !s.r.isAside(f, c.expr.Pos()) {
			s.site(c, f)
		}
	}
	for _, lit := range f.lits {
		if s.inPlace(lit) && !s.r.isAside(f, lit.node.Pos()) {
			s.function(lit)
		}
	}
}

// mayReach reports whether a call may be a sink, or run a function that reaches one:
// most are told at once not to.
func (s *search) mayReach(c *site) bool {
	if c.callee == nil || takesContext(c.callee.Signature()) || s.r.Of(c.callee).Sink != nil || len(s.r.Of(c.callee).Calls) > 0 {
		return true
	}
	return slices.ContainsFunc(c.expr.Args, func(arg ast.Expr) bool {
		_, isFunc := typeOf(s.r.info, arg).Underlying().(*types.Signature)
		return isFunc
	})
}

// isAside reports whether what f does at pos is no part of the work it was asked
// for: the rounds of a service loop, the clean-up after the end.
func (r *Result) isAside(f *Func, pos token.Pos) bool {
	return r.serviceLoopAt(f, pos) != nil || r.cleansUp(f, pos)
}

func (s *search) site(c *site, f *Func) {
	if c.goStmt != nil && !s.spawned {
		return
	}
	if c.callee == nil {
		if lit := s.r.assignedLit(c.expr.Fun); lit != nil && !s.r.takesContext(lit) {
			s.function(lit)
			return
		}
	}
	if sink := s.r.sinkAt(c, f); sink != nil {
		s.sinks = append(s.sinks, *sink)
	}
	if s.spawned {
		s.sinks = append(s.sinks, s.given(c, f)...)
	}
	for i, arg := range c.expr.Args {
		if lit := s.r.assignedLit(arg); lit != nil && c.callee != nil && !s.r.takesContext(lit) && s.runs(c.callee, i, lit.sig) {
			s.function(lit)
		}
	}
}

// inPlace reports whether a literal runs as part of the function around it.
func (s *search) inPlace(lit *Func) bool {
	switch lit.role {
	case roleCalled, roleDeferred:
		return true
	case roleGo:
		return s.spawned
	case rolePassed:
		callee := s.r.callee(lit.call)
		if s.r.keyedWork(lit) || !s.spawned && s.r.isGuarded(lit) {
			return false
		}
		if callee == nil {
			return !takesData(lit.sig)
		}
		return s.runs(callee, lit.arg, lit.sig)
	}
	return false
}

// isGuarded reports whether a literal is passed to the function that a go statement
// starts: it is part of that task.
func (r *Result) isGuarded(lit *Func) bool {
	site := r.siteOf(lit)
	return site != nil && site.goStmt != nil
}

// runs reports whether what callee is given as argument arg, with that signature,
// runs as part of the function that gives it.
func (s *search) runs(callee *types.Func, arg int, sig *types.Signature) bool {
	sum, pi := s.r.Of(callee), paramIndex(callee.Signature(), arg)
	if s.r.sharesWork(callee) || sum.Serves || has(sum.Keeps, pi) {
		return false
	}
	if has(sum.Spawns, pi) {
		return s.spawned && !takesData(sig)
	}
	return true
}

// sinkAt returns the sink that a call is, or nil.
func (r *Result) sinkAt(c *site, f *Func) *Sink {
	sig, ok := typeOf(r.info, c.expr.Fun).Underlying().(*types.Signature)
	if !ok {
		return nil
	}
	if c.callee == nil {
		if fn := r.assignedFunc(c.expr.Fun); fn != nil {
			c = &site{expr: c.expr, callee: fn, goStmt: c.goStmt}
		}
	}
	if c.callee != nil {
		sig = c.callee.Signature()
	}
	if !takesContext(sig) && r.Of(c.callee).Sink == nil {
		if len(r.Of(c.callee).Calls) > 0 {
			return r.givenSink(c, f)
		}
		return nil // as most calls
	}
	if collects(c.callee) || r.Of(c.callee).Serves || r.byObj[c.callee] != nil && r.byObj[c.callee].watches {
		return nil // what it does is its own work
	}
	if sink := r.handsRoot(c, sig, f); sink != nil {
		return sink
	}
	way := r.Of(c.callee).Sink
	if way == nil || r.rebased(c.expr, f) {
		return nil
	}
	step := Step{Callee: FuncName(c.callee), At: r.at(c.expr.Pos()), Sibling: Sibling(c.callee, nil) != nil}
	return &Sink{Call: c.expr, Callee: c.callee, Arg: -1, Way: r.prepend(step, c.callee, way), In: f, Task: c.goStmt != nil}
}

// takesContext reports whether a function of that signature takes a context.
func takesContext(sig *types.Signature) bool {
	for range contextParams(sig) {
		return true
	}
	return false
}

// handsRoot returns the sink that a call is because an argument is a root.
func (r *Result) handsRoot(c *site, sig *types.Signature, f *Func) *Sink {
	if f.Root().links || r.linked[c.expr] || r.onlyDerives(sig) || r.constructs(c.callee) {
		return nil
	}
	for i, arg := range c.expr.Args {
		pi := paramIndex(sig, i)
		if pi < 0 || !IsContext(sig.Params().At(pi).Type()) {
			continue
		}
		v := r.eval(arg, f)
		if v.class != root || !r.handsTo(c, pi) || r.enriched(c.expr, i, f) {
			continue
		}
		if c.callee == nil && r.info.Types[arg].IsNil() {
			continue // f(nil): the function value is known not to need one
		}
		step := Step{Callee: calledName(c), Root: r.rootName(v.roots[0]), At: r.at(c.expr.Pos())}
		return &Sink{Call: c.expr, Callee: c.callee, Arg: i, Roots: v.roots, Way: []Step{step}, In: f, Task: c.goStmt != nil}
	}
	return nil
}

// onlyDerives reports whether a function makes a context and nothing else of the
// one it is given: the loss is where that is used. One that starts a span on
// the way is a sink.
func (r *Result) onlyDerives(sig *types.Signature) bool {
	derives := false
	for i := range sig.Results().Len() {
		t := sig.Results().At(i).Type()
		if r.isSpanLike(t) || r.method(t, "End") != nil || r.method(t, "Finish") != nil {
			return false
		}
		derives = derives || IsContext(t)
	}
	return derives
}

// constructs reports whether fn makes a thing that lives longer than the call, and whose
// context is its own: a function NewX, unless X is a request, or OpenX or DialX that gives
// something to be closed. A method of that name, such as a bucket's NewReader, does work.
func (r *Result) constructs(fn *types.Func) bool {
	if fn == nil || fn.Signature().Recv() != nil || fn.Signature().Results().Len() == 0 {
		return false
	}
	t := fn.Signature().Results().At(0).Type()
	if namedOf(t) == nil || r.givesContext(t) {
		return false
	}
	for _, w := range []string{"new", "open", "dial"} {
		if rest, ok := cutFold(fn.Name(), w); ok && (rest == "" || startsWord(rest)) {
			return w == "new" || r.method(t, "Close") != nil || r.method(t, "Stop") != nil
		}
	}
	return false
}

// calledName names what a call calls: a function or method of a named type as
// stack traces do, anything else as it is written.
func calledName(c *site) string {
	if c.callee != nil {
		recv := c.callee.Signature().Recv()
		if recv == nil || namedOf(recv.Type()) != nil {
			return FuncName(c.callee)
		}
	}
	return types.ExprString(c.expr.Fun)
}

// handsTo reports whether the callee reads its parameter pi for more than
// logging. A function value could be anything, and so is a reader; a literal
// is looked into instead.
func (r *Result) handsTo(c *site, pi int) bool {
	if c.callee == nil {
		if _, ok := ast.Unparen(c.expr.Fun).(*ast.FuncLit); ok {
			return false
		}
		if lit := r.assignedLit(c.expr.Fun); lit != nil {
			return r.levels[lit.sig.Params().At(pi)] == reads
		}
		return r.valueLevel(c.expr) == reads
	}
	return r.paramLevel(c.callee, pi) == reads
}

// rootName names a root expression as messages do.
func (r *Result) rootName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if fn := r.callee(e); fn != nil {
			return FuncName(fn) + "()"
		}
	case *ast.Ident:
		return e.Name
	}
	return "a root"
}

// solveSinks finds the functions that reach a sink and have no context at
// hand themselves, each with its shortest way, closed over the package: level
// by level, so that the first way found is a shortest one.
func (r *Result) solveSinks() {
	for work := r.decls; len(work) > 0; {
		found := make(map[*Func][]Step)
		var order []*Func
		for _, f := range work {
			r.now = f
			if found[f] != nil || r.known(f.obj).Sink != nil || !r.canReach(f) {
				continue
			}
			s := search{r: r, seen: make(map[*Func]bool), spawned: true}
			s.function(f)
			if way := shortest(s.sinks); way != nil {
				found[f] = way
				order = append(order, f)
			}
		}
		r.now = nil
		work = nil
		for _, f := range order {
			r.own(f.obj).Sink = found[f]
			work = append(work, r.callingFuncs(f.obj)...)
		}
		for _, m := range r.liftToInterfaces() {
			work = append(work, r.callingFuncs(m)...)
		}
	}
}

// canReach reports whether the sinks that f may reach are its callers' affair.
func (r *Result) canReach(f *Func) bool {
	return f.body != nil && !f.serves && !r.takesContext(f) && !quiet(f.obj) && !isLogging(f.obj) && !r.inTest(f.node.Pos())
}

// callingFuncs returns the declarations that fn is called in, or given to a call.
func (r *Result) callingFuncs(fn *types.Func) []*Func {
	var got []*Func
	for _, f := range r.values[fn] {
		if d := f.Root(); d.obj != nil {
			got = append(got, d)
		}
	}
	for _, c := range r.callsOf(fn) {
		if d := c.in.Root(); d.obj != nil {
			got = append(got, d)
		}
	}
	return got
}

// known is own without making a summary.
func (r *Result) known(fn *types.Func) *Summary {
	if s := r.summaries[fn]; s != nil {
		return s
	}
	return &nothing
}

// shortest returns the shortest way of the sinks, the first of several.
func shortest(sinks []Sink) []Step {
	var best []Step
	for _, s := range sinks {
		if best == nil || len(s.Way) < len(best) {
			best = s.Way
		}
	}
	return best
}

// takesContext reports whether f has a context of its own: a parameter that it
// uses, or a request. A context that is lost in such a function is lost by
// that function, not by its callers. (A blank or unused one is not used.)
func (r *Result) takesContext(f *Func) bool {
	for i := range f.sig.Params().Len() {
		v := f.sig.Params().At(i)
		if IsContext(v.Type()) {
			if v.Name() != "" && v.Name() != "_" && r.used[v] {
				return true
			}
		} else if r.contextLike(v.Type()) || r.carries(v.Type()) {
			return true
		}
	}
	return false
}

// at gives a position as "file.go:12", to be read beside the package.
func (r *Result) at(pos token.Pos) string {
	p := r.pass.Fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// seenFrom gives the place that the summary of fn names the package of fn, where
// that is another one.
func (r *Result) seenFrom(at string, fn *types.Func) string {
	if fn.Pkg() != r.pass.Pkg && !strings.Contains(at, "/") {
		return fn.Pkg().Path() + "/" + at
	}
	return at
}

// prepend puts a step before the way that callee knows, whose positions get
// callee's package where that is another one.
func (r *Result) prepend(first Step, callee *types.Func, way []Step) []Step {
	got := []Step{first}
	for _, s := range way {
		s.At = r.seenFrom(s.At, callee)
		got = append(got, s)
	}
	return bounded(got)
}

// bounded shortens a way that is too long.
func bounded(way []Step) []Step {
	if len(way) > maxWay {
		// The middle can be guessed; where it starts and ends cannot.
		way = append(way[:maxWay-1], way[len(way)-1])
	}
	return way
}
