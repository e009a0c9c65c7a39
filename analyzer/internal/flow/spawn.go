package flow

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file infers spawners. A func parameter is spawned if its value reaches
// a go statement, a channel, another spawner, or a field that one of these
// takes it from. The values of variables and fields are followed over the
// package without regard to order and instance, which over-approximates: a
// task of another pool of the same package is a task as well.

// A funcFlow is the graph of how function values move between the variables
// and fields of a package.
type funcFlow struct {
	r       *Result
	sources map[*types.Var][]*types.Var // to -> from
	spawned []*types.Var                // taken to another goroutine
	kept    []*types.Var                // stored by another package
	holds   map[types.Type]bool         // memo of mayHold
	workers map[*types.Func]bool        // functions of the package that a go statement starts
}

// solveSpawns finds the spawners of the package.
func (r *Result) solveSpawns() {
	if !r.MovesFuncs {
		return
	}
	g := &funcFlow{r: r, sources: make(map[*types.Var][]*types.Var), holds: make(map[types.Type]bool), workers: make(map[*types.Func]bool)}
	for _, f := range r.Decls {
		r.now = f
		if f.Body != nil {
			f.All(func(f *syntax.Func) { g.scan(f) })
		}
	}
	r.now = nil
	for _, f := range r.Decls {
		if g.workers[f.Obj] && f.Body != nil {
			f.All(func(f *syntax.Func) { g.worker(f) })
		}
	}
	spawned := g.backward(g.spawned, func(v *types.Var) bool {
		t := elemOf(v.Type())
		return kind.IsRunnable(t) && !r.jobOf(t).known()
	})
	var stores []*types.Var
	for to := range g.sources {
		if to.IsField() || to.Parent() == r.Pass.Pkg.Scope() {
			stores = append(stores, to)
		}
	}
	kept := g.backward(append(stores, g.kept...), nil)
	for _, f := range r.Decls {
		for i := range f.Sig.Params().Len() {
			v := f.Sig.Params().At(i)
			switch {
			case spawned[v] && (kind.IsTaskType(v.Type()) || r.jobOf(v.Type()).known()):
				r.own(f.Obj).Spawns |= bit(i)
			case kept[v] && (kind.IsTaskType(v.Type()) || kind.IsRunnable(v.Type())):
				r.own(f.Obj).Keeps |= bit(i)
			}
		}
	}
	r.liftUnion(func(s *Summary) *uint64 { return &s.Spawns })
	r.liftUnion(func(s *Summary) *uint64 { return &s.Keeps })
}

// mayHold reports whether a value of type t may hold a function that somebody
// passed in: a function, any, a type parameter, or something made of those.
func (g *funcFlow) mayHold(t types.Type) bool {
	if t == nil {
		return false
	}
	got, ok := g.holds[t]
	if !ok {
		g.holds[t] = false // recursive types: decided by their other parts
		got = g.hold(t)
		g.holds[t] = got
	}
	return got
}

func (g *funcFlow) hold(t types.Type) bool {
	if kind.IsFuncLike(t) || kind.IsRunnable(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return g.mayHold(u.Elem())
	case *types.Slice:
		return g.mayHold(u.Elem())
	case *types.Array:
		return g.mayHold(u.Elem())
	case *types.Chan:
		return g.mayHold(u.Elem())
	case *types.Map:
		return g.mayHold(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if kind.IsFuncLike(u.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

// scan adds what the body of f does, nested literals left to their own scan.
func (g *funcFlow) scan(f *syntax.Func) {
	for _, s := range f.Calls {
		g.call(s)
	}
	for _, n := range f.Moves {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				rhs := n.Rhs[0]
				if len(n.Lhs) == len(n.Rhs) {
					rhs = n.Rhs[i]
				}
				g.edge(rhs, g.target(lhs))
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if len(n.Values) > 0 {
					g.edge(n.Values[min(i, len(n.Values)-1)], g.r.VarOf(name))
				}
			}
		case *ast.RangeStmt:
			if n.Value != nil {
				g.edge(n.X, g.target(n.Value))
			}
		case *ast.CompositeLit:
			g.composite(n)
		case *ast.SendStmt:
			g.spawned = append(g.spawned, g.valuesIn(n.Value)...)
		case *ast.GoStmt:
			g.goStmt(n)
		}
	}
}

// target returns the variable that an assignment to e changes: x of x[i], the
// field of y.f.
func (g *funcFlow) target(e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return g.r.VarOf(x)
		}
	}
}

// edge adds that the functions that e mentions move to the variable to.
func (g *funcFlow) edge(e ast.Expr, to *types.Var) {
	if to == nil || !g.mayHold(to.Type()) {
		return
	}
	for _, from := range g.valuesIn(e) {
		if from != to {
			g.sources[to] = append(g.sources[to], from)
		}
	}
}

// varsIn returns the variables and fields in e that may hold a function, those
// captured by literals included. The result of a call counts as holding what
// its arguments hold: it may be a wrapper.
func (g *funcFlow) varsIn(e ast.Node) []*types.Var {
	var vars []*types.Var
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := g.r.Info.Uses[id].(*types.Var); ok && g.mayHold(v.Type()) {
				vars = append(vars, v.Origin())
			}
		}
		return true
	})
	return vars
}

