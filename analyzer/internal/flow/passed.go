package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file notes contexts that are passed to what waits for their end, to
// methods of interfaces and to function values.

// passedToEnd notes whether call, whose parents are stack, waits for the end of v,
// its argument: context.AfterFunc, or what hands it to that. A task that can be
// stopped is not one that has to run.
func (r *Result) passedToEnd(v *types.Var, arg ast.Expr, call *ast.CallExpr, stack []ast.Node) {
	callee := r.Callee(call)
	if callee == nil {
		return
	}
	if callee.FullName() == "context.AfterFunc" {
		r.asked[v] = true
		if p, _ := syntax.Parent(stack); syntax.ToBlank(stack) || syntax.IsExprStmt(p) {
			r.starts[v] = true
		}
		return
	}
	i := kind.ParamIndex(callee.Signature(), syntax.ArgIndex(call, arg))
	if ends := r.Of(callee).Ends; ends != 0 && Has(ends, i) {
		r.asked[v], r.starts[v] = true, true
	}
}

// A lateCall is a call that is given a context variable, of which only the whole
// package tells what it calls: a function value, or a method of an interface.
type lateCall struct {
	v    *types.Var
	arg  int
	call *ast.CallExpr
}

// passedLate notes what a lateCall does with its variable.
func (r *Result) passedLate(c lateCall) {
	if !r.indexed {
		r.lateCalls = append(r.lateCalls, c)
		return
	}
	switch m := r.Callee(c.call); {
	case m == nil:
		r.passedToValue(c)
	case len(r.impls[m]) == 0:
		r.raise(c.v, Reads)
	default: // its implementations have it then
		r.flows[c.v] = append(r.flows[c.v], m.Signature().Params().At(kind.ParamIndex(m.Signature(), c.arg)))
	}
}

// flowToImpls notes that the implementations of an interface's method get its
// contexts.
func (r *Result) flowToImpls() {
	for _, m := range r.methods {
		for i, v := range kind.ContextParams(m.Signature()) {
			for _, impl := range r.impls[m] {
				r.flows[v] = append(r.flows[v], impl.Signature().Params().At(i))
			}
		}
	}
}

// raiseMethods notes that a context that a method of an interface gets is read,
// which an implementation of another package may do. Only waiting seems to be
// meant if there are several in the package, and they wait, other than by handing it on to
// another one:
//
//	type Sender interface{ Send(ctx context.Context, m Message) bool }
//
// That says nothing of an exported interface whose method gives something, if one of them
// passes the context on to another: that may get it from a database.
//
//	type Rows interface{ Next(ctx context.Context) (Row, error) }
//	func (f filtered) Next(ctx context.Context) (Row, error) { .. f.rows.Next(ctx) .. }
func (r *Result) raiseMethods() {
	for _, m := range r.methods {
		for i, v := range kind.ContextParams(m.Signature()) {
			delegates := func(impl *types.Func) bool {
				return slices.Contains(r.flows[impl.Signature().Params().At(i)], v)
			}
			waits := slices.ContainsFunc(r.impls[m], func(impl *types.Func) bool {
				return !delegates(impl) && r.leadsTo(impl.Signature().Params().At(i), r.asked)
			})
			if len(r.impls[m]) == 1 || !waits || kind.IsExportedMethod(m) && givesData(m.Signature()) && slices.ContainsFunc(r.impls[m], delegates) {
				r.raise(v, Reads)
			}
		}
	}
}

// givesData reports whether a function with that signature gives more than whether it has
// done what it was asked for.
func givesData(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		if !kind.IsError(v.Type()) && !kind.IsBool(v.Type()) {
			return true
		}
	}
	return false
}

// passedToValue notes that v is passed to a function value: a literal, called at
// once or by the variable it is in, or one that could be anything.
func (r *Result) passedToValue(c lateCall) {
	lit := r.AssignedLit(c.call.Fun)
	if l, ok := ast.Unparen(c.call.Fun).(*ast.FuncLit); ok {
		lit = r.Lit(l)
	}
	if lit == nil && r.passedToRegistered(c) {
		return
	}
	if lit == nil {
		l := r.valueLevel(c.call)
		r.raise(c.v, l)
		switch fn := r.AssignedFunc(c.call.Fun); {
		case l != Reads:
		case fn == nil:
			r.asked[c.v] = true // by anybody
		case r.Func(fn) != nil && r.Func(fn).Body != nil:
			if pi := kind.ParamIndex(fn.Signature(), c.arg); pi >= 0 {
				r.flows[c.v] = append(r.flows[c.v], fn.Signature().Params().At(pi))
			}
		default:
			r.asked[c.v] = r.asked[c.v] || Has(r.Of(fn).Ends, kind.ParamIndex(fn.Signature(), c.arg))
		}
		return
	}
	if pi := kind.ParamIndex(lit.Sig, c.arg); pi >= 0 && kind.IsContext(lit.Sig.Params().At(pi).Type()) {
		r.flows[c.v] = append(r.flows[c.v], lit.Sig.Params().At(pi))
		return
	}
	r.raise(c.v, Reads)
}

// valueLevel tells how a call of a function value reads its context: by
// anybody, unless what it gives is a logger (log.G(ctx)).
func (r *Result) valueLevel(call *ast.CallExpr) Level {
	if t := r.Info.TypeOf(call); t != nil && kind.IsLogger(t) {
		return LogOnly
	}
	return Reads
}
