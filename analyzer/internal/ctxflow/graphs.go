package ctxflow

import (
	"go/ast"
	"go/constant"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// This file makes the graphs of functions, and tells which functions never return.

// graphOf returns the control flow of f, which has a body. It is made when somebody
// asks: most functions are never asked about.
func (r *Result) graphOf(f *Func) *path.Graph {
	if f.graph == nil {
		f.graph = path.New(f.body, path.Options{Ends: r.endingOf, Const: r.constant})
	}
	return f.graph
}

// endingOf tells how a call ends.
func (r *Result) endingOf(call *ast.CallExpr) path.Ending {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "panic" && r.info.Types[call.Fun].IsBuiltin() {
		return path.Panics
	}
	return r.stops(r.callee(call))
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
	tv := r.info.Types[e]
	if tv.Value == nil || tv.Value.Kind() != constant.Bool {
		return false, false
	}
	return constant.BoolVal(tv.Value), true
}

// solveStops finds the functions of the package that never return, because the last
// thing they do is to call one: log.Fatal, which calls os.Exit.
func (r *Result) solveStops() {
	for work := r.decls; len(work) > 0; {
		var next []*Func
		for _, f := range work {
			if how := r.stopsAtLast(f); how != path.Returns && r.known(f.obj).Stops == 0 {
				r.own(f.obj).Stops = uint8(how)
				next = append(next, r.callingFuncs(f.obj)...)
			}
		}
		work = next
	}
}

// stopsAtLast tells how f ends if its last statement does not return, nor any other
// does.
func (r *Result) stopsAtLast(f *Func) path.Ending {
	if f.body == nil || len(f.body.List) == 0 || len(f.returns) > 0 || len(f.defers) > 0 {
		return path.Returns
	}
	last, ok := f.body.List[len(f.body.List)-1].(*ast.ExprStmt)
	if !ok {
		return path.Returns
	}
	call, ok := last.X.(*ast.CallExpr)
	if !ok {
		return path.Returns
	}
	return r.endingOf(call)
}
