package fix

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/loss"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Task is a spawn to be mended, and what is known of it.
type Task struct {
	*Site

	Spawn  *flow.Spawn
	Task   *flow.Task
	Hand   *loss.Hand
	Joined bool // the task has ended when the caller ends, and before Hand is canceled
}

// Edits returns the edits that give the caller's context to the sinks of the
// task, and whether all sinks get it. Without edits there is no safe way, unless
// all sinks get it: then the fix of the task around this one does it.
//
// What it is safe for, and why:
//   - Cancellation: the context passed is context.WithoutCancel of the one at
//     hand, which is never done, as the root was not, unless the work should end
//     with the context in scope and ends before that does (follows).
//   - Order: what a go statement evaluates before the goroutine starts, and
//     that may have another value later, is evaluated before (goCall, goLit).
//   - Panics: the wrappers recover nothing.
//   - Names: nothing that the task mentions is captured by the new parameter
//     (paramName), and nothing new is hidden where it is used (visible).
func (t *Task) Edits() (edits []analysis.TextEdit, whole bool) {
	holes, whole := t.holes()
	b := &builder{Task: t}
	holes, shared := b.uncovered(holes)
	inside, outside := b.split(holes)
	if b.noWrapper() {
		inside, outside = nil, holes
	}
	for _, h := range outside {
		if b.isOwn(h) && b.Spawn.Go == nil {
			whole = false // a function value has no place for a context
			continue
		}
		edits := b.fillOutside(h)
		b.add(edits)
		whole = b.covers(edits != nil, h) && whole
	}
	if len(inside) > 0 {
		whole = b.covers(b.wrap(inside), inside...) && whole
	}
	threaded, all := b.thread()
	return b.edits, all && whole && (len(b.edits) > 0 || shared || threaded)
}

// thread adds the edits that hand the context on to the functions of the package
// which the task calls and which take none. It reports whether another fix does
// so for any, and whether all of them get it.
func (b *builder) thread() (shared, all bool) {
	all = true
	for _, s := range b.Task.Task.Sinks {
		switch {
		case s.Arg >= 0 || b.sibling(s) != nil:
		case s.Callee != nil && b.Threaded(s.Callee):
			shared = true
		default:
			edits := b.threadCall(s)
			b.add(edits)
			all = all && edits != nil
		}
	}
	return shared, all
}

// threadCall hands the context on to the function that a sink calls.
func (b *builder) threadCall(s flow.Sink) []analysis.TextEdit {
	if s.Callee == nil || s.Callee != b.Flow.Callee(s.Call) {
		return nil // called by a variable
	}
	return b.Thread(s.Callee)
}

// noWrapper reports whether the fix is to be without a wrapper: the style asks for that,
// or the spawner may run the task itself, on a goroutine whose labels are the
// caller's and must stay. One's own wrapper replaces go statements only, and not in its
// own package. Without that, a go statement that names a function gives it the context itself,
// as a reviewer would write it: what it evaluates, and where it panics, stays as it is.
func (b *builder) noWrapper() bool {
	path, _ := b.Style.wrapper()
	named := path == "" && b.Spawn.Go != nil && taskLit(b.Spawn) == nil
	return named || b.Style.Plain || b.Flow.MayRunInPlace(b.Spawn) || path != "" && (b.Spawn.Go == nil || path == b.Pass.Pkg.Path())
}

// covers notes that holes are filled, if they are.
func (b *builder) covers(filled bool, holes ...hole) bool {
	for _, h := range holes {
		if filled {
			b.Changes.replaces(h.pos())
		}
	}
	return filled
}

// uncovered leaves out the holes that the fix of another task fills, so that
// no two fixes of a package overlap: the task around this one, as a rule. It
// reports whether there were any.
func (b *builder) uncovered(holes []hole) (rest []hole, shared bool) {
	for _, h := range holes {
		if b.Changes.isReplaced(h.pos()) {
			shared = true
		} else {
			rest = append(rest, h)
		}
	}
	return rest, shared
}

// isShared reports whether a root is put into a struct that others than the task have:
// they would get values of a caller whose work they do not do.
func (t *Task) isShared(root ast.Expr) bool {
	d := t.Spawn.In.Root()
	if !syntax.Encloses(d.Node, root.Pos()) {
		return false
	}
	path := syntax.PathTo(root.Pos(), d.Node)
	p, stack := syntax.Parent(path[:slices.Index(path, ast.Node(root))])
	if kv, ok := p.(*ast.KeyValueExpr); ok && kv.Value == root {
		p, stack = syntax.Parent(stack)
	}
	_, isLit := p.(*ast.CompositeLit)
	return isLit && t.isOthers(stack)
}

// isOthers reports whether a struct literal, whose parents are stack, gets to others than
// the task: it is no argument, nor the value of a variable that only the task names.
func (t *Task) isOthers(stack []ast.Node) bool {
	if p, ok := stack[len(stack)-1].(*ast.UnaryExpr); ok && p.Op == token.AND {
		stack = stack[:len(stack)-1]
	}
	switch p := stack[len(stack)-1].(type) {
	case *ast.CallExpr:
		return false
	case *ast.AssignStmt:
		v := t.Flow.VarOf(p.Lhs[0])
		if len(p.Lhs) != 1 || v == nil || v.IsField() {
			return true
		}
		others := false
		ast.Inspect(t.Spawn.In.Root().Node, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			others = others || ok && t.Pass.TypesInfo.Uses[id] == v && !t.Spawn.Runs(id) && !syntax.Encloses(p, id.Pos())
			return !others
		})
		return others
	}
	return true
}

