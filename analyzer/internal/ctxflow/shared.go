package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// sharedTask reports whether a spawn starts work for all who come while it runs, not
// for the caller that happens to be the first: whether it is started depends on state
// that outlives the call and that the function changes, as who comes next will see.
//
//	if f.pending == nil {
//		f.pending = new(flight)
//		go f.lead()
//	}
//
// The state may be asked by a copy, a length, a threshold, a map that lacks the key, a
// case of a switch, an early return, a lock or an atomic operation.
func (r *Result) sharedTask(f *Func, pos token.Pos) bool {
	for _, cond := range r.guardsOf(f, pos) {
		if r.letsOneIn(cond) || r.asksChanged(cond, f) {
			return true
		}
	}
	return false
}

// guardsOf returns the conditions that decide whether f comes to pos: of the statements
// around it, and of those before it that return.
func (r *Result) guardsOf(f *Func, pos token.Pos) (conds []ast.Expr) {
	path := pathTo(pos, f.body)
	for i, n := range path {
		switch n := n.(type) {
		case *ast.IfStmt:
			if !encloses(n.Cond, pos) && (n.Init == nil || !encloses(n.Init, pos)) {
				conds = append(conds, n.Cond)
			}
		case *ast.CaseClause:
			conds = append(conds, n.List...)
			if s, ok := path[max(0, i-2)].(*ast.SwitchStmt); ok && s.Tag != nil {
				conds = append(conds, s.Tag)
			}
		}
		for _, stmt := range listOf(n) {
			if s, ok := stmt.(*ast.IfStmt); ok && s.End() <= pos && leaves(s.Body) {
				conds = append(conds, s.Cond)
			}
		}
	}
	return conds
}

// leaves reports whether a block ends with a return.
func leaves(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok
}

// asksChanged reports whether a condition is about a field, of what outlives the call,
// that f changes: the field itself, or a variable that was set to something of it.
func (r *Result) asksChanged(cond ast.Expr, f *Func) bool {
	return slices.ContainsFunc(r.fieldsIn(cond, f, 1), func(field *types.Var) bool { return r.changesField(f, field) })
}

// fieldsIn returns the fields of what outlives a call of f that an expression reads,
// itself or by variables that were set to one that does.
func (r *Result) fieldsIn(e ast.Expr, f *Func, depth int) (fields []*types.Var) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SelectorExpr:
			if v := r.varOf(n); v != nil && v.IsField() && r.outlivesCall(r.baseVar(n), f) {
				fields = append(fields, v)
			}
		case *ast.Ident:
			v, ok := r.info.Uses[n].(*types.Var)
			if ok && depth > 0 && !v.IsField() && encloses(f.Root().node, v.Pos()) {
				for _, rhs := range r.assignedTo(v, f) {
					fields = append(fields, r.fieldsIn(rhs, f, depth-1)...)
				}
			}
		}
		return true
	})
	return fields
}

// outlivesCall reports whether a variable is there before and after a call of f: the
// receiver, or a variable of the package.
func (r *Result) outlivesCall(v *types.Var, f *Func) bool {
	return v != nil && (v == f.Root().sig.Recv() || v.Parent() == r.pass.Pkg.Scope())
}

// assignedTo returns what the local variable v of f is assigned.
func (r *Result) assignedTo(v *types.Var, f *Func) (values []ast.Expr) {
	ast.Inspect(f.Root().node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && r.info.ObjectOf(id) == v {
					values = append(values, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if r.info.ObjectOf(name) == v && len(n.Values) > 0 {
					values = append(values, n.Values[min(i, len(n.Values)-1)])
				}
			}
		}
		return true
	})
	return values
}

// changesField reports whether f assigns to a field, or to an element of it.
func (r *Result) changesField(f *Func, field *types.Var) bool {
	changes := false
	note := func(e ast.Expr) {
		if index, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			e = index.X
		}
		changes = changes || r.varOf(e) == field
	}
	ast.Inspect(f.Root().node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				note(lhs)
			}
		case *ast.IncDecStmt:
			note(n.X)
		}
		return !changes
	})
	return changes
}

// sharesWork reports whether fn runs the function that it is given for all who
// come while it runs. A function of the package does if it can return after
// having waited, at its top:
//
//	if g.running {
//		g.done.Wait()
//		return
//	}
func (r *Result) sharesWork(fn *types.Func) bool {
	if sharedWork[fn.FullName()] {
		return true
	}
	f := r.byObj[fn.Origin()]
	if f == nil || f.body == nil || !takesFunc(f.sig) {
		return false
	}
	return slices.ContainsFunc(f.body.List, func(s ast.Stmt) bool {
		cond, ok := s.(*ast.IfStmt)
		if !ok || len(cond.Body.List) < 2 {
			return false
		}
		_, returns := cond.Body.List[len(cond.Body.List)-1].(*ast.ReturnStmt)
		return returns && slices.ContainsFunc(cond.Body.List, r.onlyWaits)
	})
}

// onlyWaits reports whether a statement does nothing but wait.
func (r *Result) onlyWaits(s ast.Stmt) bool {
	x, ok := s.(*ast.ExprStmt)
	return ok && r.waitedFor(x.X) != nil
}

// letsOneIn reports whether a condition holds for one of several callers.
func (r *Result) letsOneIn(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if fn := r.callee(call); fn != nil {
				switch fn.Name() {
				case "CompareAndSwap", "TryLock", "LoadOrStore":
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// keyedWork reports whether the literal f works for everybody who asks for the
// same key while it runs, or later: what it gives is what the call gives that it
// is passed to, beside a key that is no constant.
//
//	v, err := m.batcher.Do("user:"+id, func() (any, error) { .. })
//
// So do a home-made singleflight, and a cache that loads what it lacks. With a
// context of its own the literal has the right one.
func (r *Result) keyedWork(f *Func) bool {
	if f.role != rolePassed || f.sig.Results().Len() == 0 || isError(f.sig.Results().At(0).Type()) || r.takesContext(f) {
		return false
	}
	call := f.call
	if r.info.Types[call.Fun].IsType() && f.outer != nil {
		call = r.callWith(f.outer, call) // Func(func() { .. })
	}
	if call == nil || !r.givesValue(call) {
		return false
	}
	for _, arg := range call.Args {
		tv := r.info.Types[arg]
		if tv.Value != nil || tv.Type == nil {
			continue
		}
		if b, ok := tv.Type.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			return true
		}
	}
	return false
}

// callWith returns the call in f that has arg among its arguments, or nil.
func (r *Result) callWith(f *Func, arg ast.Expr) *ast.CallExpr {
	for _, s := range f.calls {
		if argIndex(s.expr, arg) >= 0 {
			return s.expr
		}
	}
	return nil
}

// givesValue reports whether the first result of a call is something other than
// an error.
func (r *Result) givesValue(call *ast.CallExpr) bool {
	t := typeOf(r.info, call)
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.Len() > 0 && !isError(tuple.At(0).Type())
	}
	return !isError(t)
}

// inKeyedWork reports whether f, or a literal around it, is keyedWork.
func (r *Result) inKeyedWork(f *Func) bool {
	for ; f != nil; f = f.outer {
		if r.keyedWork(f) {
			return true
		}
	}
	return false
}

// collects reports whether fn by its name collects garbage: it works for
// everybody, and not for whoever happened to make the garbage.
func collects(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	name := strings.ToLower(fn.Name())
	return name == "gc" || strings.HasSuffix(fn.Name(), "GC") || strings.Contains(name, "garbagecollect")
}
