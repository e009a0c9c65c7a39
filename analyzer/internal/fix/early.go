package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file detaches tasks that would be canceled too early.

// Detach returns the edits that detach a task from the context that it keeps, nil
// if there is no safe way.
//
//	go s.send(ctx, o)
//	          context.WithoutCancel(ctx)
//
// In a literal every use of the context is replaced; three of them get a
// variable:
//
//	go func() {
//		ctx := context.WithoutCancel(ctx)
//
// The context is evaluated where it was, or is a variable that never changes.
// A context that is put into a queue is replaced where it is put into the item.
// Where the task also asks for the end of its context, somebody stops it by
// that, and there is no fix.
func (s *Site) Detach(k flow.Kept) []analysis.TextEdit {
	if k.Put != nil {
		return s.detachUses([]ast.Expr{k.Ctx})
	}
	if k.Spawn == nil {
		return nil // it is started by a function that others call too
	}
	lit := taskLit(k.Spawn)
	if lit == nil || k.Ctx.Pos() < lit.Pos() || lit.End() <= k.Ctx.Pos() {
		call := startedWith(k.Spawn, k.Ctx)
		if call == nil {
			return nil // written somewhere else
		}
		if s.Flow.AsksForEnd(k.Ctx, []ast.Node{call}) {
			return nil
		}
		if !kind.IsStandard(s.Pass.TypesInfo.TypeOf(k.Ctx)) {
			return s.detachRequest(k.Ctx)
		}
		return s.detachUses([]ast.Expr{k.Ctx})
	}
	uses := s.capturedContexts(lit)
	if len(uses) == 0 {
		return nil
	}
	if id, ok := uses[0].(*ast.Ident); ok && len(uses) > 2 {
		return s.detachVar(lit, id)
	}
	if call, ok := uses[0].(*ast.CallExpr); ok && s.takesBack(call) {
		return s.detachBefore(k.Spawn, uses)
	}
	return s.detachUses(uses)
}

// startedWith returns the call of a go statement, or the one that makes the function which
// it starts, that has a context among its arguments, or nil.
//
//	go save(ctx, o)
//	go save(ctx, o)()
func startedWith(s *flow.Spawn, ctx ast.Expr) *ast.CallExpr {
	if s.Go == nil {
		return nil
	}
	if s.Call.Lparen < ctx.Pos() && ctx.Pos() < s.Call.End() {
		return s.Call
	}
	made, ok := ast.Unparen(s.Call.Fun).(*ast.CallExpr)
	if ok && syntax.ArgIndex(made, ctx) >= 0 {
		return made
	}
	return nil
}

// detachRequest gives a task a request with a detached context, nil for a framework's own
// value, which has to be read before.
//
//	go s.audit(r)
//	go s.audit(r.WithContext(context.WithoutCancel(r.Context())))
func (s *Site) detachRequest(e ast.Expr) []analysis.TextEdit {
	id, ok := e.(*ast.Ident)
	if !ok || !s.isHTTPRequest(e) {
		return nil
	}
	ctxpkg, imports := s.Import(e.Pos(), "context", "context")
	if ctxpkg == "" {
		return nil
	}
	return append(imports, insert(e.End(), ".WithContext("+ctxpkg+".WithoutCancel("+id.Name+".Context()))")...)
}

// isHTTPRequest reports whether e is a *http.Request.
func (s *Site) isHTTPRequest(e ast.Expr) bool {
	ptr, ok := types.Unalias(s.Pass.TypesInfo.TypeOf(e)).(*types.Pointer)
	if !ok {
		return false
	}
	n, ok := types.Unalias(ptr.Elem()).(*types.Named)
	return ok && n.Obj().Name() == "Request" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http"
}

// takesBack reports whether a call asks a framework's value for its context that is
// given to the next request.
func (s *Site) takesBack(call *ast.CallExpr) bool {
	id := carrierOf(call)
	if id == nil {
		return false
	}
	v, _ := s.Pass.TypesInfo.Uses[id].(*types.Var)
	return s.Flow.TakesBack(v)
}

// detachBefore replaces contexts by a variable that is detached before the task starts.
//
//	ctx := context.WithoutCancel(c.Request().Context())
//	go func() { save(ctx) }()
func (s *Site) detachBefore(spawn *flow.Spawn, uses []ast.Expr) []analysis.TextEdit {
	b := &builder{Task: &Task{Site: s, Spawn: spawn}}
	ctxpkg, edits := s.Import(spawn.Pos(), "context", "context")
	if ctxpkg == "" {
		return nil
	}
	for _, e := range uses {
		name, declared := b.readBefore(ctxpkg + ".WithoutCancel(" + s.source(e) + ")")
		if name == "" {
			return nil
		}
		edits = append(append(edits, declared...), replace(e, name))
	}
	return edits
}

