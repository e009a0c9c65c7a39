package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Class says where the values of a context come from.
type Class uint8

const (
	Unknown Class = iota // a field, a channel, an interface: nobody reports it
	Caller               // a parameter, or derived from one
	Root                 // Background, TODO, nil, or derived from those alone
	Mixed                // a root that was given something of the caller's trace: a decision
)

// A Value is what is known of a context expression.
type Value struct {
	Class Class
	Roots []ast.Expr // with Class root: the expressions it comes from
}

// A value is followed through variables and calls no deeper than maxDepth and,
// for one question, in no more than maxSteps. What is further away is unknown, and
// so is a variable that may have been set in more than maxDefs places, or is set in
// more than maxSets. No more than MaxHands contexts of a scope are asked whether
// they are the caller's.
// A panic could be recovered from, an exhausted stack could not.
const (
	maxDepth = 20
	maxSteps = 500
	maxDefs  = 100
	maxSets  = 400
	MaxHands = 16
)

// Eval tells where the values of the context expression e, written in f, come
// from. A nil f stands for a package variable's initializer.
func (r *Result) Eval(e ast.Expr, f *syntax.Func) Value {
	if r.depth == 0 {
		r.steps = 0
	}
	r.depth++
	r.steps++
	defer func() { r.depth-- }()
	if r.depth > maxDepth || r.steps > maxSteps {
		r.cut = true
		return Value{}
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		switch obj := r.Info.Uses[e].(type) {
		case *types.Nil:
			return Value{Root, []ast.Expr{e}}
		case *types.Var:
			if ctx := r.wrapped(e, f); ctx != nil {
				return r.Eval(ctx, f)
			}
			if made := r.madeContext(e, f); made != nil {
				return r.Eval(made, f)
			}
			v := r.EvalVar(obj, e.Pos())
			if v.Class == Root && obj.Parent() == r.Pass.Pkg.Scope() {
				v.Roots = []ast.Expr{e} // seen from here, the variable is the root
			}
			return v
		}
	case *ast.CallExpr:
		return r.evalCall(e, -1, f)
	case *ast.SelectorExpr, *ast.UnaryExpr, *ast.CompositeLit:
		if ctx := r.wrapped(e, f); ctx != nil {
			return r.Eval(ctx, f)
		}
	}
	return Value{}
}

// evalCall evaluates result index of a call, -1 if it has only one.
func (r *Result) evalCall(call *ast.CallExpr, index int, f *syntax.Func) Value {
	if tv := r.Info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
		return r.Eval(call.Args[0], f)
	}
	if index < 0 {
		index = 0
	}
	callee := r.Callee(call)
	if callee == nil {
		return Value{}
	}
	if r.IsFresh(callee) {
		return Value{Class: Mixed}
	}
	if Has(r.rootResults(callee), index) {
		return Value{Root, []ast.Expr{call}}
	}
	if v, ok := r.evalCarrier(call, f); ok {
		return v
	}
	arg := -1
	for i := range call.Args {
		if t := r.Info.TypeOf(call.Args[i]); t != nil && (kind.IsContext(t) || r.isNilContext(call, i)) {
			if arg >= 0 {
				return Value{Class: r.joinArgs(call, f)}
			}
			arg = i
		}
	}
	if arg < 0 {
		return r.givenTrace(callee, index)
	}
	if r.givesSpan(call) {
		return Value{Class: Caller} // of all that is done under the span, whatever it begins with
	}
	v := r.Eval(call.Args[arg], f)
	switch {
	case v.Class == Root && r.Extracts(call, arg):
		return Value{Class: Caller} // of whoever has sent the message
	case v.Class == Root && (r.Linked(call) || r.Enriched(call, arg, f)):
		return Value{Class: Mixed}
	}
	return v
}

// givesSpan reports whether a call gives a span beside its context: it has started it, so
// that this context has a trace.
//
//	ctx, span := tracer.Start(context.Background(), "rebuild")
func (r *Result) givesSpan(call *ast.CallExpr) bool {
	results, ok := r.TypeOf(call).(*types.Tuple)
	if !ok {
		return false
	}
	for v := range results.Variables() {
		if r.CanEnd(v.Type()) {
			return true
		}
	}
	return false
}

// Extracts reports whether a call only takes a trace out of what carries it, such as the
// headers of a message, into the context that is argument arg.
//
//	ctx := propagator.Extract(context.Background(), message.Headers)
func (r *Result) Extracts(call *ast.CallExpr, arg int) bool {
	return len(call.Args) == 2 && r.IsCarrierOfTrace(r.TypeOf(call.Args[1-arg]))
}

// joinArgs evaluates a call that takes several contexts: what it makes of them
// is its decision, as soon as one of them is the caller's.
func (r *Result) joinArgs(call *ast.CallExpr, f *syntax.Func) Class {
	for _, arg := range call.Args {
		if t := r.Info.TypeOf(arg); t != nil && kind.IsContext(t) && r.Eval(arg, f).Class != Root {
			return Mixed
		}
	}
	return Unknown
}

