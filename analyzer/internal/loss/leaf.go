package loss

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds spans that are leaves: around calls of a driver, which the author dropped the
// context of on purpose.

// isLeaf reports whether all that is done under a span, with the outer context, are calls into
// other modules that start no span, as far as the package shows, and hand nothing on that a
// trace goes with: a query, but no request.
//
//	_, span := tracer.Start(ctx, "insert")
//	_, err := db.ExecContext(ctx, insert, id)
//	span.End()
func (r *Result) isLeaf(s *Span) bool {
	return s.Kind == SpanDropped && len(s.Uses) > 0 && !slices.ContainsFunc(s.Uses, func(use ast.Expr) bool {
		call := r.callGiven(use, s.In)
		return call == nil || !r.isQuery(call)
	})
}

// callGiven returns the call of f, or of a literal in it, that has e as an argument, or nil.
func (r *Result) callGiven(e ast.Expr, f *syntax.Func) *syntax.Call {
	for _, n := range slices.Backward(syntax.PathTo(e.Pos(), f.Body)) {
		if call, ok := n.(*ast.CallExpr); ok && syntax.ArgIndex(call, e) >= 0 {
			return syntax.Innermost(f, e.Pos()).CallOf(call)
		}
	}
	return nil
}

// isQuery reports whether a call is of another module's, is given nothing but data beside its
// context, and gives no context, nor what runs functions with one.
func (r *Result) isQuery(c *syntax.Call) bool {
	fn := c.Callee
	if c.Go != nil || fn == nil || fn.Pkg() == nil || IsOwn(r.Pass, fn.Pkg()) {
		return false
	}
	for v := range fn.Signature().Results().Variables() {
		if kind.IsContext(v.Type()) || r.GivesContext(v.Type()) || runsWithContext(v.Type()) {
			return false
		}
	}
	for v := range fn.Signature().Params().Variables() {
		t := v.Type()
		_, isFunc := t.Underlying().(*types.Signature)
		if isFunc || !kind.IsContext(t) && (r.Carries(t) || r.GivesContext(t) || kind.IsHTTPRequest(t)) || r.isMessage(t) {
			return false
		}
	}
	return true
}

// runsWithContext reports whether a value of type t has a context for the functions that its
// methods are given:
//
//	func (p *ContextPool) Go(f func(ctx context.Context) error)
func runsWithContext(t types.Type) bool {
	n := kind.NamedOf(t)
	if n == nil {
		return false
	}
	methods := n.Methods()
	if iface, ok := n.Underlying().(*types.Interface); ok {
		methods = iface.Methods()
	}
	for m := range methods {
		if kind.TakesContext(m.Signature()) {
			continue
		}
		for v := range m.Signature().Params().Variables() {
			if sig, ok := v.Type().Underlying().(*types.Signature); ok && kind.TakesContext(sig) {
				return true
			}
		}
	}
	return false
}

// isMessage reports whether a value of type t is what an RPC sends: a protobuf message, or a
// message or request with headers.
func (r *Result) isMessage(t types.Type) bool {
	if list, ok := t.Underlying().(*types.Slice); ok {
		t = list.Elem()
	}
	if kind.NamedOf(t) == nil {
		return false
	}
	if r.Method(t, "ProtoMessage") != nil || r.Method(t, "ProtoReflect") != nil {
		return true
	}
	for _, name := range []string{"Header", "Headers", "Metadata"} {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name); obj != nil {
			return true
		}
	}
	return false
}

// IsOwn reports whether a package is of the module that a pass is over.
func IsOwn(pass *analysis.Pass, pkg *types.Package) bool {
	return pkg == pass.Pkg || pass.Module != nil && strings.HasPrefix(pkg.Path()+"/", pass.Module.Path+"/")
}
