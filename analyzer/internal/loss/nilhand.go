package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a context in scope may be nil, which context.WithoutCancel does not
// take.

// MayBeNil reports whether the code shows that the context in scope, or what is asked for it,
// may be nil at pos in f: it is compared with nil elsewhere, has been declared without a value,
// is a parameter for which the package passes nil, or a field that it leaves out.
func (r *Result) MayBeNil(h *Hand, f *syntax.Func, pos token.Pos) bool {
	if h.Var == nil || h.Blank != nil {
		return false
	}
	if field := r.fieldOfHand(h); field != nil {
		return r.isAskedForNil(field) || r.isLeftOut(kind.NamedOf(h.Var.Type()), field)
	}
	if r.ZeroReaches(h.Var, pos) {
		return true
	}
	asked, safe := r.nilChecks(h.Var, f, pos)
	if safe {
		return false
	}
	return asked || r.isGivenNil(h.Var, f)
}

// fieldOfHand returns the field of a parameter that is the context in scope, such as p.Ctx,
// nil if it is none.
func (r *Result) fieldOfHand(h *Hand) *types.Var {
	if kind.IsContext(h.Var.Type()) || kind.IsHTTPRequest(h.Var.Type()) {
		return nil
	}
	st, ok := kind.Pointee(h.Var.Type()).Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for field := range st.Fields() {
		if h.Expr == h.Var.Name()+"."+field.Name() {
			return field
		}
	}
	return nil
}

// isLeftOut reports whether the package makes a struct of its own without one of the fields, as
// far as it is the package that makes it.
func (r *Result) isLeftOut(n *types.Named, field *types.Var) bool {
	return n != nil && n.Obj().Pkg() == r.Pass.Pkg && r.MadeWithout(n, field.Name())
}

// isAskedForNil reports whether the package compares a field with nil.
func (r *Result) isAskedForNil(field *types.Var) bool {
	if r.nilFields == nil {
		r.nilFields = make(map[*types.Var]bool)
		for _, d := range slices.Concat(r.Decls, r.Globals) {
			ast.Inspect(d.Node, func(n ast.Node) bool {
				if x := r.comparedWithNil(n); x != nil {
					if v := r.VarOf(x); v != nil && v.IsField() {
						r.nilFields[v.Origin()] = true
					}
				}
				return true
			})
		}
	}
	return r.nilFields[field.Origin()]
}

// comparedWithNil returns what a node compares with nil, or nil.
func (r *Result) comparedWithNil(n ast.Node) ast.Expr {
	b, ok := n.(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ || !r.Info.Types[b.Y].IsNil() {
		return nil
	}
	return b.X
}

// nilChecks reports whether the declaration around f compares v with nil anywhere, and whether
// it is known not to be at pos: in the branch where it is not, or behind one that leaves or
// sets it where it is.
func (r *Result) nilChecks(v *types.Var, f *syntax.Func, pos token.Pos) (asked, safe bool) {
	checks := r.nilChecksOf(f.Root())[v]
	if checks == nil {
		return false, false
	}
	for _, s := range checks.ifs {
		if ast.Unparen(s.Cond).(*ast.BinaryExpr).Op == token.NEQ {
			safe = safe || syntax.Encloses(s.Body, pos)
			continue
		}
		safe = safe || s.Else != nil && syntax.Encloses(s.Else, pos) || s.End() <= pos && r.endsNil(s.Body, v)
	}
	return true, safe
}

// nilChecks are where a declaration compares a variable with nil.
type nilChecks struct {
	ifs []*ast.IfStmt // those that ask nothing else
}

// nilChecksOf returns those of a declaration.
func (r *Result) nilChecksOf(d *syntax.Func) map[*types.Var]*nilChecks {
	if got, known := r.nilAsked[d]; known {
		return got
	}
	got := make(map[*types.Var]*nilChecks)
	note := func(n ast.Node) *nilChecks {
		x := r.comparedWithNil(n)
		if x == nil {
			return nil
		}
		v := r.VarOf(x)
		if v == nil || v.IsField() {
			return nil
		}
		if got[v] == nil {
			got[v] = new(nilChecks)
		}
		return got[v]
	}
	ast.Inspect(d.Node, func(n ast.Node) bool {
		note(n)
		if s, ok := n.(*ast.IfStmt); ok {
			if checks := note(ast.Unparen(s.Cond)); checks != nil {
				checks.ifs = append(checks.ifs, s)
			}
		}
		return true
	})
	r.nilAsked[d] = got
	return got
}

// endsNil reports whether a block leaves its function, or gives v a value.
func (r *Result) endsNil(body *ast.BlockStmt, v *types.Var) bool {
	if len(body.List) == 0 {
		return false
	}
	switch last := body.List[len(body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.AssignStmt:
		return slices.ContainsFunc(last.Lhs, func(lhs ast.Expr) bool { return r.VarOf(lhs) == v })
	}
	return false
}

// isGivenNil reports whether the package passes nil for a parameter of the declaration around f.
func (r *Result) isGivenNil(v *types.Var, f *syntax.Func) bool {
	d := f.Root()
	i := kind.ParamOf(d.Sig, v)
	if i < 0 || d.Obj == nil {
		return false
	}
	if given, known := r.nilGiven[v]; known {
		return given
	}
	r.nilGiven[v] = slices.ContainsFunc(r.CallsOf(d.Obj), func(c syntax.CallIn) bool {
		if i >= len(c.Call.Expr.Args) {
			return false
		}
		arg := c.Call.Expr.Args[i]
		given := r.VarOf(arg)
		return r.Info.Types[arg].IsNil() || given != nil && !given.IsField() && r.ZeroReaches(given, arg.Pos())
	})
	return r.nilGiven[v]
}
