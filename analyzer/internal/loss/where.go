package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells where a place runs, seen from the function that has the context. It
// is one question with one answer: checks, fixes and messages ask it here.

// A Where is on which goroutine a place runs, and when. The later ones are worse for a
// context that may end.
type Where uint8

const (
	OnCaller Where = iota // on the goroutine of the function, before it goes on
	InJoined              // in a task that has ended, on every path, before the function and ctx do
	OnReturn              // when the function returns
	Unknown               // kept for later, or nobody knows
	Detached              // in a task that may outlive the function
)

// Within reports whether what runs there has ended when the function goes on to its end.
func (w Where) Within() bool { return w <= InJoined }

// Where tells where a call that is written in f runs, seen from the function around it
// that declares ctx, or nil from the declaration around it. The context must not be
// canceled before a task has ended for that to be joined. For ctx the cancel function may
// stand that ends it.
func (r *Result) Where(call *ast.CallExpr, f *syntax.Func, ctx *types.Var) Where {
	w := whereWalk{r: r, ctx: ctx, seen: make(map[*syntax.Func]bool)}
	return w.call(call, f)
}

// EndsWithinLives reports whether a call in f has ended before any function goes on to its
// end whose parameter the context variable v is made of, or whose cancel ends it: v may be
// made in the task.
func (r *Result) EndsWithinLives(call *ast.CallExpr, f *syntax.Func, v *types.Var) bool {
	within := true
	r.LivesAt(v, call.Pos(), func(l flow.Life) {
		switch {
		case l.Cancel != nil:
			within = within && r.Where(call, f, l.Cancel).Within()
		case l.Param != nil && l.Param != v:
			within = within && r.Where(call, f, l.Param).Within() && !r.MayOutlive(f, l.Param)
		}
	})
	return within
}

type whereWalk struct {
	r    *Result
	ctx  *types.Var
	seen map[*syntax.Func]bool
}

// call tells where a call in f runs.
func (w whereWalk) call(call *ast.CallExpr, f *syntax.Func) Where {
	here := OnCaller
	switch c := f.CallOf(call); {
	case c == nil:
	case c.Go != nil:
		here = w.task(&flow.Spawn{Go: c.Go, Call: call, In: f})
	case c.Defer != nil:
		here = OnReturn
	}
	return max(here, w.function(f))
}

// task tells where a task runs.
func (w whereWalk) task(s *flow.Spawn) Where {
	if w.r.Joined(s, &flow.Task{Lit: syntax.LitOf(w.r.TaskFunc(s))}, w.ctx) {
		return InJoined
	}
	return Detached
}

// function tells where the function f runs that is, or is in, the one asked about.
func (w whereWalk) function(f *syntax.Func) Where {
	if f.Outer == nil || w.ctx != nil && syntax.Encloses(f.Node, w.ctx.Pos()) {
		return OnCaller
	}
	if w.seen[f] {
		return Unknown
	}
	w.seen[f] = true
	switch f.Role {
	case syntax.RoleCalled, syntax.RoleGo, syntax.RoleDeferred:
		return w.call(f.Call, f.Outer)
	case syntax.RolePassed:
		return w.passed(f.Call, f.Arg, f.Outer)
	case syntax.RoleAssigned:
		return w.assigned(f)
	}
	return Unknown
}

// passed tells where a function runs that a call in f is given as argument arg.
func (w whereWalk) passed(call *ast.CallExpr, arg int, f *syntax.Func) Where {
	if c := f.CallOf(call); c != nil {
		for _, s := range w.r.SpawnsAt(c, f) {
			if s.Go == nil && s.Arg == call.Args[arg] {
				return max(w.task(s), w.function(f))
			}
		}
	}
	if !w.r.CallsInPlace(call, arg) {
		return Unknown
	}
	return w.call(call, f)
}

// assigned tells where a literal runs that a variable is set to: at the worst of the
// places where that is called or passed on.
func (w whereWalk) assigned(lit *syntax.Func) Where {
	v := lit.Variable
	if info := w.r.Var(v); info == nil || info.Param >= 0 || len(info.Defs) != 1 {
		return Unknown
	}
	worst := OnCaller
	ast.PreorderStack(lit.Root().Node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || w.r.Info.Uses[id] != v || syntax.IsAssigned(id, stack) {
			return true
		}
		worst = max(worst, w.use(id, stack, syntax.Innermost(lit.Root(), id.Pos())))
		return true
	})
	return worst
}

// use tells where a function runs by one use of the variable that has it.
func (w whereWalk) use(id *ast.Ident, stack []ast.Node, f *syntax.Func) Where {
	p, _ := syntax.Parent(stack)
	call, ok := p.(*ast.CallExpr)
	switch {
	case !ok:
		return Unknown
	case ast.Unparen(call.Fun) == id:
		return w.call(call, f)
	}
	return w.passed(call, syntax.ArgIndex(call, id), f)
}

