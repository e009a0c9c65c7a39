package loss

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds requests that are built in a chain of calls, and could be given a
// context on the way:
//
//	client.R().SetQueryParam("id", id).Get(url)
//	client.R().SetContext(ctx).SetQueryParam("id", id).Get(url)

// builderMethods are the names by which a builder takes a context, in the order in which
// they are looked for.
var builderMethods = []string{"SetContext", "WithContext"}

// builtFrom returns the new builder that what a call sends was built from, where it could
// have been given a context; nil if the call ends no such chain, or if a context is in the
// chain. A call that cannot fail sends nothing.
func (r *Result) builtFrom(c *syntax.Call) ast.Expr {
	results := c.Callee.Signature().Results()
	if c.Callee.Signature().Recv() == nil || results.Len() == 0 || !kind.IsError(results.At(results.Len()-1).Type()) || c.Go != nil || c.Defer != nil {
		return nil
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	t := r.TypeOf(sel.X)
	if r.takesContextBy(t) == "" || types.Identical(r.TypeOf(c.Expr), t) || kind.IsLogger(t) || kind.IsHTTPRequest(t) {
		return nil
	}
	for e := sel.X; ; {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return nil // it was made somewhere else
		}
		if r.isGivenContext(call) {
			return nil
		}
		from, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if !types.Identical(r.TypeOf(from.X), t) {
			if r.takesContextBy(r.TypeOf(from.X)) != "" || r.Callee(call) == nil {
				return nil // what it is made of may have one
			}
			return e
		}
		e = from.X
	}
}

// isGivenContext reports whether a call is given a context, of whatever type, or a struct with
// one that is written there.
func (r *Result) isGivenContext(call *ast.CallExpr) bool {
	return r.hasContextIn(call) || slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return kind.IsContext(r.TypeOf(arg)) || r.ContextLike(r.TypeOf(arg)) })
}

// takesContextBy returns the method of a builder that takes a context, and gives the
// builder back; "" for none.
func (r *Result) takesContextBy(t types.Type) string {
	if kind.NamedOf(t) == nil {
		return ""
	}
	for _, name := range builderMethods {
		m := r.Method(t, name)
		if m == nil || !m.Exported() {
			continue
		}
		sig := m.Signature()
		if sig.Params().Len() == 1 && kind.IsContext(sig.Params().At(0).Type()) && sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), t) {
			return name
		}
	}
	return ""
}

// What lasts and can be given a context, such as a database handle with WithContext, has
// none where nobody has given it one:
//
//	r.db.Create(user)
//	r.db.WithContext(ctx).Create(user)
//
// That says nothing of a package that never gives one: it may not want to. So only the
// types count whose values the package gives a context somewhere.
type lasting struct {
	given map[*types.TypeName]bool // by the package, somewhere
	have  map[*types.Var]bool      // fields and package variables whose value may have one
}

// lastingOf returns what is known of the values that last. It is cheap for a package
// that has no such type.
func (r *Result) lastingOf() *lasting {
	if r.lasts != nil {
		return r.lasts
	}
	r.lasts = &lasting{given: make(map[*types.TypeName]bool), have: make(map[*types.Var]bool)}
	r.Funcs(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if t := r.givenContext(c.Expr, c.Callee); t != nil {
				r.lasts.given[t] = true
			}
		}
	})
	if len(r.lasts.given) == 0 {
		return r.lasts
	}
	r.Stores(func(to *types.Var, value ast.Expr, f *syntax.Func) {
		if f != nil && r.lastingType(to.Type()) && r.mayHaveContext(value, f, 2) {
			r.lasts.have[to] = true
		}
	})
	return r.lasts
}

// givenContext returns the type of what a call gives a context by one of the builder
// methods, or in a struct that is written there, or nil:
//
//	r.db.Session(&gorm.Session{Context: ctx})
func (r *Result) givenContext(call *ast.CallExpr, callee *types.Func) *types.TypeName {
	if callee == nil || !slices.Contains(builderMethods, callee.Name()) && !r.hasContextIn(call) {
		return nil
	}
	recv := callee.Signature().Recv()
	if recv == nil || len(call.Args) != 1 || r.takesContextBy(recv.Type()) == "" || kind.IsLogger(recv.Type()) || kind.IsHTTPRequest(recv.Type()) {
		return nil
	}
	return kind.NamedOf(recv.Type()).Obj()
}

