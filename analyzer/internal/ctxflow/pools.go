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
		if IsContext(field.Type()) || r.isHTTPRequest(field.Type()) {
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
