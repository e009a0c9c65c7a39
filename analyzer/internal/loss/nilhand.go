package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

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
	asked, safe := r.nilChecks(h.Var, f, pos)
	if safe {
		return false
	}
	return asked || r.mayBeNil(h.Var, f, pos, maxNil)
}

// maxNil bounds how many steps a value that may be nil is followed back.
const maxNil = 4

// mayBeNil reports whether the variable v, a context or a request, may be nil at pos in f by what
// it is set to.
func (r *Result) mayBeNil(v *types.Var, f *syntax.Func, pos token.Pos, depth int) bool {
	if v == nil || v.IsField() || depth == 0 {
		return false
	}
	for g := f; g != nil; g = g.Outer {
		if kind.ParamOf(g.Sig, v) >= 0 {
			return r.isGivenNil(v, g, depth) || r.setToNil(v, pos, depth)
		}
	}
	if !kind.IsContext(v.Type()) {
		return r.isDeclaredBare(v, f)
	}
	return r.setToNil(v, pos, depth)
}

// setToNil reports whether a value that reaches v at pos may be nil.
func (r *Result) setToNil(v *types.Var, pos token.Pos, depth int) bool {
	return slices.ContainsFunc(r.DefsAt(v, pos), func(d *syntax.Def) bool {
		return d.Zero || d.Rhs != nil && (r.failedBefore(d, pos) || r.givesNil(d.Rhs, d.In, d.Index, depth))
	})
}

// givesNil reports whether an expression in f may give nil, or as one of its results if that is
// not negative: what a map, a list or a channel has, what is of another type, what a function of
// the package that cannot fail returns.
func (r *Result) givesNil(e ast.Expr, f *syntax.Func, result, depth int) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := r.Info.Uses[e].(*types.Var)
		return r.Info.Types[e].IsNil() || r.mayBeNil(v, f, e.Pos(), depth-1)
	case *ast.SelectorExpr:
		v := r.VarOf(e)
		return v != nil && v.IsField() && r.isLeftOut(kind.NamedOf(r.TypeOf(e.X)), v)
	case *ast.IndexExpr:
		return r.Info.Types[e.Index].IsValue()
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	case *ast.TypeAssertExpr:
		return result >= 0 // else it panics
	case *ast.CallExpr:
		d := r.Func(r.Callee(e))
		if d == nil || d.Body == nil || depth == 0 {
			return false
		}
		results := d.Sig.Results()
		return !kind.IsError(results.At(results.Len()-1).Type()) && slices.ContainsFunc(d.Returns, func(ret *ast.ReturnStmt) bool {
			i := max(result, 0)
			return i < len(ret.Results) && (r.Info.Types[ret.Results[i]].IsNil() || r.givesNil(ret.Results[i], d, -1, depth-1))
		})
	}
	return false
}

// failedBefore reports whether pos is where the call that gave v its value has failed:
//
//	ctx, err := session(r)
//	if err != nil {
func (r *Result) failedBefore(d *syntax.Def, pos token.Pos) bool {
	as, ok := d.At.(*ast.AssignStmt)
	if !ok || len(as.Lhs) < 2 || len(as.Rhs) != 1 {
		return false
	}
	err := r.VarOf(as.Lhs[len(as.Lhs)-1])
	if err == nil || !kind.IsError(err.Type()) {
		return false
	}
	return slices.ContainsFunc(syntax.PathTo(pos, d.In.Root().Node), func(n ast.Node) bool {
		s, ok := n.(*ast.IfStmt)
		return ok && s.Pos() >= as.Pos() && syntax.Encloses(s.Body, pos) && r.Mentions(s.Cond, err)
	})
}

// isDeclaredBare reports whether a variable of f is declared without a value.
func (r *Result) isDeclaredBare(v *types.Var, f *syntax.Func) bool {
	bare := false
	ast.Inspect(f.Root().Node, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		bare = bare || ok && len(spec.Values) == 0 && slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool { return r.Info.Defs[id] == v })
		return !bare
	})
	return bare
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
		if name := h.Var.Name() + "." + field.Name(); h.Expr == name || strings.HasPrefix(h.Expr, name+".") {
			return field // or what it is asked for
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
	switch n := n.(type) {
	case *ast.BinaryExpr:
		switch {
		case n.Op != token.EQL && n.Op != token.NEQ:
		case r.Info.Types[n.Y].IsNil():
			return n.X
		case r.Info.Types[n.X].IsNil():
			return n.Y
		}
	case *ast.SwitchStmt:
		for _, c := range n.Body.List {
			if slices.ContainsFunc(c.(*ast.CaseClause).List, func(e ast.Expr) bool { return r.Info.Types[e].IsNil() }) {
				return n.Tag
			}
		}
	}
	return nil
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
		safe = safe || s.Else != nil && syntax.Encloses(s.Else, pos) || s.End() <= pos && r.endsNil(s.Body, v) && syntax.Encloses(around(s, f), pos)
	}
	return true, safe
}

// around returns the block or clause that a statement of the declaration around f stands in.
func around(s ast.Stmt, f *syntax.Func) ast.Node {
	path := syntax.PathTo(s.Pos(), f.Root().Node)
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == s {
			return path[i-1]
		}
	}
	return f.Root().Node
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

// isGivenNil reports whether the package passes what may be nil for a parameter of f: by its name,
// or where f is a literal that is called where it is written or by its variable.
func (r *Result) isGivenNil(v *types.Var, f *syntax.Func, depth int) bool {
	if given, known := r.nilGiven[v]; known {
		return given
	}
	i := kind.ParamOf(f.Sig, v)
	r.nilGiven[v] = false // while it is found out
	calls := r.CallsOf(f.Obj)
	if f.Obj == nil {
		calls = r.callsOfLit(f)
	}
	r.nilGiven[v] = slices.ContainsFunc(calls, func(c syntax.CallIn) bool {
		args := c.Call.Expr.Args
		if sel, ok := ast.Unparen(c.Call.Expr.Fun).(*ast.SelectorExpr); ok && r.Info.Selections[sel] != nil && r.Info.Selections[sel].Kind() == types.MethodExpr {
			args = args[min(1, len(args)):]
		}
		return i < len(args) && r.givesNil(args[i], c.In, -1, depth)
	})
	return r.nilGiven[v]
}

// callsOfLit returns the calls of a literal where it is written, or by the variable that has it.
func (r *Result) callsOfLit(f *syntax.Func) (calls []syntax.CallIn) {
	f.Root().All(func(in *syntax.Func) {
		for _, c := range in.Calls {
			if c.Callee == nil && (ast.Unparen(c.Expr.Fun) == f.Node || r.AssignedLit(c.Expr.Fun) == f) {
				calls = append(calls, syntax.CallIn{Call: c, In: in})
			}
		}
	})
	return calls
}
