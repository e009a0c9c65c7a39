package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// sharedTask reports whether a spawn starts work for all who come while it
// runs, not for the caller that happens to be the first: it is guarded by an if
// that lets one in,
//
//	if f.pending == nil {
//		f.pending = new(flight)
//		go f.lead()
//	}
//
// or by an atomic operation or a lock that does.
func (r *Result) sharedTask(f *Func, pos token.Pos) bool {
	for s := range f.ifs.at(pos) {
		if encloses(s.Body, pos) && (r.letsOneIn(s.Cond) || r.claims(s, pos)) {
			return true
		}
	}
	return false
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

// claims reports whether the body of s, before pos, changes the field that its
// condition found unset, or puts the entry into a field's map that it missed.
func (r *Result) claims(s *ast.IfStmt, pos token.Pos) bool {
	field := r.unsetField(s.Cond)
	missing := isNotOK(s.Cond)
	if field == nil && !missing {
		return false
	}
	for _, stmt := range s.Body.List {
		as, ok := stmt.(*ast.AssignStmt)
		if !ok || as.Pos() > pos {
			continue
		}
		for _, lhs := range as.Lhs {
			index, ok := lhs.(*ast.IndexExpr)
			if field != nil && r.varOf(lhs) == field || missing && ok && r.isField(index.X) {
				return true
			}
		}
	}
	return false
}

// isNotOK reports whether a condition is !ok.
func isNotOK(cond ast.Expr) bool {
	u, ok := ast.Unparen(cond).(*ast.UnaryExpr)
	if !ok || u.Op != token.NOT {
		return false
	}
	id, ok := ast.Unparen(u.X).(*ast.Ident)
	return ok && (id.Name == "ok" || id.Name == "found" || id.Name == "exists")
}

func (r *Result) isField(e ast.Expr) bool {
	v := r.varOf(e)
	return v != nil && v.IsField()
}

// unsetField returns the field that a condition finds unset: x.f == nil, !x.f.
func (r *Result) unsetField(cond ast.Expr) *types.Var {
	var e ast.Expr
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if c.Op == token.EQL && r.info.Types[c.Y].IsNil() {
			e = c.X
		}
	case *ast.UnaryExpr:
		if c.Op == token.NOT {
			e = c.X
		}
	}
	if e == nil {
		return nil
	}
	if v := r.varOf(e); v != nil && v.IsField() {
		return v
	}
	return nil
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
