package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether the context in scope is that of a program, a command or the life of a
// thing, rather than of a request.

// isStartup reports whether the context in scope is that of the process, or of
// the life of a thing that is being made or ended, rather than of a request:
// that of a command, of a function of package main, of a constructor, of Start
// and Stop.
func (r *Result) isStartup(f *syntax.Func, hand *Hand) bool { return r.startup(f, hand) != nil }

// startup tells why isStartup holds, nil if it does not.
func (r *Result) startup(f *syntax.Func, hand *Hand) *Silence {
	owner := f.Root()
	for g := f; g != nil; g = g.Outer {
		if hand.Var != nil && syntax.Encloses(g.Node, hand.Var.Pos()) || hand.Var == nil && g.Type == hand.Func {
			owner = g
			break
		}
	}
	d := f.Root()
	if r.ServesHTTP(owner) || r.IsRPC(owner) || hand.Var != nil && r.unitOfWork(hand.Var.Type()) != nil {
		return nil
	}
	command := r.commandHand(hand)
	switch {
	case r.IsHandler(owner) && !command:
		return nil
	case kind.IsProgram(r.Pass.Pkg) && (owner != d || !r.isForRequests(d)):
		return silence(Program, token.NoPos, "")
	case command:
		return silence(Command, hand.pos(), hand.Expr)
	case owner == d && d.Obj != nil && r.OnlyStarts(d, r.HearsSignals, flow.MaxStarts):
		return silence(Program, token.NoPos, "")
	case owner == d && d.Obj != nil && kind.IsBelowCommand(r.Pass.Pkg) && r.OnlyStarts(d, isEntry, flow.MaxStarts):
		return silence(Program, token.NoPos, "")
	case owner == d && d.Obj != nil && r.OnlyStarts(d, r.IsLifecycle, flow.MaxStarts):
		return r.startsBy(d)
	}
	return nil
}

// isForRequests reports whether a declaration is called by a function that is given a
// request, with the context of that, or by one that is called so: many a service has all of
// its handlers in package main.
func (r *Result) isForRequests(d *syntax.Func) bool {
	if r.forRequests == nil {
		r.forRequests = make(map[*syntax.Func]bool)
		r.Funcs(func(f *syntax.Func) {
			if r.ServesHTTP(f) || r.IsRPC(f) || r.IsHandler(f) && !r.takesCommand(f) {
				r.noteForRequests(f)
			}
		})
	}
	return r.forRequests[d]
}

// noteForRequests notes the declarations that f, which works for a request, gives a context
// of its own.
func (r *Result) noteForRequests(f *syntax.Func) {
	f.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if !r.givesOwn(c, f) {
				continue
			}
			for _, fn := range append(r.Implementing(c.Callee), c.Callee) {
				if d := r.Func(fn); d != nil && d.Body != nil && !r.forRequests[d] {
					r.forRequests[d] = true
					r.noteForRequests(d)
				}
			}
		}
	})
}

// givesOwn reports whether a call in f is given a context that is not made of a root.
func (r *Result) givesOwn(c *syntax.Call, f *syntax.Func) bool {
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		return kind.IsContext(r.TypeOf(arg)) && r.Eval(arg, f).Class == flow.Caller
	})
}

// isEntry reports whether a function of a command's package is there for its main: it is
// exported and no method. What serves requests is made of methods.
func isEntry(fn *types.Func) bool { return fn.Exported() && fn.Signature().Recv() == nil }

// startsBy tells by what a function is known only to start or end a thing: by itself, or
// by who calls it.
func (r *Result) startsBy(d *syntax.Func) *Silence {
	if r.IsLifecycle(d.Obj) {
		return silence(Startup, d.Node.Pos(), d.Obj.Name())
	}
	var callers []string
	for _, c := range r.CallsOf(d.Obj) {
		if caller := c.In.Root(); caller != d && caller.Obj != nil && !r.InTest(c.Call.Expr.Pos()) {
			callers = append(callers, kind.FuncName(caller.Obj)+" ("+r.Place(c.Call.Expr.Pos())+")")
		}
	}
	slices.Sort(callers)
	return silence(Startup, d.Node.Pos(), d.Obj.Name()+" is only called by "+strings.Join(slices.Compact(callers), ", "))
}

// commandHand reports whether the context in scope is that of a command line's
// command, such as cobra's, or derived from it, or is given beside the command.
func (r *Result) commandHand(hand *Hand) bool {
	if hand.Var == nil {
		return hand.Func != nil && slices.ContainsFunc(hand.Func.Params.List, func(field *ast.Field) bool { return r.IsCommand(r.TypeOf(field.Type)) })
	}
	info := r.Var(hand.Var)
	if r.IsCommand(hand.Var.Type()) || info != nil && info.Param >= 0 && (r.takesCommand(info.Owner) || r.givenByCommands(info)) {
		return true
	}
	found := false
	if info != nil && len(info.Defs) > 0 {
		r.LivesAt(hand.Var, info.Defs[len(info.Defs)-1].Pos, func(l flow.Life) {
			if l.Param != nil && !found {
				from := r.Var(l.Param)
				found = r.IsCommand(l.Param.Type()) || r.takesCommand(l.In) || from != nil && from.Param >= 0 && r.givenByCommands(from)
			}
		})
	}
	return found
}

// givenByCommands reports whether all who call a function of the package are commands,
// and give the context parameter their own.
func (r *Result) givenByCommands(info *syntax.Var) bool {
	fn := info.Owner.Obj
	if fn == nil || !r.Private(fn) || len(r.UsedAsValue(fn)) > 0 || info.Owner.Sig.Variadic() {
		return false
	}
	calls := 0
	for _, c := range r.CallsOf(fn) {
		if r.InTest(c.Call.Expr.Pos()) {
			continue
		}
		calls++
		if info.Param >= len(c.Call.Expr.Args) {
			return false
		}
		v := r.BaseVar(c.Call.Expr.Args[info.Param])
		if call, ok := ast.Unparen(c.Call.Expr.Args[info.Param]).(*ast.CallExpr); ok {
			v = r.RequestOf(call)
		}
		if v == nil || !r.IsCommand(v.Type()) && !r.takesCommand(c.In) {
			return false
		}
	}
	return calls > 0
}

// takesCommand reports whether a function is given a command line's command: it is the
// command, whose context may be a parameter of its own.
func (r *Result) takesCommand(f *syntax.Func) bool {
	for v := range f.Sig.Params().Variables() {
		if r.IsCommand(v.Type()) {
			return true
		}
	}
	return false
}
