package loss

import (
	"go/ast"
	"go/types"
	"reflect"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a function does what its sibling does, as far as both can be seen.

// DoesMore reports whether a function of the package does anything that its sibling does not: it
// calls that with other arguments, bounds its work, checks something first, or is written
// otherwise. Of other packages only the names are seen, and believed.
func (r *Result) DoesMore(fn, sib *types.Func) bool {
	f, s := r.Func(fn), r.Func(sib)
	if f == nil || s == nil || f.Body == nil || s.Body == nil {
		return false
	}
	work := r.withoutRoots(f)
	for _, c := range f.Calls {
		if c.Callee == sib.Origin() {
			return len(work) != 1 || c.Go != nil || c.Defer != nil || !passesAll(r, c, f)
		}
	}
	if len(work) == 1 {
		return isTaskStmt(work[0])
	}
	same := len(work) == len(s.Body.List)
	for i := 0; same && i < len(work); i++ {
		same = reflect.TypeOf(work[i]) == reflect.TypeOf(s.Body.List[i])
	}
	return !same
}

// withoutRoots returns the statements of f but for those that only name a root.
func (r *Result) withoutRoots(f *syntax.Func) (work []ast.Stmt) {
	for _, stmt := range f.Body.List {
		as, ok := stmt.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 || !kind.IsContext(r.TypeOf(as.Rhs[0])) || r.Eval(as.Rhs[0], f).Class != flow.Root {
			work = append(work, stmt)
		}
	}
	return work
}

// passesAll reports whether a call in f passes on what f is given, behind a context.
func passesAll(r *Result, c *syntax.Call, f *syntax.Func) bool {
	for i := range f.Sig.Params().Len() {
		if i+1 >= len(c.Expr.Args) || r.VarOf(c.Expr.Args[i+1]) != f.Sig.Params().At(i) {
			return false
		}
	}
	return true
}

// isTaskStmt reports whether a statement starts a task, or does something at the end.
func isTaskStmt(stmt ast.Stmt) bool {
	switch stmt.(type) {
	case *ast.GoStmt, *ast.DeferStmt:
		return true
	}
	return false
}
