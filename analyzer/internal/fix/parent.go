package fix

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/ctxflow"
)

// This file names what a fix hands on: the context, and the variables that it
// declares.

// A text is an expression and the edits that make it possible.
type text struct {
	text  string
	edits []analysis.TextEdit
}

// parent returns the context to hand on: WithoutCancel of the one at hand, or
// that itself. It is nil where package context cannot be named at pos.
func (b *builder) parent(hand *ctxflow.Hand, pos token.Pos, plain bool) *text {
	expr, edits := b.name(hand, pos)
	if expr == "" {
		return nil
	}
	if plain {
		return &text{expr, edits}
	}
	ctxpkg, imports := Import(b.Pass.TypesInfo, b.File, pos, "context", "context")
	if ctxpkg == "" {
		return nil
	}
	return &text{ctxpkg + ".WithoutCancel(" + expr + ")", append(imports, edits...)}
}

// name returns the expression of the context at hand. A blank parameter gets a
// name that the function does not use yet.
//
//	func (h *Hooks) OrderPlaced(_ context.Context, o Order) {
//	                            ctx
func (b *builder) name(hand *ctxflow.Hand, pos token.Pos) (string, []analysis.TextEdit) {
	if hand.Blank == nil {
		return hand.Expr, nil
	}
	name := ""
	for _, try := range []string{"ctx", "callerCtx", "parentCtx"} {
		if b.freeParam(hand, try, pos) {
			name = try
			break
		}
	}
	if name == "" {
		return "", nil
	}
	if len(hand.Blank.Names) == 1 {
		return name, []analysis.TextEdit{replace(hand.Blank.Names[0], name)}
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
	return name, edits
}

// freeParam reports whether a blank parameter can be called name: the function
// uses nothing of that name from outside, declares nothing at its top, where it
// would be declared twice, and nothing that hides it at pos.
func (b *builder) freeParam(hand *ctxflow.Hand, name string, pos token.Pos) bool {
	info := b.Pass.TypesInfo
	scope := info.Scopes[hand.Func]
	if mentions(hand.Func, name) || scope.Lookup(name) != nil || b.usesName(hand.Body, name) {
		return false
	}
	_, obj := info.Scopes[b.File].Innermost(pos).LookupParent(name, pos)
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

// inPlace fills a hole outside the wrapper's reach with the context at hand
// there.
//
//	detached := context.Background()
//	            context.WithoutCancel(ctx)
//
// Inside a literal the context at hand is evaluated when the literal runs, so
// it must be a variable that is never changed.
func (b *builder) inPlace(h hole) bool {
	hand := b.Flow.HandAt(h.in, h.pos())
	if hand == nil {
		return false
	}
	if !b.declares(h.in, hand.Var) && hand.Blank == nil && !b.Changes.Unchanged(hand.Var) {
		return false
	}
	plain := b.Joined && h.root != nil && b.rootName(h.root) == "TODO"
	parent := b.parent(hand, h.pos(), plain)
	if parent == nil {
		return false
	}
	b.add(b.fill(h, parent.text), parent.edits)
	return true
}

// declares reports whether v is declared in f itself, and so is evaluated
// where it stands.
func (b *builder) declares(f *ctxflow.Func, v *types.Var) bool {
	return v != nil && f.Node().Pos() <= v.Pos() && v.Pos() < f.Node().End()
}

// source returns an expression as it is written, with its comments. A driver
// that does not let files be read gets it as gofmt prints it.
func (b *builder) source(n ast.Node) string {
	if tf := b.Pass.Fset.File(n.Pos()); b.Pass.ReadFile != nil {
		if data, err := b.Pass.ReadFile(tf.Name()); err == nil && tf.Offset(n.End()) <= len(data) {
			return string(data[tf.Offset(n.Pos()):tf.Offset(n.End())])
		}
	}
	var buf bytes.Buffer
	if err := format.Node(&buf, b.Pass.Fset, n); err != nil {
		panic("cannot print an expression that was parsed: " + err.Error())
	}
	return buf.String()
}

// indent returns the tabs in front of the statement at pos.
func (b *builder) indent(pos token.Pos) string {
	col := b.Pass.Fset.Position(pos).Column
	return strings.Repeat("\t", max(col-1, 0))
}

// fresh returns base, or base with a number, such that nothing that can be seen
// from the spawn is called so, nothing that its function mentions but fields
// and methods and what the task itself declares, and no variable that another fix
// declares.
func (b *builder) fresh(base string) string {
	name := base
	for i := 2; !b.free(name); i++ {
		name = base + strconv.Itoa(i)
	}
	b.Changes.names[declared{b.Spawn.In.Root().Node(), name}] = true
	return name
}

// free reports whether fresh can return name.
func (b *builder) free(name string) bool {
	info := b.Pass.TypesInfo
	if b.Changes.names[declared{b.Spawn.In.Root().Node(), name}] || token.IsKeyword(name) {
		return false
	}
	if _, obj := info.Scopes[b.File].Innermost(b.Spawn.Pos()).LookupParent(name, token.NoPos); obj != nil {
		return false
	}
	used := false
	ast.Inspect(b.Spawn.In.Root().Node(), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			obj := info.ObjectOf(id)
			used = used || obj != nil && !isMember(obj) && !inside(b.Spawn.Call, obj.Pos())
		}
		return !used
	})
	return !used
}
