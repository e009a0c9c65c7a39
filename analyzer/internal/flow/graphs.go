package flow

import (
	"go/ast"
	"go/constant"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file makes the graphs of functions, and tells which functions never return.

// GraphOf returns the control flow of f, which has a body. It is made when somebody
// asks: most functions are never asked about.
func (r *Result) GraphOf(f *syntax.Func) *path.Graph {
	if r.graphs[f] == nil {
		r.graphs[f] = path.New(f.Body, path.Options{Ends: r.endingOf, Const: r.constant})
	}
	return r.graphs[f]
}

// endingOf tells how a call ends.
func (r *Result) endingOf(call *ast.CallExpr) path.Ending {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "panic" && r.Info.Types[call.Fun].IsBuiltin() {
		return path.Panics
	}
	return r.stops(r.Callee(call))
}

// stops tells how the calls of a function end.
func (r *Result) stops(fn *types.Func) path.Ending {
	if fn == nil || fn.Pkg() == nil {
		return path.Returns
	}
	if how, ok := stopsByName[[2]string{fn.Pkg().Path(), fn.Name()}]; ok {
		return how
	}
	return path.Ending(r.Of(fn).Stops)
}

// constant returns the value of a condition that is constant.
func (r *Result) constant(e ast.Expr) (value, known bool) {
	tv := r.Info.Types[e]
	if tv.Value == nil || tv.Value.Kind() != constant.Bool {
		return false, false
	}
	return constant.BoolVal(tv.Value), true
}

// solveStops finds the functions of the package that never return, because the last
// thing they do is to call one: log.Fatal, which calls os.Exit.
func (r *Result) solveStops() {
	for work := r.Decls; len(work) > 0; {
		var next []*syntax.Func
		for _, f := range work {
			if how := r.stopsAtLast(f); how != path.Returns && r.known(f.Obj).Stops == 0 {
				r.own(f.Obj).Stops = uint8(how)
				next = append(next, r.callingFuncs(f.Obj)...)
			}
		}
		work = next
	}
}

// stopsAtLast tells how f ends if its last statement does not return, nor any other
// does.
func (r *Result) stopsAtLast(f *syntax.Func) path.Ending {
	if f.Body == nil || len(f.Body.List) == 0 || len(f.Returns) > 0 || len(f.Defers) > 0 {
		return path.Returns
	}
	last, ok := f.Body.List[len(f.Body.List)-1].(*ast.ExprStmt)
	if !ok {
		return path.Returns
	}
	call, ok := last.X.(*ast.CallExpr)
	if !ok {
		return path.Returns
	}
	return r.endingOf(call)
}

// stopsByName has the functions that never return and whose bodies do not say so:
// they are in the runtime, or return in tests.
var stopsByName = map[[2]string]path.Ending{
	{"os", "Exit"}:        path.Exits,
	{"syscall", "Exit"}:   path.Exits,
	{"runtime", "Goexit"}: path.Panics, // deferred calls run
}
