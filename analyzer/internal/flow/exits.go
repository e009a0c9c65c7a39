package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells how a loop is left: because somebody else ends it, or because its work
// is done. Somebody else does who closes a channel, or changes a state, that the function
// with the loop neither makes nor changes.

// An exits judges the ways out of one loop.
type exits struct {
	r    *Result
	f    *syntax.Func // which has the loop
	body *ast.BlockStmt
}

// asksForEnd reports whether a condition to leave a loop is about the end of what the
// loop serves, and not about its work: !ok of a receive, err != nil, isClosed(err), s.closed,
// ctx.Err(), or that the service was started anew.
func (x exits) asksForEnd(cond ast.Expr) bool {
	r := x.r
	if b, ok := ast.Unparen(cond).(*ast.BinaryExpr); ok && b.Op == token.LOR {
		// done || err != nil: it is left when it is done, too
		left, right := x.asksForEnd(b.X), x.asksForEnd(b.Y)
		return left && (right || r.isEmptyCheck(b.Y)) || right && r.isEmptyCheck(b.X)
	}
	if x.asksOthers(cond) {
		return true
	}
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok && n.Op == token.NOT && r.judgesError(call) {
				return false // !isTemporary(err): no error is none of those either
			}
		case *ast.Ident:
			found = found || r.tellsMore(n, x.f) || x.startsAnew(n)
		case *ast.BinaryExpr:
			// err != nil, err == io.EOF
			isNil := r.Info.Types[n.Y].IsNil()
			found = found || kind.IsError(r.Info.TypeOf(n.X)) && (n.Op == token.NEQ) == isNil
		case *ast.CallExpr:
			fn := r.Callee(n)
			found = found || fn != nil && (fn.Pkg() != nil && fn.Pkg().Path() == "errors" || r.sleeps(fn)) || r.judgesError(n)
		}
		return !found
	})
	return found
}

// isEmptyCheck reports whether a condition asks whether something was not given: m == nil,
// n == 0, len(batch) == 0, !ok.
func (r *Result) isEmptyCheck(cond ast.Expr) bool {
	if u, ok := ast.Unparen(cond).(*ast.UnaryExpr); ok && u.Op == token.NOT {
		v := r.VarOf(u.X)
		return v != nil && !v.IsField() && kind.IsBool(v.Type())
	}
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL {
		return false
	}
	tv := r.Info.Types[b.Y]
	return tv.IsNil() || tv.Value != nil && (tv.Value.ExactString() == "0" || tv.Value.ExactString() == `""`)
}

// judgesError reports whether a call says of an error whether it is of some kind.
func (r *Result) judgesError(call *ast.CallExpr) bool {
	return len(call.Args) == 1 && kind.IsError(r.TypeOf(call.Args[0])) && kind.IsBool(r.TypeOf(call))
}

// startsAnew reports whether a variable of the loop says that what has the loop was started
// once more, with a loop of its own:
//
//	again, err := c.reconnect() // which calls c.start, which starts this loop
//	if again {
//		return
//	}
func (x exits) startsAnew(id *ast.Ident) bool {
	v, ok := x.r.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() || !kind.IsBool(v.Type()) || x.f.Root().Obj == nil {
		return false
	}
	return slices.ContainsFunc(x.assignments(v), func(n ast.Node) bool {
		call, ok := ast.Unparen(n.(*ast.AssignStmt).Rhs[0]).(*ast.CallExpr)
		return ok && x.r.comesTo(x.r.Callee(call), x.f.Root().Obj)
	})
}

// comesTo reports whether a function of the package calls another one, itself or by way of
// those that it calls.
func (r *Result) comesTo(from, to *types.Func) bool {
	if r.Func(from) == nil {
		return false
	}
	callers := r.leading[to]
	if callers == nil {
		callers = make(map[*types.Func]bool)
		for work := []*types.Func{to}; len(work) > 0; {
			fn := work[len(work)-1]
			work = work[:len(work)-1]
			for _, d := range r.callingFuncs(fn) {
				if !callers[d.Obj] {
					callers[d.Obj] = true
					work = append(work, d.Obj)
				}
			}
		}
		r.leading[to] = callers
	}
	return callers[from]
}

