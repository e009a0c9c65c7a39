package fix

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file mends what is lost on the goroutine of the function that has the
// context.

// A RootUse is an argument of a call in a function, and the roots that it comes from.
type RootUse struct {
	Roots []ast.Expr
	Arg   ast.Expr
	In    *syntax.Func
}

// Roots returns the edits that replace the roots of some arguments, all or none, nil if
// there is no safe way.
//
//	s.bank.Pay(context.Background(), o.Sum)
//	           context.WithoutCancel(ctx)
//
// The context is evaluated where the root was, and ends as little as the root
// did. Nobody but those who are called gets its values (OnlyHanded).
func (s *Site) Roots(uses ...RootUse) []analysis.TextEdit {
	var holes []hole
	for _, use := range uses {
		for _, root := range use.Roots {
			in := s.Flow.FuncAt(use.In, root.Pos())
			switch {
			case in == nil:
				holes = append(holes, hole{root: use.Arg, in: use.In}) // a variable of the package: do without it
			case !s.isPlainRoot(root) || !s.Flow.OnlyHanded(root, in):
				return nil
			default:
				holes = append(holes, hole{root: root, in: in})
			}
		}
	}
	return s.fillHere(holes)
}

// Sibling returns the edits that call the sibling of the function that a call in
// f names, nil if there is no safe way.
//
//	s.db.Exec(query)
//	s.db.ExecContext(ctx, query)
//
// It gets context.WithoutCancel(ctx) where the call, or what it gives, may go on when
// ctx has ended: see follows.
func (s *Site) Sibling(call *ast.CallExpr, sib *types.Func, f *syntax.Func) []analysis.TextEdit {
	return s.fillHere([]hole{{call: call, sib: sib, in: f}})
}

// Chain returns the edits that give what a chain of calls begins with a context, by a method:
//
//	r.db.Create(user)
//	r.db.WithContext(ctx).Create(user)
//
// Which context it gets is decided as for a sibling.
func (s *Site) Chain(chains ...loss.Bare) []analysis.TextEdit {
	var holes []hole
	for _, b := range chains {
		holes = append(holes, hole{call: b.Call, from: b.From, method: b.Instead, in: b.In})
	}
	return s.fillHere(holes)
}

// LogSibling returns the edits that log with the context variable ctx, which can
// be named at the call: what is logged is not work that could be canceled.
func (s *Site) LogSibling(call *ast.CallExpr, sib *types.Func, ctx string) []analysis.TextEdit {
	return s.fill(hole{call: call, sib: sib}, ctx)
}

// fillHere fills holes in place, all or none.
func (s *Site) fillHere(holes []hole) []analysis.TextEdit {
	var edits []analysis.TextEdit
	for _, h := range holes {
		if s.Changes.isReplaced(h.pos()) {
			return nil // another fix does it
		}
		filled := s.inPlace(h)
		if filled == nil {
			return nil
		}
		edits = merge(edits, filled)
	}
	for _, h := range holes {
		s.Changes.replaces(h.pos())
	}
	return edits
}

// Item returns the edits that give a worker the values of its item's context, nil
// if there is no safe way.
//
//	p.store.Save(context.Background(), job.order)
//	             context.WithoutCancel(job.ctx)
//
// Every item of the type is made with a context, so that there is one. An item
// without a field for it has to get one by hand: it may be made in many places.
func (s *Site) Item(l loss.Worker) []analysis.TextEdit {
	if l.Arg == nil || l.Field == "" || !s.isPlainRoot(l.Arg) || !s.alwaysSet(l) {
		return nil
	}
	_, obj := s.Flow.ScopeAt(l.Arg.Pos()).LookupParent(l.Item, l.Arg.Pos())
	if obj != l.Var || !s.Changes.Unchanged(l.Var) && !s.Flow.Settled(l.Var, l.In) {
		return nil
	}
	ctxpkg, imports := s.Import(l.Arg.Pos(), "context", "context")
	if ctxpkg == "" {
		return nil
	}
	return append(imports, replace(l.Arg, ctxpkg+".WithoutCancel("+l.Item+"."+l.Field+")"))
}

// alwaysSet reports whether every item that the worker gets has a context.
func (s *Site) alwaysSet(l loss.Worker) bool {
	t := types.Unalias(l.Var.Type())
	ptr, isPtr := t.(*types.Pointer)
	if isPtr {
		t = types.Unalias(ptr.Elem()) // nil would have panicked: a part of it is used
	}
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Exported() && ast.IsExported(l.Field) {
		return false // other packages may make one without
	}
	return (isPtr || l.Sent) && s.Flow.AlwaysSet(named, l.Field) && !s.mentionedElsewhere(named.Obj().Name())
}
