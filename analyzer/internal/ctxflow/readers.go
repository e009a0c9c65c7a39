package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A level is how the values of a context are read.
type level uint8

const (
	inert   level = iota // not at all: only its end is waited for
	logOnly              // for logging
	reads                // by anybody
)

// raise notes that the values of v are read.
func (r *Result) raise(v *types.Var, l level) {
	if l > r.levels[v] {
		r.levels[v] = l
	}
}

// readUses notes what the functions of the package do with contexts.
func (r *Result) readUses() {
	r.funcs(func(f *Func) {
		r.now = f
		for _, m := range f.names {
			if r.isDefaulting(f, m.stack) {
				r.used[m.v] = true
			} else {
				r.use(m.v, m.id, m.stack)
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
	if !toBlank(stack) {
		r.used[v] = true
	}
	r.follow(v, e, stack)
}

// follow notes what becomes of v's value, which the expression e has, whose
// parents are stack.
func (r *Result) follow(v *types.Var, e ast.Expr, stack []ast.Node) {
	for {
		p, rest := parent(stack)
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
			r.assigned(v, e, exprs(p.Names), p.Values)
			return
		case *ast.KeyValueExpr:
			lit, _ := parent(rest)
			r.element(v, e, p, lit)
			return
		case *ast.CompositeLit:
			r.element(v, e, nil, p)
			return
		case *ast.ReturnStmt:
			if v.IsField() {
				r.raise(v, reads) // r.Context(): anybody may
			}
			return // the result carries a parameter on
		case *ast.ExprStmt, *ast.RangeStmt, *ast.BlockStmt, *ast.SwitchStmt, *ast.CaseClause:
			return // only looked at
		case *ast.BinaryExpr:
			if p.Op == token.EQL || p.Op == token.NEQ {
				return
			}
		}
		r.raise(v, reads) // sent, asserted, addressed, put in a map: unknown
		return
	}
}

// toBlank reports whether the use is that of _ = ctx.
func toBlank(stack []ast.Node) bool {
	p, _ := parent(stack)
	as, ok := p.(*ast.AssignStmt)
	if !ok || len(as.Lhs) != 1 {
		return false
	}
	id, ok := as.Lhs[0].(*ast.Ident)
	return ok && id.Name == "_"
}

// methodLevel tells what the method named by sel does with a context.
func (r *Result) methodLevel(sel *ast.SelectorExpr, stack []ast.Node) level {
	if sel.Sel.Name != "Value" {
		return inert // Done, Err, Deadline
	}
	call, ok := stack[len(stack)-1].(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return reads // ctx.Value as a function value
	}
	if r.ownKey(call.Args[0]) {
		return inert
	}
	return reads
}

// ownKey reports whether a key is one of those of ownKeys.
func (r *Result) ownKey(key ast.Expr) bool {
	pkg := ""
	if n := namedOf(r.info.TypeOf(key)); n != nil && n.Obj().Pkg() != nil {
		pkg = n.Obj().Pkg().Path()
	}
	e := ast.Unparen(key)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	if v := r.varOf(e); v != nil && v.Pkg() != nil && !v.IsField() {
		if v.Parent() == v.Pkg().Scope() {
			pkg = v.Pkg().Path()
		}
	}
	return ownKeys[pkg]
}

// passed notes that v is an argument of call, and reports whether the result
// of the call carries its values on.
func (r *Result) passed(v *types.Var, arg ast.Expr, call *ast.CallExpr) bool {
	if tv := r.info.Types[call.Fun]; tv.IsType() {
		return IsContext(tv.Type)
	}
	i := argIndex(call, arg)
	if i < 0 {
		return false // the function of the call, which a context is not
	}
	callee := r.callee(call)
	if callee == nil {
		r.passedLate(lateCall{v, i, call})
		return r.contextResult(call) >= 0
	}
	sig := callee.Signature()
	pi := paramIndex(sig, i)
	switch {
	case pi < 0 || !IsContext(sig.Params().At(pi).Type()):
		r.raise(v, cap1(reads, callee))
	case r.byObj[callee] != nil && r.byObj[callee].body != nil && !quiet(callee):
		if isLogging(callee) {
			r.raise(v, logOnly)
			break
		}
		r.flows[v] = append(r.flows[v], sig.Params().At(pi))
	case callee.Pkg() == r.pass.Pkg && r.paramLevel(callee, pi) == reads && isMethodOfInterface(callee):
		r.passedLate(lateCall{v, i, call})
	default:
		r.raise(v, r.paramLevel(callee, pi))
	}
	return r.contextResult(call) >= 0
}

// argIndex returns the index of arg among the arguments of call, or -1.
func argIndex(call *ast.CallExpr, arg ast.Expr) int {
	for i, a := range call.Args {
		if ast.Unparen(a) == ast.Unparen(arg) {
			return i
		}
	}
	return -1
}

// cap1 is l, but not above logging if fn is a call of logging.
func cap1(l level, fn *types.Func) level {
	if l > logOnly && isLogging(fn) {
		return logOnly
	}
	return l
}

// paramLevel tells how fn reads its context parameter i.
func (r *Result) paramLevel(fn *types.Func, i int) level {
	s := r.Of(fn)
	switch {
	case has(s.Inert, i), quiet(fn):
		return inert
	case has(s.LogOnly, i):
		return logOnly
	}
	return cap1(reads, fn)
}

// contextResult returns the index of the first context among the results of
// call, or -1.
func (r *Result) contextResult(call *ast.CallExpr) int {
	switch t := r.info.TypeOf(call).(type) {
	case *types.Tuple:
		for i := range t.Len() {
			if IsContext(t.At(i).Type()) {
				return i
			}
		}
	case nil:
	default:
		if IsContext(t) {
			return 0
		}
	}
	return -1
}

// assigned notes that v, as e, is among the right sides of an assignment.
func (r *Result) assigned(v *types.Var, e ast.Expr, lhs, rhs []ast.Expr) {
	if target := r.targetOf(e, lhs, rhs); target != nil {
		r.flowTo(v, target)
	}
}

// targetOf returns what an assignment gives the value of e, a context or a call
// that gives one, to, or nil.
func (r *Result) targetOf(e ast.Expr, lhs, rhs []ast.Expr) ast.Expr {
	for i, x := range rhs {
		if ast.Unparen(x) != ast.Unparen(e) {
			continue
		}
		if len(lhs) == len(rhs) {
			return lhs[i]
		}
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			if i := r.contextResult(call); i >= 0 && i < len(lhs) {
				return lhs[i]
			}
		}
	}
	return nil
}

func exprs(names []*ast.Ident) []ast.Expr {
	got := make([]ast.Expr, len(names))
	for i, name := range names {
		got[i] = name
	}
	return got
}

// flowTo notes that the variable or field that target names gets v's value.
func (r *Result) flowTo(v *types.Var, target ast.Expr) {
	if id, ok := ast.Unparen(target).(*ast.Ident); ok && id.Name == "_" {
		return
	}
	to := r.varOf(target)
	switch {
	case to != nil && to.IsField():
		r.flowToField(v, to)
	case to == nil || !IsContext(to.Type()):
		r.raise(v, reads)
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
	t := typeOf(r.info, lit)
	if r.contextLike(types.NewPointer(t)) || r.contextLike(t) {
		return // a context around the context: its user carries it on
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		r.raise(v, reads)
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
	if field.Pkg() != r.pass.Pkg || field.Exported() || !IsContext(field.Type()) {
		r.raise(v, reads)
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
	for _, f := range r.decls {
		if f.body == nil || quiet(f.obj) {
			continue // in assembly, where it could do anything, or in the table
		}
		for i, v := range contextParams(f.sig) {
			if len(r.starts) > 0 && r.leadsTo(v, r.starts) {
				r.own(f.obj).Ends |= bit(i)
			}
			switch {
			case r.levels[v] == inert:
				r.own(f.obj).Inert |= bit(i)
			case r.levels[v] == logOnly || isLogging(f.obj):
				r.own(f.obj).LogOnly |= bit(i)
			}
		}
	}
	for _, m := range r.methods {
		for i, v := range contextParams(m.Signature()) {
			if r.levels[v] == inert {
				r.own(m).Inert |= bit(i)
			}
		}
	}
	r.liftUnion(func(s *Summary) *uint64 { return &s.Ends })
}
