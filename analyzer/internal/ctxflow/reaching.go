package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// This file tells which assignments of a variable reach a place.

// reaching returns the definitions of v that can reach a use at pos, and whether the
// value that v has as a parameter can. If there are too many it returns none.
//
// A literal may run when more has been done than before it was made, unless it is
// called where it is written: then what is assigned later counts too. What another
// literal assigns may be assigned at any time.
func (r *Result) reaching(info *varInfo, v *types.Var, pos token.Pos) (defs []*def, initial bool) {
	if len(info.defs) > maxSets || info.owner == nil {
		return nil, false
	}
	frames := make(map[*Func]bool)
	var inner, last *Func
	for f := innermost(info.owner.Root(), pos); f != nil; inner, f = f, f.outer {
		frames[f], last = true, f
		at := pos
		if inner != nil {
			at = inner.node.Pos()
		}
		here, entry := r.reachingIn(f, v, info, at)
		defs = append(defs, here...)
		if inner != nil && inner.role != roleCalled {
			defs = append(defs, r.setAfter(f, info, inner.node, here)...)
		}
		if f == info.owner {
			initial = entry && info.param >= 0
			break
		}
		if !entry {
			break
		}
	}
	for i := range info.defs {
		if d := &info.defs[i]; !frames[d.in] && !d.in.isAround(last) {
			defs = append(defs, d)
		}
	}
	if len(defs) > maxDefs {
		return nil, false
	}
	return defs, initial
}

// isAround reports whether f is a function around the literal lit.
func (f *Func) isAround(lit *Func) bool {
	for ; lit != nil; lit = lit.outer {
		if lit.outer == f {
			return true
		}
	}
	return false
}

// reachingIn returns the definitions in f itself that reach pos, which is in f, and
// whether a path from the entry of f comes there without one.
//
// Most are told by their place alone: without goto statements, what a list of
// statements assigns holds for all that follows in the list, unless something is
// assigned in between.
func (r *Result) reachingIn(f *Func, v *types.Var, info *varInfo, pos token.Pos) (defs []*def, entry bool) {
	var here []*def
	last, graph := -1, f.gotos
	round := roundOf(f, v, pos)
	for i := range info.defs {
		d := &info.defs[i]
		if d.in != f {
			continue
		}
		before := d.pos <= pos
		if !before && (round == nil || !encloses(round, d.pos)) {
			continue
		}
		here = append(here, d)
		if before && d.scope != nil && encloses(d.scope, pos) && !isPost(d) {
			last = len(here) - 1
		}
	}
	switch {
	case len(here) == 0:
		return nil, true
	case !graph && last == len(here)-1:
		return here[last:], false
	}
	g := r.graphOf(f)
	use := g.NodeAt(pos)
	if use == nil {
		return here, true // nobody knows
	}
	nodes := make([]ast.Node, len(here))
	for i, d := range here {
		nodes[i] = d.at
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
func (r *Result) valuesAt(v *types.Var, f *Func, e ast.Expr) (values []ast.Expr, initial bool) {
	var defs []ast.Node
	all := r.assignedTo(v, f)
	for _, rhs := range all {
		if def := r.graphOf(f).NodeAt(rhs.Pos()); def == nil || innermost(f.Root(), rhs.Pos()) != f {
			return all, true
		}
		path := pathTo(rhs.Pos(), f.body)
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
	reaching, initial := r.graphOf(f).Reaching(defs, e)
	for _, i := range reaching {
		values = append(values, all[i])
	}
	return values, initial
}

// isPost reports whether a definition is the post statement of a loop, which comes
// before the body in the source only.
func isPost(d *def) bool {
	loop, ok := d.scope.(*ast.ForStmt)
	return ok && loop.Post == d.at
}

// setAfter returns the definitions in f that a path passes after a literal has been
// made, but those that are known already.
func (r *Result) setAfter(f *Func, info *varInfo, lit ast.Node, known []*def) []*def {
	var got []*def
	for i := range info.defs {
		d := &info.defs[i]
		if d.in == f && !contains(known, d) && (d.pos > lit.Pos() || f.gotos || f.inLoop(lit.Pos())) && r.graphOf(f).Between(lit, d.at, nil) {
			got = append(got, d)
		}
	}
	return got
}

func contains(defs []*def, d *def) bool {
	for _, x := range defs {
		if x == d {
			return true
		}
	}
	return false
}

// roundOf returns the outermost loop of f around pos that v is declared outside
// of, or nil: what is done in it may come before what is at pos.
func roundOf(f *Func, v *types.Var, pos token.Pos) (outermost *loop) {
	if f == nil {
		return nil
	}
	for l := range f.loops.at(pos) {
		if encloses(l, v.Pos()) {
			break
		}
		outermost = l
	}
	return outermost
}
