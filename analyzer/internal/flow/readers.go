package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Level is how the values of a context are read.
type Level uint8

const (
	Inert   Level = iota // not at all: only its end is waited for
	LogOnly              // for logging
	Reads                // by anybody
)

// raise notes that the values of v are read.
func (r *Result) raise(v *types.Var, l Level) {
	if l > r.levels[v] {
		r.levels[v] = l
	}
}

// readUses notes what the functions of the package do with contexts.
func (r *Result) readUses() {
	r.Funcs(func(f *syntax.Func) {
		r.now = f
		for _, m := range f.Mentions {
			if r.IsDefaulting(f, m.Stack) {
				r.used[m.Var] = true
			} else {
				r.use(m.Var, m.Ident, m.Stack)
			}
		}
	})
	r.now = nil
}

// use notes what the use id of the context variable or field v does with it.
// It follows the value upwards: through calls that return a context made of
// it, into the variable, field or parameter that receives it.
func (r *Result) use(v *types.Var, id *ast.Ident, stack []ast.Node) {
	var e ast.Expr = id
	if sel, ok := stack[len(stack)-1].(*ast.SelectorExpr); ok && sel.Sel == id {
		e, stack = sel, stack[:len(stack)-1] // the field of X.id
	}
	if !syntax.ToBlank(stack) {
		r.used[v] = true
	}
	r.follow(v, e, stack)
}

// follow notes what becomes of v's value, which the expression e has, whose
// parents are stack.
func (r *Result) follow(v *types.Var, e ast.Expr, stack []ast.Node) {
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			r.raise(v, r.methodLevel(p, rest))
			if p.Sel.Name != "Value" {
				r.asked[v] = true
			}
			return
		case *ast.CallExpr:
			r.passedToEnd(v, e, p, rest)
			if !r.passed(v, e, p) {
				return
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			r.assigned(v, e, p.Lhs, p.Rhs)
			return
		case *ast.ValueSpec:
			r.assigned(v, e, syntax.Exprs(p.Names), p.Values)
			return
		case *ast.KeyValueExpr:
			lit, _ := syntax.Parent(rest)
			r.element(v, e, p, lit)
			return
		case *ast.CompositeLit:
			r.element(v, e, nil, p)
			return
		case *ast.ReturnStmt:
			if v.IsField() {
				r.raise(v, Reads) // r.Context(): anybody may
			}
			return // the result carries a parameter on
		case *ast.ExprStmt, *ast.RangeStmt, *ast.BlockStmt, *ast.SwitchStmt, *ast.CaseClause:
			return // only looked at
		case *ast.BinaryExpr:
			if p.Op == token.EQL || p.Op == token.NEQ {
				return
			}
		}
		r.raise(v, Reads) // sent, asserted, addressed, put in a map: unknown
		return
	}
}

// methodLevel tells what the method named by sel does with a context.
func (r *Result) methodLevel(sel *ast.SelectorExpr, stack []ast.Node) Level {
	if sel.Sel.Name != "Value" {
		return Inert // Done, Err, Deadline
	}
	call, ok := stack[len(stack)-1].(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return Reads // ctx.Value as a function value
	}
	if r.ownKey(call.Args[0]) {
		return Inert
	}
	return Reads
}

// ownKey reports whether a key is one of those of ownKeys.
func (r *Result) ownKey(key ast.Expr) bool {
	pkg := ""
	if n := kind.NamedOf(r.Info.TypeOf(key)); n != nil && n.Obj().Pkg() != nil {
		pkg = n.Obj().Pkg().Path()
	}
	e := ast.Unparen(key)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	if v := r.VarOf(e); v != nil && v.Pkg() != nil && !v.IsField() {
		if v.Parent() == v.Pkg().Scope() {
			pkg = v.Pkg().Path()
		}
	}
	return kind.IsOwnKeyOf(pkg)
}

// passed notes that v is an argument of call, and reports whether the result
// of the call carries its values on.
func (r *Result) passed(v *types.Var, arg ast.Expr, call *ast.CallExpr) bool {
	if tv := r.Info.Types[call.Fun]; tv.IsType() {
		return kind.IsContext(tv.Type)
	}
	i := syntax.ArgIndex(call, arg)
	if i < 0 {
		return false // the function of the call, which a context is not
	}
	if r.now != nil && r.ContextResult(call) < 0 && r.fillsEmpty(r.now, call.Pos()) {
		return false // whoever comes first only has to wait
	}
	callee := r.Callee(call)
	if callee == nil {
		r.passedLate(lateCall{v, i, call})
		return r.ContextResult(call) >= 0
	}
	sig := callee.Signature()
	pi := kind.ParamIndex(sig, i)
	switch {
	case pi < 0 || !kind.IsContext(sig.Params().At(pi).Type()):
		r.raise(v, cap1(Reads, callee))
	case r.Func(callee) != nil && r.Func(callee).Body != nil && !kind.Quiet(callee):
		if kind.IsLogging(callee) {
			r.raise(v, LogOnly)
			break
		}
		r.flows[v] = append(r.flows[v], sig.Params().At(pi))
	case callee.Pkg() == r.Pass.Pkg && r.ParamLevel(callee, pi) == Reads && kind.IsMethodOfInterface(callee):
		r.passedLate(lateCall{v, i, call})
	default:
		r.raise(v, r.ParamLevel(callee, pi))
	}
	return r.ContextResult(call) >= 0
}

