package loss

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds functions that are run under a span, and work with the context from
// outside instead of the one that they are given:
//
//	inSpan(ctx, "place", func(spanCtx context.Context) error {
//		return s.store.Save(ctx, o)
//	})

// spanPassedOver tells how the literal f loses the span that it is run under, nil if it
// does not. Who uses both contexts knows which is which.
func (r *Result) spanPassedOver(f *syntax.Func) *Span {
	run := r.RunsUnder(f)
	if run == nil {
		return nil
	}
	outer := r.VarOf(run)
	var request *types.Var
	if asked, ok := ast.Unparen(run).(*ast.CallExpr); ok {
		request = r.RequestOf(asked)
	}
	if request == nil && (outer == nil || outer.IsField() || syntax.Encloses(f.Node, outer.Pos())) {
		return nil
	}
	var given *types.Var
	for _, v := range kind.ContextParams(f.Sig) {
		given = v
		break
	}
	if given == nil || r.Mentions(f.Body, given) {
		return nil
	}
	loss := &Span{Kind: SpanNotTaken, Call: f.Call, In: f.Outer}
	if given.Name() != "" && given.Name() != "_" {
		loss.Ctx = given
	}
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			lit := r.Lit(n)
			return lit != nil && r.OnBehalf(lit)
		case *ast.Ident:
			if outer != nil && r.Info.Uses[n] == outer && r.LevelAt(n, stack) == flow.Reads && !r.madeToLast(n, stack, f) && !r.detachedIn(stack) {
				loss.Uses = append(loss.Uses, n)
			}
		case *ast.CallExpr:
			if request != nil && r.RequestOf(n) == request && r.LevelAt(n, stack) == flow.Reads && !r.madeToLast(n, stack, f) && !r.detachedIn(stack) && !r.seemsToWait(stack) {
				loss.Uses = append(loss.Uses, n)
			}
		}
		return true
	})
	if len(loss.Uses) == 0 {
		return nil
	}
	loss.Outer = loss.Uses[0]
	return loss
}

// seemsToWait reports whether a use of a context, whose parents are stack, is all that a method of
// an interface is given, which gives nothing but whether it has failed: that starts no span worth
// a report, as a gate that lets one in.
func (r *Result) seemsToWait(stack []ast.Node) bool {
	p, _ := syntax.Parent(stack)
	call, ok := p.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := r.Callee(call)
	if fn == nil || !kind.IsMethodOfInterface(fn) || fn.Signature().Params().Len() != 1 {
		return false
	}
	results := fn.Signature().Results()
	return results.Len() == 1 && kind.IsError(results.At(0).Type())
}

// detachedIn reports whether a use of a context, whose parents are stack, is to make one of
// it that does not end with it.
func (r *Result) detachedIn(stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		return ok && r.Callee(call) != nil && r.Detaches(r.Callee(call))
	})
}
