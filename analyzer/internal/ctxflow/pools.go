package ctxflow

import (
	"go/ast"
	"go/types"
	"slices"
)

// This file follows values that go back into a sync.Pool.

// A StalePut is a value that is put back while it still has a context.
type StalePut struct {
	Call   *ast.CallExpr
	Value  ast.Expr
	Fields []string // which have a context
	Get    *ast.CallExpr
	Defer  *ast.DeferStmt // which makes the call, nil for none
}

// maxClear bounds how many calls deep a reset is looked for, and how many calls
// up a value is followed.
const maxClear = 4

// StalePuts returns the values that are put back into a pool of the package with
// a context in one of their fields, and that somebody takes out without
// setting it. A pool that other packages could use is not known.
func (r *Result) StalePuts() []StalePut {
	gets := make(map[*types.Var][]callIn)
	type put struct {
		callIn
		pool *types.Var
	}
	var puts []put
	r.funcs(func(f *Func) {
		for _, c := range f.calls {
			if c.callee == nil || c.callee.Pkg() == nil || c.callee.Pkg().Path() != "sync" {
				continue
			}
			sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr)
			if !ok {
				continue
			}
			switch pool := r.varOf(sel.X); {
			case pool == nil || pool.Exported():
			case c.callee.FullName() == "(*sync.Pool).Get":
				gets[pool] = append(gets[pool], callIn{c, f})
			case c.callee.FullName() == "(*sync.Pool).Put" && len(c.expr.Args) == 1:
				puts = append(puts, put{callIn{c, f}, pool})
			}
		}
	})
	var got []StalePut
	for _, p := range puts {
		value := p.site.expr.Args[0]
		stale := StalePut{Call: p.site.expr, Value: value, Defer: p.site.deferStmt}
		for _, field := range r.keptContexts(typeOf(r.info, value)) {
			if !r.isSet(field) || r.clearedBefore(p.in, r.varOf(value), field, maxClear) {
				continue
			}
			if get := r.unsetGet(gets[p.pool], field); get != nil {
				stale.Fields = append(stale.Fields, field.Name())
				stale.Get = get
			}
		}
		if stale.Get != nil {
			got = append(got, stale)
		}
	}
	return got
}

// keptContexts returns the fields of a pointer to a struct of the package that
// have a context, or a request.
func (r *Result) keptContexts(t types.Type) []*types.Var {
	n := namedOf(t)
	if _, ok := types.Unalias(t).(*types.Pointer); !ok || n == nil || n.Obj().Pkg() != r.pass.Pkg {
		return nil
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var fields []*types.Var
	for field := range st.Fields() {
		if isContext(field.Type()) || r.isHTTPRequest(field.Type()) {
			fields = append(fields, field.Origin())
		}
	}
	return fields
}

// isSet reports whether anything of the package gives the field a value.
func (r *Result) isSet(field *types.Var) bool {
	found := false
	for _, d := range slices.Concat(r.decls, r.globals) {
		if d.body != nil && !found {
			ast.Inspect(d.body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					for i, lhs := range n.Lhs {
						sel, ok := lhs.(*ast.SelectorExpr)
						found = found || ok && r.varOf(sel) == field && (len(n.Lhs) != len(n.Rhs) || !r.info.Types[n.Rhs[i]].IsNil())
					}
				case *ast.KeyValueExpr:
					id, ok := n.Key.(*ast.Ident)
					found = found || ok && r.varOf(id) == field && !r.info.Types[n.Value].IsNil()
				}
				return !found
			})
		}
	}
	return found
}

// unsetGet returns a Get whose value is used with the context that it had, or
// nil.
func (r *Result) unsetGet(gets []callIn, field *types.Var) *ast.CallExpr {
	for _, g := range gets {
		if !r.setAtOnce(g, field, maxClear) {
			return g.site.expr
		}
	}
	return nil
}

// setAtOnce reports whether the field of what a call gives is changed before it
// is used: by the function that makes the call, or where that returns the value,
// by each that calls it. Where a value goes that is handed on at once, or that
// an exported function returns, nobody knows.
func (r *Result) setAtOnce(c callIn, field *types.Var, depth int) bool {
	v := r.assignedFrom(c.in, c.site.expr)
	if v == nil && !r.returnsCall(c.in, c.site.expr) || depth == 0 {
		return true
	}
	if v != nil {
		w := poolWalk{r: r, v: v, field: field}
		if t := w.first(c.in, depth); t != untouched {
			return t != used
		}
		if !r.returned(c.in, v) {
			return false
		}
	}
	if c.in.obj == nil || c.in.obj.Exported() {
		return true
	}
	for _, caller := range r.callsOf(c.in.obj) {
		if !r.setAtOnce(caller, field, depth-1) {
			return false
		}
	}
	return true
}