// asksOthers reports whether a condition asks for something that somebody else decides
// while the loop runs: whether a context has ended, or a state that the loop does not
// change.
func (x exits) asksOthers(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Name == "Err" && x.r.ContextLike(x.r.TypeOf(n.X)) {
				found = true
			}
			found = found || x.isState(n)
			return false
		case *ast.Ident:
			found = found || x.isState(n)
		case *ast.CallExpr:
			found = found || x.isQuery(n)
			if _, isMethod := ast.Unparen(n.Fun).(*ast.SelectorExpr); isMethod {
				ast.Inspect(n.Fun, func(m ast.Node) bool {
					sel, ok := m.(*ast.SelectorExpr)
					found = found || ok && sel.Sel.Name == "Err" && x.r.ContextLike(x.r.TypeOf(sel.X))
					return true
				})
			}
			return false
		}
		return !found
	})
	return found
}

// isState reports whether an expression is a flag that somebody else changes: a field, a
// variable of the package or of the function around a literal, which is assigned to
// elsewhere and not by the loop.
func (x exits) isState(e ast.Expr) bool {
	v := x.r.VarOf(e)
	return v != nil && kind.IsBool(v.Type()) && x.isOutside(v) && !x.changes(v) && x.r.isAssigned(v, x.f)
}

// isAssigned reports whether a field, or a variable of a function around f, is assigned to
// other than where it is made.
func (r *Result) isAssigned(v *types.Var, f *syntax.Func) bool {
	if !v.IsField() && v.Parent() != r.Pass.Pkg.Scope() {
		return kind.ParamOf(f.Root().Sig, v) < 0 && r.assignmentsOf(f).times[v] > 1
	}
	if r.flags == nil {
		r.flags = r.assignedFlags()
	}
	return r.flags[v]
}

// assignedFlags returns the fields and variables of the package that are flags, and that
// a function of it assigns to.
func (r *Result) assignedFlags() map[*types.Var]bool {
	flags := make(map[*types.Var]bool)
	for _, d := range r.Decls {
		ast.Inspect(d.Node, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for _, lhs := range as.Lhs {
				if v := r.VarOf(lhs); v != nil && kind.IsBool(v.Type()) && (v.IsField() || v.Parent() == r.Pass.Pkg.Scope()) {
					flags[v] = true
				}
			}
			return true
		})
	}
	return flags
}

// isOutside reports whether v is not a variable of the function with the loop: a field, a
// parameter, a variable of the package or of the function around a literal.
func (x exits) isOutside(v *types.Var) bool {
	return v.IsField() || x.f.Body == nil || !syntax.Encloses(x.f.Body, v.Pos())
}

// changes reports whether the loop assigns to v.
func (x exits) changes(v *types.Var) bool {
	return slices.ContainsFunc(x.assignments(v), func(n ast.Node) bool { return syntax.Encloses(x.body, n.Pos()) })
}

// assignments returns what assigns to v in the loop.
func (x exits) assignments(v *types.Var) (found []ast.Node) {
	ast.Inspect(x.body, func(n ast.Node) bool {
		as, ok := n.(*ast.AssignStmt)
		if ok && slices.ContainsFunc(as.Lhs, func(lhs ast.Expr) bool { return x.r.VarOf(lhs) == v }) {
			found = append(found, as)
		}
		return true
	})
	return found
}

