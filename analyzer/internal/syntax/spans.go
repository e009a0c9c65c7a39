package syntax

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"sort"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// This file finds the calls that start a span.

// A SpanStart is a call that starts a span.
type SpanStart struct {
	*Call
	In    *Func
	Outer ast.Expr   // the context it is given
	Span  *types.Var // or a field; nil if that is dropped
	Ctx   *types.Var // or a field; nil if that is dropped
	End   string     // the method that ends it, if that is not End or Finish
}

// Ends reports whether a selection names a method that ends s.
func (s *SpanStart) Ends(sel *ast.SelectorExpr) bool {
	return sel.Sel.Name == "End" || sel.Sel.Name == "Finish" || s.End != "" && sel.Sel.Name == s.End
}

// EndsSpan reports whether a call ends s: by a method, or because its end is a function.
func (ix *Index) EndsSpan(call *ast.CallExpr, s *SpanStart) bool {
	if ix.VarOf(call.Fun) == s.Span {
		return true
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && s.Ends(sel) && ix.VarOf(sel.X) == s.Span
}

// SpanStarts returns the calls of f that start a span.
func (ix *Index) SpanStarts(f *Func) []*SpanStart {
	if f.spansKnown {
		return ix.spans[f]
	}
	var got []*SpanStart
	for _, c := range f.Calls {
		if s := ix.spanStart(c, f); s != nil {
			got = append(got, s)
		}
	}
	f.spansKnown = true
	if got != nil {
		ix.spans[f] = got // most functions start none
	}
	return got
}

// spanStart returns what a call starts if that is a span: it is given a
// context, and gives a context and something to End or Finish.
func (ix *Index) spanStart(c *Call, f *Func) *SpanStart {
	if c.Assign == nil || len(c.Assign.Rhs) != 1 {
		return nil
	}
	if len(c.Assign.Lhs) == 1 {
		return ix.spanWithContext(c, f)
	}
	results, ok := ix.Info.TypeOf(c.Expr).(*types.Tuple)
	if !ok || results.Len() != len(c.Assign.Lhs) {
		return nil
	}
	s := &SpanStart{Call: c, In: f}
	ctx := -1
	var other *types.Var
	for i := range results.Len() {
		v := ix.VarOf(c.Assign.Lhs[i])
		if v != nil && v.Name() == "_" {
			v = nil
		}
		switch t := results.At(i).Type(); {
		case kind.IsContext(t):
			ctx = i
			s.Ctx = v
		case ix.CanEnd(t) || ix.endsAsFunc(c, t):
			s.Span = v
		default:
			other = v
		}
	}
	if ctx < 0 {
		return nil
	}
	if s.Span != nil {
		s.End = ix.endedBy(s.Span, f, false)
	} else if s.Ctx == nil && other != nil && ix.isNamedPart(c) {
		s.Span, s.End = other, ix.endedBy(other, f, true)
		if s.End == "" {
			return nil
		}
	}
	if s.Span == nil || !ix.isLocal(s, f) {
		return nil
	}
	for i, arg := range c.Expr.Args {
		if kind.IsContext(ix.TypeOf(arg)) || ix.isContextParam(c, i) && ix.ContextLike(ix.TypeOf(arg)) {
			s.Outer = arg
			return s
		}
	}
	return nil
}

// isLocal reports whether f has for itself what a span and its context are set to: they
// are variables, or fields of a local one. Others may work with those of another struct.
func (ix *Index) isLocal(s *SpanStart, f *Func) bool {
	for _, lhs := range s.Assign.Lhs {
		sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		base := ix.BaseVar(sel.X)
		if base == nil || f.Root().Body == nil || !Encloses(f.Root().Body, base.Pos()) {
			return false
		}
	}
	return true
}

// isNamedPart reports whether a call is given a name that is written there, as what starts
// a part of a trace is.
func (ix *Index) isNamedPart(c *Call) bool {
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		tv := ix.Info.Types[arg]
		return tv.Value != nil && tv.Value.Kind() == constant.String
	})
}

// endedBy returns the method that a deferred call of f ends v with: one that gives
// nothing and takes the error, or, with bare, takes nothing. It returns "" for none.
//
//	defer segment.Close(err)
//	defer event.Send()
func (ix *Index) endedBy(v *types.Var, f *Func, bare bool) (name string) {
	for _, d := range f.Defers {
		ast.Inspect(d.Stmt, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if !ok || ix.VarOf(sel.X) != v {
				return true
			}
			m, ok := ix.Info.Uses[sel.Sel].(*types.Func)
			if !ok || m.Signature().Results().Len() > 0 || m.Signature().Variadic() {
				return true
			}
			switch params := m.Signature().Params(); {
			case params.Len() == 1 && kind.IsError(params.At(0).Type()), bare && params.Len() == 0 && d.Stmt.Call == call:
				name = m.Name()
			}
			return true
		})
	}
	return name
}

