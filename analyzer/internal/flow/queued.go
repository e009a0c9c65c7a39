package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/path"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file finds contexts that are put into a queue, for workers, and end before these take
// them out.

// keptByPut yields the context in an item that f puts into a store, if a worker of the
// package works with it and f has no way to hear of the worker's end:
//
//	s.events <- event{ctx, name}
//
//	for e := range s.events { s.publish(e.ctx, e.name) }
func (r *Result) keptByPut(p *Put, yield func(Kept)) {
	f, store := p.In, r.VarOf(p.Store)
	field, tellers := contextIn(r.TypeOf(p.Item), r.Pass.Pkg)
	if field == nil || !r.IsServed(store) || r.takes(f, store) || !r.worksQueued(field) || r.hearsBack(f) {
		return
	}
	for _, t := range tellers {
		if !r.leavesOut(p.Item, t, f) && !r.goesUnheard(r.fieldValue(p.Item, t), f) {
			return
		}
	}
	ctx := r.fieldValue(p.Item, field)
	if ctx == nil || !kind.IsContext(r.TypeOf(ctx)) {
		return
	}
	r.lives(ctx, syntax.Innermost(f.Root(), ctx.Pos()), func(l Life) {
		if l.In == nil || !r.RunsWithin(f, l.In) {
			return
		}
		k := Kept{Put: p, Ctx: ctx, life: l, in: f}
		if l.Cancel != nil {
			k.Why = r.EndsEarly(k)
		}
		if k.Why != "" || l.Cancel == nil && r.endsFirst(k, path.Order{Excused: r.failing(l.In)}) != nil {
			yield(k)
		}
	})
}

// ContextIn returns the only field of a struct type that has a context, nil for none.
func ContextIn(n *types.Named) *types.Var {
	field, _ := contextIn(n, n.Obj().Pkg())
	return field
}

// contextIn returns the only field of a struct of the package that has a context, nil for
// none, and those by which somebody may be told when the work is done.
func contextIn(t types.Type, pkg *types.Package) (found *types.Var, tellers []*types.Var) {
	named := kind.NamedOf(t)
	if named == nil || named.Obj().Pkg() != pkg {
		return nil, nil
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return nil, nil
	}
	for field := range st.Fields() {
		switch {
		case kind.IsContext(field.Type()):
			if found != nil || field.Embedded() {
				return nil, nil
			}
			found = field.Origin()
		case tells(field.Type(), 2):
			tellers = append(tellers, field.Origin())
		}
	}
	return found, tellers
}

// leavesOut reports whether an item of f is a literal, or a variable that is set to one, without
// one of the fields, which nobody sets later.
func (r *Result) leavesOut(item ast.Expr, field *types.Var, f *syntax.Func) bool {
	lit := r.literalOf(item, f)
	if lit == nil || r.fieldValue(item, field) != nil || r.assignmentsOf(f).fields[field] {
		return false
	}
	return !slices.ContainsFunc(lit.Elts, func(elt ast.Expr) bool {
		kv, ok := elt.(*ast.KeyValueExpr)
		return !ok || r.VarOf(kv.Key) == field
	})
}

// goesUnheard reports whether a value of f is a channel that f makes, and that nobody but who
// gets it mentions: what is sent there nobody hears.
func (r *Result) goesUnheard(e ast.Expr, f *syntax.Func) bool {
	if e == nil {
		return false
	}
	v := r.VarOf(e)
	_, isChan := r.TypeOf(e).Underlying().(*types.Chan)
	return isChan && v != nil && !v.IsField() && syntax.Encloses(f.Root().Body, v.Pos()) && len(r.MentionsOf(v, f.Root())) == 2
}

// tells reports whether a value of type t can tell somebody that work is done: a channel, a
// group, a function without a context, or what has one of them.
func tells(t types.Type, depth int) bool {
	switch u := kind.Pointee(t).Underlying().(type) {
	case *types.Chan, *types.Interface:
		return !kind.IsError(t) && !types.Identical(u, types.NewInterfaceType(nil, nil))
	case *types.Signature:
		return !kind.TakesContext(u)
	case *types.Struct:
		if n := kind.NamedOf(t); n != nil && kind.IsNamed(n, "sync", "WaitGroup") {
			return true
		}
		for field := range u.Fields() {
			if depth > 0 && tells(field.Type(), depth-1) {
				return true
			}
		}
	}
	return false
}

