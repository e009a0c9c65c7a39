package ctxflow

import (
	"go/ast"
	"go/types"
	"slices"
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
	Logs    bool        // it logs; else it starts a span
	In      *Func
}

// BareCalls returns the calls of the package that start a span without a
// parent, and with logs those that log without a context, where a sibling takes
// one. What they lose cannot be inferred from the context that they make, as
// they make none.
func (r *Result) BareCalls(logs bool) []Bare {
	var got []Bare
	r.funcs(func(f *Func) {
		for _, c := range f.calls {
			if c.callee == nil {
				continue
			}
			if logs {
				if name, step := r.logsRoot(c, f); name != "" {
					got = append(got, Bare{Call: c.expr, Callee: c.callee, Root: name, At: step, Logs: true, In: f})
					continue
				}
			}
			if HasContextParam(c.callee) {
				continue
			}
			if instead := r.spanSibling(c); instead != "" {
				got = append(got, Bare{Call: c.expr, Callee: c.callee, Instead: instead, In: f})
			} else if instead := r.logSibling(c, logs); instead != "" {
				got = append(got, Bare{Call: c.expr, Callee: c.callee, Instead: instead, Sibling: Sibling(c.callee, r.pass.Pkg), Logs: true, In: f})
			}
		}
	})
	return got
}

// spanSibling returns the function that starts a span as the call does, but as
// a child of the context's: StartSpanFromContext of StartSpan. It returns "" for
// a call that does not start a span, or that names the parent.
func (r *Result) spanSibling(c *site) string {
	results := c.callee.Signature().Results()
	if results.Len() == 0 || c.callee.Pkg() == nil || c.callee.Signature().Recv() != nil || !r.isSpanLike(results.At(0).Type()) || !r.canEnd(results.At(0).Type()) {
		return ""
	}
	sib := lookup(c.callee, c.callee.Name()+"FromContext")
	if sib == nil || !HasContextParam(sib) {
		return ""
	}
	for _, arg := range c.expr.Args {
		parent := false
		ast.Inspect(arg, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				parent = parent || r.isSpanLike(typeOf(r.info, e)) || namedLike(e, func(s string) bool { return containsAny(s, "Child", "Follow", "Parent") })
			}
			return !parent
		})
		if parent || c.expr.Ellipsis.IsValid() {
			return ""
		}
	}
	return FuncName(sib)
}

// logSibling returns what logs as the call does, but with a context: a sibling,
// or a method that gives a logger for a context.
func (r *Result) logSibling(c *site, logs bool) string {
	if !logs || !isLogging(c.callee) {
		return ""
	}
	if sib := Sibling(c.callee, r.pass.Pkg); sib != nil {
		return FuncName(sib)
	}
	sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr)
	if !ok || c.callee.Signature().Results().Len() > 0 {
		return "" // it makes a logger, and does not log yet
	}
	for e := sel.X; ; {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			break
		}
		if slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return IsContext(typeOf(r.info, arg)) }) {
			return "" // log.WithContext(ctx).Info(..)
		}
		s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			break
		}
		e = s.X
	}
	for _, name := range []string{"WithContext", "Ctx"} {
		m := lookupMethod(typeOf(r.info, sel.X), name)
		if m != nil && m.Exported() && m.Signature().Params().Len() == 1 && IsContext(m.Signature().Params().At(0).Type()) {
			return FuncName(m)
		}
	}
	if r.isGlobal(c.expr.Fun) {
		return "a logger that takes a context"
	}
	return ""
}

// logsRoot returns the root that a call logs with: one that it is given, or that
// a function of the package makes itself, and where.
func (r *Result) logsRoot(c *site, f *Func) (name, at string) {
	callee := r.byObj[c.callee]
	for i, arg := range c.expr.Args {
		pi := paramIndex(c.callee.Signature(), i)
		if pi < 0 || !IsContext(c.callee.Signature().Params().At(pi).Type()) {
			continue
		}
		v := r.eval(arg, f)
		if v.class != root || r.enriched(c.expr, i, f) || r.onlyDerives(c.callee.Signature()) {
			continue
		}
		if r.paramLevel(c.callee, pi) == logOnly {
			return r.rootName(v.roots[0]), r.at(c.expr.Pos())
		}
		if callee != nil {
			if at := r.logsWith(callee, func(v value, arg ast.Expr) bool {
				return v.class != root && r.varOf(arg) == callee.sig.Params().At(pi)
			}); at != "" {
				return r.rootName(v.roots[0]), at
			}
		}
	}
	if callee == nil || HasContextParam(c.callee) || isLogging(c.callee) || r.IsLifecycle(c.callee) {
		return "", ""
	}
	at = r.logsWith(callee, func(v value, arg ast.Expr) bool {
		if v.class == root {
			name = r.rootName(v.roots[0])
		}
		return v.class == root
	})
	return name, at
}

// logsWith returns where f, or a literal in it, logs with a context that
// matches, or "".
func (r *Result) logsWith(f *Func, match func(value, ast.Expr) bool) (at string) {
	f.all(func(f *Func) {
		for _, c := range f.calls {
			if at != "" || c.callee == nil || !isLogging(c.callee) {
				continue
			}
			for _, arg := range c.expr.Args {
				if IsContext(typeOf(r.info, arg)) && match(r.eval(arg, f), arg) {
					at = r.at(c.expr.Pos())
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
		_, isPkg := r.info.Uses[id].(*types.PkgName)
		return isPkg
	}
	call, ok := ast.Unparen(sel.X).(*ast.CallExpr)
	return ok && r.isGlobal(call.Fun)
}

func lookupMethod(t types.Type, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	m, _ := obj.(*types.Func)
	return m
}
