package starts

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// This file tells what tracers are called.

// scopes are the names that a package gives its tracers.
type scopes struct {
	of   map[*types.Var]string
	only string // of all tracers, "" where there are several
}

// findScopes looks for otel.Tracer("name"), and what it is assigned to.
func (g *gather) findScopes() *scopes {
	s := &scopes{of: make(map[*types.Var]string)}
	found := make(map[string]bool)
	note := func(lhs, rhs ast.Expr) {
		if v := g.VarOf(lhs); v != nil {
			if name := g.tracerIn(rhs); name != "" {
				s.of[v] = name
			}
		}
	}
	for _, file := range g.Pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name := g.tracerName(n); name != "" {
					found[name] = true
				}
			case *ast.AssignStmt:
				for i, lhs := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) {
						note(lhs, n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if len(n.Names) == len(n.Values) {
						note(name, n.Values[i])
					}
				}
			case *ast.KeyValueExpr:
				note(n.Key, n.Value)
			}
			return true
		})
	}
	if len(found) == 1 {
		for name := range found {
			s.only = name
		}
	}
	return s
}

// tracerName returns the name that a call gives a tracer, "" for another call.
func (g *gather) tracerName(call *ast.CallExpr) string {
	fn := g.Callee(call)
	if fn == nil || fn.Name() != "Tracer" || len(call.Args) == 0 {
		return ""
	}
	v := g.Info.Types[call.Args[0]].Value
	if v == nil || v.Kind() != constant.String {
		return ""
	}
	return constant.StringVal(v)
}

// tracerIn returns the name of the tracer that an expression makes.
func (g *gather) tracerIn(e ast.Expr) (name string) {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return g.tracerName(call)
	}
	return ""
}

// scopeOf returns the name of the tracer that starts a span, "" for unknown.
func (g *gather) scopeOf(call *ast.CallExpr) string {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	switch x := ast.Unparen(sel.X).(type) {
	case *ast.CallExpr:
		if name := g.tracerName(x); name != "" {
			return name
		}
	case *ast.Ident, *ast.SelectorExpr:
		if v := g.VarOf(x); v != nil {
			if name := g.scopes.of[v]; name != "" {
				return name
			}
			if v.Pkg() != nil && v.Pkg() != g.Pass.Pkg {
				return "" // another package's tracer
			}
		} else {
			return "" // a function of a package
		}
	}
	return g.scopes.only
}
