package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which roots a call is given, and what becomes of them there.

// handsRoot returns the sink that a call is because an argument is a root; else the
// roots that it is given, and why none is lost.
func (r *Result) handsRoot(c *syntax.Call, sig *types.Signature, f *syntax.Func) (sink *Sink, why Reason, roots []ast.Expr) {
	if f.Root().Links || r.Linked(c.Expr) || r.OnlyDerives(sig) || r.Constructs(c.Callee) {
		return nil, "", nil
	}
	for i, arg := range c.Expr.Args {
		pi := kind.ParamIndex(sig, i)
		if pi < 0 || !kind.IsContext(sig.Params().At(pi).Type()) {
			continue
		}
		v := r.Eval(arg, f)
		if v.Class != Root {
			continue
		}
		if why = r.keepsRoot(c, i, pi, f); why != "" {
			roots = v.Roots
			continue
		}
		return r.rootSink(c, i, v.Roots, f), "", nil
	}
	if sink := r.handsInStruct(c, f); sink != nil {
		return sink, "", nil
	}
	return nil, why, roots
}

// rootSink returns the sink that a call in f is because its argument i is made of roots.
func (r *Result) rootSink(c *syntax.Call, i int, roots []ast.Expr, f *syntax.Func) *Sink {
	step := Step{Callee: calledName(c), Root: r.RootName(roots[0]), At: r.Place(c.Expr.Pos())}
	return &Sink{Call: c.Expr, Callee: c.Callee, Arg: i, Roots: roots, Way: []Step{step}, In: f, Task: c.Go != nil}
}

// handsInStruct returns the sink that a call of a function of the package is because an
// argument is a struct, written there, with a root in a field that the function works with:
//
//	s.publish(event{ctx: context.Background(), id: id})
func (r *Result) handsInStruct(c *syntax.Call, f *syntax.Func) *Sink {
	if !r.takesStruct(c.Callee) {
		return nil
	}
	callee := r.Func(c.Callee.Origin())
	for i, arg := range c.Expr.Args {
		lit := StructLit(arg)
		pi := kind.ParamIndex(callee.Sig, i)
		if lit == nil || pi < 0 || callee.Sig.Variadic() {
			continue
		}
		for _, field := range r.workedFields(callee.Sig.Params().At(pi), maxMethods) {
			ctx := r.fieldValue(arg, field)
			if ctx == nil {
				continue
			}
			v := r.Eval(ctx, f)
			if v.Class != Root || !syntax.Encloses(f.Root().Node, v.Roots[0].Pos()) {
				continue
			}
			return r.rootSink(c, i, v.Roots, f)
		}
	}
	return nil
}

// StructLit returns the struct literal that an expression is or points to, or nil.
func StructLit(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

// takesStruct reports whether a function of the package has a parameter that is a struct, or
// points to one, with a context in a field.
func (r *Result) takesStruct(fn *types.Func) bool {
	if fn == nil || fn.Pkg() != r.Pass.Pkg {
		return false
	}
	f := r.Func(fn.Origin())
	if f == nil || f.Body == nil {
		return false
	}
	for i := range f.Sig.Params().Len() {
		v := f.Sig.Params().At(i)
		if st, ok := kind.Pointee(v.Type()).Underlying().(*types.Struct); ok && !kind.IsContext(v.Type()) && !kind.IsHTTPRequest(v.Type()) && hasContext(st) {
			return true
		}
	}
	return false
}

// keepsRoot tells why a call loses nothing by the root that it is given as argument i
// for its parameter pi, "" if it does.
func (r *Result) keepsRoot(c *syntax.Call, i, pi int, f *syntax.Func) Reason {
	switch {
	case !r.HandsTo(c, pi):
		if c.Callee != nil && r.ParamLevel(c.Callee, pi) == LogOnly {
			return OnlyLogs
		}
		return ReadsNothing
	case r.Enriched(c.Expr, i, f):
		return Enriched
	case kind.SetsLabels(c.Callee):
		return Unlabels
	case r.Info.Types[c.Expr.Args[i]].IsNil() && (c.Callee == nil || r.doesWithout(c.Callee, pi)):
		return NilValue
	case r.isLifeOfThing(c.Expr.Args[i], f), r.startsKept(c, f):
		return Constructs
	}
	return ""
}

// startsKept reports whether a call in f starts a thing that f has made, and keeps where it
// outlives the call, or returns: the root is its life.
//
//	d := newDriver(id)
//	d.Run(context.Background())
//	m.drivers[id] = d
func (r *Result) startsKept(c *syntax.Call, f *syntax.Func) bool {
	if c.Callee == nil || c.Callee.Signature().Recv() == nil || !kind.IsLifeWord(c.Callee) {
		return false
	}
	v := r.BaseVar(c.Expr.Fun)
	return r.isLocal(v, f) && r.isKept(v, f)
}

// doesWithout reports whether a function of the package has another way to do its work
// without its context parameter i: it asks whether that is nil, and does not just make
// a root of it.
//
//	if ctx == nil {
//		return validate(v)
//	}
//	return validateWith(ctx, v)
func (r *Result) doesWithout(fn *types.Func, i int) bool {
	f := r.Func(fn.Origin())
	if f == nil || f.Body == nil {
		return false
	}
	v, found := f.Sig.Params().At(i), false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.IfStmt); ok {
			b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
			found = found || ok && (b.Op == token.EQL || b.Op == token.NEQ) && r.VarOf(b.X) == v && r.Info.Types[b.Y].IsNil() && !r.setsIn(s, v)
		}
		return !found
	})
	return found
}

