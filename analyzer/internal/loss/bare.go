package loss

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds calls that lose a context without a root anybody reads: they
// begin a trace, or log.

// A Bare is a call that takes no context although a way to pass one exists.
type Bare struct {
	Call    *ast.CallExpr
	Callee  *types.Func
	Instead string      // what takes one,
	Sibling *types.Func // if that has the same parameters and results; or
	Root    string      // the root that Callee logs with,
	At      string      // and where it does
	Logs    bool        // it logs; else it starts a span, or
	From    ast.Expr    // what it is called of, by a chain of calls, could be given a context: Instead is the method
	Lasts   bool        // with From: that was there before; else it was built for the call
	In      *syntax.Func
}

// BareCalls returns the calls of the package that start a span without a
// parent, and with logs those that log without a context, where a sibling takes
// one. What they lose cannot be inferred from the context that they make, as
// they make none.
func (r *Result) BareCalls(logs bool) []Bare {
	var got []Bare
	r.Funcs(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if c.Callee == nil {
				continue
			}
			if logs {
				if name, step := r.logsRoot(c, f); name != "" {
					got = append(got, Bare{Call: c.Expr, Callee: c.Callee, Root: name, At: step, Logs: true, In: f})
					continue
				}
			}
			if kind.HasContextParam(c.Callee) {
				continue
			}
			if from := r.builtFrom(c); from != nil {
				got = append(got, Bare{Call: c.Expr, Callee: c.Callee, Instead: r.takesContextBy(r.TypeOf(from)), From: from, In: f})
			} else if instead := r.spanSibling(c); instead != "" {
				got = append(got, Bare{Call: c.Expr, Callee: c.Callee, Instead: instead, In: f})
			} else if instead := r.logSibling(c, f, logs); instead != "" {
				got = append(got, Bare{Call: c.Expr, Callee: c.Callee, Instead: instead, Sibling: kind.Sibling(c.Callee, r.Pass.Pkg), Logs: true, In: f})
			}
		}
		got = append(got, r.lastingCalls(f)...)
	})
	return got
}

// spanSibling returns the function that starts a span as the call does, but as
// a child of the context's: StartSpanFromContext of StartSpan. It returns "" for
// a call that does not start a span, or that names the parent.
func (r *Result) spanSibling(c *syntax.Call) string {
	results := c.Callee.Signature().Results()
	if results.Len() == 0 || c.Callee.Pkg() == nil || c.Callee.Signature().Recv() != nil || !r.CanEnd(results.At(0).Type()) {
		return ""
	}
	sib := kind.Beside(c.Callee, c.Callee.Name()+"FromContext")
	if sib == nil || !kind.HasContextParam(sib) || !givesBoth(sib, results.At(0).Type()) {
		return ""
	}
	for _, arg := range c.Expr.Args {
		parent := false
		ast.Inspect(arg, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				parent = parent || r.IsSpanLike(r.TypeOf(e))
			}
			return !parent
		})
		if parent || c.Expr.Ellipsis.IsValid() {
			return ""
		}
	}
	return kind.FuncName(sib)
}

// givesBoth reports whether a function gives a value of type t and a context: that of a span
// which it starts.
func givesBoth(fn *types.Func, t types.Type) bool {
	value, ctx := false, false
	for v := range fn.Signature().Results().Variables() {
		value = value || types.Identical(v.Type(), t)
		ctx = ctx || kind.IsContext(v.Type())
	}
	return value && ctx
}