// isContextParam reports whether the function that is called takes argument i as a
// context: it may be one of another type, such as gin's.
func (ix *Index) isContextParam(c *Call, i int) bool {
	sig, ok := ix.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok {
		return false
	}
	pi := kind.ParamIndex(sig, i)
	return pi >= 0 && kind.IsContext(sig.Params().At(pi).Type())
}

// StartsSpan reports whether d itself starts a span.
func (ix *Index) StartsSpan(d *Func) bool {
	return len(ix.SpanStarts(d)) > 0
}

// Following returns the statements of its list that follow the one that starts s.
func (s *SpanStart) Following() []ast.Stmt {
	list := ListOf(s.Block)
	return list[sort.Search(len(list), func(i int) bool { return list[i].Pos() > s.Assign.Pos() }):]
}

// spanWithContext returns what a call starts if that is a span which has its context
// itself, and that nobody asks for it or is given:
//
//	span := sentry.StartSpan(ctx, "op")
//	defer span.Finish()
func (ix *Index) spanWithContext(c *Call, f *Func) *SpanStart {
	t := ix.TypeOf(c.Expr)
	v := ix.VarOf(c.Assign.Lhs[0])
	if v == nil || v.IsField() || !ix.CanEnd(t) || !ix.GivesContext(t) {
		return nil
	}
	i := slices.IndexFunc(c.Expr.Args, func(arg ast.Expr) bool { return kind.IsContext(ix.TypeOf(arg)) })
	if i < 0 || ix.isAskedForContext(v, f) {
		return nil
	}
	return &SpanStart{Call: c, In: f, Outer: c.Expr.Args[i], Span: v}
}

// isAskedForContext reports whether a function asks a span for its context, or hands the
// span to somebody who may.
func (ix *Index) isAskedForContext(v *types.Var, f *Func) bool {
	asked := false
	ast.PreorderStack(f.Root().Node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || ix.Info.Uses[id] != v || IsAssigned(id, stack) {
			return !asked
		}
		p, _ := Parent(stack)
		sel, ok := p.(*ast.SelectorExpr)
		asked = asked || !ok || sel.Sel.Name == "Context"
		return !asked
	})
	return asked
}

// endsAsFunc reports whether a result of a call is the function that ends the span which
// the call starts, as a function of the package shows:
//
//	ctx, end := start(ctx, "op")
//	defer end()
func (ix *Index) endsAsFunc(c *Call, t types.Type) bool {
	if _, ok := t.Underlying().(*types.Signature); !ok || isCancelType(t) {
		return false
	}
	f := ix.byObj[c.Callee]
	return f != nil && f.Body != nil && c.Callee != nil && !ix.startsKnown[f] && ix.startsSpanIn(f)
}

// startsSpanIn reports whether f starts a span itself.
func (ix *Index) startsSpanIn(f *Func) bool {
	ix.startsKnown[f] = true // recursion starts none
	defer delete(ix.startsKnown, f)
	return len(ix.SpanStarts(f)) > 0
}

// MakesCancel reports whether the second result of a call is a cancel function, by its type,
// or as a function of the package shows:
//
//	func bounded(ctx context.Context) (context.Context, func()) {
//		ctx, cancel := context.WithTimeout(ctx, time.Second)
//		return ctx, func() { cancel() }
//	}
func (ix *Index) MakesCancel(call *ast.CallExpr) bool {
	callee := ix.Callee(call)
	if callee == nil || callee.Signature().Results().Len() < 2 {
		return false
	}
	t := callee.Signature().Results().At(1).Type()
	if isCancelType(t) {
		return true
	}
	if _, ok := t.Underlying().(*types.Signature); !ok {
		return false
	}
	f := ix.byObj[callee.Origin()]
	if f == nil || f.Body == nil || len(f.Returns) == 0 {
		return false
	}
	gives, known := ix.givesCancel[f]
	if !known {
		ix.givesCancel[f] = false // while it is found out
		gives = !slices.ContainsFunc(f.Returns, func(ret *ast.ReturnStmt) bool { return len(ret.Results) < 2 || !ix.cancels(ret.Results[1], f) })
		ix.givesCancel[f] = gives
	}
	return gives
}

// cancels reports whether the value of an expression, written in f, is a cancel function, or a
// literal that calls one which f has made.
func (ix *Index) cancels(e ast.Expr, f *Func) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return isCancelType(ix.TypeOf(e))
	case *ast.FuncLit:
		lit := ix.byLit[e]
		return lit != nil && slices.ContainsFunc(lit.Calls, func(c *Call) bool {
			v := ix.VarOf(c.Expr.Fun)
			return v != nil && !v.IsField() && isCancelType(v.Type()) && Encloses(f.Body, v.Pos())
		})
	}
	return false
}

// isCancelType reports whether t is one of package context's types for cancel functions.
func isCancelType(t types.Type) bool {
	n := kind.NamedOf(t)
	return n != nil && (kind.IsNamed(n, "context", "CancelFunc") || kind.IsNamed(n, "context", "CancelCauseFunc"))
}
