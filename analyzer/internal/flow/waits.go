package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which steps wait for a signal.

// heardOnce reports whether all that tells of the end of a task is what it sends: one
// receive hears of one task.
func heardOnce(signals []signal) bool {
	return !slices.ContainsFunc(signals, func(sig signal) bool { return sig.kind != sent })
}

// hasSeveral reports whether several tasks of a function have a channel: what one
// receive hears of may be the end of another one.
func (r *Result) hasSeveral(d *syntax.Func, ch *types.Var) bool {
	tasks := 0
	d.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if (c.Go != nil || len(r.SpawnsAt(c, f)) > 0) && r.Mentions(c.Expr, ch) {
				tasks++
			}
		}
	})
	return tasks > 1
}

// waitFor returns what tells a step that waits for one of the signals.
func (r *Result) waitFor(signals []signal) func(path.Step) bool {
	return func(step path.Step) bool {
		return slices.ContainsFunc(signals, func(sig signal) bool { return r.waitsFor(step, sig, maxWaits) })
	}
}

// waitsFor reports whether a step waits for a signal, and for nothing less: a wait
// that is given a context or a time may be given up.
func (r *Result) waitsFor(step path.Step, sig signal, depth int) bool {
	switch n := step.Node.(type) {
	case *ast.UnaryExpr:
		return n.Op == token.ARROW && sig.kind != grouped && r.VarOf(n.X) == sig.v
	case *ast.RangeStmt:
		if r.VarOf(n.X) != sig.v || sig.kind == grouped {
			return false
		}
		return step.Kind == path.Done || step.Kind == path.Next && sig.kind == sent
	case *ast.CallExpr:
		return (step.Kind == path.Node || step.Kind == path.Defer) && r.callWaitsFor(n, sig, depth)
	}
	return false
}

// callWaitsFor reports whether a call waits for a signal: it is the Wait of a group, by
// a variable too, or of a function of the package that always waits for what it is
// given.
func (r *Result) callWaitsFor(call *ast.CallExpr, sig signal, depth int) bool {
	fun := ast.Unparen(call.Fun)
	if once := r.AssignedOnce(fun); once != nil && len(call.Args) == 0 {
		fun = once // wait := wg.Wait
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok && sig.kind == grouped && r.VarOf(sel.X) == sig.v && strings.Contains(sel.Sel.Name, "Wait") {
		callee, _ := r.Info.Uses[sel.Sel].(*types.Func)
		return callee == nil || !mayGiveUp(callee.Signature())
	}
	callee := r.Func(r.Callee(call))
	if callee == nil || callee.Body == nil || depth == 0 {
		return false
	}
	for i, arg := range call.Args {
		pi := kind.ParamIndex(callee.Sig, i)
		if pi < 0 || r.VarOf(addressed(arg)) != sig.v {
			continue
		}
		inside := signal{callee.Sig.Params().At(pi), sig.kind}
		if r.alwaysWaits(callee, inside, depth-1) {
			return true
		}
	}
	return false
}

// alwaysWaits reports whether every path of f waits for a signal.
func (r *Result) alwaysWaits(f *syntax.Func, sig signal, depth int) bool {
	return r.GraphOf(f).Always(path.Order{Is: func(step path.Step) bool { return r.waitsFor(step, sig, depth) }})
}

// mayGiveUp reports whether a wait may end before what is waited for: it is given a
// context, or a time.
func mayGiveUp(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if kind.IsContext(v.Type()) {
			return true
		}
		if n := kind.NamedOf(v.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time" {
			return true
		}
	}
	return false
}

// waitedFor returns the group or channel whose end the node n may wait for.
func (r *Result) waitedFor(n ast.Node) *types.Var {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return r.VarOf(n.X)
		}
	case *ast.RangeStmt:
		if _, ok := r.TypeOf(n.X).Underlying().(*types.Chan); ok {
			return r.VarOf(n.X)
		}
	case *ast.CallExpr:
		if sel, ok := n.Fun.(*ast.SelectorExpr); ok && strings.Contains(sel.Sel.Name, "Wait") {
			return r.VarOf(sel.X)
		}
	}
	return nil
}

// isCallOf reports whether a step calls one of the function variables.
func (r *Result) isCallOf(step path.Step, vars []*types.Var) bool {
	call, ok := step.Node.(*ast.CallExpr)
	if !ok || len(vars) == 0 || step.Kind != path.Node && step.Kind != path.Defer {
		return false
	}
	v := r.VarOf(call.Fun)
	return v != nil && slices.Contains(vars, v)
}

// cancelsOf returns the variables whose calls cancel the context variable ctx, as it
// is at pos: ctx itself, if that is the cancel function.
func (r *Result) cancelsOf(ctx *types.Var, pos token.Pos) (cancels []*types.Var) {
	if ctx == nil {
		return nil
	}
	if _, isCancel := ctx.Type().Underlying().(*types.Signature); isCancel {
		return []*types.Var{ctx}
	}
	w := lifeWalk{r: r, seen: make(map[ast.Expr]bool), yield: func(l Life) {
		if l.Cancel != nil {
			cancels = append(cancels, l.Cancel)
		}
	}}
	w.variable(ctx, pos)
	return cancels
}
