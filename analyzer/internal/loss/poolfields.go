package loss

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file finds the fields of pooled values that have contexts.

// A keptField is a field of a struct, or of one in it, that has a context.
type keptField struct {
	v    *types.Var
	path string
	list bool // it has a list of contexts
}

// keptContexts returns the fields of a pointer to a struct of the package that
// have a context, a list of them, or a request.
func (r *Result) keptContexts(t types.Type) []keptField {
	n := kind.NamedOf(t)
	if _, ok := types.Unalias(t).(*types.Pointer); !ok || n == nil || n.Obj().Pkg() != r.Pass.Pkg {
		return nil
	}
	return r.keptIn(n.Underlying(), "", maxClear)
}

func (r *Result) keptIn(t types.Type, prefix string, depth int) (fields []keptField) {
	st, ok := t.(*types.Struct)
	if !ok || depth == 0 {
		return nil
	}
	for field := range st.Fields() {
		t := types.Unalias(field.Type())
		inner, isNamed := t.(*types.Named)
		_, isStruct := t.Underlying().(*types.Struct)
		switch {
		case r.keepsContext(field):
			_, list := t.Underlying().(*types.Slice)
			fields = append(fields, keptField{field.Origin(), prefix + field.Name(), list})
		case isStruct && (!isNamed || inner.Obj().Pkg() == r.Pass.Pkg):
			fields = append(fields, r.keptIn(t.Underlying(), prefix+field.Name()+".", depth-1)...)
		}
	}
	return fields
}

// keepsContext reports whether a field, which can be nil, has a context, a list of them, or
// a request.
func (r *Result) keepsContext(field *types.Var) bool {
	t := field.Type()
	if list, ok := t.Underlying().(*types.Slice); ok {
		return kind.IsStandard(list.Elem())
	}
	_, isStruct := t.Underlying().(*types.Struct)
	return !isStruct && (kind.IsContext(t) || kind.IsHTTPRequest(t))
}

// setFields returns the fields with contexts or requests that anything of the package gives
// a value, with the pools that the value comes from in which they are set; from has the
// variables of which that is known. The pool is nil where it is not.
func (r *Result) setFields(from map[*types.Var]*types.Var) map[*types.Var]map[*types.Var]bool {
	set := make(map[*types.Var]map[*types.Var]bool)
	note := func(name ast.Expr, of *types.Var) {
		if v := r.VarOf(name); v != nil && v.IsField() && r.keepsContext(v) {
			if set[v] == nil {
				set[v] = make(map[*types.Var]bool)
			}
			set[v][from[of]] = true
		}
	}
	for _, d := range slices.Concat(r.Decls, r.Globals) {
		if d.Body == nil {
			continue
		}
		ast.Inspect(d.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, lhs := range n.Lhs {
					if sel, ok := lhs.(*ast.SelectorExpr); ok && (len(n.Lhs) != len(n.Rhs) || !r.empties(n.Rhs[i])) {
						note(sel, r.BaseVar(sel))
					}
				}
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok && !r.Info.Types[n.Value].IsNil() {
					note(id, nil)
				}
			}
			return true
		})
	}
	return set
}

// empties reports whether an expression is nil, or a list of which nothing is kept.
func (r *Result) empties(e ast.Expr) bool {
	_, isSlice := ast.Unparen(e).(*ast.SliceExpr)
	return isSlice || r.Info.Types[e].IsNil()
}
