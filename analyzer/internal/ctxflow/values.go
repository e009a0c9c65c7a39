package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A class says where the values of a context come from.
type class uint8

const (
	unknown class = iota // a field, a channel, an interface: nobody reports it
	caller               // a parameter, or derived from one
	root                 // Background, TODO, nil, or derived from those alone
	mixed                // a root that was given something of the caller's trace: a decision
)

// A value is what is known of a context expression.
type value struct {
	class class
	roots []ast.Expr // with class root: the expressions it comes from
}

// A value is followed through variables and calls no deeper than maxDepth and,
// for one question, in no more than maxSteps. What is further away is unknown, and
// so is a variable that may have been set in more than maxDefs places, or is set in
// more than maxSets. No more than maxHands contexts of a scope are asked whether
// they are the caller's.
// A panic could be recovered from, an exhausted stack could not.
const (
	maxDepth = 20
	maxSteps = 500
	maxDefs  = 100
	maxSets  = 400
	maxHands = 16
)

// eval tells where the values of the context expression e, written in f, come
// from. A nil f stands for a package variable's initializer.
func (r *Result) eval(e ast.Expr, f *Func) value {
	if r.depth == 0 {
		r.steps = 0
	}
	r.depth++
	r.steps++
	defer func() { r.depth-- }()
	if r.depth > maxDepth || r.steps > maxSteps {
		r.cut = true
		return value{}
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		switch obj := r.info.Uses[e].(type) {
		case *types.Nil:
			return value{root, []ast.Expr{e}}
		case *types.Var:
			v := r.evalVar(obj, e.Pos())
			if v.class == root && obj.Parent() == r.pass.Pkg.Scope() {
				v.roots = []ast.Expr{e} // seen from here, the variable is the root
			}
			return v
		}
	case *ast.CallExpr:
		return r.evalCall(e, -1, f)
	}
	return value{}
}

// evalCall evaluates result index of a call, -1 if it has only one.
func (r *Result) evalCall(call *ast.CallExpr, index int, f *Func) value {
	if tv := r.info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		return r.eval(call.Args[0], f)
	}
	if index < 0 {
		index = 0
	}
	callee := r.callee(call)
	if callee == nil {
		return value{}
	}
	if makesFresh(callee) {
		return value{class: mixed}
	}
	if has(r.rootResults(callee), index) {
		return value{root, []ast.Expr{call}}
	}
	if v, ok := r.evalCarrier(call, f); ok {
		return v
	}
	arg := -1
	for i := range call.Args {
		if t := r.info.TypeOf(call.Args[i]); t != nil && (IsContext(t) || r.isNilContext(call, i)) {
			if arg >= 0 {
				return value{class: r.joinArgs(call, f)}
			}
			arg = i
		}
	}
	if arg < 0 {
		return value{}
	}
	v := r.eval(call.Args[arg], f)
	if v.class == root && (r.linked[call] || r.enriched(call, arg, f)) {
		return value{class: mixed}
	}
	return v
}

// joinArgs evaluates a call that takes several contexts: what it makes of them
// is its decision, as soon as one of them is the caller's.
func (r *Result) joinArgs(call *ast.CallExpr, f *Func) class {
	for _, arg := range call.Args {
		if t := r.info.TypeOf(arg); t != nil && IsContext(t) && r.eval(arg, f).class != root {
			return mixed
		}
	}
	return unknown
}

// isNilContext reports whether argument i of call is nil for a context.
func (r *Result) isNilContext(call *ast.CallExpr, i int) bool {
	if !r.info.Types[call.Args[i]].IsNil() {
		return false
	}
	sig, ok := r.info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return false
	}
	pi := paramIndex(sig, i)
	return pi >= 0 && IsContext(sig.Params().At(pi).Type())
}

// isRequestParam reports whether v is a parameter, and no receiver, of f or a
// function around it.
func (r *Result) isRequestParam(v *types.Var, f *Func) bool {
	return r.ownerOf(v, f) != nil
}

// evalVar evaluates variable v where it is used at pos.
func (r *Result) evalVar(v *types.Var, pos token.Pos) value {
	v = v.Origin()
	if v.IsField() || !IsContext(v.Type()) {
		return value{} // a field's context is its owner's lifetime
	}
	info := r.vars[v]
	if info == nil {
		return value{}
	}
	if v.Parent() == r.pass.Pkg.Scope() {
		return r.evalGlobal(v)
	}
	defs, initial := r.reaching(info, v, pos)
	var got value
	seen := false
	if initial {
		got, seen = r.evalParam(info), true
	}
	for _, d := range defs {
		if r.making[d.at] {
			r.cut = true
			continue // a loop leads back to it: it is made of the others
		}
		r.making[d.at] = true
		dv := r.valueOf(d)
		delete(r.making, d.at)
		if !seen {
			got, seen = dv, true
			continue
		}
		got = join(got, dv)
	}
	if got.class == root && info.param >= 0 && encloses(info.owner.body, got.roots[0].Pos()) {
		return value{class: mixed} // ctx = context.Background(): decided for all that follows
	}
	return got
}

// valueOf returns what an assignment gives. It is evaluated once, unless what came
// out was cut short: by a limit, or by something that is being evaluated already.
func (r *Result) valueOf(d *def) value {
	if d.known {
		return d.value
	}
	outer := r.cut
	r.cut = false
	got := r.evalDef(d)
	if !r.cut {
		d.known, d.value = true, got
	}
	r.cut = r.cut || outer
	return got
}