// MayOutlive reports whether what has the context variable ctx, at a place in f, is run by
// a task of the package that outlives who started it: then ctx may end before its work.
// It is the literal that ctx is a parameter of, or the declaration around f.
func (r *Result) MayOutlive(f *syntax.Func, ctx *types.Var) bool {
	for g := f; ctx != nil && g.Outer != nil; g = g.Outer {
		if kind.ParamOf(g.Sig, ctx) >= 0 {
			w := whereWalk{r: r, seen: make(map[*syntax.Func]bool)}
			if at := w.function(g); at == Detached || at == Unknown && r.startsByValue(g, flow.MaxStarts, make(map[*syntax.Func]bool)) {
				return true
			}
			break
		}
	}
	return r.mayOutlive(f.Root(), flow.MaxStarts, make(map[*syntax.Func]bool))
}

func (r *Result) mayOutlive(d *syntax.Func, depth int, seen map[*syntax.Func]bool) bool {
	if seen[d] || depth == 0 {
		return depth == 0
	}
	seen[d] = true
	if r.startsByValue(d, depth, seen) {
		return true
	}
	if d.Obj == nil {
		return false // of a package variable: nobody names it
	}
	calls := r.CallsOf(d.Obj)
	for _, m := range r.Implemented(d.Obj) {
		calls = append(calls[:len(calls):len(calls)], r.CallsOf(m)...)
	}
	for _, c := range calls {
		if r.InTest(c.Call.Expr.Pos()) {
			continue
		}
		if w := r.whereGiven(c); w == Detached || w == Unknown && c.In.Outer != nil {
			return true
		}
		if r.mayOutlive(c.In.Root(), depth-1, seen) {
			return true
		}
	}
	return false
}

// startsByValue reports whether a task of the package that outlives who started it may
// be, or call, the function f by a value: where f is used as one, that is each call of a
// value with its signature, and a spawner that is given f by name. Who is registered
// with another package is called by that, with a context that is its affair.
func (r *Result) startsByValue(f *syntax.Func, depth int, seen map[*syntax.Func]bool) bool {
	if f.Obj != nil && r.namedIn(f.Obj) <= len(r.CallsOf(f.Obj)) {
		return false
	}
	for _, c := range r.valueCalls() {
		if !types.Identical(r.TypeOf(c.Call.Expr.Fun).Underlying(), f.Sig) || r.InTest(c.Call.Expr.Pos()) {
			continue
		}
		if w := r.whereGiven(c); w == Detached || w == Unknown && givesFromAround(r, c) || r.mayOutlive(c.In.Root(), depth-1, seen) {
			return true
		}
	}
	for _, in := range r.UsedAsValue(f.Obj) {
		w := whereWalk{r: r, seen: make(map[*syntax.Func]bool)}
		for _, c := range in.Calls {
			for i, arg := range c.Expr.Args {
				if fn := r.NamedFunc(arg); fn == f.Obj && w.passed(c.Expr, i, in) == Detached {
					return true
				}
			}
		}
	}
	return false
}

// givesFromAround reports whether a call that a literal makes is given a context of the
// function around that: who runs the literal does not know how long it lasts.
func givesFromAround(r *Result, c syntax.CallIn) bool {
	return c.In.Outer != nil && slices.ContainsFunc(c.Call.Expr.Args, func(arg ast.Expr) bool {
		v := r.VarOf(arg)
		return v != nil && kind.IsContext(v.Type()) && !syntax.Encloses(c.In.Node, v.Pos())
	})
}

// valueCalls returns the calls of the package that call a function value and give it a
// context.
func (r *Result) valueCalls() []syntax.CallIn {
	if r.byValue == nil {
		r.byValue = []syntax.CallIn{}
		r.Funcs(func(f *syntax.Func) {
			for _, c := range f.Calls {
				_, isLit := ast.Unparen(c.Expr.Fun).(*ast.FuncLit)
				if sig, ok := r.TypeOf(c.Expr.Fun).Underlying().(*types.Signature); ok && c.Callee == nil && !isLit && kind.TakesContext(sig) {
					r.byValue = append(r.byValue, syntax.CallIn{Call: c, In: f})
				}
			}
		})
	}
	return r.byValue
}

// whereGiven is Where for a call, and for each context variable that it is given: that
// must not be canceled before the call has ended.
func (r *Result) whereGiven(c syntax.CallIn) Where {
	worst := r.Where(c.Call.Expr, c.In, nil)
	for _, arg := range c.Call.Expr.Args {
		if v := r.VarOf(arg); v != nil && kind.IsContext(v.Type()) && !v.IsField() && worst != OnCaller {
			worst = max(worst, r.Where(c.Call.Expr, c.In, v))
			r.LivesAt(v, arg.Pos(), func(l flow.Life) {
				if l.Cancel != nil {
					worst = max(worst, r.Where(c.Call.Expr, c.In, l.Cancel)) // canceled by a function around
				}
			})
		}
	}
	return worst
}