// isNilContext reports whether argument i of call is nil for a context.
func (r *Result) isNilContext(call *ast.CallExpr, i int) bool {
	if !r.Info.Types[call.Args[i]].IsNil() {
		return false
	}
	sig, ok := r.Info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return false
	}
	pi := kind.ParamIndex(sig, i)
	return pi >= 0 && kind.IsContext(sig.Params().At(pi).Type())
}

// EvalVar evaluates variable v where it is used at pos.
func (r *Result) EvalVar(v *types.Var, pos token.Pos) Value {
	v = v.Origin()
	if v.IsField() || !kind.IsContext(v.Type()) {
		return Value{} // a field's context is its owner's lifetime
	}
	info := r.Var(v)
	if info == nil {
		return Value{}
	}
	if v.Parent() == r.Pass.Pkg.Scope() {
		return r.evalGlobal(v)
	}
	defs, initial := r.reaching(info, v, pos)
	var got Value
	seen := false
	if initial {
		got, seen = r.evalParam(info), true
	}
	for _, d := range defs {
		if as, ok := d.At.(*ast.AssignStmt); ok && syntax.Encloses(as, pos) && len(defs) > 1 {
			continue // the round before has made it of the others
		}
		if r.making[d.At] {
			r.cut = true
			continue // a loop leads back to it: it is made of the others
		}
		r.making[d.At] = true
		dv := r.valueOf(d)
		delete(r.making, d.At)
		if !seen {
			got, seen = dv, true
			continue
		}
		got = join(got, dv)
	}
	if got.Class == Root && info.Param >= 0 && syntax.Encloses(info.Owner.Body, got.Roots[0].Pos()) {
		return Value{Class: Mixed} // ctx = context.Background(): decided for all that follows
	}
	return got
}

// valueOf returns what an assignment gives. It is evaluated once, unless what came
// out was cut short: by a limit, or by something that is being evaluated already.
func (r *Result) valueOf(d *syntax.Def) Value {
	if got, known := r.given[d]; known {
		return got
	}
	outer := r.cut
	r.cut = false
	got := r.EvalDef(d)
	if !r.cut {
		r.given[d] = got
	}
	r.cut = r.cut || outer
	return got
}

// EvalDef evaluates what an assignment gives.
func (r *Result) EvalDef(d *syntax.Def) Value {
	switch {
	case d.Rhs == nil:
	case d.Zero:
		return Value{Root, []ast.Expr{d.Rhs}}
	case d.Index >= 0:
		if call, ok := ast.Unparen(d.Rhs).(*ast.CallExpr); ok {
			return r.evalCall(call, d.Index, d.In)
		}
	default:
		return r.Eval(d.Rhs, d.In)
	}
	return Value{}
}

// evalGlobal evaluates a package variable: it may be a root.
func (r *Result) evalGlobal(v *types.Var) Value {
	e := r.SetOnce(v)
	if e == nil {
		return Value{}
	}
	got := r.Eval(e, nil)
	if got.Class != Root {
		return Value{}
	}
	return got
}

// join merges the values of two assignments that both may reach a use. A
// variable is a root only where every assignment is one: in
// "if ctx == nil { ctx = context.Background() }" it stays the caller's.
func join(a, b Value) Value {
	switch {
	case a.Class == Root && b.Class == Root:
		return Value{Root, append(append([]ast.Expr(nil), a.Roots...), b.Roots...)}
	case a.Class == Caller && b.Class == Root, a.Class == Root && b.Class == Caller, a.Class == Caller && b.Class == Caller:
		return Value{Class: Caller}
	case a.Class == Mixed || b.Class == Mixed:
		return Value{Class: Mixed}
	}
	return Value{}
}

// evalParam evaluates what a parameter is called with.
func (r *Result) evalParam(info *syntax.Var) Value {
	f := info.Owner
	switch f.Role {
	case syntax.RoleCalled, syntax.RoleDeferred, syntax.RoleGo:
		if f.Call == nil || f.Sig.Variadic() || info.Param >= len(f.Call.Args) {
			return Value{}
		}
		return r.Eval(f.Call.Args[info.Param], f.Outer)
	}
	if r.IsOrphan(f, info.Param) || f.Role == syntax.RolePassed && r.givenRoot(f) {
		return Value{}
	}
	return Value{Class: Caller}
}

// givenRoot reports whether the literal f is passed to a call beside a root and
// no other context: what f is called with comes from that.
func (r *Result) givenRoot(f *syntax.Func) bool {
	given := false
	for _, arg := range f.Call.Args {
		if kind.IsContext(r.TypeOf(arg)) {
			if r.Eval(arg, f.Outer).Class != Root {
				return false
			}
			given = true
		}
	}
	return given
}

// evalCarrier evaluates the call of a carrier's Context method, or of what a team
// has in its place.
func (r *Result) evalCarrier(call *ast.CallExpr, f *syntax.Func) (Value, bool) {
	x := r.CarriedBy(call)
	if x == nil {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Context" || len(call.Args) != 0 {
			return Value{}, false
		}
		x = sel.X
	}
	if v := r.BaseVar(x); v != nil && r.IsRequestParam(v, f) {
		return Value{Class: Caller}, true
	}
	return Value{}, true
}
