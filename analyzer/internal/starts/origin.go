package starts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whose context a call is given.

// maxDepth bounds through how many assignments a context is followed.
const maxDepth = 8

// given returns whose context a call is given: by an argument, by one that carries it, such
// as a request, or by what the callee makes itself.
func (g *gather) given(call *ast.CallExpr, f *syntax.Func) (Class, []Place) {
	if i := g.contextArg(call); i >= 0 {
		return g.origin(call.Args[i], f, maxDepth)
	}
	if i := g.carrierArg(call); i >= 0 {
		return g.origin(call.Args[i], f, maxDepth)
	}
	if fn := g.Callee(call); fn != nil && g.Of(fn).Sink != nil && !g.ours(fn.Pkg()) {
		return FromRoot, []Place{g.place(call.Pos())}
	}
	return FromNone, nil
}

// contextArg returns the index of the first argument that is a context, or -1.
func (g *gather) contextArg(call *ast.CallExpr) int {
	sig, ok := g.TypeOf(call.Fun).Underlying().(*types.Signature)
	return slices.IndexFunc(call.Args, func(arg ast.Expr) bool {
		if kind.IsStandard(g.TypeOf(arg)) {
			return true
		}
		if !ok || !g.Info.Types[arg].IsNil() && !g.ContextLike(g.TypeOf(arg)) {
			return false
		}
		pi := kind.ParamIndex(sig, slices.Index(call.Args, arg))
		return pi >= 0 && kind.IsStandard(sig.Params().At(pi).Type())
	})
}

// carrierArg returns the index of the first argument that carries a context, or -1.
func (g *gather) carrierArg(call *ast.CallExpr) int {
	return slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return g.Carries(g.TypeOf(arg)) })
}

// origin tells whose a context is, or that which an expression carries.
func (g *gather) origin(e ast.Expr, f *syntax.Func, depth int) (Class, []Place) {
	if depth == 0 {
		return FromUnknown, nil
	}
	if g.ofSpan(e, e.Pos(), depth) {
		return FromSpan, nil
	}
	if !kind.IsStandard(g.TypeOf(e)) && !g.Info.Types[e].IsNil() {
		return g.carried(e, f, depth)
	}
	switch v := g.Eval(e, f); v.Class {
	case flow.Root:
		return FromRoot, g.places(v.Roots)
	case flow.Caller:
		return g.callers(e, f, depth)
	case flow.Mixed:
		return g.mixed(e, f)
	}
	return g.made(e, f, depth)
}

// mixed tells a parameter that was set to a root before, which is reported there, from a
// root that was given something of the caller's.
func (g *gather) mixed(e ast.Expr, f *syntax.Func) (Class, []Place) {
	if v := g.VarOf(e); v != nil {
		if rhs, _ := g.setBefore(v, e.Pos()); rhs != nil {
			if set := g.Eval(rhs, f); set.Class == flow.Root {
				return FromRoot, g.places(set.Roots)
			}
		}
	}
	return FromMixed, nil
}

func (g *gather) places(roots []ast.Expr) (places []Place) {
	for _, r := range roots {
		places = append(places, g.place(r.Pos()))
	}
	return places
}

// made looks at the call that a context comes from, where the engine does not follow it:
// one of a request that was made of a root.
func (g *gather) made(e ast.Expr, f *syntax.Func, depth int) (Class, []Place) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return g.onlyGivenRoots(e, f, depth)
	}
	if i := g.contextArg(call); i >= 0 {
		return g.origin(call.Args[i], f, depth-1)
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && len(call.Args) == 0 && g.Carries(g.TypeOf(sel.X)) {
		return g.carried(sel.X, f, depth-1)
	}
	return FromUnknown, nil
}

// onlyGivenRoots follows a context that the engine takes for nobody's: that of a parameter
// which all callers in the package give a root.
func (g *gather) onlyGivenRoots(e ast.Expr, f *syntax.Func, depth int) (Class, []Place) {
	v := g.VarOf(e)
	if v == nil || v.IsField() || !kind.IsStandard(v.Type()) {
		return FromUnknown, nil
	}
	if g.OwnerOf(v, f) != nil {
		return g.paramOf(v, f, depth)
	}
	if rhs, _ := g.setBefore(v, e.Pos()); rhs != nil {
		return g.origin(rhs, f, depth-1)
	}
	return FromUnknown, nil
}

