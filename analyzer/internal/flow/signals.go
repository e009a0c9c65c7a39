package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether somebody hears of the end of a task.

// reportsBack reports whether the function that spawns, or one around it, or
// its caller, may hear of the task otherwise than by what is understood: they share a
// channel, a group or a pipe.
func (r *Result) reportsBack(s *Spawn, understood func(*types.Var) bool) bool {
	if s.Go == nil {
		if sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr); ok {
			if v := r.BaseVar(sel.X); r.isLocal(v, s.In) && !understood(v) {
				return true
			}
		}
	}
	nodes := []ast.Node{}
	for _, b := range r.bodies(s) {
		if b.made != nil {
			for _, arg := range b.made.Args {
				nodes = append(nodes, arg)
			}
		} else if lit := syntax.LitOf(b.f); lit != nil {
			nodes = append(nodes, lit.Node)
		}
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
		if sel, ok := x.(*ast.SelectorExpr); ok && kind.IsSignal(r.TypeOf(sel)) {
			found = found || r.OwnerOf(r.VarOf(sel.X), s.In) != nil // job.result, the caller's
		}
		id, ok := x.(*ast.Ident)
		if !ok || found {
			return !found
		}
		v, ok := r.Info.Uses[id].(*types.Var)
		switch {
		case !ok || syntax.Encloses(n, v.Pos()) || understood(v):
		case r.isSemaphore(v.Type()):
			found = r.isLocal(v, s.In) && r.mentionedAfter(s, v)
		case kind.IsBool(v.Type()):
			found = r.isLocal(v, s.In) && r.polledAfter(s, v) // it is asked again and again
		case kind.IsSignal(v.Type()):
			found = r.isLocal(v, s.In) || r.OwnerOf(v, s.In) != nil
		case kind.HasSignal(v.Type()):
			found = r.isLocal(v, s.In) && r.madeHere(v, s.In) && !r.givenAway(v, s)
		}
		return !found
	})
	return found
}

// isLocal reports whether v is declared in the body of the declaration around
// f.
func (r *Result) isLocal(v *types.Var, f *syntax.Func) bool {
	return v != nil && !v.IsField() && f.Root().Body != nil && syntax.Encloses(f.Root().Body, v.Pos()) && r.OwnerOf(v, f) == nil
}

// isSemaphore reports whether t counts what is acquired and released, or has a field
// that does: who acquires all of it waits for all who have to release it.
func (r *Result) isSemaphore(t types.Type) bool {
	if r.HasMethods(t, "Acquire", "Release") {
		return true
	}
	st, ok := kind.Pointee(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if r.HasMethods(f.Type(), "Acquire", "Release") {
			return true
		}
	}
	return false
}

// mentionedAfter reports whether the function that spawns mentions v after that, or in
// what it defers.
func (r *Result) mentionedAfter(s *Spawn, v *types.Var) bool {
	found := false
	ast.Inspect(s.In.Root().Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Pos() > s.node().End() && r.Info.Uses[id] == v
		if d, ok := n.(*ast.DeferStmt); ok && !syntax.Encloses(s.node(), d.Pos()) {
			found = found || r.Mentions(d, v)
		}
		return !found
	})
	return found
}

// polledAfter reports whether a loop of the function that spawns, after that, asks for v.
func (r *Result) polledAfter(s *Spawn, v *types.Var) bool {
	for _, l := range s.In.Loops {
		if l.Node.Pos() > s.Pos() && r.Mentions(l.Node.Stmt, v) {
			return true
		}
	}
	return false
}

// givenAway reports whether v is an argument of a call before the task starts:
// who keeps it, such as a cache, hears of the task too, and later.
func (r *Result) givenAway(v *types.Var, s *Spawn) bool {
	return slices.ContainsFunc(s.In.Calls, func(c *syntax.Call) bool {
		return c.Go == nil && c.Expr.End() < s.Pos() && slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return r.VarOf(arg) == v })
	})
}

// madeHere reports whether the declaration around f makes the value of its
// variable v: by a literal, new or a constructor, or without a value.
func (r *Result) madeHere(v *types.Var, f *syntax.Func) bool {
	made := false
	ast.Inspect(f.Root().Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if r.VarOf(lhs) == v && (i == 0 || len(n.Lhs) == len(n.Rhs)) {
					made = made || r.isMaking(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if r.VarOf(name) == v {
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
		return ok && id.Name == "new" || r.Constructs(r.Callee(e))
	}
	return false
}
