package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells where a cache looks for what it has, and where it puts what it has loaded.

// A look is where something is looked for: in a field of what outlives the call, by itself,
// or by a method of it that takes a key.
type look struct {
	field *types.Var
	key   string // as it is written; empty for the field itself
}

// looksIn returns where f looks for what it gives early, or, where it gives nothing but an
// error, for what need not be made then, and where the first statement that does so ends.
func (r *Result) looksIn(f *syntax.Func) map[look]token.Pos {
	results := f.Sig.Results()
	if results.Len() == 0 {
		return nil
	}
	fills := results.Len() == 1 && kind.IsError(results.At(0).Type())
	var looks map[look]token.Pos
	asked := make(map[*types.Var]int) // how many of the values of a variable have been looked at
	for _, stmt := range f.Body.List {
		s, ok := stmt.(*ast.IfStmt)
		if !ok || !leaves(s.Body) {
			continue
		}
		found := s.Body.List[len(s.Body.List)-1].(*ast.ReturnStmt).Results
		if fills {
			b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
			if !ok || b.Op != token.NEQ || !r.Info.Types[b.Y].IsNil() {
				continue
			}
			found = []ast.Expr{b.X}
		}
		for _, e := range found {
			if kind.IsError(r.TypeOf(e)) {
				continue
			}
			for _, l := range r.looksOf(e, s, f, asked) {
				if _, ok := looks[l]; ok {
					continue
				}
				if looks == nil {
					looks = make(map[look]token.Pos)
				}
				looks[l] = s.End()
			}
		}
	}
	return looks
}

// looksOf returns where an expression comes from: a field, or a variable that was set to
// what a field has, or a method of a field gives, before the body of a statement, but for
// the values of variables that have been asked for before.
func (r *Result) looksOf(e ast.Expr, s *ast.IfStmt, f *syntax.Func, asked map[*types.Var]int) (looks []look) {
	if field := r.lastingField(e, f); field != nil {
		return []look{{field: field}}
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := r.Info.Uses[id].(*types.Var)
	values := r.assignedTo(v, f)
	for ; asked[v] < len(values) && values[asked[v]].Pos() <= s.Body.Pos(); asked[v]++ {
		rhs := values[asked[v]]
		if field := r.lastingField(rhs, f); field != nil {
			looks = append(looks, look{field: field})
		}
		call, ok := ast.Unparen(rhs).(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		if field := r.lastingField(sel.X, f); field != nil {
			for _, key := range call.Args {
				if !kind.IsContext(r.TypeOf(key)) {
					looks = append(looks, look{field, types.ExprString(key)})
				}
			}
		} else if r.OutlivesCall(r.BaseVar(sel.X), f) {
			for _, field := range r.lookedUpBy(r.Func(r.Callee(call))) {
				looks = append(looks, look{field: field})
			}
		}
	}
	return looks
}

// lookedUpBy returns the fields of its receiver that a method of the package looks for what it is
// given in: the key of an element.
//
//	func (r *registry) get(name string) (*namespace, bool) {
//		n, ok := r.byName[name]
func (r *Result) lookedUpBy(g *syntax.Func) (fields []*types.Var) {
	if g == nil || g.Body == nil || g.Sig.Recv() == nil {
		return nil
	}
	ast.Inspect(g.Body, func(n ast.Node) bool {
		x, ok := n.(*ast.IndexExpr)
		if !ok || kind.ParamOf(g.Sig, r.VarOf(x.Index)) < 0 {
			return true
		}
		if v := r.VarOf(x.X); v != nil && v.IsField() && r.BaseVar(x.X) == g.Sig.Recv() {
			fields = append(fields, v)
		}
		return true
	})
	return fields
}

// lastingField returns the field, of what outlives a call of f, that an expression names, or
// an element of which it names, or nil.
func (r *Result) lastingField(e ast.Expr, f *syntax.Func) *types.Var {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		e = x.X
	case *ast.StarExpr:
		e = x.X
	case *ast.TypeAssertExpr:
		e = x.X
	}
	if v := r.VarOf(e); v != nil && v.IsField() && r.OutlivesCall(r.BaseVar(e), f) {
		return v
	}
	return nil
}

// keptIn returns the assignments of f whose values, or what is made of them later, are kept
// where f looks: under a lock, or by a method. Each has the end of the statement that looks.
func (r *Result) keptIn(f *syntax.Func, looks map[look]token.Pos) map[*ast.AssignStmt]token.Pos {
	var (
		kept  = make(map[*ast.AssignStmt]token.Pos)
		later = make(map[*types.Var]token.Pos) // variables that are kept by what has been walked
		locks = sync.OnceValue(func() bool { return r.locks(f) })
		steps []ast.Node
	)
	first := func(to, looked token.Pos) token.Pos {
		if to == token.NoPos {
			return looked
		}
		return min(to, looked)
	}
	keep := func(e ast.Expr, looked token.Pos) {
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := r.Info.Uses[id].(*types.Var); ok && !v.IsField() && !kind.IsError(v.Type()) {
					later[v] = first(later[v], looked)
				}
			}
			return true
		})
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.AssignStmt, *ast.CallExpr:
			steps = append(steps, n)
		}
		return true
	})
	for _, n := range slices.Backward(steps) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			looked := token.NoPos
			for _, e := range n.Lhs {
				v := r.VarOf(e)
				if at, ok := later[v]; ok {
					looked = first(looked, at)
				}
				if field := r.lastingField(e, f); field != nil {
					if at, ok := looks[look{field: field}]; ok && locks() {
						looked = first(looked, at)
					}
				}
			}
			if looked == token.NoPos {
				continue
			}
			kept[n] = looked
			for _, e := range n.Rhs {
				keep(e, looked)
			}
		case *ast.CallExpr:
			if looked := r.fills(n, looks, f); looked != token.NoPos {
				for _, e := range n.Args {
					keep(e, looked)
				}
			}
		}
	}
	return kept
}

// fills returns the end of the statement that looked for what a call puts there, by a method
// that takes the key too and gives nothing back, but perhaps an error:
//
//	v, ok := c.items.Get(key)
//	c.items.Set(key, v)
func (r *Result) fills(call *ast.CallExpr, looks map[look]token.Pos, f *syntax.Func) token.Pos {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return token.NoPos
	}
	field := r.lastingField(sel.X, f)
	if g := r.Func(r.Callee(call)); field == nil && g != nil && g.Body != nil && r.OutlivesCall(r.BaseVar(sel.X), f) {
		first := token.NoPos
		for l, at := range looks {
			if l.key == "" && r.changesField(g, l.field) && (first == token.NoPos || at < first) {
				first = at
			}
		}
		return first
	}
	if field == nil {
		return token.NoPos
	}
	if tuple, ok := r.TypeOf(call).(*types.Tuple); ok && tuple.Len() > 0 || !ok && !kind.IsError(r.TypeOf(call)) {
		return token.NoPos
	}
	for _, arg := range call.Args {
		if at, ok := looks[look{field, types.ExprString(arg)}]; ok {
			return at
		}
	}
	return token.NoPos
}
