package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds functions that start a span and call what they are given under it, with
// the context of the span:
//
//	func inSpan(ctx context.Context, name string, f func(context.Context) error) error {
//		ctx, span := tracer.Start(ctx, name)
//		defer span.End()
//		return f(ctx)
//	}

// solveUnder finds them in the package.
func (r *Result) solveUnder() {
	for again := r.MovesFuncs; again; {
		again = false
		for _, f := range r.Decls {
			if f.Body == nil || !kind.HasContextParam(f.Obj) {
				continue
			}
			for i := range f.Sig.Params().Len() {
				v := f.Sig.Params().At(i)
				if sig, ok := v.Type().Underlying().(*types.Signature); !ok || !kind.TakesContext(sig) || Has(r.known(f.Obj).Under, i) {
					continue
				}
				if r.callsUnder(f, v) {
					r.own(f.Obj).Under |= bit(i)
					again = true
				}
			}
		}
	}
}

// callsUnder reports whether f calls its parameter v with the context of a span that it
// starts, or passes it to a function that does.
func (r *Result) callsUnder(f *syntax.Func, v *types.Var) (found bool) {
	starts := r.SpanStarts(f)
	f.All(func(in *syntax.Func) {
		for _, c := range in.Calls {
			if r.VarOf(c.Expr.Fun) == v && len(c.Expr.Args) > 0 {
				ctx := r.VarOf(c.Expr.Args[0])
				found = found || slices.ContainsFunc(starts, func(s *syntax.SpanStart) bool {
					return ctx != nil && s.Ctx == ctx && s.Assign.End() <= c.Expr.Pos()
				})
			}
			if c.Callee == nil || r.Of(c.Callee).Under == 0 {
				continue
			}
			for i, arg := range c.Expr.Args {
				found = found || r.VarOf(arg) == v && Has(r.Of(c.Callee).Under, kind.ParamIndex(c.Callee.Signature(), i))
			}
		}
	})
	return found
}

// RunsUnder returns the context that a call is given beside the literal f, if what it
// calls runs f under a span which it starts with that; nil if it does not.
func (r *Result) RunsUnder(f *syntax.Func) ast.Expr {
	if f.Role != syntax.RolePassed {
		return nil
	}
	callee := r.Callee(f.Call)
	if callee == nil || !Has(r.Of(callee).Under, kind.ParamIndex(callee.Signature(), f.Arg)) {
		return nil
	}
	for i, arg := range f.Call.Args {
		if pi := kind.ParamIndex(callee.Signature(), i); pi >= 0 && kind.IsContext(callee.Signature().Params().At(pi).Type()) {
			return arg
		}
	}
	return nil
}
