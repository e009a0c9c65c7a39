package loss

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file answers what is lost on the goroutine that a function runs on.

// Sinks returns the calls of the package that are sinks, in source order: not
// those in service loops, nor those after the end of a context.
func (r *Result) Sinks() []flow.Sink {
	if r.sinks == nil {
		r.sinks = []flow.Sink{}
		r.Funcs(func(f *syntax.Func) {
			r.sinks = append(r.sinks, r.sinksIn(f)...)
		})
	}
	return r.sinks
}

// sinksIn returns the sinks among the calls that f itself makes.
func (r *Result) sinksIn(f *syntax.Func) []flow.Sink {
	if f.Body == nil || r.Watches(f) || syntax.IsFresh(f) {
		return nil
	}
	var got []flow.Sink
	for _, c := range f.Calls {
		if sink := r.SinkAt(c, f); sink != nil && !r.IsAside(f, c.Expr.Pos()) {
			got = append(got, *sink)
		}
	}
	return got
}

// LostHere returns the context at hand that a sink loses on the goroutine that
// reaches it, or nil. What a task loses, its spawn does.
func (r *Result) LostHere(s flow.Sink) *Hand {
	if s.Task || r.outlives(s) {
		return nil
	}
	in := s.In
	hand := r.HandFor(in, s.Call.Pos())
	if hand == nil && s.Arg >= 0 {
		// The root may be an argument of a literal around the call, whose
		// parameter hides what is at hand there, or a variable that was set
		// where nothing did.
		if f := r.FuncAt(in, s.Roots[0].Pos()); f != nil && r.RunsWithin(in, f) {
			if h := r.HandFor(f, s.Roots[0].Pos()); h != nil && (f != in || r.hidden(h, s.Call.Pos())) {
				in, hand = f, h
			}
		}
	}
	if hand == nil || r.crossesSpawn(in, hand) {
		return nil
	}
	if hand.Blank != nil && hand.Func != s.In.Root().Type {
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
func (r *Result) HandFor(f *syntax.Func, pos token.Pos) *Hand {
	for g := f; g != nil; g = g.Outer {
		if r.Serves(g) || r.CleansUp(g, pos) {
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
func (r *Result) outlives(s flow.Sink) bool {
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

// isStartup reports whether the context at hand is that of the process, or of
// the life of a thing that is being made or ended, rather than of a request:
// that of a command, of a function of package main, of a constructor, of Start
// and Stop.
func (r *Result) isStartup(f *syntax.Func, hand *Hand) bool {
	owner := f.Root()
	for g := f; g != nil && hand.Var != nil; g = g.Outer {
		if syntax.Encloses(g.Node, hand.Var.Pos()) {
			owner = g
			break
		}
	}
	d := f.Root()
	if r.ServesHTTP(owner) || r.IsRPC(owner) || r.IsHandler(owner) && !r.commandHand(hand) {
		return false
	}
	return kind.IsProgram(r.Pass.Pkg) || r.commandHand(hand) || owner == d && d.Obj != nil && r.OnlyStarts(d, r.IsLifecycle, flow.MaxStarts)
}

// commandHand reports whether the context at hand is that of a command line's
// command, such as cobra's, or derived from it.
func (r *Result) commandHand(hand *Hand) bool {
	if hand.Var == nil {
		return false
	}
	if kind.IsCommand(hand.Var.Type()) {
		return true
	}
	found := false
	if info := r.Var(hand.Var); info != nil && len(info.Defs) > 0 {
		r.LivesAt(hand.Var, info.Defs[len(info.Defs)-1].Pos, func(l flow.Life) {
			found = found || l.Param != nil && kind.IsCommand(l.Param.Type())
		})
	}
	return found
}

// crossesSpawn reports whether the context at hand belongs to a function
// around the task that f is, or is in.
func (r *Result) crossesSpawn(f *syntax.Func, hand *Hand) bool {
	for ; f.Outer != nil; f = f.Outer {
		if hand.Var != nil && syntax.Encloses(f.Node, hand.Var.Pos()) || hand.Func == f.Type {
			return false
		}
		if f.Role == syntax.RoleGo || f.Role == syntax.RolePassed && r.IsSpawned(f) {
			return true
		}
	}
	return false
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
		if f.Body == nil || r.Serves(f) || r.Watches(f) || syntax.IsFresh(f) {
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
