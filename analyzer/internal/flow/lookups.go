package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells what one use of a context does with its values.

// LevelAt tells how values are read through one use e of a context: not at all
// if they are only looked up for the function itself, as by FromContext(ctx).
func (r *Result) LevelAt(e ast.Expr, stack []ast.Node) Level {
	if call, ok := stack[len(stack)-1].(*ast.CallExpr); ok && (r.looksUp(call) || r.links(call)) {
		return Inert
	}
	probe := types.NewVar(e.Pos(), nil, "probe", r.TypeOf(e))
	r.follow(probe, e, stack)
	got := r.levels[probe]
	for _, to := range r.flows[probe] {
		got = max(got, r.levels[to])
	}
	r.forget(probe)
	return got
}

// AsksForEnd reports whether somebody waits for the end of a context, or asks
// whether it has ended, by its use e, whose parents are stack: there, or in the
// functions of the package that it is handed to.
func (r *Result) AsksForEnd(e ast.Expr, stack []ast.Node) bool {
	probe := types.NewVar(e.Pos(), nil, "probe", r.TypeOf(e))
	r.follow(probe, e, stack)
	got := r.leadsTo(probe, r.asked)
	r.forget(probe)
	return got
}

// leadsTo reports whether the value of v gets into one of the variables to.
func (r *Result) leadsTo(v *types.Var, to map[*types.Var]bool) bool {
	seen := make(map[*types.Var]bool)
	var leads func(v *types.Var) bool
	leads = func(v *types.Var) bool {
		if seen[v] {
			return false
		}
		seen[v] = true
		return to[v] || slices.ContainsFunc(r.flows[v], leads)
	}
	return leads(v)
}

// forget undoes what follow has noted of a probe.
func (r *Result) forget(probe *types.Var) {
	delete(r.levels, probe)
	delete(r.flows, probe)
	delete(r.asked, probe)
	delete(r.starts, probe)
}

// links reports whether a call only makes a link to the span of its context.
func (r *Result) links(call *ast.CallExpr) bool {
	callee := r.Callee(call)
	return callee != nil && kind.LinksSpans(callee.Name())
}

// maxLookup bounds how many calls deep a lookup is looked into.
const maxLookup = 4

// looksUp reports whether a call only asks what its context has: of a function
// of the package its body tells, of another one its shape.
func (r *Result) looksUp(call *ast.CallExpr) bool { return r.looksUpIn(call, maxLookup) }

func (r *Result) looksUpIn(call *ast.CallExpr, depth int) bool {
	fn := r.Callee(call)
	if fn == nil || r.ContextResult(call) >= 0 || fn.Signature().Results().Len() == 0 {
		return false
	}
	if f := r.Func(fn); f != nil && f.Body != nil {
		return depth == 0 || r.onlyAsks(f, depth-1)
	}
	return kind.ShapedAsLookup(fn)
}

// onlyAsks reports whether f looks values up in its context, and hands it to
// functions that do so or that do not read it.
func (r *Result) onlyAsks(f *syntax.Func, depth int) bool {
	asks, read := true, false
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return asks
		}
		v, ok := r.Info.Uses[id].(*types.Var)
		if !ok || !kind.IsContext(v.Type()) || v.IsField() || syntax.Encloses(f.Body, v.Pos()) {
			return asks
		}
		read = true
		switch p, _ := syntax.Parent(stack); p := p.(type) {
		case *ast.SelectorExpr: // Value, Err
		case *ast.CallExpr:
			asks = asks && (r.looksUpIn(p, depth) || r.inertArg(p, id))
		default:
			asks = false // derived, kept: unknown
		}
		return asks
	})
	return asks && read
}

// inertArg reports whether a call reads no values through its argument e, other
// than for logging.
func (r *Result) inertArg(call *ast.CallExpr, e ast.Expr) bool {
	callee := r.Callee(call)
	if callee == nil || r.ContextResult(call) >= 0 {
		return false
	}
	i := syntax.ArgIndex(call, e)
	return i >= 0 && r.ParamLevel(callee, kind.ParamIndex(callee.Signature(), i)) != Reads
}
