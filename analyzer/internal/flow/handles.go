package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether what a call gives, or is given, lets its caller wait for the tasks
// that the call has started.

// asksOwner reports whether f, which calls a method of a value, asks that value for
// something else that may wait for what it has started: a method that waits, or, where f has
// made the value itself, one that needs no more than that.
//
//	b := newBatch()
//	b.add(ctx, item)
//	b.wait()
func (r *Result) asksOwner(c *syntax.Call, f *syntax.Func) bool {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok || r.Info.Selections[sel] == nil {
		return false
	}
	local, owner := r.isLocal(r.VarOf(sel.X), f), types.ExprString(sel.X)
	asks := false
	ast.Inspect(f.Root().Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || call == c.Expr || asks {
			return !asks
		}
		other, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if ok && types.ExprString(other.X) == owner {
			callee := r.Callee(call)
			asks = callee != nil && callee != c.Callee && r.waitsInside(callee) && r.Of(callee).Spawns == 0 ||
				local && !slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return !kind.IsContext(r.TypeOf(arg)) })
		}
		return !asks
	})
	return asks
}

// takesOver reports whether a spawner returns without waiting for its task.
func (r *Result) takesOver(c *syntax.Call, f *syntax.Func) bool {
	sig := c.Callee.Signature()
	if c.Callee.FullName() == "context.AfterFunc" {
		return false // its task is there for the end of the context
	}
	if r.Of(c.Callee).Leaves != 0 {
		return !r.givesHandle(c, f) && !r.callerMayWait(c, f)
	}
	if !kind.IsMethodOfInterface(c.Callee) || r.givesHandle(c, f) || kind.GivesResult(sig) || sig.Params().Len() != 1 || sig.Variadic() {
		return false
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if v := r.VarOf(sel.X); v != nil && !v.IsField() && v.Pkg() != r.Pass.Pkg {
		return true // a variable of another package
	}
	v := r.BaseVar(sel.X) // what a local group waits for, see heard
	return v != nil && (v.IsField() || v.Parent() == v.Pkg().Scope() || isSelector(sel.X) || r.isLocal(v, f))
}

// callerMayWait reports whether a spawner is given something that its caller, or who calls
// that, may wait by: the pool or group whose method it is, if that is a parameter, or one
// among the other arguments, or a function that it calls itself.
func (r *Result) callerMayWait(c *syntax.Call, f *syntax.Func) bool {
	if sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr); ok && c.Callee.Signature().Recv() != nil {
		v := r.VarOf(sel.X)
		if v != nil && !v.IsField() && r.OwnerOf(v, f) != nil && v != f.Root().Sig.Recv() || !r.isLocal(v, f) && r.asksOwner(c, f) {
			return true
		}
	}
	for i, arg := range c.Expr.Args {
		_, isFunc := r.TypeOf(arg).Underlying().(*types.Signature)
		if isFunc && !Has(r.Of(c.Callee).Spawns, kind.ParamIndex(c.Callee.Signature(), i)) || mayWaitBy(r.TypeOf(arg), 1) {
			return true
		}
	}
	return false
}

// mayWaitBy reports whether somebody may wait by a value of type t: a channel, a group, or
// what has one.
func mayWaitBy(t types.Type, depth int) bool {
	if _, ok := t.Underlying().(*types.Chan); ok {
		return true
	}
	methods := t
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) {
		methods = types.NewPointer(t)
	}
	for m := range types.NewMethodSet(methods).Methods() {
		if strings.Contains(m.Obj().Name(), "Wait") {
			return true
		}
	}
	if st, ok := kind.Pointee(t).Underlying().(*types.Struct); ok && depth > 0 {
		for field := range st.Fields() {
			if mayWaitBy(field.Type(), depth-1) {
				return true
			}
		}
	}
	return false
}

// givesHandle reports whether what a spawner returns, a timer or a future, gets to somebody:
// he may stop the task by it, or wait.
func (r *Result) givesHandle(c *syntax.Call, f *syntax.Func) bool {
	isHandle := func(t types.Type) bool {
		_, basic := t.Underlying().(*types.Basic)
		return !basic && !kind.IsError(t)
	}
	if c.Assign != nil {
		return slices.ContainsFunc(c.Assign.Lhs, func(e ast.Expr) bool {
			v := r.VarOf(e)
			return v != nil && !v.IsField() && v.Name() != "_" && isHandle(r.TypeOf(e)) // a field is for later
		})
	}
	gives := false
	for v := range c.Callee.Signature().Results().Variables() {
		gives = gives || isHandle(v.Type())
	}
	if !gives {
		return false
	}
	path := syntax.PathTo(c.Expr.Lparen, f.Root().Node)
	i := slices.IndexFunc(path, func(n ast.Node) bool { return n == c.Expr })
	if i < 1 {
		return true
	}
	_, alone := path[i-1].(*ast.ExprStmt)
	return !alone
}

// waitsInside reports whether a function of the package waits for anything
// itself: that may be the task it is given.
func (r *Result) waitsInside(fn *types.Func) bool {
	f := r.Func(fn)
	if f == nil || f.Body == nil {
		return false
	}
	waits, known := r.waiting[f]
	if known {
		return waits
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		here, whole := r.waitsAt(n)
		waits = waits || here
		return !waits && !whole
	})
	r.waiting[f] = waits
	return waits
}

// isWait reports whether a node waits for somebody, other than for the end of a context or
// a time: what a spawner gives may tell the end of its task.
//
//	err := <-start(f)
func (r *Result) isWait(n ast.Node) bool {
	if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		call, isCall := ast.Unparen(u.X).(*ast.CallExpr) // ctx.Done(), time.After(d)
		return !isCall || r.Of(r.Callee(call)).Spawns != 0
	}
	return r.waitedFor(n) != nil
}

func isSelector(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok
}