// carried tells whose context a value carries.
func (g *gather) carried(e ast.Expr, f *syntax.Func, depth int) (Class, []Place) {
	if depth == 0 {
		return FromUnknown, nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if i := g.contextArg(e); i >= 0 {
			return g.origin(e.Args[i], f, depth-1)
		}
		if i := g.carrierArg(e); i >= 0 {
			return g.carried(e.Args[i], f, depth-1)
		}
		if g.Of(g.Callee(e)).Sink != nil {
			return FromRoot, []Place{g.place(e.Pos())}
		}
	case *ast.Ident:
		v := g.VarOf(e)
		if v == nil {
			break
		}
		if g.IsRequestParam(v, f) {
			return g.paramOf(v, f, depth)
		}
		if rhs := g.lastSet(v, e.Pos()); rhs != nil {
			return g.carried(rhs, f, depth-1)
		}
	case *ast.UnaryExpr:
		return g.carried(e.X, f, depth-1)
	}
	return FromUnknown, nil
}

// callers tells of a context that comes from a parameter whose it is.
func (g *gather) callers(e ast.Expr, f *syntax.Func, depth int) (Class, []Place) {
	v := g.BaseVar(e)
	if v == nil {
		return FromParam, nil
	}
	return g.paramOf(v, f, depth)
}

// paramOf tells whose the context of a parameter is: the caller's, or that which a literal
// is handed on with, or that of whoever calls the literal.
func (g *gather) paramOf(v *types.Var, f *syntax.Func, depth int) (Class, []Place) {
	owner := g.OwnerOf(v, f)
	if owner == nil {
		if rhs := g.lastSet(v, v.Pos()+1<<30); rhs != nil && depth > 1 && !kind.IsStandard(v.Type()) {
			return g.carried(rhs, f, depth-1)
		}
		return g.derived(v, depth)
	}
	if owner.Obj != nil {
		return FromParam, nil
	}
	if owner.Role == syntax.RolePassed || owner.Role == syntax.RoleGo || owner.Role == syntax.RoleCalled || owner.Role == syntax.RoleDeferred {
		if i := g.contextArg(owner.Call); i >= 0 && depth > 1 {
			return g.origin(owner.Call.Args[i], owner.Outer, depth-1)
		}
	}
	return FromOutside, nil
}

// derived follows a context variable to what it is made of.
func (g *gather) derived(v *types.Var, depth int) (Class, []Place) {
	info := g.Var(v)
	if info == nil || depth <= 1 {
		return FromParam, nil
	}
	for _, d := range slices.Backward(info.Defs) {
		if call, ok := d.Rhs.(*ast.CallExpr); ok {
			if i := g.contextArg(call); i >= 0 {
				return g.origin(call.Args[i], d.In, depth-1)
			}
		}
		if d.Rhs != nil && !d.Zero {
			if base := g.BaseVar(d.Rhs); base != nil && base != v {
				return g.paramOf(base, d.In, depth-1)
			}
		}
	}
	return FromParam, nil
}

// ofSpan reports whether a context is that of a span which the function has started, or
// derived from one.
func (g *gather) ofSpan(e ast.Expr, at token.Pos, depth int) bool {
	if depth == 0 || len(g.spans) == 0 {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := g.VarOf(e)
		if v == nil {
			return false
		}
		begun := token.NoPos
		for _, s := range g.spans {
			if s.v == v && s.from <= at {
				begun = max(begun, s.from)
			}
		}
		rhs, set := g.setBefore(v, at)
		if begun.IsValid() {
			return set <= begun || g.ofSpan(rhs, rhs.Pos(), depth-1)
		}
		return rhs != nil && g.ofSpan(rhs, rhs.Pos(), depth-1)
	case *ast.CallExpr:
		if i := g.contextArg(e); i >= 0 {
			return g.ofSpan(e.Args[i], at, depth-1)
		}
		if i := g.carrierArg(e); i >= 0 {
			return g.ofSpan(e.Args[i], at, depth-1)
		}
	}
	return false
}

// setBefore returns what a variable was set to last before a place, and where.
func (g *gather) setBefore(v *types.Var, at token.Pos) (rhs ast.Expr, set token.Pos) {
	info := g.Var(v)
	if info == nil {
		if rhs = g.lastSet(v, at); rhs != nil {
			set = rhs.End()
		}
		return rhs, set
	}
	for _, d := range info.Defs {
		if d.Pos <= at && d.Rhs != nil && !d.Zero {
			rhs, set = d.Rhs, d.Pos
		}
	}
	return rhs, set
}

// lastSet returns what a variable that the index does not note was set to last before a
// place, nil for unknown.
func (g *gather) lastSet(v *types.Var, at token.Pos) (rhs ast.Expr) {
	ast.Inspect(g.decl.Node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if n.End() <= at && g.VarOf(lhs) == v {
					rhs = n.Rhs[min(i, len(n.Rhs)-1)]
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if n.End() <= at && g.VarOf(name) == v && len(n.Values) > 0 {
					rhs = n.Values[min(i, len(n.Values)-1)]
				}
			}
		}
		return true
	})
	return rhs
}
