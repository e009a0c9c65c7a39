package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows values that go back into a sync.Pool.

// A StalePut is a value that is put back while it still has a context.
type StalePut struct {
	Call   *ast.CallExpr
	Value  ast.Expr
	Fields []string // which have a context, from Value on: "ctx", "in.ctx"
	Lists  bool     // one of them is a list of contexts
	Get    *ast.CallExpr
	Defer  *ast.DeferStmt // which makes the call, nil for none
}

// maxClear bounds how many calls deep a reset is looked for, and how many calls
// up a value is followed.
const maxClear = 4

// A poolCall is one of Get or Put of a pool, or of a function of the package that makes it
// for any type.
type poolCall struct {
	syntax.CallIn
	pool  *types.Var
	value ast.Expr  // what is put back, nil for Get
	inner *poolCall // what a function for any type does that is called, nil for a call of the pool itself
}

// poolCallOf returns what a call in f does with a pool, or nil. A pool that other packages
// could use is not known.
func (r *Result) poolCallOf(c *syntax.Call, f *syntax.Func) *poolCall {
	fn := c.Callee
	if fn == nil || fn.Pkg() == nil || fn.Pkg() != r.Pass.Pkg && fn.Pkg().Path() != "sync" {
		return nil
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	pool := r.VarOf(sel.X)
	if pool == nil || pool.Exported() {
		return nil
	}
	var value ast.Expr
	var inner *poolCall
	switch {
	case isPoolMethod(fn, "Get"):
	case isPoolMethod(fn, "Put"):
		value = argAt(c.Expr, 0)
	case fn.Origin().Signature().RecvTypeParams().Len() == 0:
		return nil
	default:
		if inner = r.typedPool(fn.Origin()); inner == nil {
			return nil
		}
		if inner.value != nil {
			i := kind.ParamOf(inner.In.Sig, r.VarOf(inner.value))
			if i < 0 || i >= len(c.Expr.Args) {
				return nil
			}
			value = c.Expr.Args[i]
		}
	}
	return &poolCall{CallIn: syntax.CallIn{Call: c, In: f}, pool: pool, value: value, inner: inner}
}

// clearedByPut reports whether a function for any type, by which a value is put back, calls a
// method of the value before that clears the field:
//
//	func (p *pool[T]) put(v T) { v.Reset(); p.p.Put(v) }
func (r *Result) clearedByPut(p *poolCall, field *types.Var) bool {
	if p.inner == nil || p.inner.value == nil {
		return false
	}
	v := r.VarOf(p.inner.value)
	return v != nil && slices.ContainsFunc(p.inner.In.Calls, func(c *syntax.Call) bool {
		sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
		if !ok || r.VarOf(sel.X) != v || c.Expr.Pos() > p.inner.Call.Expr.Pos() || c.Go != nil {
			return false
		}
		f := r.Func(r.Method(r.TypeOf(p.value), sel.Sel.Name))
		return f != nil && f.Sig.Recv() != nil && poolWalk{r: r, v: f.Sig.Recv(), field: field}.clears(f, maxClear)
	})
}

// isPoolMethod reports whether fn is a method of sync.Pool.
func isPoolMethod(fn *types.Func, name string) bool {
	return fn.Name() == name && fn.FullName() == "(*sync.Pool)."+name
}

// typedPool returns what a method of a generic type does with a pool in a field of its own,
// or nil:
//
//	func (p *pool[T]) put(v *T) { p.p.Put(v) }
func (r *Result) typedPool(fn *types.Func) *poolCall {
	d := r.Func(fn)
	if d == nil || d.Body == nil || d.Sig.Recv() == nil {
		return nil
	}
	for _, c := range d.Calls {
		if c.Callee == nil || !isPoolMethod(c.Callee, "Get") && !isPoolMethod(c.Callee, "Put") || r.BaseVar(c.Expr.Fun) != d.Sig.Recv() {
			continue
		}
		if call := r.poolCallOf(c, d); call != nil {
			return call
		}
	}
	return nil
}

// StalePuts returns the values that are put back into a pool of the package with
// a context in one of their fields, and that somebody takes out without
// setting it.
func (r *Result) StalePuts() []StalePut {
	gets := make(map[*types.Var][]syntax.CallIn)
	from := make(map[*types.Var]*types.Var) // variables that have what a pool gives
	var puts []*poolCall
	r.Funcs(func(f *syntax.Func) {
		for _, c := range f.Calls {
			switch call := r.poolCallOf(c, f); {
			case call == nil:
			case call.value != nil:
				puts = append(puts, call)
			default:
				gets[call.pool] = append(gets[call.pool], call.CallIn)
				if v := r.assignedFrom(f, c.Expr); v != nil {
					from[v] = call.pool
				}
			}
		}
	})
	if len(puts) == 0 {
		return nil
	}
	set := r.setFields(from)
	type use struct{ pool, field *types.Var }
	unset := make(map[use]*ast.CallExpr)
	var got []StalePut
	for _, p := range puts {
		stale := StalePut{Call: p.Call.Expr, Value: p.value, Defer: p.Call.Defer}
		kept := r.keptContexts(r.TypeOf(p.value))
		for _, field := range kept {
			if !set[field.v][nil] && !set[field.v][p.pool] || r.clearedBefore(p.CallIn, r.VarOf(p.value), field.v, maxClear) || r.clearedByPut(p, field.v) {
				continue
			}
			get, ok := unset[use{p.pool, field.v}]
			if !ok {
				get = r.unsetGet(gets[p.pool], field.v)
				unset[use{p.pool, field.v}] = get
			}
			if get != nil {
				stale.Fields = append(stale.Fields, field.path)
				stale.Lists = stale.Lists || field.list
				stale.Get = get
			}
		}
		switch {
		case stale.Get != nil:
			got = append(got, stale)
		case len(kept) > 0:
			r.cleanPuts = append(r.cleanPuts, p.Call.Expr)
		}
	}
	return got
}

// CleanPuts returns the calls that put back what could have a context, and are not among
// StalePuts, which has been asked before.
func (r *Result) CleanPuts() []*ast.CallExpr { return r.cleanPuts }

// unsetGet returns a Get whose value is used with the context that it had, or
// nil.
func (r *Result) unsetGet(gets []syntax.CallIn, field *types.Var) *ast.CallExpr {
	for _, g := range gets {
		if !r.setAtOnce(g, field, maxClear) {
			return g.Call.Expr
		}
	}
	return nil
}

// setAtOnce reports whether the field of what a call gives is changed before it
// is used: by the function that makes the call, or where that returns the value,
// by each that calls it. Where a value goes that is handed on at once, or that
// an exported function returns, nobody knows.
func (r *Result) setAtOnce(c syntax.CallIn, field *types.Var, depth int) bool {
	v := r.assignedFrom(c.In, c.Call.Expr)
	if v == nil && !r.returnsCall(c.In, c.Call.Expr) || depth == 0 {
		return true
	}
	if v != nil {
		w := poolWalk{r: r, v: v, field: field}
		if t := w.first(c.In, depth); t != untouched {
			return t != used
		}
		if !r.returned(c.In, v) {
			return false
		}
	}
	if c.In.Obj == nil || c.In.Obj.Exported() {
		return true
	}
	for _, caller := range r.CallsOf(c.In.Obj) {
		if !r.setAtOnce(caller, field, depth-1) {
			return false
		}
	}
	return true
}

// assignedFrom returns the local variable of f that gets what a call gives, its
// type asserted at once or later, or nil.
func (r *Result) assignedFrom(f *syntax.Func, call *ast.CallExpr) *types.Var {
	got := r.assertionsOf(f)
	v := got.calls[call]
	for pos := call.End(); v != nil && types.IsInterface(v.Type()); {
		later := got.vars[v]
		i := slices.IndexFunc(later, func(a assertion) bool { return a.pos > pos })
		if i < 0 {
			return nil
		}
		v, pos = later[i].to, later[i].pos
	}
	if v == nil || v.IsField() || v.Parent() == r.Pass.Pkg.Scope() {
		return nil
	}
	return v
}

// The assertions of a function are what its variables get, the type asserted or
// not: from calls, and from other variables, in source order.
type assertions struct {
	calls map[*ast.CallExpr]*types.Var
	vars  map[*types.Var][]assertion
}

type assertion struct {
	to  *types.Var
	pos token.Pos
}

func (r *Result) assertionsOf(f *syntax.Func) *assertions {
	if r.asserts[f] != nil {
		return r.asserts[f]
	}
	r.asserts[f] = &assertions{make(map[*ast.CallExpr]*types.Var), make(map[*types.Var][]assertion)}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 {
			return true
		}
		to := r.VarOf(as.Lhs[0])
		switch x := asserted(as.Rhs[0]).(type) {
		case *ast.CallExpr:
			r.asserts[f].calls[x] = to
		case *ast.Ident:
			if v := r.VarOf(x); to != nil && v != nil && types.IsInterface(v.Type()) {
				r.asserts[f].vars[v] = append(r.asserts[f].vars[v], assertion{to, as.Pos()})
			}
		}
		return true
	})
	return r.asserts[f]
}

