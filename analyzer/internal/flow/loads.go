package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds caches that load what they lack: what is loaded is for all who ask later,
// and whoever came first only has to wait for it.

// loadsForAll reports whether what a call in f gives is kept, under a lock, where f has
// looked first and found nothing:
//
//	c.mu.Lock()
//	defer c.mu.Unlock()
//	if v, ok := c.items[key]; ok {
//		return v, nil
//	}
//	v, err := c.load(key)
//	c.items[key] = v
//
// The place may be a field or an element of it, or a value in a field that is asked and
// filled by methods.
func (r *Result) loadsForAll(c *syntax.Call, f *syntax.Func) bool {
	if c.Assign == nil || f.Outer != nil {
		return false
	}
	kept, ok := r.loads[f]
	if !ok {
		if looks := r.looksIn(f); len(looks) > 0 {
			kept = r.keptIn(f, looks)
		}
		r.loads[f] = kept
	}
	looked, ok := kept[c.Assign]
	return ok && looked <= c.Expr.Pos()
}

// atomicOf returns the value of package sync/atomic that an expression calls a method of, nil
// for none.
//
//	c.version.Load()
func (r *Result) atomicOf(e ast.Expr, method string) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if fn := r.Callee(call); !ok || fn == nil || fn.Name() != method || fn.Pkg() == nil || fn.Pkg().Path() != "sync/atomic" {
		return nil
	}
	return sel.X
}

// fillsEmpty reports whether what f does at pos is to fill a field, or a variable of the
// package, for all who come later: it is done only where nothing is in it, by an atomic
// operation or under a lock.
//
//	if c.version.Load() == nil {
//		v, err := c.ask(ctx)
//		c.version.Store(&v)
//	}
//
// So it is after an early return of what is there.
func (r *Result) fillsEmpty(f *syntax.Func, pos token.Pos) bool {
	if f.Outer != nil || f.Body == nil || f.Sig.Results().Len() == 0 {
		return false
	}
	return slices.ContainsFunc(r.fillsOf(f), func(s *ast.IfStmt) bool {
		if ast.Unparen(s.Cond).(*ast.BinaryExpr).Op == token.NEQ {
			return s.End() <= pos
		}
		return syntax.Encloses(s.Body, pos)
	})
}

// fillsOf returns the statements of f that ask whether something is empty which they fill, or f
// does behind them.
func (r *Result) fillsOf(f *syntax.Func) []*ast.IfStmt {
	got, known := r.filling[f]
	if known {
		return got
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
		if !ok || !r.Info.Types[b.Y].IsNil() {
			return true
		}
		in := ast.Stmt(s.Body)
		if b.Op == token.NEQ {
			in = f.Body
			if !leaves(s.Body) || !slices.Contains(f.Body.List, ast.Stmt(s)) {
				return true
			}
		} else if b.Op != token.EQL {
			return true
		}
		if v, atomic := r.emptied(b.X, f); v != nil && r.fillsIn(in, v) && (atomic || r.locks(f)) {
			got = append(got, s)
		}
		return true
	})
	r.filling[f] = got
	return got
}

// emptied returns the field of what outlives a call of f, or the variable of the package,
// whose value an expression is, itself or by a variable, and whether it is atomic.
func (r *Result) emptied(e ast.Expr, f *syntax.Func) (v *types.Var, atomic bool) {
	if loaded := r.atomicOf(e, "Load"); loaded != nil {
		e, atomic = loaded, true
	}
	v = r.VarOf(e)
	switch {
	case v == nil:
		return nil, false
	case v.IsField() && r.OutlivesCall(r.BaseVar(e), f) || r.packageVar(e) != nil:
		return v, atomic
	case !v.IsField() && !atomic:
		if values := r.assignedTo(v, f); len(values) == 1 && r.VarOf(values[0]) != v {
			return r.emptied(values[0], f)
		}
	}
	return nil, false
}

// fillsIn reports whether a statement sets v, by an assignment or an atomic store.
func (r *Result) fillsIn(body ast.Stmt, v *types.Var) bool {
	fills := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			fills = fills || slices.ContainsFunc(n.Lhs, func(e ast.Expr) bool { return r.VarOf(e) == v })
		case *ast.CallExpr:
			to := r.atomicOf(n, "Store")
			fills = fills || to != nil && r.VarOf(to) == v
		}
		return !fills
	})
	return fills
}

// setsUp reports whether a call is of a function of the package that fills a field, or a
// variable of the package, where f has found nothing in it, under a lock or once:
//
//	if a.auth == nil {
//		a.mu.Lock()
//		defer a.mu.Unlock()
//		if err := a.initialize(url); err != nil {
//			return err
//		}
//	}
func (r *Result) setsUp(c *syntax.Call, f *syntax.Func) bool {
	g := r.Func(c.Callee)
	if g == nil || g.Body == nil || f.Body == nil || r.Of(c.Callee).Sink == nil && !kind.TakesContext(g.Sig) || !r.assignmentsOf(g).lasting {
		return false
	}
	for _, n := range syntax.PathTo(c.Expr.Lparen, f.Root().Body) {
		s, ok := n.(*ast.IfStmt)
		if !ok || !syntax.Encloses(s.Body, c.Expr.Pos()) {
			continue
		}
		b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
		if !ok || b.Op != token.EQL || !r.Info.Types[b.Y].IsNil() {
			continue
		}
		v := r.lastingField(b.X, f)
		if v == nil {
			v = r.packageVar(b.X)
		}
		if v != nil && r.setsVar(g, v) && (r.takesLock(f.Root()) || r.takesLock(g) || r.runsOnce(g)) {
			return true
		}
	}
	return false
}