// cap1 is l, but not above logging if fn is a call of logging.
func cap1(l Level, fn *types.Func) Level {
	if l > LogOnly && kind.IsLogging(fn) {
		return LogOnly
	}
	return l
}

// ParamLevel tells how fn reads its context parameter i.
func (r *Result) ParamLevel(fn *types.Func, i int) Level {
	s := r.Of(fn)
	switch {
	case Has(s.Inert, i), kind.Quiet(fn):
		return Inert
	case Has(s.LogOnly, i):
		return LogOnly
	}
	return cap1(Reads, fn)
}

// assigned notes that v, as e, is among the right sides of an assignment.
func (r *Result) assigned(v *types.Var, e ast.Expr, lhs, rhs []ast.Expr) {
	if target := r.TargetOf(e, lhs, rhs); target != nil {
		r.flowTo(v, target)
	}
}

// flowTo notes that the variable or field that target names gets v's value.
func (r *Result) flowTo(v *types.Var, target ast.Expr) {
	if id, ok := ast.Unparen(target).(*ast.Ident); ok && id.Name == "_" {
		return
	}
	to := r.VarOf(target)
	switch {
	case to != nil && to.IsField():
		r.flowToField(v, to)
	case to == nil || !kind.IsContext(to.Type()):
		r.raise(v, Reads)
	default:
		r.flows[v] = append(r.flows[v], to)
	}
}

// element notes that v is an element of a composite literal, with kv's key if
// it has one.
func (r *Result) element(v *types.Var, e ast.Expr, kv *ast.KeyValueExpr, n ast.Node) {
	lit, ok := n.(*ast.CompositeLit)
	if !ok {
		return // the key of a range over a map, a broken tree
	}
	t := r.TypeOf(lit)
	if r.ContextLike(types.NewPointer(t)) || r.ContextLike(t) {
		return // a context around the context: its user carries it on
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		r.raise(v, Reads)
		return
	}
	if kv != nil {
		if ast.Unparen(kv.Value) == e {
			r.flowTo(v, kv.Key)
		}
		return
	}
	for i, elt := range lit.Elts {
		if ast.Unparen(elt) == e && i < st.NumFields() {
			r.flowToField(v, st.Field(i).Origin())
		}
	}
}

// flowToField notes that a field gets v's value. What happens to an exported
// field, nobody knows.
func (r *Result) flowToField(v, field *types.Var) {
	if field.Pkg() != r.Pass.Pkg || field.Exported() || !kind.IsContext(field.Type()) {
		r.raise(v, Reads)
		return
	}
	r.flows[v] = append(r.flows[v], field)
}

// solveReaders closes the levels over the flows of the package and puts what
// is found into the summaries.
func (r *Result) solveReaders() {
	r.readUses()
	r.indexed = true
	for _, c := range r.lateCalls {
		r.passedLate(c)
	}
	r.flowToImpls()
	r.raiseMethods()
	sources := make(map[*types.Var][]*types.Var)
	for from, tos := range r.flows {
		for _, to := range tos {
			sources[to] = append(sources[to], from)
		}
	}
	work := make([]*types.Var, 0, len(r.levels))
	for v := range r.levels {
		work = append(work, v)
	}
	for len(work) > 0 {
		v := work[len(work)-1]
		work = work[:len(work)-1]
		for _, from := range sources[v] {
			if r.levels[from] < r.levels[v] {
				r.levels[from] = r.levels[v]
				work = append(work, from)
			}
		}
	}
	for _, f := range r.Decls {
		if f.Body == nil || kind.Quiet(f.Obj) {
			continue // in assembly, where it could do anything, or in the table
		}
		for i, v := range kind.ContextParams(f.Sig) {
			if len(r.starts) > 0 && r.leadsTo(v, r.starts) {
				r.own(f.Obj).Ends |= bit(i)
			}
			switch {
			case r.levels[v] == Inert:
				r.own(f.Obj).Inert |= bit(i)
			case r.levels[v] == LogOnly || kind.IsLogging(f.Obj):
				r.own(f.Obj).LogOnly |= bit(i)
			}
		}
	}
	for _, m := range r.methods {
		for i, v := range kind.ContextParams(m.Signature()) {
			if r.levels[v] == Inert {
				r.own(m).Inert |= bit(i)
			}
		}
	}
	r.liftUnion(func(s *Summary) *uint64 { return &s.Ends })
}
