package loss

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file answers what is lost on the goroutine that a function runs on.

// Sinks returns the calls of the package that are sinks, in source order.
func (r *Result) Sinks() []flow.Sink {
	if r.sinks == nil {
		r.sinks = []flow.Sink{}
		r.Funcs(func(f *syntax.Func) {
			if f.Body == nil {
				return
			}
			for _, c := range f.Calls {
				if sink := r.SinkAt(c, f); sink != nil {
					r.sinks = append(r.sinks, *sink)
				} else if why := r.SilentCall(c, f); why != "" {
					r.safeCalls = append(r.safeCalls, SafeCall{c.Expr, silence(why, c.Expr.Pos(), kind.FuncName(c.Callee))})
				}
			}
		})
	}
	return r.sinks
}

// A SafeCall is a call of a function that reaches a sink, and loses nothing.
type SafeCall struct {
	Call *ast.CallExpr
	Why  *Silence
}

// SafeCalls returns those of the package, in source order. Sinks has been asked before.
func (r *Result) SafeCalls() []SafeCall { return r.safeCalls }

// aside tells why what f does at pos is no part of the work that f was asked for, nil if
// it is: it is in a service loop, comes after the end of a context, or f waits for
// somebody else's event.
func (r *Result) aside(f *syntax.Func, pos token.Pos) *Silence {
	switch l := r.ServiceLoopAt(f, pos); {
	case r.WatchesAt(f, pos):
		return silence(flow.Watches, f.Node.Pos(), "")
	case r.InFresh(f):
		return silence(Fresh, f.Root().Node.Pos(), "")
	case l != nil:
		return silence(flow.Serves, l.Pos(), "this loop")
	case r.CleansUp(f, pos):
		return silence(AfterEnd, token.NoPos, "")
	}
	return nil
}

// LostHere returns the context in scope that a sink loses on the goroutine that
// reaches it, or nil and why none. What a task loses, its spawn does, unless it is lost
// before: by an argument of a literal around.
func (r *Result) LostHere(s flow.Sink) (*Hand, *Silence) {
	in := s.In
	if why := r.aside(in, s.Call.Pos()); why != nil {
		return nil, why
	}
	if r.outlives(s) {
		return nil, silence(GivesChannel, token.NoPos, "")
	}
	var hand *Hand
	why := silence(InTask, s.Call.Pos(), "")
	if !s.Task {
		hand, why = r.handFor(in, s.Call.Pos())
	}
	if hand == nil && s.Arg >= 0 {
		// The root may be an argument of a literal around the call, whose
		// parameter hides what is in scope there, or a variable that was set
		// where nothing did.
		if f := r.FuncAt(in, s.Roots[0].Pos()); f != nil && r.RunsWithin(in, f) {
			if h, _ := r.handFor(f, s.Roots[0].Pos()); h != nil && (f != in || r.hidden(h, s.Call.Pos())) {
				in, hand = f, h
			}
		}
	}
	if hand == nil {
		return nil, why
	}
	switch task := r.crossesSpawn(in, hand); {
	case task != nil:
		return nil, silence(InTask, task.Call.Pos(), "")
	case hand.Blank != nil && hand.Func != s.In.Root().Type && !r.passedWithCallers(in, hand):
		return nil, silence(Blank, hand.Blank.Pos(), "") // a literal that is given a context it has no use for
	}
	return hand, nil
}

// passedWithCallers reports whether the literal around f that has the blank
// parameter is passed to a call beside the caller's context, so that this is
// what it is given there, or derived from it:
//
//	ex.Go(ctx, func(context.Context) { .. })
//
// or whether it is kept in a variable, a field or a list of functions that are given one.
func (r *Result) passedWithCallers(f *syntax.Func, hand *Hand) bool {
	for f != nil && f.Type != hand.Func {
		f = f.Outer
	}
	if f == nil || f.Outer == nil {
		return false
	}
	if f.Role == syntax.RoleAssigned || r.isStored(f) {
		return true
	}
	if f.Role != syntax.RolePassed {
		return false
	}
	for i, arg := range f.Call.Args {
		if i != f.Arg && kind.IsContext(r.TypeOf(arg)) && r.Eval(arg, f.Outer).Class == flow.Caller {
			return true
		}
	}
	return false
}