// hasContextIn reports whether the only argument of a call is a struct, written there, with a
// context in it.
func (r *Result) hasContextIn(call *ast.CallExpr) bool {
	if len(call.Args) != 1 {
		return false
	}
	lit := flow.StructLit(call.Args[0])
	return lit != nil && slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool {
		kv, ok := elt.(*ast.KeyValueExpr)
		return ok && kind.IsContext(r.TypeOf(kv.Value))
	})
}

// lastingType reports whether the package gives values of type t a context somewhere.
func (r *Result) lastingType(t types.Type) bool {
	n := kind.NamedOf(t)
	return n != nil && r.lasts.given[n.Obj()] && r.copies(t)
}

// copies reports whether the method by which a thing of the package takes a context gives another
// one that is the same else: it sets nothing of the thing, and makes what it gives of it. That of
// another package is believed to.
func (r *Result) copies(t types.Type) bool {
	f := r.Func(r.Method(t, r.takesContextBy(t)))
	if f == nil || f.Body == nil {
		return true
	}
	recv, sets, uses := f.Sig.Recv(), false, 0
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			sets = sets || slices.ContainsFunc(n.Lhs, func(lhs ast.Expr) bool {
				_, isField := ast.Unparen(lhs).(*ast.SelectorExpr)
				return isField && r.BaseVar(lhs) == recv
			})
		case *ast.Ident:
			if r.Info.Uses[n] == recv {
				uses++
			}
		}
		return true
	})
	st, ok := kind.Pointee(t).Underlying().(*types.Struct)
	return !sets && (uses > 0 || ok && st.NumFields() == 1)
}

// mayHaveContext reports whether a value of a type that can be given a context may have
// one: a chain gives it one, or it comes from whoever calls f with a context, calls f back,
// or copies the thing for a while, as with a transaction.
func (r *Result) mayHaveContext(value ast.Expr, f *syntax.Func, depth int) bool {
	may := false
	ast.Inspect(value, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			may = may || r.givenContext(n, r.Callee(n)) != nil
		case *ast.Ident:
			v, ok := r.Info.Uses[n].(*types.Var)
			if !ok || !r.lastingType(v.Type()) || v.IsField() {
				break
			}
			may = may || r.mayBeGiven(v, f, depth)
		case ast.Expr:
			may = may || kind.IsContext(r.TypeOf(n))
		}
		return !may
	})
	return may
}

// mayBeGiven reports whether a variable of f, or of a function in it, may have a context.
func (r *Result) mayBeGiven(v *types.Var, f *syntax.Func, depth int) bool {
	i := kind.ParamOf(f.Sig, v)
	if i < 0 {
		values := r.ValuesOf(v, f)
		return v.Parent() != r.Pass.Pkg.Scope() && (depth == 0 || len(values) == 0 || slices.ContainsFunc(values, func(e ast.Expr) bool { return r.mayHaveContext(e, f, depth-1) }))
	}
	if f.Obj == nil || f.Sig.Recv() != nil || kind.TakesContext(f.Sig) && !givesThing(f.Sig) {
		return true
	}
	return slices.ContainsFunc(r.CallsOf(f.Obj), func(c syntax.CallIn) bool {
		return depth == 0 || i >= len(c.Call.Expr.Args) || r.mayHaveContext(c.Call.Expr.Args[i], c.In.Root(), depth-1)
	})
}

// givesThing reports whether a function gives anything but an error.
func givesThing(sig *types.Signature) bool {
	return sig.Results().Len() > 0 && !kind.IsError(sig.Results().At(0).Type())
}

// lastingCalls returns the calls of f, without the literals in it, that end a chain which
// begins with a value that lasts and has no context, and that work with it.
func (r *Result) lastingCalls(f *syntax.Func) []Bare {
	if f.Body == nil || len(r.lastingOf().given) == 0 {
		return nil
	}
	return r.chainsIn(f)
}