// isQuery reports whether a call asks for a state that somebody else changes: an atomic
// value is loaded, or a function that changes nothing is asked, of something that was
// there before the loop. What a function of another package does can only be told by
// its name.
func (x exits) isQuery(call *ast.CallExpr) bool {
	fn := x.r.Callee(call)
	base := x.r.BaseVar(call.Fun)
	if fn == nil || len(call.Args) > 0 || base == nil || !x.isOutside(base) && !x.r.isField(call.Fun) {
		return false
	}
	results := fn.Signature().Results()
	if results.Len() != 1 {
		return false
	}
	if b, ok := results.At(0).Type().Underlying().(*types.Basic); !ok || b.Info()&(types.IsBoolean|types.IsInteger) == 0 {
		return false
	}
	if fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" {
		return fn.Name() == "Load"
	}
	if f := x.r.Func(fn); f != nil {
		return x.r.changesNothing(f, maxAsks)
	}
	return kind.NamesEnd(fn.Name())
}

// isField reports whether a method is called of a field of something.
func (r *Result) isField(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v := r.VarOf(sel.X)
	return v != nil && v.IsField()
}

// maxAsks bounds how many calls deep a function is looked into that may only ask.
const maxAsks = 3

// changesNothing reports whether a function of the package changes nothing: it assigns to no
// field, sends nothing, and calls what does not either.
func (r *Result) changesNothing(f *syntax.Func, depth int) bool {
	if f.Body == nil || depth == 0 || len(f.Lits) > 0 || len(f.Sends) > 0 || len(r.assignmentsOf(f).fields) > 0 || len(f.Loops) > 0 {
		return false
	}
	for _, c := range f.Calls {
		if c.Go != nil {
			return false
		}
		fn := c.Callee
		switch {
		case fn == nil:
			return false
		case fn.Pkg() != nil && (fn.Pkg().Path() == "sync" || fn.Pkg().Path() == "sync/atomic" && fn.Name() == "Load" || fn.Pkg().Path() == "context"):
		case r.Func(fn) != nil && r.changesNothing(r.Func(fn), depth-1):
		default:
			return false
		}
	}
	return true
}

// tellsMore reports whether an identifier is the answer to whether there is more: the
// last of the results of a receive or a call, if that is a bool.
func (r *Result) tellsMore(id *ast.Ident, f *syntax.Func) bool {
	v, ok := r.Info.Uses[id].(*types.Var)
	return ok && !v.IsField() && kind.IsBool(v.Type()) && r.assignmentsOf(f).more[v]
}

// comparesErrors reports whether a loop knows the error that ends a list, such
// as io.EOF; one that by its name tells that the source is closed does not.
func (r *Result) comparesErrors(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			found = found || n.Op == token.EQL && kind.IsError(r.Info.TypeOf(n.X)) && !r.Info.Types[n.Y].IsNil() && !syntax.NamedLike(n.Y, kind.NamesEnd)
		case *ast.CallExpr:
			fn := r.Callee(n)
			found = found || fn != nil && fn.FullName() == "errors.Is" && !syntax.NamedLike(n.Args[1], kind.NamesEnd)
		}
		return !found
	})
	return found
}

// productive reports whether the loop can be left because its work is done: a retry that
// succeeded, the last page. A service loop is left only when it is told to stop or its
// source is gone. To set the variable that the condition of the loop asks for is a way
// out too.
func (x exits) productive(cond ast.Expr) bool {
	asked := x.r.VarOf(negated(cond))
	found := false
	ast.PreorderStack(x.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || !x.isEnding(stack)
		case *ast.BranchStmt:
			found = found || leavesLoop(n, stack) && !x.isEnding(stack)
		case *ast.AssignStmt:
			sets := asked != nil && slices.ContainsFunc(n.Lhs, func(lhs ast.Expr) bool { return x.r.VarOf(lhs) == asked })
			found = found || sets && !x.isEnding(stack)
		}
		return !found
	})
	return found
}

// negated returns x of !x, else e.
func negated(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.NOT {
		return u.X
	}
	return e
}

