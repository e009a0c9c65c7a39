package fix

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// Clear returns the edits that clear the contexts of a value before it is put
// back into its pool, nil if there is no safe way.
//
//	b.ctx = nil
//	pool.Put(b)
//
// A deferred Put becomes a deferred literal, for which the value must be a
// variable that never changes, and the pool one too, as defer evaluates both at
// once. Nobody may use what he has put back, so nobody misses the context; and a
// nil pointer would have panicked at the next Get.
func (s *Site) Clear(p loss.StalePut) []analysis.TextEdit {
	id, ok := ast.Unparen(p.Value).(*ast.Ident)
	if !ok {
		return nil
	}
	if _, obj := s.Flow.ScopeAt(p.Call.Pos()).LookupParent("nil", p.Call.Pos()); obj != types.Universe.Lookup("nil") {
		return nil
	}
	var sets []string
	for _, field := range p.Fields {
		sets = append(sets, id.Name+"."+field+" = nil")
	}
	if p.Defer == nil {
		stmt := s.statement(p.Call)
		if stmt == nil {
			return nil
		}
		return insert(stmt.Pos(), strings.Join(sets, "\n"+s.indent(stmt.Pos()))+"\n"+s.indent(stmt.Pos()))
	}
	v, _ := s.Pass.TypesInfo.Uses[id].(*types.Var)
	sel, ok := ast.Unparen(p.Call.Fun).(*ast.SelectorExpr)
	if !ok || !s.Changes.Unchanged(v) || !s.staysWhere(sel.X) {
		return nil
	}
	indent := "\n" + s.indent(p.Defer.Pos())
	sets = append(sets, "")
	edits := insert(p.Call.Pos(), "func() {"+indent+"\t"+strings.Join(sets, indent+"\t"))
	return append(edits, insert(p.Call.End(), indent+"}()")...)
}

// staysWhere reports whether a pool is the same when a deferred call runs as
// where it is deferred: a variable, as Put takes its address, or a field of what
// a variable that never changes points to.
func (s *Site) staysWhere(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := s.Pass.TypesInfo.Uses[e].(*types.Var)
		if v == nil {
			return false
		}
		_, ptr := v.Type().Underlying().(*types.Pointer)
		return !ptr || s.Changes.Unchanged(v)
	case *ast.SelectorExpr:
		if _, ptr := s.Pass.TypesInfo.TypeOf(e).Underlying().(*types.Pointer); ptr {
			return false
		}
		id, ok := ast.Unparen(e.X).(*ast.Ident)
		if !ok {
			return false
		}
		v, _ := s.Pass.TypesInfo.Uses[id].(*types.Var)
		return v != nil && s.Changes.Unchanged(v)
	}
	return false
}

// statement returns the statement that a call is, if it is one of a list.
func (s *Site) statement(call *ast.CallExpr) ast.Stmt {
	var found ast.Stmt
	ast.PreorderStack(s.File, nil, func(n ast.Node, stack []ast.Node) bool {
		if e, ok := n.(*ast.ExprStmt); ok && ast.Unparen(e.X) == call {
			switch stack[len(stack)-1].(type) {
			case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
				found = e
			}
		}
		return n.Pos() <= call.Pos() && call.Pos() < n.End()
	})
	return found
}
