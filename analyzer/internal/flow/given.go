package flow

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file follows calls of methods of parameters that are interfaces, to where it is
// known what they are given: sqlx takes the database so.
//
//	func MustExec(e Execer, query string) { e.Exec(query) }
//	MustExec(db, "delete from orders") // db is a *sql.DB

// maxParamCalls bounds how many calls of a function are noted.
const maxParamCalls = 4

// solveParamCalls notes, for the functions of the package that take no context, the
// methods of their parameters that they call, themselves or by another of them. For
// others only methods count of which the package knows a variant that takes a context:
// most have nothing to lose. The unexported functions of a package are its own affair.
func (r *Result) solveParamCalls() {
	variants := r.variants()
	if len(variants) == 0 && len(r.IfaceMethods) == 0 {
		return
	}
	for work := r.Decls; len(work) > 0; {
		var next []*syntax.Func
		for _, f := range work {
			if f.Body == nil || r.serves[f] || r.TakesContext(f) || kind.IsLogging(f.Obj) || r.InTest(f.Node.Pos()) {
				continue
			}
			before := len(r.known(f.Obj).Calls)
			r.paramCalls(f, variants)
			if len(r.known(f.Obj).Calls) != before {
				next = append(next, r.callingFuncs(f.Obj)...)
			}
		}
		work = next
	}
}

// variants returns the names of the package's methods, and of its interfaces', that are
// variants of another one with a context: Exec for ExecContext.
func (r *Result) variants() map[string]bool {
	names := make(map[string]bool)
	for _, f := range r.Decls {
		if f.Sig.Recv() != nil && kind.HasContextParam(f.Obj) {
			names[kind.PlainName(f.Obj.Name())] = true
		}
	}
	for name := range r.IfaceMethods {
		names[kind.PlainName(name)] = true
	}
	delete(names, "")
	return names
}

// paramCalls notes those of f.
func (r *Result) paramCalls(f *syntax.Func, variants map[string]bool) {
	for _, c := range f.Calls {
		if c.Go != nil || c.Callee == nil || kind.HasContextParam(c.Callee) {
			continue
		}
		if sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr); ok && (variants[c.Callee.Name()] || !f.Obj.Exported()) {
			r.noteParamCall(f, sel.X, c.Callee.Name(), func() string { return r.Place(c.Expr.Pos()) })
		}
		for _, called := range r.Of(c.Callee).Calls {
			if called.Param < len(c.Expr.Args) {
				r.noteParamCall(f, c.Expr.Args[called.Param], called.Method, func() string { return r.seenFrom(called.At, c.Callee) })
			}
		}
	}
}

// noteParamCall notes that f calls a method of e, if that is a parameter which is an
// interface or could be one.
func (r *Result) noteParamCall(f *syntax.Func, e ast.Expr, method string, at func() string) {
	v := r.VarOf(e)
	i := -1
	if v != nil {
		i = kind.ParamOf(f.Sig, v)
	}
	if i < 0 || !types.IsInterface(v.Type()) {
		return
	}
	s := r.own(f.Obj)
	for _, c := range s.Calls {
		if c.Param == i && c.Method == method {
			return
		}
	}
	if len(s.Calls) < maxParamCalls {
		s.Calls = append(s.Calls, ParamCall{i, method, at()})
	}
}

// givers returns the declarations that call functions which call a method of what they are
// given, by the name of the method: when a method of the package is found to be a sink,
// they may be too.
func (r *Result) givers() map[string][]*syntax.Func {
	got := make(map[string][]*syntax.Func)
	for _, d := range r.Decls {
		d.All(func(f *syntax.Func) {
			for _, c := range f.Calls {
				for _, called := range r.Of(c.Callee).Calls {
					got[called.Method] = append(got[called.Method], d)
				}
			}
		})
	}
	return got
}

// givenSink returns the sink that a call is because of what a method of an argument
// does, or nil: what the callee calls it as is an interface, what it is given is not.
func (r *Result) givenSink(c *syntax.Call, f *syntax.Func) *Sink {
	for _, called := range r.Of(c.Callee).Calls {
		if called.Param >= len(c.Expr.Args) {
			continue
		}
		t := r.TypeOf(c.Expr.Args[called.Param])
		if types.IsInterface(t) {
			continue
		}
		m := r.Method(t, called.Method)
		way := r.Of(m).Sink
		if way == nil {
			continue
		}
		steps := r.prepend(Step{Callee: kind.FuncName(m), At: r.seenFrom(called.At, c.Callee), Sibling: kind.Sibling(m, nil) != nil}, m, way)
		first := Step{Callee: kind.FuncName(c.Callee), At: r.Place(c.Expr.Pos()), Sibling: kind.Sibling(c.Callee, nil) != nil}
		return &Sink{Call: c.Expr, Callee: c.Callee, Arg: -1, Way: bounded(append([]Step{first}, steps...)), In: f, Task: c.Go != nil}
	}
	return nil
}
