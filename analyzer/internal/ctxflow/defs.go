package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A varInfo has the definitions of a variable of context or function type.
type varInfo struct {
	owner *Func // whose parameter it is, or in which it is assigned first
	param int   // index of the parameter, or -1
	defs  []def // in source order
}

// A def is one assignment to a variable.
type def struct {
	rhs   ast.Expr  // nil for unknown: a range variable, x op= y
	index int       // which result of rhs, -1 if rhs is the value itself
	zero  bool      // declared without a value; rhs is the name
	pos   token.Pos // from where it holds: the end of the assignment
	at    ast.Node  // the assignment, or the range statement
	scope ast.Node  // the innermost statement or clause around the assignment
	in    *Func

	known bool // value is what it gives
	value value
}

// params registers the parameters of f that are contexts or functions.
func (r *Result) params(f *Func) {
	for i := range f.sig.Params().Len() {
		if v := f.sig.Params().At(i); tracked(v.Type()) {
			r.vars[v] = &varInfo{owner: f, param: i}
		}
	}
}

// tracked reports whether the definitions of variables of type t are noted.
func tracked(t types.Type) bool {
	if IsContext(t) {
		return true
	}
	_, ok := types.Unalias(t).(*types.Signature)
	return ok
}

// assign notes the definitions that an assignment makes.
func (r *Result) assign(f *Func, n *ast.AssignStmt, stack []ast.Node) {
	scope, _ := parent(stack)
	plain := n.Tok == token.ASSIGN || n.Tok == token.DEFINE
	for i, lhs := range n.Lhs {
		switch {
		case !plain:
			r.define(f, lhs, nil, -1, n, scope)
		case len(n.Lhs) == len(n.Rhs):
			r.define(f, lhs, n.Rhs[i], -1, n, scope)
		default:
			r.define(f, lhs, n.Rhs[0], i, n, scope)
		}
	}
}

// valueSpec notes the definitions that a var declaration makes. A variable
// without a value is nil.
func (r *Result) valueSpec(f *Func, spec *ast.ValueSpec, stack []ast.Node) {
	// The stack is: ..., block, *ast.DeclStmt, *ast.GenDecl.
	var scope ast.Node
	if len(stack) >= 3 {
		scope = stack[len(stack)-3]
	}
	for i, name := range spec.Names {
		switch {
		case len(spec.Values) == 0:
			r.define(f, name, name, -1, spec, scope)
			if info := r.vars[r.varOf(name)]; info != nil {
				info.defs[len(info.defs)-1].zero = true
			}
		case len(spec.Values) == len(spec.Names):
			r.define(f, name, spec.Values[i], -1, spec, scope)
		default:
			r.define(f, name, spec.Values[0], i, spec, scope)
		}
	}
}

// define notes one definition of the variable that lhs names, if tracked.
func (r *Result) define(f *Func, lhs, rhs ast.Expr, index int, at, scope ast.Node) {
	v := r.varOf(lhs)
	if v == nil || v.IsField() {
		return
	}
	r.noteDone(v, rhs)
	if !tracked(v.Type()) {
		return
	}
	info := r.vars[v]
	if info == nil {
		info = &varInfo{owner: f, param: -1}
		r.vars[v] = info
	}
	pos := at.End()
	if round, ok := at.(*ast.RangeStmt); ok {
		pos = round.X.End()
	}
	info.defs = append(info.defs, def{rhs: rhs, index: index, pos: pos, at: at, scope: scope, in: f})
}

// varOf returns the variable or field that e names, its origin if it is of an
// instance, or nil.
func (r *Result) varOf(e ast.Expr) *types.Var {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	}
	if id == nil {
		return nil
	}
	v, _ := r.info.ObjectOf(id).(*types.Var)
	if v == nil {
		return nil
	}
	return v.Origin()
}
