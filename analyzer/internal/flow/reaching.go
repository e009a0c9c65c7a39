package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells which assignments of a variable reach a place.

// reaching returns the definitions of v that can reach a use at pos, and whether the
// value that v has as a parameter can. If there are too many it returns none.
//
// A literal may run when more has been done than before it was made, unless it is
// called where it is written: then what is assigned later counts too. What another
// literal assigns may be assigned at any time.
func (r *Result) reaching(info *syntax.Var, v *types.Var, pos token.Pos) (defs []*syntax.Def, initial bool) {
	if len(info.Defs) > maxSets || info.Owner == nil {
		return nil, false
	}
	frames := make(map[*syntax.Func]bool)
	var inner, last *syntax.Func
	for f := syntax.Innermost(info.Owner.Root(), pos); f != nil; inner, f = f, f.Outer {
		frames[f], last = true, f
		at := pos
		if inner != nil {
			at = inner.Node.Pos()
		}
		here, entry := r.reachingIn(f, v, info, at)
		defs = append(defs, here...)
		if inner != nil && inner.Role != syntax.RoleCalled {
			defs = append(defs, r.setAfter(f, info, inner.Node, here)...)
		}
		if f == info.Owner {
			initial = entry && info.Param >= 0
			break
		}
		if !entry {
			break
		}
	}
	for i := range info.Defs {
		if d := &info.Defs[i]; !frames[d.In] && !d.In.IsAround(last) {
			defs = append(defs, d)
		}
	}
	if len(defs) > maxDefs {
		return nil, false
	}
	return defs, initial
}

// DefsAt returns the definitions of v that reach pos.
func (r *Result) DefsAt(v *types.Var, pos token.Pos) []*syntax.Def {
	info := r.Var(v)
	if info == nil {
		return nil
	}
	defs, _ := r.reaching(info, v, pos)
	return defs
}

// reachingIn returns the definitions in f itself that reach pos, which is in f, and
// whether a path from the entry of f comes there without one.
//
// Most are told by their place alone: without goto statements, what a list of
// statements assigns holds for all that follows in the list, unless something is
// assigned in between.
func (r *Result) reachingIn(f *syntax.Func, v *types.Var, info *syntax.Var, pos token.Pos) (defs []*syntax.Def, entry bool) {
	var here []*syntax.Def
	last, graph := -1, f.Gotos
	round := syntax.RoundOf(f, v, pos)
	for i := range info.Defs {
		d := &info.Defs[i]
		if d.In != f {
			continue
		}
		before := d.Pos <= pos
		if !before && (round == nil || !syntax.Encloses(round, d.Pos)) {
			continue
		}
		here = append(here, d)
		if before && d.Scope != nil && syntax.Encloses(d.Scope, pos) && !isPost(d) {
			last = len(here) - 1
		}
	}
	switch {
	case len(here) == 0:
		return nil, true
	case !graph && last == len(here)-1:
		return here[last:], false
	}
	g := r.GraphOf(f)
	use := g.NodeAt(pos)
	if use == nil {
		return here, true // nobody knows
	}
	nodes := make([]ast.Node, len(here))
	for i, d := range here {
		nodes[i] = d.At
	}
	indexes, entry := g.Reaching(nodes, use)
	for _, i := range indexes {
		defs = append(defs, here[i])
	}
	return defs, entry
}

// valuesAt returns what a variable that is not tracked may have been set to at its use e
// in f, and whether it may have been set to nothing yet. What another function than f
// assigns may have been assigned.
func (r *Result) valuesAt(v *types.Var, f *syntax.Func, e ast.Expr) (values []ast.Expr, initial bool) {
	var defs []ast.Node
	all := r.assignedTo(v, f)
	for _, rhs := range all {
		if def := r.GraphOf(f).NodeAt(rhs.Pos()); def == nil || syntax.Innermost(f.Root(), rhs.Pos()) != f {
			return all, true
		}
		path := syntax.PathTo(rhs.Pos(), f.Body)
		i := len(path) - 1
		for ; i >= 0; i-- {
			if _, ok := path[i].(*ast.AssignStmt); ok {
				break
			}
		}
		if i < 0 {
			return all, true
		}
		defs = append(defs, path[i])
	}
	if len(defs) == 0 {
		return nil, true
	}
	reaching, initial := r.GraphOf(f).Reaching(defs, e)
	for _, i := range reaching {
		values = append(values, all[i])
	}
	return values, initial
}

// isPost reports whether a definition is the post statement of a loop, which comes
// before the body in the source only.
func isPost(d *syntax.Def) bool {
	loop, ok := d.Scope.(*ast.ForStmt)
	return ok && loop.Post == d.At
}

// setAfter returns the definitions in f that a path passes after a literal has been
// made, but those that are known already.
func (r *Result) setAfter(f *syntax.Func, info *syntax.Var, lit ast.Node, known []*syntax.Def) []*syntax.Def {
	var got []*syntax.Def
	for i := range info.Defs {
		d := &info.Defs[i]
		if d.In == f && !contains(known, d) && (d.Pos > lit.Pos() || f.Gotos || f.InLoop(lit.Pos())) && r.GraphOf(f).Between(lit, d.At, nil) {
			got = append(got, d)
		}
	}
	return got
}

func contains(defs []*syntax.Def, d *syntax.Def) bool {
	for _, x := range defs {
		if x == d {
			return true
		}
	}
	return false
}
