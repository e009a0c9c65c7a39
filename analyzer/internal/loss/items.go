package loss

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds units of work: what is put into a queue, with the context of whoever asks
// for it, for somebody else to do.

// unitOfWork returns the field of a struct type of the package, or of what t points to, that
// has the context of whoever asked for the work that a value of it is; nil for other types.
// Such values are put into channels or lists that a service loop takes them out of, every one
// with a context of a caller. What serves, or is kept under a key, is a thing, and the context
// that of its life.
func (r *Result) unitOfWork(t types.Type) *types.Var {
	n := kind.NamedOf(t)
	if n == nil || n.Obj().Pkg() != r.Pass.Pkg {
		return nil
	}
	n = n.Origin()
	field, known := r.units[n.Obj()]
	if !known {
		field = r.findUnit(n)
		r.units[n.Obj()] = field
	}
	return field
}

// hasUnits reports whether the package has a type of units of work.
func (r *Result) hasUnits() bool {
	if r.anyUnits == nil {
		any := false
		for t := range r.ItemTypes() {
			any = any || r.unitOfWork(t.Type()) != nil
		}
		r.anyUnits = &any
	}
	return *r.anyUnits
}

func (r *Result) findUnit(n *types.Named) *types.Var {
	puts := r.Puts(n)
	if len(puts) == 0 || slices.ContainsFunc(puts, func(p *flow.Put) bool { return p.Keyed || !r.IsServed(r.VarOf(p.Store)) }) {
		return nil
	}
	for m := range n.Methods() {
		if f := r.Func(m); f != nil && r.Serves(f) {
			return nil
		}
	}
	field, set, others := flow.ContextIn(n), false, false
	r.Stores(func(to *types.Var, value ast.Expr, in *syntax.Func) {
		if to.Origin() == field {
			set = true
			others = others || !r.isCallers(value, in)
		}
	})
	if !set || others {
		return nil
	}
	return field
}

// isCallers reports whether a context expression in a declaration is of a caller who asks for
// something, and not of a program or of a start: the declaration does not start a service.
func (r *Result) isCallers(ctx ast.Expr, d *syntax.Func) bool {
	if d == nil || r.startsService(d) {
		return false
	}
	f := syntax.Innermost(d, ctx.Pos())
	if r.Eval(ctx, f).Class != flow.Caller {
		return false
	}
	starts := false
	ast.Inspect(ctx, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !starts {
			v, ok := r.Info.Uses[id].(*types.Var)
			starts = ok && !v.IsField() && (kind.IsContext(v.Type()) || r.Carries(v.Type())) && r.isStartup(f, &Hand{Expr: id.Name, Var: v})
		}
		return !starts
	})
	return !starts
}

// startsService reports whether a declaration starts a task that serves.
func (r *Result) startsService(d *syntax.Func) bool {
	if r.starting == nil {
		r.starting = make(map[*syntax.Func]bool)
		for _, s := range r.Spawns() {
			if task := r.TaskFunc(s); task != nil && r.Serves(task) {
				r.starting[s.In.Root()] = true
			}
		}
	}
	return r.starting[d]
}
