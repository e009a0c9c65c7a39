package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether what a call gives lives on with the context that the call
// was given: rows, a transaction, a stream, a response, a process. Such a thing ends
// when the context does, under whoever uses it then.

// GivesAway reports whether a call in f gives something that lives on with its context,
// and that may be used when f has ended: f returns it, keeps it, or hands it to somebody
// who may.
func (r *Result) GivesAway(call *ast.CallExpr, f *syntax.Func) bool {
	if !r.livesOn(r.Info.TypeOf(call), 0) {
		return false
	}
	body := f.Root().Node
	path := syntax.PathTo(call.Lparen, body)
	for i, n := range path {
		if n == call {
			return r.escapes(call, path[:i], f) || r.leavesTasks(call, path[:i], f)
		}
	}
	return true
}

// leavesTasks reports whether what a call in f gives, whose parents are stack, starts
// tasks which the function does not wait for: a pool that gives its tasks a context.
//
//	p := pool.New().WithContext(ctx)
//	p.Go(func(ctx context.Context) error { .. })
func (r *Result) leavesTasks(e ast.Expr, stack []ast.Node, f *syntax.Func) bool {
	if !r.startsTasks(r.TypeOf(e)) {
		return false
	}
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			stack = rest
			continue
		case *ast.CallExpr:
			if !r.startsTasks(r.TypeOf(p)) {
				return true // it is used where it is made
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			if i := slices.IndexFunc(p.Rhs, func(rhs ast.Expr) bool { return ast.Unparen(rhs) == e }); i >= 0 && len(p.Lhs) == len(p.Rhs) {
				v := r.VarOf(p.Lhs[i])
				return v == nil || v.IsField() || r.hasUnjoined(v, f)
			}
		}
		return true
	}
}

// startsTasks reports whether a value of type t has a method that is a spawner.
func (r *Result) startsTasks(t types.Type) bool {
	n := kind.NamedOf(t)
	if n == nil {
		return false
	}
	for m := range n.Origin().Methods() {
		if r.Of(m).Spawns != 0 {
			return true
		}
	}
	return false
}

// hasUnjoined reports whether a function starts a task by a method of v and does not
// join it.
func (r *Result) hasUnjoined(v *types.Var, f *syntax.Func) bool {
	unjoined := false
	f.Root().All(func(g *syntax.Func) {
		for _, c := range g.Calls {
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			if !ok || r.VarOf(sel.X) != v {
				continue
			}
			for _, s := range r.SpawnsAt(c, g) {
				unjoined = unjoined || !r.Joined(s, nil, nil)
			}
		}
	})
	return unjoined
}

// closers are the methods by which what lives on is ended, or used.
var closers = []string{"Close", "Commit", "Rollback", "Recv", "Next", "Scan", "Wait", "Read", "Release"}

// livesOn reports whether a value of type t may need the context that it was made with
// later: it can be closed or read, or has a part that can.
func (r *Result) livesOn(t types.Type, depth int) bool {
	if t == nil || depth > 2 || kind.IsError(t) || kind.IsContext(t) || kind.IsHTTPRequest(t) {
		return false // a request is made to be sent with its context, whoever does
	}
	for _, name := range closers {
		if kind.NamedOf(t) != nil && r.Method(t, name) != nil {
			return true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Tuple:
		for v := range u.Variables() {
			if r.livesOn(v.Type(), depth) {
				return true
			}
		}
	case *types.Chan, *types.Signature:
		return true
	case *types.Slice:
		return r.livesOn(u.Elem(), depth+1)
	case *types.Map:
		return r.livesOn(u.Elem(), depth+1)
	case *types.Pointer:
		return r.livesOn(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if f.Exported() && types.IsInterface(f.Type()) && r.livesOn(f.Type(), depth+1) {
				return true // a response's body
			}
		}
	}
	return false
}

// escapes reports whether the value of an expression, whose parents are stack, gets to
// somebody who may use it when f has ended.
func (r *Result) escapes(e ast.Expr, stack []ast.Node, f *syntax.Func) bool {
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.ExprStmt, *ast.BinaryExpr, *ast.RangeStmt, *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.DeferStmt:
			return false
		case *ast.SelectorExpr:
			if !r.livesOn(r.Info.TypeOf(p), 0) {
				return false // no part of what lives on: a status, an error
			}
			e, stack = p, rest
			continue
		case *ast.TypeAssertExpr, *ast.StarExpr, *ast.IndexExpr:
			e, stack = p.(ast.Expr), rest
			continue
		case *ast.UnaryExpr:
			if p.Op == token.ARROW {
				return false
			}
		case *ast.CallExpr:
			if ast.Unparen(p.Fun) != ast.Unparen(e) {
				return true // an argument: who gets it may keep it
			}
			if !r.livesOn(r.Info.TypeOf(p), 0) {
				return false
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			return r.assignsAway(e, p.Lhs, p.Rhs, f)
		case *ast.ValueSpec:
			return r.assignsAway(e, syntax.Exprs(p.Names), p.Values, f)
		}
		return true
	}
}

// assignsAway reports whether one of the variables that get the values of e does.
func (r *Result) assignsAway(e ast.Expr, lhs, rhs []ast.Expr, f *syntax.Func) bool {
	for i, target := range lhs {
		if len(lhs) == len(rhs) && ast.Unparen(rhs[i]) != ast.Unparen(e) {
			continue
		}
		if id, ok := target.(*ast.Ident); ok && id.Name == "_" {
			continue
		}
		v := r.VarOf(target)
		if v == nil || v.IsField() || !syntax.Encloses(f.Root().Node, v.Pos()) {
			return true
		}
		if r.livesOn(v.Type(), 0) && r.varEscapes(v, f) {
			return true
		}
	}
	return false
}

// varEscapes reports whether the value of a local variable gets to somebody who may use
// it later. Who closes it has it for himself, and may lend it to others.
func (r *Result) varEscapes(v *types.Var, f *syntax.Func) bool {
	closes, lends, escapes := false, false, false
	ast.PreorderStack(f.Root().Node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || escapes || r.Info.Uses[id] != v || syntax.IsAssigned(id, stack) {
			return !escapes
		}
		if in := syntax.Innermost(f.Root(), id.Pos()); in != f && !r.runsWithinNow(in, f) {
			escapes = true
			return false
		}
		closes = closes || r.isClosed(stack)
		if r.escapes(id, stack, f) {
			if _, isArg := lastParent(stack).(*ast.CallExpr); isArg {
				lends = true
			} else {
				escapes = true
			}
		}
		return !escapes
	})
	return escapes || lends && !closes
}

func lastParent(stack []ast.Node) ast.Node {
	for {
		p, rest := syntax.Parent(stack)
		if _, ok := p.(*ast.SelectorExpr); !ok {
			return p
		}
		stack = rest
	}
}

// runsWithinNow reports whether a literal runs in f before that ends.
func (r *Result) runsWithinNow(lit, f *syntax.Func) bool {
	for ; lit != nil && lit != f; lit = lit.Outer {
		if lit.Role != syntax.RoleDeferred && !r.RunsInPlace(lit) {
			return false
		}
	}
	return true
}

// isClosed reports whether a use of a variable closes what it has: v.Close(),
// v.Body.Close(), tx.Commit().
func (r *Result) isClosed(stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		sel, ok := stack[i].(*ast.SelectorExpr)
		if !ok {
			return false
		}
		switch sel.Sel.Name {
		case "Close", "Commit", "Rollback", "Release", "Stop", "Wait":
			return true
		}
	}
	return false
}
