package fix

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file names what a fix hands on: the context, and the variables that it
// declares.

// A text is an expression and the edits that make it possible.
type text struct {
	text  string
	edits []analysis.TextEdit
}

// parent returns the context to hand on: WithoutCancel of the one in scope, or
// that itself, as if it never ends. It is nil where package context cannot be named at pos.
func (s *Site) parent(hand *loss.Hand, in *syntax.Func, pos token.Pos, plain bool) *text {
	expr, edits := s.name(hand, in, pos)
	if expr == "" {
		return nil
	}
	if plain || s.Flow.NeverEnds(hand.Var, pos) {
		s.Changes.passes(expr)
		return &text{expr, edits}
	}
	ctxpkg, imports := s.Import(pos, "context", "context")
	if ctxpkg == "" {
		return nil
	}
	detached := ctxpkg + ".WithoutCancel(" + expr + ")"
	s.Changes.passes(detached)
	return &text{detached, append(imports, edits...)}
}

// underSpan returns the expression of the context in scope at pos, in f: that of a
// span that is open there, if its context was made with it and dropped. It would
// be lost by the fix otherwise.
func (s *Site) underSpan(hand *loss.Hand, in *syntax.Func, pos token.Pos) (string, []analysis.TextEdit) {
	l := s.Flow.DroppedSpanAt(in, pos, hand.Expr)
	if l == nil || s.mayFail(l.Call) {
		return hand.Expr, nil
	}
	if s.canRedeclare(*l) {
		return hand.Expr, []analysis.TextEdit{replace(s.droppedName(*l), hand.Expr)}
	}
	name := s.spanName(*l)
	if name == "" {
		return hand.Expr, nil
	}
	return name, []analysis.TextEdit{replace(s.droppedName(*l), name)}
}

// name returns the expression of the context in scope, "" if another fix takes the
// variable away, or if it may be nil. A blank parameter gets a name that the function does not use yet.
//
//	func (h *Hooks) OrderPlaced(_ context.Context, o Order) {
//	                            ctx
//	func (a *API) health(w http.ResponseWriter, _ *http.Request) {
//	                                            r
func (s *Site) name(hand *loss.Hand, in *syntax.Func, pos token.Pos) (string, []analysis.TextEdit) {
	if hand.Var != nil && s.Changes.isReplaced(hand.Var.Pos()) || s.Flow.MayBeNil(hand, in, pos) {
		return "", nil
	}
	if hand.Blank == nil {
		s.Changes.handsOn(hand.Var)
		return s.underSpan(hand, in, pos)
	}
	name := s.Changes.blank(hand.Blank)
	if name == "" {
		tries := []string{"ctx", "callerCtx", "parentCtx"}
		if hand.Asks != "" {
			tries = []string{strings.TrimSuffix(hand.Expr, hand.Asks), "req", "request"}
		}
		for _, try := range tries {
			if s.freeParam(hand, in, try) {
				name = try
				break
			}
		}
	}
	if name == "" || !s.seen(hand, name, pos) {
		return "", nil
	}
	s.Changes.making.blanks[hand.Blank] = name
	s.Changes.declares(declared{in.Root().Node, name})
	if len(hand.Blank.Names) == 1 {
		return name + hand.Asks, []analysis.TextEdit{replace(hand.Blank.Names[0], name)}
	}
	// func(context.Context, Order): Go wants a name for all or none.
	var edits []analysis.TextEdit
	for _, field := range hand.Func.Params.List {
		n := "_ "
		if field == hand.Blank {
			n = name + " "
		}
		edits = append(edits, insert(field.Type.Pos(), n)...)
	}
	return name + hand.Asks, edits
}

// freeParam reports whether a blank parameter can be called name: the function
// uses nothing of that name from outside, and neither it nor a fix declares
// anything at its top, where it would be declared twice.
func (s *Site) freeParam(hand *loss.Hand, in *syntax.Func, name string) bool {
	scope := s.Pass.TypesInfo.Scopes[hand.Func]
	return !mentions(hand.Func, name) && scope.Lookup(name) == nil && !s.usesName(hand.Body, name) &&
		!s.Changes.isDeclared(declared{in.Root().Node, name})
}

// seen reports whether nothing in a function hides its parameter name at pos.
func (s *Site) seen(hand *loss.Hand, name string, pos token.Pos) bool {
	_, obj := s.Flow.ScopeAt(pos).LookupParent(name, pos)
	return obj == nil || !inside(hand.Body, obj.Pos())
}

// mentions reports whether an identifier in n is called name.
func mentions(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// inPlace returns the edits that fill a hole with the context in scope there, nil
// if there is no safe way.
//
//	detached := context.Background()
//	            context.WithoutCancel(ctx)
//
// It must still be there when the place is reached (see stays). It is the context at
// hand itself where the work should end with that and does (see follows), and where
// package context is still used by the file then.
func (s *Site) inPlace(h hole) []analysis.TextEdit {
	hand := s.Flow.HandAt(h.in, h.pos())
	if hand == nil || !s.stays(hand, h.in) {
		return nil
	}
	plain := s.follows(hand, h) && (h.root == nil || s.usesContext())
	parent := s.parent(hand, h.in, h.pos(), plain)
	if parent == nil {
		return nil
	}
	if as := s.onlyAssigns(h.root, parent.text); as != nil {
		return append(parent.edits, s.deleteLine(as))
	}
	filled := s.fill(h, parent.text)
	if filled == nil {
		return nil
	}
	return append(filled, parent.edits...)
}

// usesContext reports whether the file would still use package context without its
// roots, which may all be replaced.
func (s *Site) usesContext() bool {
	if got, ok := s.Changes.context[s.File]; ok {
		return got
	}
	uses := 0
	ast.Inspect(s.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s.rootName(n) != "" {
				return false
			}
		case *ast.Ident:
			if pn, ok := s.Pass.TypesInfo.Uses[n].(*types.PkgName); ok && pn.Imported().Path() == "context" {
				uses++
			}
		}
		return true
	})
	s.Changes.context[s.File] = uses > 0
	return uses > 0
}

// onlyAssigns returns the statement that would assign a variable to itself if the
// root became name, or nil.
func (s *Site) onlyAssigns(root ast.Expr, name string) *ast.AssignStmt {
	as := s.Changes.assigns[root]
	if as == nil || as.Lhs[0].(*ast.Ident).Name != name {
		return nil
	}
	return as
}

// stays reports whether the context in scope can be named in f. Another goroutine
// reads a variable of the function around it when that goes on, so it must be
// one that is not changed any more.
func (s *Site) stays(hand *loss.Hand, f *syntax.Func) bool {
	return hand.Blank != nil || s.Changes.Unchanged(hand.Var) || s.Flow.Settled(hand.Var, f)
}

// source returns an expression as it is written, with its comments. A driver
// that does not let files be read gets it as gofmt prints it.
func (s *Site) source(n ast.Node) string {
	if tf := s.Pass.Fset.File(n.Pos()); s.Pass.ReadFile != nil {
		if data, err := s.Pass.ReadFile(tf.Name()); err == nil && tf.Offset(n.End()) <= len(data) {
			return string(data[tf.Offset(n.Pos()):tf.Offset(n.End())])
		}
	}
	var buf bytes.Buffer
	if err := format.Node(&buf, s.Pass.Fset, n); err != nil {
		panic("cannot print an expression that was parsed: " + err.Error())
	}
	return buf.String()
}

// indent returns the tabs in front of the statement at pos.
func (s *Site) indent(pos token.Pos) string {
	col := s.Pass.Fset.Position(pos).Column
	return strings.Repeat("\t", max(col-1, 0))
}
