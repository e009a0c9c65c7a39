package fix

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file decides whether a fix hands on the context in scope itself, which may end,
// or only its values.

// A Cancel says what ends the work that a fix hands a context to.
type Cancel uint8

const (
	// CancelAuto follows what the author wrote. A root is a decision about the lifetime
	// of the work, unless it is context.TODO; a call that takes no context is an
	// omission, and becomes what a reviewer would write.
	CancelAuto Cancel = iota
	// CancelKeep keeps the lifetime that calls without a context had, too.
	CancelKeep
	// CancelInherit follows the context in scope wherever the work cannot outlive it.
	CancelInherit
)

// A work is a call that works with a context which a fix hands on.
type work struct {
	call *ast.CallExpr
	ctx  ast.Expr    // the argument that becomes the context, nil if the call gets another one
	sib  *types.Func // that is called then, nil if it is the same
	in   *syntax.Func
}

// follows reports whether what fills the holes should be the context in scope itself,
// and can be. It can where the work has ended when the function does, and before
// the context is canceled: on the goroutine of the function, not deferred, or in a
// task that is joined on every path. Nor may anything that the work gives, such as rows,
// be used after that, nor may the work be what is done because the context has ended.
func (s *Site) follows(hand *loss.Hand, holes ...hole) bool {
	for _, h := range holes {
		if !s.wantsCancel(h) || hand.Var != nil && s.Flow.CanceledBefore(hand.Var, h.pos(), h.in) || s.Flow.MayFollowEnd(h.in, h.pos()) {
			return false
		}
		works, ok := s.worksOf(h)
		if !ok {
			return false
		}
		for _, w := range works {
			if !s.endsWithin(w, hand) {
				return false
			}
		}
	}
	return true
}

// wantsCancel reports whether what fills a hole should end with the context in scope.
func (s *Site) wantsCancel(h hole) bool {
	switch {
	case s.Style.Cancel == CancelInherit:
		return true
	case h.root != nil:
		return s.isTODO(h.root)
	}
	return s.Style.Cancel == CancelAuto
}

// worksOf returns the calls that get what fills a hole, and whether those are all.
func (s *Site) worksOf(h hole) (works []work, ok bool) {
	if h.root == nil {
		return []work{{call: h.call, sib: h.sib, in: h.in}}, true
	}
	handed, only := s.Flow.HandedTo(h.root, h.in)
	for _, c := range handed {
		works = append(works, work{call: c.Call, ctx: c.Ctx, in: c.In})
	}
	return works, only
}

// Advice returns what a person should pass where a sink of the task loses the context:
// what a fix would.
func (t *Task) Advice(sink flow.Sink) string {
	holes := []hole{{call: sink.Call, in: sink.In}}
	if sink.Arg >= 0 {
		holes = nil
		for _, root := range sink.Roots {
			holes = append(holes, hole{root: root, in: sink.In})
		}
	}
	if t.Joined && t.follows(t.Hand, holes...) || t.Flow.NeverEnds(t.Hand.Var, t.Spawn.Pos()) {
		return t.Hand.Expr
	}
	return "context.WithoutCancel(" + t.Hand.Expr + ")"
}

// endsWithin reports whether a work has ended when the function ends that has the
// context, and before that context may be over.
func (s *Site) endsWithin(w work, hand *loss.Hand) bool {
	if !s.Flow.Where(w.call, w.in, hand.Var).Within() || s.Flow.GivesAway(w.call, w.in, hand) {
		return false
	}
	if hand.Var != nil && (s.Flow.MayBeOver(hand.Var, w.in, w.call.Pos()) || !s.Flow.EndsWithinLives(w.call, w.in, hand.Var)) {
		return false
	}
	if w.sib != nil && s.Flow.KeepsParam(w.sib, 0) || w.ctx != nil && s.Flow.KeptByCallee(w.ctx, w.in) {
		return false
	}
	return !s.Flow.MayOutlive(w.in, hand.Var)
}