// taskLit returns the literal that a spawn runs, nil if it is none in the place.
func taskLit(s *flow.Spawn) *ast.FuncLit {
	lit, _ := s.Task().(*ast.FuncLit)
	return lit
}

// capturedContexts returns the uses of the one context that a literal captures:
// a variable, or a call such as r.Context(). It returns nil if there are several
// of them, if the literal changes it or asks for its end.
func (s *Site) capturedContexts(lit *ast.FuncLit) (uses []ast.Expr) {
	info := s.Pass.TypesInfo
	var of *types.Var // all uses are of this
	ok := true
	add := func(v *types.Var, e ast.Expr, stack []ast.Node) {
		if of == nil {
			of = v
		}
		ok = ok && of == v && v.Origin().Parent() != s.Pass.Pkg.Scope() && !changes(e, stack) && !s.Flow.AsksForEnd(e, stack)
		uses = append(uses, e)
	}
	ast.PreorderStack(lit.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if id := carrierOf(n); id != nil && kind.IsStandard(info.TypeOf(n)) {
				if v, _ := info.Uses[id].(*types.Var); v != nil && !inside(lit, v.Pos()) {
					add(v, n, stack)
					return false
				}
			}
		case *ast.Ident:
			v, _ := info.Uses[n].(*types.Var)
			if v != nil && !v.IsField() && kind.IsStandard(v.Type()) && !inside(lit, v.Pos()) {
				add(v, n, stack)
			}
		}
		return true
	})
	if !ok {
		return nil
	}
	return uses
}

// carrierOf returns r of a call r.Context(), c of c.Request().Context() and of
// c.Request.Context(), nil for another call.
func carrierOf(call *ast.CallExpr) *ast.Ident {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Context" || len(call.Args) > 0 {
		return nil
	}
	x := ast.Unparen(sel.X)
	if inner, ok := x.(*ast.CallExpr); ok && len(inner.Args) == 0 {
		x = ast.Unparen(inner.Fun)
	}
	if inner, ok := x.(*ast.SelectorExpr); ok && inner.Sel.Name == "Request" {
		x = ast.Unparen(inner.X)
	}
	id, _ := x.(*ast.Ident)
	return id
}

// changes reports whether the context e, whose parents are stack, is changed.
func changes(e ast.Expr, stack []ast.Node) bool {
	switch p := stack[len(stack)-1].(type) {
	case *ast.AssignStmt:
		for _, lhs := range p.Lhs {
			if lhs == e {
				return true
			}
		}
	case *ast.UnaryExpr:
		return true
	}
	return false
}

// detachUses puts context.WithoutCancel around expressions.
func (s *Site) detachUses(uses []ast.Expr) []analysis.TextEdit {
	var edits []analysis.TextEdit
	for _, e := range uses {
		ctxpkg, imports := s.Import(e.Pos(), "context", "context")
		if ctxpkg == "" {
			return nil
		}
		edits = merge(edits, imports)
		edits = append(edits, insert(e.Pos(), ctxpkg+".WithoutCancel(")...)
		edits = append(edits, insert(e.End(), ")")...)
	}
	return edits
}

// detachVar declares a detached context of the same name at the beginning of a
// literal.
func (s *Site) detachVar(lit *ast.FuncLit, id *ast.Ident) []analysis.TextEdit {
	v, _ := s.Pass.TypesInfo.Uses[id].(*types.Var)
	if !s.Changes.Unchanged(v) || mentions(lit.Type, id.Name) || !s.mergesWith(lit, id.Name) {
		return nil
	}
	ctxpkg, imports := s.Import(lit.Body.Lbrace, "context", "context")
	if ctxpkg == "" {
		return nil
	}
	line := " " + id.Name + " := " + ctxpkg + ".WithoutCancel(" + id.Name + ")"
	if first := lit.Body.List[0]; s.line(first.Pos()) == s.line(lit.Body.Lbrace) {
		line += ";"
	} else {
		line = "\n" + s.indent(first.Pos()) + line[1:]
	}
	return append(imports, insert(lit.Body.Lbrace+1, line)...)
}

func (s *Site) line(pos token.Pos) int { return s.Pass.Fset.Position(pos).Line }