// valuesIn is varsIn for a value that moves: what it is called to make is not the function
// itself.
//
//	v := load()
//	done <- v
func (g *funcFlow) valuesIn(e ast.Expr) []*types.Var {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && g.r.VarOf(call.Fun) != nil {
		var vars []*types.Var
		for _, arg := range call.Args {
			vars = append(vars, g.valuesIn(arg)...)
		}
		return vars
	}
	return g.varsIn(e)
}

func (g *funcFlow) composite(lit *ast.CompositeLit) {
	st, _ := g.r.TypeOf(lit).Underlying().(*types.Struct)
	if st == nil {
		return
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			g.edge(kv.Value, g.r.VarOf(kv.Key))
		} else if i < st.NumFields() {
			g.edge(elt, st.Field(i).Origin())
		}
	}
}

// call adds that the arguments of a call move to the parameters of the
// function it names, or of the implementations of the method it names.
func (g *funcFlow) call(s *syntax.Call) {
	call, callee := s.Expr, s.Callee
	if callee == nil {
		return
	}
	targets := append([]*types.Func{callee}, g.r.impls[callee]...)
	for i, arg := range call.Args {
		for _, fn := range targets {
			sig := fn.Signature()
			pi := kind.ParamIndex(sig, i)
			if pi < 0 {
				continue
			}
			if f := g.r.Func(fn); f != nil && f.Body != nil {
				g.edge(arg, sig.Params().At(pi))
				continue
			}
			known, byName := g.r.Of(fn), uint64(0)
			if fn.Pkg() == g.r.Pass.Pkg {
				byName = kind.SpawnsByName(fn.FullName())
			}
			if Has(known.Spawns|byName, pi) {
				g.spawned = append(g.spawned, g.varsIn(arg)...)
				// newTimer(when, 0, goFunc, f): what comes with the
				// function that is called back goes to it.
				if byName != 0 {
					g.spawned = append(g.spawned, g.varsIn(call)...)
				}
			} else if Has(known.Keeps, pi) {
				g.kept = append(g.kept, g.varsIn(arg)...)
			}
		}
	}
}

// goStmt adds that what a go statement starts is spawned: the function, what
// its literal captures, its arguments. Not what only a service loop in it
// calls: that runs again and again, and is no task of whoever passed it in.
func (g *funcFlow) goStmt(stmt *ast.GoStmt) {
	call := stmt.Call
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		if task := g.r.Lit(lit); task != nil {
			for _, v := range g.varsIn(lit.Body) {
				if kind.IsFuncLike(v.Type()) && !syntax.Encloses(lit, v.Pos()) && !g.onlyServed(v, task) {
					g.spawned = append(g.spawned, v)
				}
			}
		}
	} else if v := g.r.VarOf(call.Fun); v != nil {
		g.spawned = append(g.spawned, v)
	} else if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && kind.IsRunnable(g.r.TypeOf(sel.X)) {
		g.spawned = append(g.spawned, g.varsIn(sel.X)...) // go j.Do()
	}
	callee := g.r.Func(g.r.Callee(call))
	if callee != nil {
		g.workers[callee.Obj] = true
	}
	for i, arg := range call.Args {
		if callee != nil && callee.Body != nil {
			pi := kind.ParamIndex(callee.Sig, i)
			if pi < 0 || g.onlyServed(callee.Sig.Params().At(pi), callee) {
				continue
			}
		}
		g.spawned = append(g.spawned, g.varsIn(arg)...)
	}
}

// worker adds that the function values which a worker calls are spawned: those
// that it takes from somewhere into a variable, round by round, and those that
// it finds in a field and calls but once. What it calls from the same field in
// each round is a callback.
func (g *funcFlow) worker(f *syntax.Func) {
	for _, s := range f.Calls {
		if s.Callee != nil {
			continue
		}
		v := g.r.VarOf(s.Expr.Fun)
		if v == nil || v.IsField() && g.r.ServiceLoopAt(f, s.Expr.Pos()) != nil {
			continue
		}
		if v.IsField() || syntax.Encloses(f.Root().Body, v.Pos()) {
			g.spawned = append(g.spawned, v)
		}
	}
}

// onlyServed reports whether f uses v in service loops only, and never gives
// it another value there.
func (g *funcFlow) onlyServed(v *types.Var, f *syntax.Func) bool {
	uses, served := 0, 0
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if u, ok := g.r.Info.Uses[n].(*types.Var); ok && u.Origin() == v {
				uses++
				if in := syntax.Innermost(f, n.Pos()); g.r.ServiceLoopAt(in, n.Pos()) != nil {
					served++
				}
			}
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if g.r.VarOf(lhs) == v {
					uses++ // a new task in each round
				}
			}
		}
		return true
	})
	return uses > 0 && uses == served
}

// elemOf returns the type of the elements of a list of type t, else t.
func elemOf(t types.Type) types.Type {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Map:
		return u.Elem()
	case *types.Chan:
		return u.Elem()
	}
	return t
}

// backward returns everything whose functions reach one of the variables, by others
// than those that stop them.
func (g *funcFlow) backward(work []*types.Var, stops func(*types.Var) bool) map[*types.Var]bool {
	seen := make(map[*types.Var]bool)
	work = append([]*types.Var(nil), work...)
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[v] || stops != nil && stops(v) {
			continue
		}
		seen[v] = true
		work = append(work, g.sources[v]...)
	}
	return seen
}
