package ctxflow

import (
	"go/ast"
	"go/types"
)

// This file follows calls of methods of parameters that are interfaces, to where it is
// known what they are given: sqlx takes the database so.
//
//	func MustExec(e Execer, query string) { e.Exec(query) }
//	MustExec(db, "delete from orders") // db is a *sql.DB

// maxParamCalls bounds how many calls of a function are noted.
const maxParamCalls = 4

// solveParamCalls notes, for the functions of the package that take no context, the
// methods of their parameters that they call, themselves or by another of them. Only
// methods count of which the package knows a variant that takes a context: most have
// nothing to lose.
func (r *Result) solveParamCalls() {
	variants := r.variants()
	if len(variants) == 0 {
		return
	}
	for work := r.decls; len(work) > 0; {
		var next []*Func
		for _, f := range work {
			if f.body == nil || f.serves || r.takesContext(f) || isLogging(f.obj) || r.inTest(f.node.Pos()) {
				continue
			}
			before := len(r.known(f.obj).Calls)
			r.paramCalls(f, variants)
			if len(r.known(f.obj).Calls) != before {
				next = append(next, r.callingFuncs(f.obj)...)
			}
		}
		work = next
	}
}

// variants returns the names of the package's methods, and of its interfaces', that are
// variants of another one with a context: Exec for ExecContext.
func (r *Result) variants() map[string]bool {
	names := make(map[string]bool)
	note := func(fn *types.Func) {
		for _, suffix := range siblingSuffixes {
			if n := len(fn.Name()) - len(suffix); n > 0 && fn.Name()[n:] == suffix && HasContextParam(fn) {
				names[fn.Name()[:n]] = true
			}
		}
	}
	for _, f := range r.decls {
		if f.sig.Recv() != nil {
			note(f.obj)
		}
	}
	for name := range r.ifaces {
		for _, suffix := range siblingSuffixes {
			if n := len(name) - len(suffix); n > 0 && name[n:] == suffix {
				names[name[:n]] = true
			}
		}
	}
	return names
}

// paramCalls notes those of f.
func (r *Result) paramCalls(f *Func, variants map[string]bool) {
	for _, c := range f.calls {
		if c.goStmt != nil || c.callee == nil || HasContextParam(c.callee) {
			continue
		}
		if sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr); ok && variants[c.callee.Name()] {
			r.noteParamCall(f, sel.X, c.callee.Name(), r.at(c.expr.Pos()))
		}
		for _, called := range r.Of(c.callee).Calls {
			if called.Param < len(c.expr.Args) {
				r.noteParamCall(f, c.expr.Args[called.Param], called.Method, r.seenFrom(called.At, c.callee))
			}
		}
	}
}

// noteParamCall notes that f calls a method of e, if that is a parameter which is an
// interface or could be one.
func (r *Result) noteParamCall(f *Func, e ast.Expr, method, at string) {
	v := r.varOf(e)
	i := -1
	if v != nil {
		i = paramOf(f.sig, v)
	}
	if i < 0 || !types.IsInterface(v.Type()) {
		return
	}
	s := r.own(f.obj)
	for _, c := range s.Calls {
		if c.Param == i && c.Method == method {
			return
		}
	}
	if len(s.Calls) < maxParamCalls {
		s.Calls = append(s.Calls, ParamCall{i, method, at})
	}
}

// givenSink returns the sink that a call is because of what a method of an argument
// does, or nil: what the callee calls it as is an interface, what it is given is not.
func (r *Result) givenSink(c *site, f *Func) *Sink {
	for _, called := range r.Of(c.callee).Calls {
		if called.Param >= len(c.expr.Args) {
			continue
		}
		t := typeOf(r.info, c.expr.Args[called.Param])
		if types.IsInterface(t) {
			continue
		}
		m := r.method(t, called.Method)
		way := r.Of(m).Sink
		if way == nil {
			continue
		}
		steps := r.prepend(Step{Callee: FuncName(m), At: r.seenFrom(called.At, c.callee), Sibling: Sibling(m, nil) != nil}, m, way)
		first := Step{Callee: FuncName(c.callee), At: r.at(c.expr.Pos()), Sibling: Sibling(c.callee, nil) != nil}
		return &Sink{Call: c.expr, Callee: c.callee, Arg: -1, Way: bounded(append([]Step{first}, steps...)), In: f, Task: c.goStmt != nil}
	}
	return nil
}