// assignedFrom returns the local variable of f that gets what a call gives, its
// type asserted at once or later, or nil.
func (r *Result) assignedFrom(f *Func, call *ast.CallExpr) (v *types.Var) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 {
			return true
		}
		x := asserted(as.Rhs[0])
		if x == call || v != nil && types.IsInterface(v.Type()) && r.varOf(x) == v {
			v = r.varOf(as.Lhs[0])
		}
		return true
	})
	if v == nil || v.IsField() || types.IsInterface(v.Type()) || v.Parent() == r.pass.Pkg.Scope() {
		return nil
	}
	return v
}

// asserted returns what e asserts the type of, else e.
func asserted(e ast.Expr) ast.Expr {
	if a, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		e = a.X
	}
	return ast.Unparen(e)
}

// returnsCall reports whether f returns what a call gives.
func (r *Result) returnsCall(f *Func, call *ast.CallExpr) bool {
	return slices.ContainsFunc(f.returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return asserted(e) == call })
	})
}

// returned reports whether f gives v to its caller.
func (r *Result) returned(f *Func, v *types.Var) bool {
	return slices.ContainsFunc(f.returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.varOf(e) == v })
	})
}

// clearedBefore reports whether the field of v is cleared in the function that
// puts v back or, where v is its parameter or receiver, in each function that
// calls it.
func (r *Result) clearedBefore(f *Func, v, field *types.Var, depth int) bool {
	for v != nil && f.outer != nil && !encloses(f.node, v.Pos()) {
		f = f.outer // a deferred literal puts back what is around it
	}
	if v == nil || v.IsField() || depth == 0 {
		return true // unknown
	}
	w := poolWalk{r: r, v: v, field: field}
	if w.clears(f, maxClear) {
		return true
	}
	isRecv := f.sig.Recv() == v
	i := paramOf(f.sig, v)
	if i < 0 && !isRecv || f.obj == nil || f.obj.Exported() {
		return false
	}
	calls := r.callsOf(f.obj)
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c callIn) bool {
		e := receiverOf(c.site.expr)
		if !isRecv {
			e = argAt(c.site.expr, i)
		}
		return e != nil && !r.clearedBefore(c.in, r.varOf(e), field, depth-1)
	})
}

func receiverOf(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

func argAt(call *ast.CallExpr, i int) ast.Expr {
	if i >= len(call.Args) {
		return nil
	}
	return call.Args[i]
}

// A touch is what a function does with a field of a value first.
type touch uint8

const (
	untouched touch = iota
	changed
	used
	handed // v is given to somebody who may have changed it
)

// A poolWalk follows what functions do with the field of a variable.
type poolWalk struct {
	r        *Result
	v, field *types.Var
}

// first tells what f does with the field first. A change below a condition is
// none, since it may not be made.
func (w poolWalk) first(f *Func, depth int) touch {
	if depth == 0 || f == nil || f.body == nil {
		return untouched
	}
	got := untouched
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if got != untouched {
			return false
		}
		t := untouched
		switch n := n.(type) {
		case *ast.DeferStmt:
			return false // it runs last
		case *ast.AssignStmt:
			if rhs := w.assigned(n); rhs != nil {
				if !w.below(n, stack) {
					got = changed
				}
				return false
			}
		case *ast.SelectorExpr:
			if w.isField(n) {
				got = used
			}
		case *ast.Ident:
			if w.escapes(n, stack) {
				got = handed
			}
		case *ast.CallExpr:
			t = w.call(n, func(in poolWalk, f *Func) touch { return in.first(f, depth-1) })
		}
		if t != changed || !w.below(n, stack) {
			got = max(got, t)
		}
		return true
	})
	return got
}