// chainsIn is lastingCalls for a function that may have some: apart, since what its walk shares
// is allocated on entry.
func (r *Result) chainsIn(f *syntax.Func) (got []Bare) {
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n == f.Node
		case *ast.CallExpr:
			begins := r.beginsTx(n, f, stack)
			if from := r.chainFrom(n, f, begins); from != nil && (begins || r.endsChain(n, f, stack)) && !r.givesInside(n) {
				got = append(got, Bare{Call: n, Callee: r.Callee(n), Instead: r.takesContextBy(r.TypeOf(from)), From: from, Lasts: true, In: f})
			}
		}
		return true
	})
	return got
}

// givesInside reports whether a call runs a literal that gives the handle which it gets a context
// wherever it works with it, itself or with what it passes it to: little is left that has none.
//
//	r.db.Transaction(func(tx *gorm.DB) error {
//		return tx.WithContext(ctx).Create(user).Error
//	})
func (r *Result) givesInside(call *ast.CallExpr) bool {
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		node, ok := ast.Unparen(arg).(*ast.FuncLit)
		if !ok || r.Lit(node) == nil {
			return false
		}
		lit := r.Lit(node)
		given, bare := false, false
		for v := range lit.Sig.Params().Variables() {
			if !r.lastingType(v.Type()) {
				continue
			}
			ast.PreorderStack(lit.Body, nil, func(n ast.Node, stack []ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok || r.Info.Uses[id] != v {
					return true
				}
				if r.isGivenThere(id, stack) {
					given = true
				} else {
					bare = true
				}
				return true
			})
		}
		return given && !bare
	})
}

// isGivenThere reports whether a use of a handle, whose parents are stack, gives it a context,
// or passes it on beside one.
func (r *Result) isGivenThere(id *ast.Ident, stack []ast.Node) bool {
	for e := ast.Expr(id); ; {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			e, stack = p, rest
		case *ast.CallExpr:
			if r.isGivenContext(p) {
				return true
			}
			if ast.Unparen(p.Fun) != e {
				return false
			}
			e, stack = p, rest
		default:
			return false
		}
	}
}

// chainFrom returns what a chain of method calls without a context begins with, where that
// lasts, can be given one and has none, or nil. A chain without any argument asks for a part
// of it, db.DB(), unless it does something all the same.
func (r *Result) chainFrom(call *ast.CallExpr, f *syntax.Func, does bool) ast.Expr {
	asks := does
	for e := ast.Expr(call); ; {
		x, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			v := r.VarOf(e)
			if r.isChain(v, f) {
				return e
			}
			if !asks || v == nil || !r.lastingType(v.Type()) || r.lasts.have[v] || !r.OutlivesCall(r.BaseVar(e), f) {
				return nil
			}
			return e
		}
		if r.isGivenContext(x) {
			return nil
		}
		asks = asks || len(x.Args) > 0
		sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
		if !ok || r.Callee(x) == nil || r.Callee(x).Signature().Recv() == nil {
			return nil
		}
		e = sel.X
	}
}

// isChain reports whether a local variable of f is never set to anything but chains without a
// context, that begin with what lasts or with the variable:
//
//	q := r.db.Where("owner = ?", owner)
//	if open {
//		q = q.Where("open")
//	}
func (r *Result) isChain(v *types.Var, f *syntax.Func) bool {
	if v == nil || v.IsField() || !r.lastingType(v.Type()) || !syntax.Encloses(f.Root().Body, v.Pos()) || r.IsRequestParam(v, f) {
		return false
	}
	values := r.ValuesOf(v, f)
	return len(values) > 0 && len(values) == r.SetTimes(v, f) && !slices.ContainsFunc(values, func(value ast.Expr) bool {
		call, ok := ast.Unparen(value).(*ast.CallExpr)
		return !ok || !r.continues(call, v) && r.chainFrom(call, f, false) == nil
	})
}

