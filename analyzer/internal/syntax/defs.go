package syntax

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// A Var has the definitions of a variable of context or function type.
type Var struct {
	Owner *Func // whose parameter it is, or in which it is assigned first
	Param int   // index of the parameter, or -1
	Defs  []Def // in source order
}

// A Def is one assignment to a variable.
type Def struct {
	Rhs   ast.Expr  // nil for unknown: a range variable, x op= y
	Index int       // which result of rhs, -1 if rhs is the value itself
	Zero  bool      // declared without a value; rhs is the name
	Pos   token.Pos // from where it holds: the end of the assignment
	At    ast.Node  // the assignment, or the range statement
	Scope ast.Node  // the innermost statement or clause around the assignment
	In    *Func
}

// params registers the parameters of f that are contexts or functions.
func (ix *Index) params(f *Func) {
	for i := range f.Sig.Params().Len() {
		if v := f.Sig.Params().At(i); tracked(v.Type()) {
			ix.vars[v] = &Var{Owner: f, Param: i}
		}
	}
}

// tracked reports whether the definitions of variables of type t are noted.
func tracked(t types.Type) bool {
	if kind.IsContext(t) {
		return true
	}
	_, ok := types.Unalias(t).(*types.Signature)
	return ok
}

// assign notes the definitions that an assignment makes.
func (ix *Index) assign(f *Func, n *ast.AssignStmt, stack []ast.Node) {
	scope, _ := Parent(stack)
	plain := n.Tok == token.ASSIGN || n.Tok == token.DEFINE
	for i, lhs := range n.Lhs {
		switch {
		case !plain:
			ix.define(f, lhs, nil, -1, n, scope)
		case len(n.Lhs) == len(n.Rhs):
			ix.define(f, lhs, n.Rhs[i], -1, n, scope)
		default:
			ix.define(f, lhs, n.Rhs[0], i, n, scope)
		}
	}
}

// valueSpec notes the definitions that a var declaration makes. A variable
// without a value is nil.
func (ix *Index) valueSpec(f *Func, spec *ast.ValueSpec, stack []ast.Node) {
	// The stack is: ..., block, *ast.DeclStmt, *ast.GenDecl.
	var scope ast.Node
	if len(stack) >= 3 {
		scope = stack[len(stack)-3]
	}
	for i, name := range spec.Names {
		switch {
		case len(spec.Values) == 0:
			ix.define(f, name, name, -1, spec, scope)
			if info := ix.vars[ix.VarOf(name)]; info != nil {
				info.Defs[len(info.Defs)-1].Zero = true
			}
		case len(spec.Values) == len(spec.Names):
			ix.define(f, name, spec.Values[i], -1, spec, scope)
		default:
			ix.define(f, name, spec.Values[0], i, spec, scope)
		}
	}
}

// define notes one definition of the variable that lhs names, if tracked.
func (ix *Index) define(f *Func, lhs, rhs ast.Expr, index int, at, scope ast.Node) {
	v := ix.VarOf(lhs)
	if v == nil || v.IsField() {
		return
	}
	ix.noteDone(v, rhs)
	if !tracked(v.Type()) {
		return
	}
	info := ix.vars[v]
	if info == nil {
		info = &Var{Owner: f, Param: -1}
		ix.vars[v] = info
	}
	pos := at.End()
	if round, ok := at.(*ast.RangeStmt); ok {
		pos = round.X.End()
	}
	info.Defs = append(info.Defs, Def{Rhs: rhs, Index: index, Pos: pos, At: at, Scope: scope, In: f})
}

// SetOnce returns what the context variable v of the package is declared with, nil
// if there is more that assigns to it, or others can.
func (ix *Index) SetOnce(v *types.Var) ast.Expr {
	info := ix.vars[v]
	if v.Parent() != ix.Pass.Pkg.Scope() || v.Exported() || info == nil || len(info.Defs) != 1 || info.Defs[0].In != nil {
		return nil
	}
	return info.Defs[0].Rhs
}

// RoundOf returns the outermost loop of f around pos that v is declared outside
// of, or nil: what is done in it may come before what is at pos.
func RoundOf(f *Func, v *types.Var, pos token.Pos) (outermost *Loop) {
	if f == nil {
		return nil
	}
	for l := range f.Loops.At(pos) {
		if Encloses(l, v.Pos()) {
			break
		}
		outermost = l
	}
	return outermost
}

// InSameLoop reports whether a loop of f that v is declared outside of leads
// from a to b.
func InSameLoop(f *Func, v *types.Var, a, b token.Pos) bool {
	l := RoundOf(f, v, b)
	return l != nil && Encloses(l, a)
}

// MadeBy returns the function whose result a function value is, or the variable
// that it names: nil for none.
func (ix *Index) MadeBy(e ast.Expr) *types.Func {
	if once := ix.AssignedOnce(e); once != nil {
		e = once
	}
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return ix.Callee(call)
	}
	return nil
}

// Always reports whether d is no statement of a block below f's body, or of one
// in a literal that f calls there.
func (d *Def) Always(f *Func) bool {
	in, scope := d.In, d.Scope
	for in != f {
		if scope != in.Body || in.Role != RoleCalled || !slices.ContainsFunc(in.Outer.Body.List, func(s ast.Stmt) bool {
			x, ok := s.(*ast.ExprStmt)
			return ok && x.X == in.Call
		}) {
			return false
		}
		in, scope = in.Outer, in.Outer.Body
	}
	return scope == f.Body
}
