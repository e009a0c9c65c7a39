package flow

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"

	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows function values to the functions that they can be.

// A funcSet is what a function value can be.
type funcSet struct {
	lits  []*syntax.Func // literals
	named []*types.Func  // functions and methods
}

func (s *funcSet) add(o funcSet) {
	s.lits = append(s.lits, o.lits...)
	s.named = append(s.named, o.named...)
}

// only returns the function or the literal that is alone in the set, if one is.
func (s funcSet) only() (named *types.Func, lit *syntax.Func) {
	switch {
	case len(s.named) == 1 && len(s.lits) == 0:
		return s.named[0], nil
	case len(s.lits) == 1 && len(s.named) == 0:
		return nil, s.lits[0]
	}
	return nil, nil
}

// maxValue bounds how many steps a function value is followed.
const maxValue = 4

// funcsOf returns the functions that e can be, and whether those are all: a literal, a
// function by its name, what a variable is set to, an element of a list that is written
// in the function, what a function of the package returns.
func (r *Result) funcsOf(e ast.Expr, depth int) (set funcSet, all bool) {
	if depth == 0 || e == nil {
		return set, false
	}
	e = ast.Unparen(e)
	if fn := r.NamedFunc(e); fn != nil {
		return funcSet{named: []*types.Func{fn}}, true
	}
	switch e := e.(type) {
	case *ast.FuncLit:
		if lit := r.Lit(e); lit != nil {
			return funcSet{lits: []*syntax.Func{lit}}, true
		}
	case *ast.Ident:
		return r.funcsOfVar(e, depth)
	case *ast.CallExpr:
		return r.funcsOfCall(e, depth)
	case *ast.IndexExpr:
		return r.elements(e.X, depth)
	case *ast.SelectorExpr:
		if v := r.VarOf(e); v != nil && v.IsField() && !v.Exported() && v.Pkg() == r.Pass.Pkg {
			if values := r.fieldFuncs()[v]; len(values) == 1 {
				return r.funcsOf(values[0], depth-1)
			}
		}
	}
	return set, false
}

// fieldFuncs returns what the unexported fields of the package are set to that are functions:
// a field that is set once is that function, whoever asks.
func (r *Result) fieldFuncs() map[*types.Var][]ast.Expr {
	if r.setFuncs != nil {
		return r.setFuncs
	}
	r.setFuncs = make(map[*types.Var][]ast.Expr)
	note := func(v *types.Var, value ast.Expr, _ *syntax.Func) {
		if v == nil || !v.IsField() || v.Exported() || v.Pkg() != r.Pass.Pkg {
			return
		}
		if _, ok := v.Type().Underlying().(*types.Signature); ok {
			r.setFuncs[v] = append(r.setFuncs[v], value)
		}
	}
	r.Stores(note)
	for _, file := range r.Pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND {
				note(r.VarOf(u.X), u, nil) // anything may be set there
			}
			return true
		})
	}
	return r.setFuncs
}

// funcsOfVar returns what a local variable is set to.
func (r *Result) funcsOfVar(id *ast.Ident, depth int) (set funcSet, all bool) {
	v, ok := r.Info.Uses[id].(*types.Var)
	if !ok {
		return set, false
	}
	info := r.Var(v.Origin())
	if info == nil || v.Parent() == r.Pass.Pkg.Scope() {
		return set, false
	}
	if info.Param >= 0 {
		return r.funcsGiven(info, depth)
	}
	all = true
	for i := range info.Defs {
		d := &info.Defs[i]
		switch round, isRange := d.At.(*ast.RangeStmt); {
		case d.Zero:
		case isRange:
			got, ok := r.elements(round.X, depth)
			set.add(got)
			all = all && ok
		case d.Index > 0 || d.Rhs == nil:
			all = false
		default:
			got, ok := r.funcsOf(d.Rhs, depth-1)
			set.add(got)
			all = all && ok
		}
	}
	return set, all && len(set.lits)+len(set.named) > 0
}

// funcsGiven returns what a parameter of a literal is given that is called where it is
// written, or by the one variable that it is assigned to.
func (r *Result) funcsGiven(info *syntax.Var, depth int) (set funcSet, all bool) {
	f := info.Owner
	if len(info.Defs) > 0 || f.Sig.Variadic() {
		return set, false
	}
	add := func(call *ast.CallExpr) {
		if info.Param < len(call.Args) {
			got, ok := r.funcsOf(call.Args[info.Param], depth-1)
			set.add(got)
			all = all && ok
		}
	}
	all = true
	switch f.Role {
	case syntax.RoleCalled, syntax.RoleDeferred, syntax.RoleGo:
		add(f.Call)
	case syntax.RoleAssigned:
		f.Root().All(func(in *syntax.Func) {
			for _, c := range in.Calls {
				if c.Callee == nil && r.AssignedLit(c.Expr.Fun) == f {
					add(c.Expr)
				}
			}
		})
	}
	return set, all && len(set.lits)+len(set.named) > 0
}

// elements returns the functions that the elements of a list or map can be which is
// written in the function, in place or as the only value of a variable.
func (r *Result) elements(e ast.Expr, depth int) (set funcSet, all bool) {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if id, isIdent := ast.Unparen(e).(*ast.Ident); isIdent {
		v, isVar := r.Info.Uses[id].(*types.Var)
		if f := r.funcAround(id.Pos()); isVar && f != nil && syntax.Encloses(f.Node, v.Pos()) {
			if values := r.assignedTo(v, f); len(values) == 1 {
				lit, ok = ast.Unparen(values[0]).(*ast.CompositeLit)
			}
		}
	}
	if !ok {
		return set, false
	}
	all = true
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
		}
		got, ok := r.funcsOf(elt, depth-1)
		set.add(got)
		all = all && ok
	}
	return set, all
}

// funcAround returns the declaration around pos, nil for a package variable.
func (r *Result) funcAround(pos token.Pos) *syntax.Func {
	if r.byPos == nil {
		r.byPos = slices.SortedFunc(slices.Values(r.Decls), func(a, b *syntax.Func) int { return cmp.Compare(a.Node.Pos(), b.Node.Pos()) })
	}
	i := sort.Search(len(r.byPos), func(i int) bool { return r.byPos[i].Node.Pos() > pos }) - 1
	if i < 0 || !syntax.Encloses(r.byPos[i].Node, pos) {
		return nil
	}
	return r.byPos[i]
}

// funcsOfCall returns what a call gives: a conversion its operand, a function of the
// package what it returns, which may call what it is given.
func (r *Result) funcsOfCall(call *ast.CallExpr, depth int) (set funcSet, all bool) {
	if r.Info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		return r.funcsOf(call.Args[0], depth)
	}
	callee := r.Callee(call)
	if callee != nil && r.sharesWork(callee) {
		return set, false
	}
	for _, arg := range call.Args {
		if _, ok := r.TypeOf(arg).Underlying().(*types.Signature); ok {
			got, _ := r.funcsOf(arg, depth-1) // a wrapper
			set.add(got)
		}
	}
	f := r.Func(callee)
	if f == nil || f.Body == nil || len(f.Returns) == 0 {
		return set, false
	}
	all = true
	for _, ret := range f.Returns {
		if len(ret.Results) != 1 {
			return set, false
		}
		got, ok := r.funcsOf(ret.Results[0], depth-1)
		set.add(got)
		all = all && ok
	}
	return set, all
}