// holes lists what can be mended, each place once, and reports whether that is
// everything.
func (t *Task) holes() (holes []hole, whole bool) {
	whole = true
	seen := make(map[token.Pos]bool)
	add := func(h hole) {
		if !seen[h.pos()] {
			seen[h.pos()] = true
			holes = append(holes, h)
		}
	}
	for _, s := range t.Task.Sinks {
		if s.Arg < 0 {
			if sib := t.sibling(s); sib != nil {
				add(hole{call: s.Call, sib: sib, in: s.In})
			}
			continue // else see thread
		}
		for _, root := range s.Roots {
			if !t.isPlainRoot(root) || t.Flow.FuncAt(s.In, root.Pos()) == nil || t.isShared(root) {
				whole = false
				continue
			}
			add(hole{root: root, in: t.Flow.FuncAt(s.In, root.Pos())})
		}
	}
	return holes, whole
}

// sibling returns the sibling of a sink that starts its own root, if the call
// names its function directly.
func (t *Task) sibling(s flow.Sink) *types.Func {
	named, _ := typeutil.Callee(t.Pass.TypesInfo, s.Call).(*types.Func)
	value := t.Task.Named != nil && t.Spawn.Go == nil && s.Call == t.Spawn.Call
	if s.Callee == nil || named == nil && !value {
		return nil // called by a variable
	}
	return kind.Sibling(s.Callee, t.Pass.Pkg)
}

// A builder collects the edits for one task.
type builder struct {
	*Task
	edits []analysis.TextEdit
	param string // the name of the wrapper's parameter, which hides what is called so before

	before map[string]string // the variables of readBefore, by what they are set to
}

// region returns the part of the source that the wrapper's parameter reaches:
// the literal's body, nil if there is none in the place.
func (b *builder) region() ast.Node {
	lit := taskLit(b.Spawn)
	if lit != nil && (b.Spawn.Go != nil || lit.Type.Params.NumFields() == 0 && b.binder(lit) != "") {
		return lit.Body
	}
	return nil // what a variable's literal does is mended where it is written
}

// isOwn reports whether a hole is the call of a go statement itself, or the
// function value that a spawner is given.
func (b *builder) isOwn(h hole) bool {
	return h.call == b.Spawn.Call && b.Task.Task.Lit == nil
}

// split separates the holes that the wrapper's parameter can fill.
func (b *builder) split(holes []hole) (inside, outside []hole) {
	region := b.region()
	for _, h := range holes {
		if region != nil && region.Pos() <= h.pos() && h.pos() < region.End() || b.isGoArg(h) || b.isOwn(h) {
			inside = append(inside, h)
		} else {
			outside = append(outside, h)
		}
	}
	return inside, outside
}

// isGoArg reports whether a hole is an argument of go func(ctx ..) {..}(root).
func (b *builder) isGoArg(h hole) bool {
	if b.Spawn.Go == nil || h.root == nil {
		return false
	}
	return slices.ContainsFunc(b.Spawn.Call.Args, func(arg ast.Expr) bool { return ast.Unparen(arg) == ast.Unparen(h.root) })
}

// wrap puts the task into the wrapper and fills the holes inside with the
// wrapper's parameter.
func (b *builder) wrap(holes []hole) bool {
	if !b.stays(b.Hand, b.Spawn.In) {
		return false
	}
	parent := b.parent(b.Hand, b.Spawn.In, b.Spawn.Pos(), b.Joined && b.follows(b.Hand, holes...))
	if parent == nil {
		return false
	}
	pkgPath, start := b.Style.wrapper()
	name := path.Base(pkgPath)
	if pkgPath == "" {
		name, pkgPath, start = "ctxrun", RuntimePath, "Go"
	}
	wrapper, imports := b.Import(b.Spawn.Pos(), name, pkgPath)
	ctxpkg, ctxImports := b.Import(b.Spawn.Pos(), "context", "context")
	if wrapper == "" || ctxpkg == "" {
		return false
	}
	w := &wrapping{builder: b, holes: holes, parent: parent.text, wrapper: wrapper, start: start, ctxpkg: ctxpkg}
	var edits []analysis.TextEdit
	switch {
	case b.Spawn.Go != nil && taskLit(b.Spawn) != nil:
		edits = w.goLit()
	case b.Spawn.Go != nil:
		edits = w.goCall()
	case taskLit(b.Spawn) != nil:
		edits = w.bindLit()
	default:
		edits = w.bindNamed()
	}
	if edits == nil {
		return false
	}
	b.add(edits, imports, ctxImports, parent.edits)
	return true
}

// add appends edits that are not there yet.
func (b *builder) add(lists ...[]analysis.TextEdit) {
	for _, list := range lists {
		b.edits = merge(b.edits, list)
	}
}

// merge appends edits that are not there yet: two holes may name the same blank
// parameter.
func merge(edits, more []analysis.TextEdit) []analysis.TextEdit {
	for _, e := range more {
		if !slices.ContainsFunc(edits, func(x analysis.TextEdit) bool {
			return x.Pos == e.Pos && x.End == e.End && bytes.Equal(x.NewText, e.NewText)
		}) {
			edits = append(edits, e)
		}
	}
	return edits
}
