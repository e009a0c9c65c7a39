package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether a function goes on with a context when it has returned.

// KeepsArg reports whether what a call calls keeps the context that is its argument i: in
// a task that nobody waits for, or in a field. Of a function value it has to be known
// what it can be; a method of an interface does what its implementations in the package
// do. A literal that the call is given beside the context may be called with it.
func (r *Result) KeepsArg(call *ast.CallExpr, i int) bool {
	if slices.ContainsFunc(r.paramsBeside(call), r.keepsVar) {
		return true
	}
	if callee := r.Callee(call); callee != nil {
		return r.KeepsParam(callee, kind.ParamIndex(callee.Signature(), i))
	}
	set, all := r.funcsOf(call.Fun, maxValue)
	if !all {
		return true
	}
	return slices.ContainsFunc(set.lits, func(lit *syntax.Func) bool { return r.litKeeps(lit, i) }) ||
		slices.ContainsFunc(set.named, func(fn *types.Func) bool { return r.KeepsParam(fn, i) })
}

// KeepsParam reports whether fn keeps the context that is its parameter i.
func (r *Result) KeepsParam(fn *types.Func, i int) bool {
	if Has(r.Of(fn).left(), i) || r.keepsOwn(fn, i) {
		return true
	}
	return slices.ContainsFunc(r.impls[fn], func(impl *types.Func) bool {
		return Has(r.Of(impl).left(), i) || r.keepsOwn(impl, i)
	})
}

// keepsOwn is KeepsParam for a function of the package, by what that does.
func (r *Result) keepsOwn(fn *types.Func, i int) bool {
	f := r.Func(fn)
	if f == nil || f.Body == nil || i < 0 {
		return false
	}
	return r.keepsVar(f.Sig.Params().At(i))
}

// litKeeps reports whether a literal keeps the context that is its parameter i. A literal may
// lead back to itself, by a field that has it; what is more than maxLits deep is not followed.
func (r *Result) litKeeps(lit *syntax.Func, i int) bool {
	if i < 0 || i >= lit.Sig.Params().Len() {
		return true
	}
	v := lit.Sig.Params().At(i)
	if len(r.keeping) == maxLits || slices.Contains(r.keeping, v) {
		return false
	}
	r.keeping = append(r.keeping, v)
	keeps := r.keepsVar(v)
	r.keeping = r.keeping[:len(r.keeping)-1]
	return keeps
}

// maxLits bounds how deep literals that call each other are followed.
const maxLits = 3

// keepsVar reports whether the value of a context variable gets into a field, or into a
// task of the package that is not known to be joined: who is silent about such a task
// because somebody hears of its end does not know that he waits for it.
func (r *Result) keepsVar(v *types.Var) bool {
	seen := make(map[*types.Var]bool)
	for work := []*types.Var{v}; len(work) > 0; {
		v, work = work[len(work)-1], work[:len(work)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		if v.IsField() {
			return true
		}
		if info := r.Var(v); info != nil && info.Owner != nil {
			if r.leavesVar(info.Owner, v) {
				return true
			}
			work = append(work, r.givenBeside(info.Owner, v)...)
		}
		work = append(work, r.flows[v]...)
	}
	return false
}

// givenBeside returns the context parameters of the literals that calls in f are given
// beside the context variable v: they may be called with it.
//
//	each(ctx, func(ctx context.Context) { .. })
func (r *Result) givenBeside(f *syntax.Func, v *types.Var) (params []*types.Var) {
	f.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if !slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return r.VarOf(arg) == v }) {
				continue
			}
			params = append(params, r.paramsBeside(c.Expr)...)
		}
	})
	return params
}

// paramsBeside returns the context parameters of the literals that a call is given.
func (r *Result) paramsBeside(call *ast.CallExpr) (params []*types.Var) {
	for _, arg := range call.Args {
		if lit := r.litOf(arg); lit != nil {
			for _, p := range kind.ContextParams(lit.Sig) {
				params = append(params, p)
			}
		}
	}
	return params
}

// leavesVar reports whether a task has the context variable v that f, or a literal in
// it, starts or sends and does not join, or a function that is called, or a literal that
// is stored, returned or handed to who may keep it.
func (r *Result) leavesVar(f *syntax.Func, v *types.Var) bool {
	leaves := false
	f.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			spawns := r.SpawnsAt(c, f)
			for _, s := range spawns {
				leaves = leaves || r.taskMentions(s, v) && !r.Joined(s, nil, nil)
			}
			for i, arg := range c.Expr.Args {
				leaves = leaves || r.leftByCall(c, i, f.Root()) && r.Mentions(arg, v)
				lit := r.litOf(arg)
				leaves = leaves || len(spawns) == 0 && lit != nil && r.Mentions(lit.Node, v) && !r.CallsInPlace(c.Expr, i)
			}
		}
		for _, lit := range f.Lits {
			leaves = leaves || lit.Role == syntax.RoleOther && r.Mentions(lit.Node, v)
		}
		for _, n := range f.Sends {
			leaves = leaves || r.Mentions(n.Value, v) && mayHoldContext(r.TypeOf(n.Value))
		}
	})
	return leaves
}

// taskMentions reports whether a spawn, or the literal that it starts by a variable,
// mentions v.
func (r *Result) taskMentions(s *Spawn, v *types.Var) bool {
	if r.Mentions(s.node(), v) {
		return true
	}
	return slices.ContainsFunc(r.bodies(s), func(b body) bool { return syntax.LitOf(b.f) != nil && r.Mentions(b.f.Node, v) })
}

// litOf returns the literal that e is, or that the variable e is assigned once, or nil.
func (r *Result) litOf(e ast.Expr) *syntax.Func {
	if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return r.Lit(lit)
	}
	return r.AssignedLit(e)
}

// mayHoldContext reports whether a value of type t may have a context in it, or a task
// that has one.
func mayHoldContext(t types.Type) bool {
	_, basic := t.Underlying().(*types.Basic)
	return !basic && !kind.IsError(t)
}
