package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells what runs in a task. It is one question: what the checks of the trace
// find in a task, earlycancel finds too.

// A body is a function of the package that runs in a task.
type body struct {
	f    *syntax.Func
	made *ast.CallExpr // the call that returned the literal, where another function wrote it
}

// bodies returns what the task of a spawn runs, as far as it is known: the function that
// is started, all that its value can be, and what that calls because the spawn gives it
// so.
func (r *Result) bodies(s *Spawn) []body {
	if got, known := r.runs[s.node()]; known && s.Arg == got.arg {
		return got.bodies
	}
	var all []body
	add := func(lits []*syntax.Func, at ast.Expr) {
		for _, lit := range lits {
			if slices.ContainsFunc(all, func(b body) bool { return b.f == lit }) {
				continue
			}
			b := body{f: lit}
			if lit.Root() != s.In.Root() {
				if b.made = r.makerCall(at, lit); b.made == nil {
					continue // what it works with is not known here
				}
			}
			all = append(all, b)
		}
	}
	if task := r.TaskFunc(s); task != nil {
		all = []body{{f: task}}
	} else {
		set, _ := r.funcsOf(s.Task(), maxValue)
		add(set.lits, s.Task())
	}
	for _, arg := range r.guarded(s) {
		set, _ := r.funcsOf(arg, maxValue)
		add(set.lits, arg)
	}
	r.runs[s.node()] = ran{s.Arg, all}
	return all
}

// ran is what bodies remembers of a spawn.
type ran struct {
	arg    ast.Expr
	bodies []body
}

// makerCall returns the call by which a value e is made that is a literal of the function
// which is called, or nil.
func (r *Result) makerCall(e ast.Expr, lit *syntax.Func) *ast.CallExpr {
	if once := r.AssignedOnce(e); once != nil {
		e = once
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || r.Callee(call) != lit.Root().Obj || lit.Root().Sig.Variadic() || lit.Root().Obj == nil {
		return nil
	}
	return call
}

// given returns the argument that a parameter of the function around b is for who calls
// it, nil for another variable.
func (b body) given(v *types.Var) ast.Expr {
	if b.made == nil {
		return nil
	}
	if i := kind.ParamOf(b.f.Root().Sig, v); i >= 0 && i < len(b.made.Args) {
		return b.made.Args[i]
	}
	return nil
}

// isBody reports whether f is what a task runs.
func (r *Result) isBody(f *syntax.Func, s *Spawn) bool {
	return slices.ContainsFunc(r.bodies(s), func(b body) bool { return b.f == f })
}

// bodyUses returns the contexts from outside that a literal which runs in a task works
// with.
func (r *Result) bodyUses(b body) []use {
	return r.worksWith(b.f, func(v *types.Var, _ token.Pos) bool { return !syntax.Encloses(b.f.Node, v.Pos()) })
}

// livesIn is lives, of a context that is used in a body: a parameter of the function that
// made it is an argument where the task is started.
func (r *Result) livesIn(u use, s *Spawn, yield func(ast.Expr, Life)) {
	r.lives(u.ctx, u.in, func(l Life) {
		if arg := u.of.given(l.Param); l.Param != nil && arg != nil {
			r.lives(arg, s.In, func(l Life) { yield(arg, l) })
			return
		}
		if u.of.made == nil {
			yield(u.ctx, l)
		}
	})
}