// evalDef evaluates what an assignment gives.
func (r *Result) evalDef(d *def) value {
	switch {
	case d.rhs == nil:
	case d.zero:
		return value{root, []ast.Expr{d.rhs}}
	case d.index >= 0:
		if call, ok := ast.Unparen(d.rhs).(*ast.CallExpr); ok {
			return r.evalCall(call, d.index, d.in)
		}
	default:
		return r.eval(d.rhs, d.in)
	}
	return value{}
}

// evalGlobal evaluates a package variable: it may be a root.
func (r *Result) evalGlobal(v *types.Var) value {
	e := r.SetOnce(v)
	if e == nil {
		return value{}
	}
	got := r.eval(e, nil)
	if got.class != root {
		return value{}
	}
	return got
}

// SetOnce returns what the context variable v of the package is declared with, nil
// if there is more that assigns to it, or others can.
func (r *Result) SetOnce(v *types.Var) ast.Expr {
	info := r.vars[v]
	if v.Parent() != r.pass.Pkg.Scope() || v.Exported() || info == nil || len(info.defs) != 1 || info.defs[0].in != nil {
		return nil
	}
	return info.defs[0].rhs
}

// join merges the values of two assignments that both may reach a use. A
// variable is a root only where every assignment is one: in
// "if ctx == nil { ctx = context.Background() }" it stays the caller's.
func join(a, b value) value {
	switch {
	case a.class == root && b.class == root:
		return value{root, append(append([]ast.Expr(nil), a.roots...), b.roots...)}
	case a.class == caller && b.class == root, a.class == root && b.class == caller, a.class == caller && b.class == caller:
		return value{class: caller}
	case a.class == mixed || b.class == mixed:
		return value{class: mixed}
	}
	return value{}
}

// evalParam evaluates what a parameter is called with.
func (r *Result) evalParam(info *varInfo) value {
	f := info.owner
	switch f.role {
	case roleCalled, roleDeferred, roleGo:
		if f.call == nil || f.sig.Variadic() || info.param >= len(f.call.Args) {
			return value{}
		}
		return r.eval(f.call.Args[info.param], f.outer)
	}
	if r.orphan(f, info.param) || f.role == rolePassed && r.givenRoot(f) {
		return value{}
	}
	return value{class: caller}
}

// givenRoot reports whether the literal f is passed to a call beside a root and
// no other context: what f is called with comes from that.
func (r *Result) givenRoot(f *Func) bool {
	given := false
	for _, arg := range f.call.Args {
		if IsContext(typeOf(r.info, arg)) {
			if r.eval(arg, f.outer).class != root {
				return false
			}
			given = true
		}
	}
	return given
}

// inSameLoop reports whether a loop of f that v is declared outside of leads
// from a to b.
func inSameLoop(f *Func, v *types.Var, a, b token.Pos) bool {
	l := roundOf(f, v, b)
	return l != nil && encloses(l, a)
}

// isRootCall reports whether fn is context.Background or context.TODO.
func isRootCall(fn *types.Func) bool {
	return fn.Pkg() != nil && fn.Pkg().Path() == "context" && (fn.Name() == "Background" || fn.Name() == "TODO")
}

// rootResults returns which results of fn are roots. Those of a function whose
// results are being computed count as none, so that recursion ends.
func (r *Result) rootResults(fn *types.Func) uint64 {
	if isRootCall(fn) {
		return 1
	}
	f := r.byObj[fn]
	if f == nil {
		return r.Of(fn).Roots
	}
	if isFresh(f) || isCarrier(fn) {
		return 0 // what it gives is decided
	}
	if set, ok := r.roots[fn]; ok {
		r.cut = r.cut || r.computing[fn]
		return set
	}
	r.roots[fn], r.computing[fn] = 0, true
	defer delete(r.computing, fn)
	var set uint64
	for i := range fn.Signature().Results().Len() {
		if IsContext(fn.Signature().Results().At(i).Type()) && r.returnsRoot(f, i) {
			set |= bit(i)
		}
	}
	r.roots[fn] = set
	return set
}

// returnsRoot reports whether each return of f gives a root as result i.
func (r *Result) returnsRoot(f *Func, i int) bool {
	if f.body == nil || len(f.returns) == 0 {
		return false
	}
	for _, ret := range f.returns {
		var v value
		switch {
		case len(ret.Results) == 0:
			v = r.evalVar(f.sig.Results().At(i), ret.Pos())
		case len(ret.Results) == f.sig.Results().Len():
			v = r.eval(ret.Results[i], f)
		case len(ret.Results) == 1:
			if call, ok := ast.Unparen(ret.Results[0]).(*ast.CallExpr); ok {
				v = r.evalCall(call, i, f)
			}
		}
		if v.class != root || len(ret.Results) > i && r.info.Types[ret.Results[i]].IsNil() {
			return false // nil beside an error is no context
		}
	}
	return true
}

// solveRoots puts the root results of the package into the summaries.
func (r *Result) solveRoots() {
	for _, f := range r.decls {
		r.now = f
		if set := r.rootResults(f.obj); set != 0 {
			r.own(f.obj).Roots = set
		}
	}
	r.now = nil
}
