package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// This file tells whether somebody hears of the end of a task.

// reportsBack reports whether the function that spawns, or one around it, or
// its caller, may hear of the task otherwise than by what is understood: they share a
// channel, a group or a pipe.
func (r *Result) reportsBack(s *Spawn, task *Func, understood func(*types.Var) bool) bool {
	if s.Go == nil {
		if sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr); ok {
			if v := r.baseVar(sel.X); r.isLocal(v, s.In) && !understood(v) {
				return true
			}
		}
	}
	nodes := []ast.Node{}
	if lit := litOf(task); lit != nil {
		nodes = append(nodes, lit.node)
	}
	if s.Go != nil {
		for _, arg := range s.Call.Args {
			nodes = append(nodes, arg)
		}
		if sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr); ok {
			nodes = append(nodes, sel.X)
		}
	}
	return slices.ContainsFunc(nodes, func(n ast.Node) bool { return r.hearsOf(n, s, understood) })
}

// hearsOf reports whether n mentions a variable or parameter of the function
// around, and not of n, by which one hears of another: a channel, a group, a pipe.
func (r *Result) hearsOf(n ast.Node, s *Spawn, understood func(*types.Var) bool) bool {
	found := false
	ast.Inspect(n, func(x ast.Node) bool {
		if sel, ok := x.(*ast.SelectorExpr); ok && isSignal(typeOf(r.info, sel)) {
			found = found || r.ownerOf(r.varOf(sel.X), s.In) != nil // job.result, the caller's
		}
		id, ok := x.(*ast.Ident)
		if !ok || found {
			return !found
		}
		v, ok := r.info.Uses[id].(*types.Var)
		switch {
		case !ok || encloses(n, v.Pos()) || understood(v):
		case r.isSemaphore(v.Type()):
			found = r.isLocal(v, s.In) && r.mentionedAfter(s, v)
		case isSignal(v.Type()):
			found = r.isLocal(v, s.In) || r.ownerOf(v, s.In) != nil
		case hasSignal(v.Type()):
			found = r.isLocal(v, s.In) && r.madeHere(v, s.In) && !r.givenAway(v, s)
		}
		return !found
	})
	return found
}

// isLocal reports whether v is declared in the body of the declaration around
// f.
func (r *Result) isLocal(v *types.Var, f *Func) bool {
	return v != nil && !v.IsField() && f.Root().body != nil && encloses(f.Root().body, v.Pos()) && r.ownerOf(v, f) == nil
}

// isSignal reports whether one goroutine hears of another by a value of type
// t: a channel, a WaitGroup or another group, a pipe.
func isSignal(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := t.Underlying().(type) {
	case *types.Chan:
		return true
	case *types.Slice:
		return isSignal(u.Elem())
	case *types.Map:
		return isSignal(u.Elem())
	case *types.Struct:
		n := namedOf(t)
		return n != nil && containsAny(n.Obj().Name(), "Group", "Pipe", "Cond", "Once")
	}
	return false
}

// isSemaphore reports whether t counts what is acquired and released, or has a field
// that does: who acquires all of it waits for all who have to release it.
func (r *Result) isSemaphore(t types.Type) bool {
	if r.hasMethods(t, "Acquire", "Release") {
		return true
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if r.hasMethods(f.Type(), "Acquire", "Release") {
			return true
		}
	}
	return false
}

// mentionedAfter reports whether the function that spawns mentions v after that.
func (r *Result) mentionedAfter(s *Spawn, v *types.Var) bool {
	found := false
	ast.Inspect(s.In.Root().body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Pos() > s.node().End() && r.info.Uses[id] == v
		return !found
	})
	return found
}

// givenAway reports whether v is an argument of a call before the task starts:
// who keeps it, such as a cache, hears of the task too, and later.
func (r *Result) givenAway(v *types.Var, s *Spawn) bool {
	return slices.ContainsFunc(s.In.calls, func(c *site) bool {
		return c.goStmt == nil && c.expr.End() < s.Pos() && slices.ContainsFunc(c.expr.Args, func(arg ast.Expr) bool { return r.varOf(arg) == v })
	})
}

// hasSignal reports whether t is a struct, or a pointer to one, with a channel.
func hasSignal(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if isSignal(f.Type()) {
			return true
		}
	}
	return false
}

// madeHere reports whether the declaration around f makes the value of its
// variable v: by a literal, new or a constructor, or without a value.
func (r *Result) madeHere(v *types.Var, f *Func) bool {
	made := false
	ast.Inspect(f.Root().body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if r.varOf(lhs) == v && (i == 0 || len(n.Lhs) == len(n.Rhs)) {
					made = made || r.isMaking(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if r.varOf(name) == v {
					made = made || len(n.Values) == 0 || i < len(n.Values) && r.isMaking(n.Values[i])
				}
			}
		}
		return !made
	})
	return made
}

// isMaking reports whether an expression makes a new value.
func (r *Result) isMaking(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return e.Op == token.AND && r.isMaking(e.X)
	case *ast.CallExpr:
		id, ok := e.Fun.(*ast.Ident)
		return ok && id.Name == "new" || r.constructs(r.callee(e))
	}
	return false
}