// clears reports whether f gives the field another value than the context of a
// caller: itself, or in a function that it calls with v.
func (w poolWalk) clears(f *Func, depth int) bool {
	if depth == 0 || f == nil || f.body == nil {
		return false
	}
	found := false
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			rhs := w.assigned(n)
			found = found || rhs != nil && !w.isCallers(rhs, innermost(f.Root(), n.Pos()))
		case *ast.Ident:
			found = found || w.escapes(n, stack)
		case *ast.CallExpr:
			found = found || w.call(n, func(in poolWalk, f *Func) touch {
				if in.clears(f, depth-1) {
					return changed
				}
				return untouched
			}) != untouched
		}
		return !found
	})
	return found
}

// isField reports whether e is the field of v.
func (w poolWalk) isField(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && w.r.varOf(sel) == w.field && w.r.varOf(sel.X) == w.v
}

// assigned returns the value that an assignment gives to the field of v, or to
// all of v, or nil.
func (w poolWalk) assigned(n *ast.AssignStmt) ast.Expr {
	for i, lhs := range n.Lhs {
		star, ok := ast.Unparen(lhs).(*ast.StarExpr)
		if w.isField(lhs) || ok && w.r.varOf(star.X) == w.v {
			return n.Rhs[min(i, len(n.Rhs)-1)]
		}
	}
	return nil
}

// isCallers reports whether e is the context, or the request, of a caller of f,
// or a struct that has it.
func (w poolWalk) isCallers(e ast.Expr, f *Func) bool {
	e = ast.Unparen(e)
	if lit, ok := e.(*ast.CompositeLit); ok {
		return slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				return types.Identical(typeOf(w.r.info, elt), w.field.Type()) && w.isCallers(elt, f)
			}
			return w.r.varOf(kv.Key) == w.field && w.isCallers(kv.Value, f)
		})
	}
	if w.r.isHTTPRequest(typeOf(w.r.info, e)) {
		v := w.r.baseVar(e)
		return v != nil && w.r.isRequestParam(v, f)
	}
	got := w.r.eval(e, f)
	return got.class == caller || got.class == mixed
}

// below reports whether n, whose parents are stack, is below a condition or in a
// loop that v is declared outside of. Of an if with an else nobody knows.
func (w poolWalk) below(n ast.Node, stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(p ast.Node) bool {
		if encloses(p, w.v.Pos()) {
			return false
		}
		switch p := p.(type) {
		case *ast.IfStmt:
			return p.Else == nil && encloses(p.Body, n.Pos())
		case *ast.ForStmt:
			return p.Cond != nil && encloses(p.Body, n.Pos())
		case *ast.RangeStmt:
			return encloses(p.Body, n.Pos())
		}
		return false
	})
}

// escapes reports whether an identifier gives v to somebody who may do anything
// with it: another variable, a struct, a channel.
func (w poolWalk) escapes(id *ast.Ident, stack []ast.Node) bool {
	if w.r.info.Uses[id] != w.v {
		return false
	}
	switch p, _ := parent(stack); p := p.(type) {
	case *ast.AssignStmt:
		for i, rhs := range p.Rhs {
			if ast.Unparen(rhs) == id {
				lhs, ok := p.Lhs[i].(*ast.Ident)
				return !ok || lhs.Name != "_"
			}
		}
	case *ast.CompositeLit, *ast.KeyValueExpr, *ast.SendStmt:
		return true
	}
	return false
}

// call tells what a call does to v, which it is given as receiver or argument:
// what do says of a function of the package, anything if that is not known. A
// function of another package does not know the field.
func (w poolWalk) call(call *ast.CallExpr, do func(poolWalk, *Func) touch) touch {
	callee := w.r.callee(call)
	f := w.r.byObj[callee]
	given := func(e ast.Expr, param *types.Var) touch {
		switch {
		case e == nil || w.r.varOf(e) != w.v:
			return untouched
		case f != nil && f.body != nil && param != nil:
			return do(poolWalk{w.r, param, w.field}, f)
		case callee == nil && w.r.info.Types[call.Fun].IsValue():
			return handed
		}
		return untouched
	}
	var recv *types.Var
	if f != nil {
		recv = f.sig.Recv()
	}
	if t := given(receiverOf(call), recv); t != untouched {
		return t
	}
	for i, arg := range call.Args {
		var param *types.Var
		if f != nil {
			if pi := paramIndex(f.sig, i); pi >= 0 {
				param = f.sig.Params().At(pi)
			}
		}
		if t := given(arg, param); t != untouched {
			return t
		}
	}
	return untouched
}