// packageVar returns the variable of the package that an expression names, or nil.
func (r *Result) packageVar(e ast.Expr) *types.Var {
	v := r.VarOf(e)
	if v == nil || v.IsField() || v.Parent() != r.Pass.Pkg.Scope() {
		return nil
	}
	return v
}

// setsVar reports whether a function, or a literal in it, sets a field or a variable of the
// package.
func (r *Result) setsVar(f *syntax.Func, v *types.Var) bool {
	return r.changesField(f, v) || len(r.assignedTo(v, f)) > 0
}

// runsOnce reports whether f does something for all who come, whoever came first.
func (r *Result) runsOnce(f *syntax.Func) bool {
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool { return c.Callee != nil && r.sharesWork(c.Callee) })
}

// locks reports whether f, or each function of the package that calls it, takes a lock
// that outlives it.
func (r *Result) locks(f *syntax.Func) bool {
	if r.takesLock(f) {
		return true
	}
	if f.Obj == nil || !r.Private(f.Obj) {
		return false
	}
	calls := r.CallsOf(f.Obj)
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c syntax.CallIn) bool { return !r.takesLock(c.In.Root()) })
}

// takesLock reports whether f locks something that outlives it.
func (r *Result) takesLock(f *syntax.Func) bool {
	return slices.ContainsFunc(f.Calls, func(c *syntax.Call) bool {
		if c.Callee == nil || c.Callee.Name() != "Lock" && c.Callee.Name() != "RLock" {
			return false
		}
		return r.OutlivesCall(r.BaseVar(c.Expr.Fun), f)
	})
}

// refreshes reports whether what f does at pos is to fill something for all who ask later: it
// has gone home before that where this was done already, does so under a lock, keeps what it
// has got, and gives its caller nothing but an error.
//
//	if c.loaded {
//		return nil
//	}
//	items, err := c.store.List(context.Background())
//	..
//	c.items, c.loaded = items, true
func (r *Result) refreshes(f *syntax.Func, pos token.Pos) bool {
	from, known := r.refreshing[f]
	if !known {
		from = r.refreshesFrom(f)
		r.refreshing[f] = from
	}
	return from.IsValid() && from <= pos
}

// onlyRefreshes reports whether a function of the package refreshes, or does nothing with the
// contexts that it is given but to hand them on to one that does.
func (r *Result) onlyRefreshes(f *syntax.Func, depth int) bool {
	if f.Body == nil || r.refreshes(f, f.Node.End()) {
		return f.Body != nil
	}
	if depth == 0 || !kind.TakesContext(f.Sig) || len(f.Lits) > 0 {
		return false
	}
	handed := 0
	for _, m := range f.Mentions {
		if kind.ParamOf(f.Sig, m.Var) < 0 {
			return false // it makes another one of it
		}
		switch p, _ := syntax.Parent(m.Stack); p := p.(type) {
		case *ast.SelectorExpr: // ctx.Err()
		case *ast.CallExpr:
			g := r.Func(r.Callee(p))
			if g == nil || !r.onlyRefreshes(g, depth-1) {
				return false
			}
			handed++
		default:
			return false
		}
	}
	return handed > 0
}

func (r *Result) refreshesFrom(f *syntax.Func) token.Pos {
	results := f.Sig.Results()
	if f.Obj == nil || f.Body == nil || f.Sig.Recv() == nil || !r.assignmentsOf(f).lasting || results.Len() > 1 || results.Len() == 1 && !kind.IsError(results.At(0).Type()) {
		return token.NoPos
	}
	for _, stmt := range f.Body.List {
		s, ok := stmt.(*ast.IfStmt)
		if !ok || !leaves(s.Body) {
			continue
		}
		ret := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt)
		if len(ret.Results) == 1 && !r.Info.Types[ret.Results[0]].IsNil() || !r.asksChanged(s.Cond, f) {
			continue
		}
		if r.keepsGot(f) && r.locks(f) {
			return s.End()
		}
		return token.NoPos
	}
	return token.NoPos
}

// keepsGot reports whether f keeps in a field what a call that may fail has given, or stores a
// value that is there for all to load.
func (r *Result) keepsGot(f *syntax.Func) bool {
	got := make(map[*types.Var]bool)
	for _, c := range f.Calls {
		if c.Assign == nil || len(c.Assign.Lhs) < 2 || !kind.IsError(r.TypeOf(c.Assign.Lhs[len(c.Assign.Lhs)-1])) {
			continue
		}
		for _, lhs := range c.Assign.Lhs[:len(c.Assign.Lhs)-1] {
			if v := r.VarOf(lhs); v != nil && !v.IsField() {
				got[v] = true
			}
			if r.lastingField(lhs, f) != nil {
				return true
			}
		}
	}
	keeps := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				keeps = keeps || len(n.Lhs) == len(n.Rhs) && got[r.VarOf(n.Rhs[i])] && r.lastingField(lhs, f) != nil
			}
		case *ast.CallExpr:
			fn := r.Callee(n)
			keeps = keeps || fn != nil && fn.Name() == "Store" && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && r.OutlivesCall(r.BaseVar(n.Fun), f)
		}
		return !keeps
	})
	return keeps
}
