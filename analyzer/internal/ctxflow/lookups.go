package ctxflow

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// This file tells what one use of a context does with its values.

// levelAt tells how values are read through one use e of a context: not at all
// if they are only looked up for the function itself, as by FromContext(ctx).
func (r *Result) levelAt(e ast.Expr, stack []ast.Node) level {
	if call, ok := stack[len(stack)-1].(*ast.CallExpr); ok && (r.looksUp(call) || r.links(call)) {
		return inert
	}
	probe := types.NewVar(e.Pos(), nil, "probe", typeOf(r.info, e))
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
	probe := types.NewVar(e.Pos(), nil, "probe", typeOf(r.info, e))
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
	callee := r.callee(call)
	return callee != nil && linksSpans(callee.Name())
}

// maxLookup bounds how many calls deep a lookup is looked into.
const maxLookup = 4

// looksUp reports whether a call only asks what its context has: of a function
// of the package its body tells, of another one its shape.
func (r *Result) looksUp(call *ast.CallExpr) bool { return r.looksUpIn(call, maxLookup) }

func (r *Result) looksUpIn(call *ast.CallExpr, depth int) bool {
	fn := r.callee(call)
	if fn == nil || r.contextResult(call) >= 0 || fn.Signature().Results().Len() == 0 {
		return false
	}
	if f := r.byObj[fn]; f != nil && f.body != nil {
		return depth == 0 || r.onlyAsks(f, depth-1)
	}
	return shapedAsLookup(fn)
}

// onlyAsks reports whether f looks values up in its context, and hands it to
// functions that do so or that do not read it.
func (r *Result) onlyAsks(f *Func, depth int) bool {
	asks, read := true, false
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return asks
		}
		v, ok := r.info.Uses[id].(*types.Var)
		if !ok || !IsContext(v.Type()) || v.IsField() || encloses(f.body, v.Pos()) {
			return asks
		}
		read = true
		switch p, _ := parent(stack); p := p.(type) {
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
	callee := r.callee(call)
	if callee == nil || r.contextResult(call) >= 0 {
		return false
	}
	i := argIndex(call, e)
	return i >= 0 && r.paramLevel(callee, paramIndex(callee.Signature(), i)) != reads
}

// shapedAsLookup reports whether fn takes a context alone and gives a value, and
// if it is a method or may fail, says by its name that the context has it.
func shapedAsLookup(fn *types.Func) bool {
	results := fn.Signature().Results()
	if fn.Signature().Params().Len() != 1 {
		return false
	}
	name := strings.ToLower(fn.Name())
	if strings.HasPrefix(name, "with") {
		return false // it gives what keeps the context
	}
	if results.Len() > 1 {
		return containsAny(name, "context", "ctx", "from") || strings.HasSuffix(fn.Name(), "ID") || strings.HasSuffix(fn.Name(), "Id")
	}
	return !isError(results.At(0).Type()) && (fn.Signature().Recv() == nil || containsAny(name, "context", "ctx"))
}
