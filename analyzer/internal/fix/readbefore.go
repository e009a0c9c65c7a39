package fix

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/loss"
)

// This file reads a context before the task starts that works with it.

// fillOutside returns the edits that fill a hole which the wrapper's parameter does not
// reach, nil if there is no safe way. What a framework takes back is not asked for its
// context by the task, see readBefore.
func (b *builder) fillOutside(h hole) []analysis.TextEdit {
	hand := b.Flow.HandAt(h.in, h.pos())
	if hand == nil || !b.Flow.TakesBack(hand.Var) || h.in == b.Spawn.In || !b.inTask(h, hand) {
		return b.inPlace(h)
	}
	lit := taskLit(b.Spawn)
	if lit == nil || !inside(lit, h.pos()) || !b.stays(hand, b.Spawn.In) {
		return nil
	}
	parent := b.parent(hand, b.Spawn.In, b.Spawn.Pos(), b.follows(hand, h))
	if parent == nil {
		return nil
	}
	name, edits := b.readBefore(parent.text)
	filled := b.fill(h, name)
	if name == "" || filled == nil {
		return nil
	}
	return append(append(filled, parent.edits...), edits...)
}

// inTask reports whether a hole is on another goroutine than the function that has the
// context, or nobody knows.
func (b *builder) inTask(h hole, hand *loss.Hand) bool {
	for f := h.in; f != nil && !inside(f.Node, hand.Var.Pos()); f = b.Flow.Around(f) {
		if !b.Flow.RunsInPlace(f) {
			return true
		}
	}
	return false
}

// readBefore returns the edits that declare a variable for a context before the
// statement that starts the task, and its name, "" if there is no place for it.
//
//	ctx := context.WithoutCancel(c.Request().Context())
//	go func() { save(ctx) }()
//
// The variable is the same for all that a task reads.
func (b *builder) readBefore(ctx string) (string, []analysis.TextEdit) {
	if name := b.before[ctx]; name != "" {
		return name, nil
	}
	stmt := b.spawnStatement()
	if stmt == nil {
		return "", nil
	}
	name := b.fresh("ctx")
	if b.before == nil {
		b.before = make(map[string]string)
	}
	b.before[ctx] = name
	return name, insert(stmt.Pos(), name+" := "+ctx+"\n"+b.indent(stmt.Pos()))
}

// spawnStatement returns the statement of a list that starts the task, nil if it is part
// of another one, or has a label.
func (b *builder) spawnStatement() ast.Stmt {
	var found ast.Stmt
	ast.PreorderStack(b.Spawn.In.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		stmt, ok := n.(ast.Stmt)
		if !ok || found != nil {
			return found == nil
		}
		expr, isExpr := n.(*ast.ExprStmt)
		if stmt != ast.Stmt(b.Spawn.Go) && (!isExpr || ast.Unparen(expr.X) != b.Spawn.Call) {
			return true
		}
		if len(stack) == 0 {
			return true
		}
		switch stack[len(stack)-1].(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			found = stmt
		}
		return found == nil
	})
	return found
}