// MayBeOver reports whether the context variable v may have been canceled at pos, in
// f, by the function that derived it: a path leads from a call of the cancel function
// to there, or somebody else may call that. Of a unit of work, who asked for it may be gone.
func (r *Result) MayBeOver(v *types.Var, f *syntax.Func, pos token.Pos) bool {
	over := r.unitOfWork(v.Type()) != nil
	r.LivesAt(v, pos, func(l flow.Life) {
		over = over || l.Cancel != nil && r.mayHaveCancelled(l, f, pos)
	})
	return over || r.groupMayBeOver(v, f, pos, flow.MaxStarts)
}

// groupMayBeOver reports whether a context variable was made with a group, or is made of
// one that was, and the group may have been waited for at pos, in f: that ends it.
//
//	g, ctx := errgroup.WithContext(ctx)
func (r *Result) groupMayBeOver(v *types.Var, f *syntax.Func, pos token.Pos, depth int) bool {
	info := r.Var(v)
	if info == nil || depth == 0 {
		return false
	}
	for _, d := range info.Defs {
		as, ok := d.At.(*ast.AssignStmt)
		call, isCall := ast.Unparen(d.Rhs).(*ast.CallExpr)
		if !ok || !isCall || r.Callee(call) == nil || r.Detaches(r.Callee(call)) {
			continue
		}
		for _, lhs := range as.Lhs {
			if g := r.VarOf(lhs); g != nil && !g.IsField() && r.startsTasks(g.Type()) && len(as.Rhs) == 1 && r.mayHaveWaited(g, d.In, f, pos) {
				return true
			}
		}
		for _, arg := range call.Args {
			if from := r.VarOf(arg); from != nil && from != v && kind.IsContext(from.Type()) && r.groupMayBeOver(from, f, pos, depth-1) {
				return true
			}
		}
	}
	return false
}

// mayHaveWaited reports whether a group of the function in may have been waited for when f
// comes to pos.
func (r *Result) mayHaveWaited(g *types.Var, in, f *syntax.Func, pos token.Pos) bool {
	at, may := r.placeIn(in, f, pos), false
	in.All(func(h *syntax.Func) {
		for _, c := range h.Calls {
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Wait" || r.VarOf(sel.X) != g || c.Defer != nil {
				continue
			}
			if wait := r.placeIn(in, h, c.Expr.Pos()); h.Role != syntax.RoleDeferred {
				may = may || wait == nil || at == nil || r.GraphOf(in).Between(wait, at, nil)
			}
		}
	})
	return may
}

// mayHaveCancelled reports whether the cancel function of l may have been called when
// f comes to pos. What is deferred is called later, for what is not deferred itself.
func (r *Result) mayHaveCancelled(l flow.Life, f *syntax.Func, pos token.Pos) bool {
	may := false
	at := r.placeIn(l.In, f, pos)
	ast.PreorderStack(l.In.Root().Node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || may || r.Info.ObjectOf(id) != l.Cancel || syntax.IsAssigned(id, stack) {
			return !may
		}
		if r.Info.Defs[id] != nil || isDeferred(stack) && syntax.Innermost(l.In.Root(), deferOf(stack).Pos()) == l.In {
			return true
		}
		p, _ := syntax.Parent(stack)
		call, ok := p.(*ast.CallExpr)
		if !ok || ast.Unparen(call.Fun) != id || syntax.Innermost(l.In.Root(), id.Pos()) != l.In || at == nil {
			may = true // kept, handed on, called by another function
		} else {
			may = r.GraphOf(l.In).Between(call, at, nil)
		}
		return !may
	})
	return may
}

// isDeferred reports whether a node with these parents is part of a deferred call that
// is deferred by the outermost of the functions among them.
func isDeferred(stack []ast.Node) bool {
	for _, n := range stack {
		if _, ok := n.(*ast.DeferStmt); ok {
			return true
		}
	}
	return false
}

// placeIn returns what happens first at pos, in f, as the function outer around f sees
// it: where the literal around pos is started. It is nil if that is not known.
func (r *Result) placeIn(outer, f *syntax.Func, pos token.Pos) ast.Node {
	var at ast.Node
	for ; f != nil && f != outer; f = f.Outer {
		at = flow.StartOf(f)
		if at == nil {
			return nil
		}
	}
	if f == nil {
		return nil
	}
	if at == nil {
		return r.GraphOf(f).NodeAt(pos)
	}
	return at
}