// worksQueued reports whether somebody works with the contexts in a field, and nobody
// detaches from them or asks for their end: who does knows what they are.
func (r *Result) worksQueued(field *types.Var) bool {
	if r.levels[field] != Reads {
		return false
	}
	if got, known := r.queued[field]; known {
		return got
	}
	works, knows := false, false
	r.Funcs(func(f *syntax.Func) {
		for _, m := range f.Mentions {
			if m.Var.Origin() != field {
				continue
			}
			sel, ok := m.Stack[len(m.Stack)-1].(*ast.SelectorExpr)
			if !ok || sel.Sel != m.Ident {
				continue
			}
			stack := m.Stack[:len(m.Stack)-1]
			works = works || r.worksAt(sel, stack)
			switch p, _ := syntax.Parent(stack); p := p.(type) {
			case *ast.CallExpr:
				callee := r.Callee(p)
				knows = knows || callee != nil && r.Detaches(callee)
			case *ast.SelectorExpr:
				knows = knows || p.Sel.Name != "Value"
			}
		}
	})
	r.queued[field] = works && !knows
	return r.queued[field]
}

// IsServed reports whether a service loop of the package takes items out of a store.
func (r *Result) IsServed(store *types.Var) bool {
	served, known := r.queued[store]
	if known {
		return served
	}
	served = slices.ContainsFunc(r.itemStores().takers[store], func(t taker) bool { return r.inRounds(t.in, t.at, MaxStarts) })
	r.Funcs(func(f *syntax.Func) {
		for _, n := range f.Loops {
			if served || !r.IsService(n.Node, f) {
				continue
			}
			if s, ok := n.Node.Stmt.(*ast.RangeStmt); ok && r.VarOf(s.X) == store {
				served = true
			}
			ast.Inspect(n.Node.Body, func(n ast.Node) bool {
				u, ok := n.(*ast.UnaryExpr)
				served = served || ok && u.Op == token.ARROW && r.VarOf(u.X) == store
				return !served
			})
		}
	})
	r.queued[store] = served
	return served
}

// hearsBack reports whether f may hear of what becomes of what it sends: it waits for
// something, other than for the end of a context, or gives something that may.
func (r *Result) hearsBack(f *syntax.Func) bool {
	f = f.Root()
	if got, known := r.answered[f]; known {
		return got
	}
	waits := false
	for res := range f.Sig.Results().Variables() {
		waits = waits || tells(res.Type(), 1)
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		here, whole := r.waitsAt(n)
		waits = waits || here
		if whole {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok && !waits {
			callee := r.Callee(call)
			waits = callee != nil && r.waitsInside(callee)
		}
		return !waits
	})
	r.answered[f] = waits
	return waits
}

// waitsAt reports whether a node waits for somebody, and whether that is the answer for all that
// is in it.
func (r *Result) waitsAt(n ast.Node) (waits, whole bool) {
	if s, ok := n.(*ast.SelectStmt); ok && sends(s) {
		return r.waitsAfter(s), true
	}
	return r.isWait(n), false
}

// waitsAfter reports whether a case of a select that sends something waits for somebody when it
// has been chosen: what the select itself waits for beside is that nobody takes the item.
func (r *Result) waitsAfter(s *ast.SelectStmt) bool {
	waits := false
	for _, c := range s.Body.List {
		for _, stmt := range c.(*ast.CommClause).Body {
			ast.Inspect(stmt, func(n ast.Node) bool {
				waits = waits || n != nil && r.isWait(n)
				return !waits
			})
		}
	}
	return waits
}

// sends reports whether a case of a select sends something.
func sends(s *ast.SelectStmt) bool {
	return slices.ContainsFunc(s.Body.List, func(stmt ast.Stmt) bool {
		_, ok := stmt.(*ast.CommClause).Comm.(*ast.SendStmt)
		return ok
	})
}