// leavesLoop reports whether a branch statement below a loop's body leaves it. One
// with a label is taken to leave.
func leavesLoop(n *ast.BranchStmt, stack []ast.Node) bool {
	if n.Tok == token.GOTO {
		return true
	}
	if n.Tok != token.BREAK {
		return false
	}
	if n.Label != nil {
		return true
	}
	for _, s := range stack {
		switch s.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SelectStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
			return false // leaves that one
		}
	}
	return true
}

// isEnding reports whether one of the conditions around an exit is the end
// of the service: a stop channel's case, a condition that asksForEnd.
func (x exits) isEnding(stack []ast.Node) bool {
	for i, n := range stack {
		switch n := n.(type) {
		case *ast.CommClause:
			if x.isStop(n.Comm) {
				return true
			}
		case *ast.CaseClause:
			if sw, ok := stack[max(i-2, 0)].(*ast.SwitchStmt); ok && sw.Tag == nil && len(n.List) > 0 && !slices.ContainsFunc(n.List, func(cond ast.Expr) bool { return !x.asksForEnd(cond) }) {
				return true
			}
		case *ast.IfStmt:
			if x.asksForEnd(n.Cond) || i+1 < len(stack) && stack[i+1] == n.Else && x.r.asksError(n.Cond) == token.EQL {
				return true
			}
		}
	}
	return false
}

// asksError returns token.NEQ for a condition that there is an error, token.EQL for one that
// there is none, and token.ILLEGAL for any other.
func (r *Result) asksError(cond ast.Expr) token.Token {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL || !kind.IsError(r.TypeOf(b.X)) || !r.Info.Types[b.Y].IsNil() {
		return token.ILLEGAL
	}
	return b.Op
}

// isStop reports whether a select case waits for an end: of a context, on a channel that
// carries errors or signals, or one that carries nothing and that somebody else closes.
func (x exits) isStop(comm ast.Stmt) bool {
	ch := syntax.ReceivedFrom(comm)
	if ch == nil {
		return false
	}
	t, ok := x.r.TypeOf(ch).Underlying().(*types.Chan)
	if !ok {
		return false
	}
	if kind.IsError(t.Elem()) || kind.IsOSSignal(t.Elem()) || x.r.IsDone(ch) {
		return true
	}
	if !isBare(t.Elem()) {
		return false
	}
	if _, isCall := ast.Unparen(ch).(*ast.CallExpr); isCall {
		v := x.r.BaseVar(ch)
		return v == nil || x.isOutside(v)
	}
	v := x.r.VarOf(ch)
	return v != nil && x.isOutside(v) && (x.around(v) == nil || x.r.handsOut(x.around(v), v))
}

// around returns the function around the literal with the loop that declares v in its
// body, or nil.
func (x exits) around(v *types.Var) *syntax.Func {
	for g := x.f.Outer; g != nil; g = g.Outer {
		if g.Body != nil && !v.IsField() && syntax.Encloses(g.Body, v.Pos()) {
			return g
		}
	}
	return nil
}

// handsOut reports whether somebody else than f and its tasks may close a channel of f:
// it is stored, returned or passed on, or named by a function that is. Else the loop that
// waits for it is a part of what f does.
func (r *Result) handsOut(f *syntax.Func, ch *types.Var) bool {
	found := false
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if lit := r.Lit(n); lit != nil && lit.Role == syntax.RoleOther {
				found = found || r.Mentions(n, ch)
				return false
			}
		case *ast.Ident:
			if r.Info.Uses[n] == ch {
				found = found || r.isHanded(n, stack)
			}
		}
		return !found
	})
	return found
}

// isHanded reports whether a use of a channel gives it to somebody.
func (r *Result) isHanded(id *ast.Ident, stack []ast.Node) bool {
	p, _ := syntax.Parent(stack)
	switch p := p.(type) {
	case *ast.CallExpr:
		return !r.Info.Types[p.Fun].IsBuiltin()
	case *ast.ReturnStmt, *ast.KeyValueExpr, *ast.CompositeLit:
		return true
	case *ast.AssignStmt:
		return !syntax.IsAssigned(id, stack)
	}
	return false
}