// logSibling returns what logs as the call does, but with a context: a sibling,
// or a method that gives a logger for a context.
func (r *Result) logSibling(c *syntax.Call, f *syntax.Func, logs bool) string {
	if !logs || !kind.IsLogging(c.Callee) || r.hasTrace(c.Expr, f, maxTrace) {
		return ""
	}
	if sib := kind.Sibling(c.Callee, r.Pass.Pkg); sib != nil {
		return kind.FuncName(sib)
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok || c.Callee.Signature().Results().Len() > 0 {
		return "" // it makes a logger, and does not log yet
	}
	for _, name := range []string{"WithContext", "Ctx"} {
		m := kind.MethodOf(r.TypeOf(sel.X), name)
		if m != nil && m.Exported() && m.Signature().Params().Len() == 1 && kind.IsContext(m.Signature().Params().At(0).Type()) {
			return kind.FuncName(m)
		}
	}
	if r.isGlobal(c.Expr.Fun) && writesLine(c.Callee.Signature()) {
		return "a logger that takes a context"
	}
	return ""
}

// maxTrace bounds how many variables a logger is followed through.
const maxTrace = 3

// hasTrace reports whether a logger, or a line of it, is given a context or something of
// a trace: in the chain of calls, or where a local variable is set.
//
//	log.WithContext(ctx).Info("placed")
//	l := log.G(ctx)
//	l.With("trace_id", span.SpanContext().TraceID()).Info("placed")
func (r *Result) hasTrace(e ast.Expr, f *syntax.Func, depth int) (has bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || has {
			return !has
		}
		if _, isLit := n.(*ast.FuncLit); isLit {
			return false
		}
		if tv := r.Info.Types[e]; tv.IsValue() && tv.Type != nil {
			has = kind.IsContext(tv.Type) && !tv.IsNil() || r.IsSpanLike(tv.Type) || r.IsRequest(tv.Type)
		}
		if id, ok := n.(*ast.Ident); ok && !has && depth > 0 {
			if v := r.VarOf(id); v != nil && !v.IsField() && kind.IsLogger(v.Type()) {
				has = slices.ContainsFunc(r.ValuesOf(v, f), func(e ast.Expr) bool { return r.hasTrace(e, f, depth-1) })
			}
		}
		return !has
	})
	return has
}

// writesLine reports whether a function with that signature writes a line: it takes a
// text, or anything, and as much more as there is.
func writesLine(sig *types.Signature) bool {
	if !sig.Variadic() {
		return false
	}
	t := sig.Params().At(0).Type()
	if s, ok := t.(*types.Slice); ok && sig.Params().Len() == 1 {
		t = s.Elem()
	}
	if i, ok := t.Underlying().(*types.Interface); ok {
		return i.NumMethods() == 0
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// logsRoot returns the root that a call logs with: one that it is given, or that
// a function of the package makes itself, and where.
func (r *Result) logsRoot(c *syntax.Call, f *syntax.Func) (name, at string) {
	callee := r.Func(c.Callee)
	for i, arg := range c.Expr.Args {
		pi := kind.ParamIndex(c.Callee.Signature(), i)
		if pi < 0 || !kind.IsContext(c.Callee.Signature().Params().At(pi).Type()) {
			continue
		}
		v := r.Eval(arg, f)
		if v.Class != flow.Root || r.Enriched(c.Expr, i, f) || r.OnlyDerives(c.Callee.Signature()) {
			continue
		}
		if r.ParamLevel(c.Callee, pi) == flow.LogOnly {
			return r.RootName(v.Roots[0]), r.Place(c.Expr.Pos())
		}
		if callee != nil {
			if at := r.logsWith(callee, func(v flow.Value, arg ast.Expr) bool {
				return v.Class != flow.Root && r.VarOf(arg) == callee.Sig.Params().At(pi)
			}); at != "" {
				return r.RootName(v.Roots[0]), at
			}
		}
	}
	if callee == nil || kind.HasContextParam(c.Callee) || kind.IsLogging(c.Callee) || r.IsLifecycle(c.Callee) {
		return "", ""
	}
	at = r.logsWith(callee, func(v flow.Value, arg ast.Expr) bool {
		if v.Class == flow.Root {
			name = r.RootName(v.Roots[0])
		}
		return v.Class == flow.Root
	})
	return name, at
}

// logsWith returns where f, or a literal in it, logs with a context that
// matches, or "".
func (r *Result) logsWith(f *syntax.Func, match func(flow.Value, ast.Expr) bool) (at string) {
	f.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if at != "" || c.Callee == nil || !kind.IsLogging(c.Callee) {
				continue
			}
			for _, arg := range c.Expr.Args {
				if kind.IsContext(r.TypeOf(arg)) && match(r.Eval(arg, f), arg) {
					at = r.Place(c.Expr.Pos())
				}
			}
		}
	})
	return at
}

// isGlobal reports whether a function is that of a package, or a method of what
// one gives without arguments: log.Printf, zap.L().Info.
func (r *Result) isGlobal(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		_, isPkg := r.Info.Uses[id].(*types.PkgName)
		return isPkg
	}
	call, ok := ast.Unparen(sel.X).(*ast.CallExpr)
	return ok && r.isGlobal(call.Fun)
}