// continues reports whether a call is the last of a chain without a context that begins with v.
func (r *Result) continues(call *ast.CallExpr, v *types.Var) bool {
	for e := ast.Expr(call); ; {
		x, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return r.VarOf(e) == v
		}
		sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
		if !ok || r.isGivenContext(x) {
			return false
		}
		e = sel.X
	}
}

// endsChain reports whether nothing is called of what a call gives, and it does something:
// it can fail, or what it gives says whether it has.
func (r *Result) endsChain(call *ast.CallExpr, f *syntax.Func, stack []ast.Node) bool {
	results := r.Callee(call).Signature().Results()
	if results.Len() > 0 && kind.IsError(results.At(results.Len()-1).Type()) {
		return true
	}
	p, _ := syntax.Parent(stack)
	switch p := p.(type) {
	case *ast.ExprStmt, *ast.GoStmt:
		return results.Len() == 1 && types.Identical(results.At(0).Type(), r.Callee(call).Signature().Recv().Type())
	case *ast.SelectorExpr:
		v := r.VarOf(p)
		return v != nil && v.IsField() && kind.IsError(v.Type())
	case *ast.AssignStmt:
		v := r.VarOf(p.Lhs[0])
		return v != nil && len(p.Lhs) == 1 && len(p.Rhs) == 1 && r.SetTimes(v, f) == 1 && r.onlyAsked(v, f)
	}
	return false
}

// beginsTx reports whether a call, without arguments that say what to do, gives a handle of its
// own type to a variable by which f commits: it is the begin of a transaction.
//
//	tx := r.db.Begin()
//	defer tx.Rollback()
func (r *Result) beginsTx(call *ast.CallExpr, f *syntax.Func, stack []ast.Node) bool {
	p, _ := syntax.Parent(stack)
	as, ok := p.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 || len(as.Rhs) != 1 || len(call.Args) > 0 {
		return false
	}
	v, recv := r.VarOf(as.Lhs[0]), r.Callee(call)
	if v == nil || recv == nil || recv.Signature().Recv() == nil || !types.Identical(v.Type(), recv.Signature().Recv().Type()) || r.SetTimes(v, f) != 1 {
		return false
	}
	commits := false
	f.Root().All(func(in *syntax.Func) {
		commits = commits || slices.ContainsFunc(in.Calls, func(c *syntax.Call) bool {
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			return ok && sel.Sel.Name == "Commit" && r.BaseVar(sel.X) == v
		})
	})
	return commits
}

// onlyAsked reports whether a local variable of f is asked for nothing but its fields, an
// error among them.
func (r *Result) onlyAsked(v *types.Var, f *syntax.Func) bool {
	asked, other := false, false
	ast.PreorderStack(f.Root().Body, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || r.Info.Uses[id] != v {
			return true
		}
		var field *types.Var
		if sel, ok := stack[len(stack)-1].(*ast.SelectorExpr); ok {
			field = r.VarOf(sel)
		}
		other = other || field == nil
		asked = asked || field != nil && kind.IsError(field.Type())
		return true
	})
	return asked && !other
}

// A CallBehind is a call of a function that takes no context and has a chain which could be given
// one, where one is in scope.
type CallBehind struct {
	Call *ast.CallExpr
	Hand *Hand
}

// CallsBehind returns those of the function that a chain is in, in source order: of one that makes
// a thing, starts or ends it there are none, nor of one that may have a context by other ways.
func (r *Result) CallsBehind(b Bare) (got []CallBehind) {
	d := b.In.Root()
	if d.Obj == nil || kind.HasContextParam(d.Obj) || r.IsLifecycle(d.Obj) || r.IsHandler(d) || r.InTest(d.Node.Pos()) || !r.RunsWithin(b.In, d) {
		return nil
	}
	for _, c := range r.CallsOf(d.Obj) {
		if c.Call.Go != nil || r.isGivenContext(c.Call.Expr) || r.WorksForItself(c.Call, c.In) != "" {
			continue
		}
		if hand, why := r.LostHere(flow.Sink{Call: c.Call.Expr, Callee: d.Obj, Arg: -1, In: c.In}); why == nil && hand != nil {
			got = append(got, CallBehind{c.Call.Expr, hand})
		}
	}
	return got
}