// isStored reports whether a literal is put into a field, a list or a map.
func (r *Result) isStored(lit *syntax.Func) bool {
	path := syntax.PathTo(lit.Node.Pos(), lit.Outer.Body)
	i := slices.Index(path, lit.Node)
	if i < 1 {
		return false
	}
	switch p := path[i-1].(type) {
	case *ast.CompositeLit, *ast.KeyValueExpr, *ast.AssignStmt:
		return true
	case *ast.CallExpr:
		switch id, ok := ast.Unparen(p.Fun).(*ast.Ident); {
		case r.Info.Types[p.Fun].IsBuiltin():
			return ok && id.Name == "append"
		case !kind.TakesData(lit.Sig):
			return false
		case r.Info.Types[p.Fun].IsType():
			return true // an adapter
		}
		callee := r.Callee(p)
		return callee != nil && r.Func(callee) != nil && flow.Has(r.Of(callee).Keeps|r.Of(callee).Spawns, kind.ParamIndex(callee.Signature(), lit.Arg))
	}
	return false
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

// HandFor returns the context in scope for a call at pos in f, unless it is that of
// a service or the program.
func (r *Result) HandFor(f *syntax.Func, pos token.Pos) *Hand {
	hand, _ := r.handFor(f, pos)
	return hand
}

// handFor is HandFor, and tells why there is none.
func (r *Result) handFor(f *syntax.Func, pos token.Pos) (*Hand, *Silence) {
	for g := f; g != nil; g = g.Outer {
		switch {
		case r.Serves(g) && !r.beginsStream(g, pos):
			return nil, r.servesAs(g) // it starts up a service
		case r.CleansUp(g, pos):
			return nil, silence(AfterEnd, token.NoPos, "") // it has heard of the end
		}
	}
	hand, why := r.handAt(f, pos)
	if hand == nil {
		return nil, why
	}
	if at := r.UpgradeBefore(f, pos); at.IsValid() {
		return nil, silence(flow.Serves, at, "the connection")
	}
	if why := r.startup(f, hand); why != nil {
		return nil, why
	}
	return hand, nil
}

// outlives reports whether what a call with a root starts goes on when the
// caller's work is done: it gives a channel to wait on.
func (r *Result) outlives(s flow.Sink) bool {
	if r.isDrained(s) {
		return false
	}
	sig, ok := r.TypeOf(s.Call.Fun).Underlying().(*types.Signature)
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

// isDrained reports whether the function takes all that comes from the channel which a call
// gives: what sends it has ended by then.
//
//	for res := range search(context.Background(), q) {
func (r *Result) isDrained(s flow.Sink) bool {
	var given *types.Var
	if c := s.In.CallOf(s.Call); c != nil && c.Assign != nil {
		given = r.VarOf(c.Assign.Lhs[0])
	}
	for _, l := range s.In.Loops {
		loop, ok := l.Node.Stmt.(*ast.RangeStmt)
		if ok && (ast.Unparen(loop.X) == s.Call || given != nil && loop.Pos() > s.Call.Pos() && r.VarOf(loop.X) == given) {
			return true
		}
	}
	return false
}

// crossesSpawn returns the task that f is, or is in, if the context in scope belongs to a
// function around it, else nil.
func (r *Result) crossesSpawn(f *syntax.Func, hand *Hand) *syntax.Func {
	for ; f.Outer != nil; f = f.Outer {
		if hand.Var != nil && syntax.Encloses(f.Node, hand.Var.Pos()) || hand.Func == f.Type {
			return nil
		}
		if f.Role == syntax.RoleGo || f.Role == syntax.RolePassed && r.IsSpawned(f) {
			return f
		}
	}
	return nil
}

// A SafeRoot is a root that is lost to nobody.
type SafeRoot struct {
	Root ast.Expr
	Why  *Silence
}

// SafeRoots returns the roots of the package that no sink is given, in source order.
func (r *Result) SafeRoots() []SafeRoot {
	given := make(map[token.Pos]bool)
	for _, s := range r.Sinks() {
		for _, root := range s.Roots {
			given[root.Pos()] = true
		}
	}
	var got []SafeRoot
	add := func(root ast.Expr, why *Silence) {
		if !given[root.Pos()] {
			given[root.Pos()] = true
			got = append(got, SafeRoot{root, why})
		}
	}
	r.Funcs(func(f *syntax.Func) {
		for _, c := range f.Calls {
			roots, why := r.RootsGiven(c, f)
			for _, root := range roots {
				if syntax.Encloses(f.Root().Node, root.Pos()) {
					add(root, silence(why, c.Expr.Pos(), types.ExprString(c.Expr.Fun)))
				}
			}
		}
	})
	r.Funcs(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if c.Callee != nil && c.Callee.Pkg() != nil && c.Callee.Pkg().Path() == "context" && len(c.Expr.Args) == 0 && c.Callee.Signature().Recv() == nil {
				add(c.Expr, silence(UnknownRoot, token.NoPos, ""))
			}
		}
	})
	slices.SortFunc(got, func(a, b SafeRoot) int { return cmp.Compare(a.Root.Pos(), b.Root.Pos()) })
	return got
}

// A Replacement is an assignment of a root to a context parameter, for all that
// the function does.
type Replacement struct {
	Var  string   // the parameter
	Root ast.Expr // where the root is made
	Name string   // what makes it
	In   *syntax.Func
}

// Replacements returns the replacements of the package, in source order:
//
//	ctx, cancel := context.WithTimeout(context.TODO(), d)
//
// where ctx is a parameter. Those below a condition, such as ctx == nil, are not
// among them, nor are those after the end of the context.
func (r *Result) Replacements() []Replacement {
	var got []Replacement
	r.Funcs(func(f *syntax.Func) {
		if f.Body == nil || r.Serves(f) || r.Watches(f) || r.InFresh(f) {
			return
		}
		for v := range f.Sig.Params().Variables() {
			if kind.IsContext(v.Type()) {
				got = append(got, r.replacements(f, v)...)
			}
		}
	})
	return got
}

func (r *Result) replacements(f *syntax.Func, v *types.Var) []Replacement {
	info := r.Var(v)
	if info == nil || len(info.Defs) == 0 || r.Level(v) != flow.Reads || r.IsOrphan(f, info.Param) || r.isStartup(f, &Hand{Var: v}) {
		return nil
	}
	for i := range info.Defs {
		d := &info.Defs[i]
		if !d.Always(f) || d.Rhs == nil || r.CleansUp(d.In, d.At.Pos()) {
			continue
		}
		got := r.EvalDef(d)
		if got.Class == flow.Root && syntax.Encloses(d.In.Body, got.Roots[0].Pos()) {
			return []Replacement{{Var: v.Name(), Root: got.Roots[0], Name: r.RootName(got.Roots[0]), In: d.In}}
		}
	}
	return nil
}