// setsIn reports whether a variable is set in a statement.
func (r *Result) setsIn(s ast.Stmt, v *types.Var) bool {
	info := r.Var(v)
	return info == nil || slices.ContainsFunc(info.Defs, func(d syntax.Def) bool { return syntax.Encloses(s, d.At.Pos()) })
}

// RootsGiven returns the roots that a call in f is given which are lost to nobody, and
// why. It returns none if the call is a sink, or is given no root.
func (r *Result) RootsGiven(c *syntax.Call, f *syntax.Func) (roots []ast.Expr, why Reason) {
	sig, ok := r.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok || !kind.TakesContext(sig) {
		return nil, ""
	}
	switch {
	case f.Root().Links || r.Linked(c.Expr):
		why = Linked
	case r.OnlyDerives(sig):
		return nil, "" // what is made of the root is a root too
	case r.Constructs(c.Callee):
		why = Constructs
	default:
		why = r.WorksForItself(c, f)
	}
	if why == "" {
		_, why, roots = r.handsRoot(c, sig, f)
		return roots, why
	}
	for i, arg := range c.Expr.Args {
		if pi := kind.ParamIndex(sig, i); pi < 0 || !kind.IsContext(sig.Params().At(pi).Type()) {
			continue
		}
		if v := r.Eval(arg, f); v.Class == Root {
			roots = append(roots, v.Roots...)
		}
	}
	return roots, why
}

// calledName names what a call calls: a function or method of a named type as
// stack traces do, anything else as it is written.
func calledName(c *syntax.Call) string {
	if c.Callee != nil {
		recv := c.Callee.Signature().Recv()
		if recv == nil || kind.NamedOf(recv.Type()) != nil {
			return kind.FuncName(c.Callee)
		}
	}
	return types.ExprString(c.Expr.Fun)
}

// HandsTo reports whether the callee reads its parameter pi for more than
// logging. A function value could be anything, and so is a reader; a literal
// is looked into instead.
func (r *Result) HandsTo(c *syntax.Call, pi int) bool {
	if c.Callee == nil {
		if _, ok := ast.Unparen(c.Expr.Fun).(*ast.FuncLit); ok {
			return false
		}
		if lit := r.AssignedLit(c.Expr.Fun); lit != nil {
			return r.levels[lit.Sig.Params().At(pi)] == Reads
		}
		return r.valueLevel(c.Expr) == Reads
	}
	return r.ParamLevel(c.Callee, pi) == Reads
}

// RootName names a root expression as messages do.
func (r *Result) RootName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if fn := r.Callee(e); fn != nil {
			return kind.FuncName(fn) + "()"
		}
	case *ast.Ident:
		return e.Name
	}
	return "a root"
}
