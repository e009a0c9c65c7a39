package loss

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which uses of a context are not for what is done under a span, though they
// are written there.

// LeavesSpan reports whether a use of a context in f hands it to who may use it when a span
// that is open there has ended: it is returned, kept, or what is made of it is. Nor is it
// for the span where that is asked for which the context has.
func (r *Result) LeavesSpan(use ast.Expr, f *syntax.Func) bool {
	return r.leavesSpan(use, f, 2)
}

func (r *Result) leavesSpan(e ast.Expr, f *syntax.Func, depth int) bool {
	path := syntax.PathTo(e.Pos(), f.Root().Node)
	at := len(path) - 1
	for at >= 0 && path[at] != ast.Node(e) {
		at--
	}
	stack := path[:max(at, 0)]
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.CallExpr:
			if ast.Unparen(p.Fun) == ast.Unparen(e) {
				return false
			}
			switch t := r.firstType(p); {
			case r.IsSpanLike(t) && !r.startsSpanWith(p):
				return true // the span that the context has, and not the one that is open
			case !kind.IsContext(t) || r.startsSpanWith(p):
				return false
			}
			e, stack = p, rest
		case *ast.SelectorExpr:
			return false // it is asked for something
		case *ast.CompositeLit, *ast.UnaryExpr:
			e, stack = p.(ast.Expr), rest
		case *ast.KeyValueExpr:
			stack = rest
			if lit, more := syntax.Parent(stack); lit != nil {
				if c, ok := lit.(*ast.CompositeLit); ok {
					e, stack = c, more
				}
			}
		case *ast.AssignStmt:
			return r.assignsLeaving(e, p, f, depth)
		case *ast.ReturnStmt, *ast.SendStmt:
			return true
		default:
			return false
		}
	}
}

// startsSpanWith reports whether a call starts a span with the context that it is given.
func (r *Result) startsSpanWith(call *ast.CallExpr) bool {
	tuple, ok := r.TypeOf(call).(*types.Tuple)
	if !ok {
		return false
	}
	span := false
	for v := range tuple.Variables() {
		span = span || r.IsSpanLike(v.Type())
	}
	return span
}

// assignsLeaving reports whether an assignment keeps what is made of a context: in a field, an
// element, a variable of others, or in one of f whose value leaves.
func (r *Result) assignsLeaving(e ast.Expr, as *ast.AssignStmt, f *syntax.Func, depth int) bool {
	to := as.Lhs[0]
	for i, rhs := range as.Rhs {
		if ast.Unparen(rhs) == ast.Unparen(e) && len(as.Lhs) == len(as.Rhs) {
			to = as.Lhs[i]
		}
	}
	v := r.VarOf(to)
	if id, ok := to.(*ast.Ident); ok && id.Name == "_" {
		return false
	}
	if v == nil || v.IsField() || !syntax.Encloses(f.Root().Node, v.Pos()) || depth == 0 {
		return true
	}
	if kind.IsResult(f.Root().Sig, v) {
		return true
	}
	leaves := false
	ast.Inspect(f.Root().Node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok && id.Pos() > as.End() && r.Info.Uses[id] == v {
			leaves = leaves || r.leavesSpan(id, f, depth-1)
		}
		return !leaves
	})
	return leaves
}

// IsUsedAfter reports whether a request is used again behind a use of it, but to ask for its
// context.
func (r *Result) IsUsedAfter(use ast.Expr) bool {
	v := r.VarOf(use)
	if v == nil {
		return true
	}
	used := false
	for _, d := range r.Decls {
		if !syntax.Encloses(d.Node, use.Pos()) {
			continue
		}
		ast.PreorderStack(d.Node, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || id.Pos() <= use.End() || r.Info.Uses[id] != v {
				return !used
			}
			p, rest := syntax.Parent(stack)
			if sel, ok := p.(*ast.SelectorExpr); ok && sel.Sel.Name == "Context" {
				if call, _ := syntax.Parent(rest); call != nil {
					return true
				}
			}
			used = true
			return false
		})
	}
	return used
}