// asserted returns what e asserts the type of, else e.
func asserted(e ast.Expr) ast.Expr {
	if a, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		e = a.X
	}
	return ast.Unparen(e)
}

// returnsCall reports whether f returns what a call gives.
func (r *Result) returnsCall(f *syntax.Func, call *ast.CallExpr) bool {
	return slices.ContainsFunc(f.Returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return asserted(e) == call })
	})
}

// returned reports whether f gives v to its caller.
func (r *Result) returned(f *syntax.Func, v *types.Var) bool {
	return slices.ContainsFunc(f.Returns, func(ret *ast.ReturnStmt) bool {
		return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return r.VarOf(e) == v })
	})
}

// clearedBefore reports whether the field of v is cleared in the function that
// puts v back or, where v is its parameter or receiver, in each function that
// calls it.
func (r *Result) clearedBefore(put syntax.CallIn, v, field *types.Var, depth int) bool {
	f := put.In
	for v != nil && f.Outer != nil && !syntax.Encloses(f.Node, v.Pos()) {
		f = f.Outer // a deferred literal puts back what is around it
	}
	if v == nil || v.IsField() || depth == 0 {
		return true // unknown
	}
	w := poolWalk{r: r, v: v, field: field}
	if put.Call.Defer == nil && put.Call.Go == nil && f == put.In {
		w.before = put.Call.Expr
	}
	if w.clears(f, maxClear) {
		return put.Call.Defer == nil || f != put.In || !w.missed(f, put.Call.Expr)
	}
	isRecv := f.Sig.Recv() == v
	i := kind.ParamOf(f.Sig, v)
	if i < 0 && !isRecv || f.Obj == nil || f.Obj.Exported() {
		return false
	}
	calls := r.CallsOf(f.Obj)
	return len(calls) > 0 && !slices.ContainsFunc(calls, func(c syntax.CallIn) bool {
		e := receiverOf(c.Call.Expr)
		if !isRecv {
			e = argAt(c.Call.Expr, i)
		}
		return e != nil && !r.clearedBefore(c, r.VarOf(e), field, depth-1)
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
