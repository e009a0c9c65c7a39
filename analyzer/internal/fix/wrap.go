package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A wrapping builds the edits that put one task into a wrapper of ctxrun.
type wrapping struct {
	*builder
	holes   []hole
	parent  string // the context to hand on
	wrapper string // the name of package ctxrun, or of the user's own
	start   string // its function that takes the place of a go statement
	ctxpkg  string // the name of package context

	names  []string // variables to be declared before, _ for none
	values []string // and what they are set to
	copies []string // declarations to go first in the literal
}

// goLit wraps a go statement with a literal.
//
//	go func() { notify(context.Background()) }()
//	---------                                --
//	ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) { notify(ctx) })
//
// The context in scope is evaluated at the same place as the go statement.
func (w *wrapping) goLit() []analysis.TextEdit {
	call := w.Spawn.Call
	lit := taskLit(w.Spawn)
	if lit.Type.Results.NumFields() > 0 || call.Fun != lit {
		return nil // go drops the results; ctxrun.Go has no room for them
	}
	var drop ast.Stmt
	name, v := w.ownParam(lit)
	switch {
	case name == "":
		name, drop = w.paramName(lit)
	case len(w.holes) > 1 && (!w.changedByHoles(lit, v) || !w.visible(lit, name, v)):
		return nil // it is another one at some hole
	}
	if name == "" || !w.hoistArgs(lit, name) {
		return nil
	}
	w.Changes.declares(declared{lit, name})
	if w.before() != "" && (w.labeled() || w.Spawn.In.Gotos) {
		return nil
	}
	head := w.wrapper + "." + w.start + "(" + w.parent + ", func(" + name + " " + w.ctxpkg + ".Context)"
	edits := []analysis.TextEdit{
		{Pos: w.Spawn.Go.Pos(), End: lit.Type.End(), NewText: []byte(w.before() + head)},
		{Pos: lit.End(), End: w.Spawn.Go.End(), NewText: []byte(")")},
	}
	if len(w.copies) > 0 {
		copies := w.copyIn(lit.Body)
		if copies == nil {
			return nil
		}
		edits = append(edits, copies...)
	}
	return w.fillAll(edits, name, drop)
}

// copyIn puts the copies first in the body of a literal, each on a line of its own, as what
// follows is then. Where a comment is in the way there is no place for them.
func (w *wrapping) copyIn(body *ast.BlockStmt) []analysis.TextEdit {
	tf := w.Pass.Fset.File(body.Pos())
	indent := w.indent(w.Spawn.Pos())
	lines := "\n" + indent + "\t" + strings.Join(w.copies, "\n"+indent+"\t")
	if len(body.List) == 0 || tf.Line(body.List[0].Pos()) > tf.Line(body.Lbrace) {
		return insert(body.Lbrace+1, lines)
	}
	first, last := body.List[0], body.List[len(body.List)-1]
	if tf.Line(last.End()) != tf.Line(body.Rbrace) || w.hasComment(body.Lbrace, first.Pos()) || w.hasComment(last.End(), body.Rbrace) {
		return nil
	}
	return []analysis.TextEdit{
		{Pos: body.Lbrace + 1, End: first.Pos(), NewText: []byte(lines + "\n" + indent + "\t")},
		{Pos: last.End(), End: body.Rbrace, NewText: []byte("\n" + indent)},
	}
}

// hasComment reports whether a comment is between two places.
func (s *Site) hasComment(from, to token.Pos) bool {
	return slices.ContainsFunc(s.File.Comments, func(g *ast.CommentGroup) bool { return from <= g.Pos() && g.Pos() < to })
}

// ownParam returns the literal's own context parameter and its name, if it is
// given a root: go func(ctx context.Context) { .. }(context.Background()).
func (w *wrapping) ownParam(lit *ast.FuncLit) (string, *types.Var) {
	i := 0
	for _, field := range lit.Type.Params.List {
		for _, id := range field.Names {
			if i < len(w.Spawn.Call.Args) && w.isHole(w.Spawn.Call.Args[i]) && id.Name != "_" {
				v, _ := w.Pass.TypesInfo.Defs[id].(*types.Var)
				return id.Name, v
			}
			i++
		}
	}
	return "", nil
}

// changedByHoles reports whether all that changes the parameter v of a literal are
// assignments of roots which fillAs takes away.
func (w *wrapping) changedByHoles(lit *ast.FuncLit, v *types.Var) bool {
	if w.Changes.Unchanged(v) {
		return true
	}
	only := true
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		var changed []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) > 1 || n.Tok == token.DEFINE || !w.isHole(n.Rhs[0]) {
				changed = n.Lhs
			}
		case *ast.RangeStmt:
			changed = []ast.Expr{n.Key, n.Value}
		case *ast.UnaryExpr:
			changed = []ast.Expr{n.X}
		}
		for _, e := range changed {
			id, ok := e.(*ast.Ident)
			only = only && (!ok || w.Pass.TypesInfo.ObjectOf(id) != v)
		}
		return only
	})
	return only
}

func (w *wrapping) isHole(arg ast.Expr) bool {
	for _, h := range w.holes {
		if h.root != nil && ast.Unparen(h.root) == ast.Unparen(arg) {
			return true
		}
	}
	return false
}

// goCall wraps a go statement with a named function.
//
//	go s.send(context.Background(), o, next())
//	n := next()
//	ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) {
//		s.send(ctx, o, n)
//	})
//
// The function and the arguments that may have another value later are
// evaluated before, in one assignment: it orders them as the go statement did.
func (w *wrapping) goCall() []analysis.TextEdit {
	call := w.Spawn.Call
	name := w.freeName(call)
	if name == "" {
		return nil
	}
	w.param = name
	edits, ok := w.hoistFun(call.Fun)
	if !ok {
		return nil
	}
	for i, arg := range call.Args {
		if w.isHole(arg) || w.Changes.Fixed(arg, w.dereferenced) {
			continue
		}
		if w.untyped(arg) || containsLit(arg) {
			return nil
		}
		edits = append(edits, w.hoist(arg, w.argName(i, arg), w.source(arg)))
	}
	if w.before() != "" && (w.labeled() || w.Spawn.In.Gotos) {
		return nil
	}
	indent := w.indent(w.Spawn.Pos())
	open, end := "{\n"+indent+"\t", "\n"+indent+"})"
	if w.commented() {
		open, end = "{ ", " })" // what the comment is about stays on its line
	}
	head := w.wrapper + "." + w.start + "(" + w.parent + ", func(" + name + " " + w.ctxpkg + ".Context) " + open
	edits = append(edits,
		analysis.TextEdit{Pos: w.Spawn.Go.Pos(), End: call.Pos(), NewText: []byte(w.before() + head)},
		analysis.TextEdit{Pos: call.End(), End: w.Spawn.Go.End(), NewText: []byte(end)})
	return w.fillAll(edits, name, nil)
}

// commented reports whether a comment follows the go statement on its line.
func (w *wrapping) commented() bool {
	tf := w.Pass.Fset.File(w.Spawn.Pos())
	end := w.Spawn.Go.End()
	for _, group := range w.File.Comments {
		if group.Pos() >= end && tf.Line(group.Pos()) == tf.Line(end) {
			return true
		}
	}
	return false
}

// bindLit wraps a literal that is passed to a spawner.
//
//	wg.Go(func() { notify(context.Background()) })
//	      ------
//	wg.Go(ctxrun.Bind(context.WithoutCancel(ctx), func(ctx context.Context) { notify(ctx) }))
//
// The spawner keeps its place, and with it everything it does about panics,
// limits and errors.
func (w *wrapping) bindLit() []analysis.TextEdit {
	lit := taskLit(w.Spawn)
	name, drop := w.paramName(lit)
	if name == "" {
		return nil
	}
	w.Changes.declares(declared{lit, name})
	head := w.wrapper + "." + w.binder(lit) + "(" + w.parent + ", "
	params := "(" + name + " " + w.ctxpkg + ".Context)"
	edits := insert(lit.Pos(), head)
	edits = append(edits, analysis.TextEdit{Pos: lit.Type.Params.Pos(), End: lit.Type.Params.End(), NewText: []byte(params)})
	edits = append(edits, insert(lit.End(), ")")...)
	return w.fillAll(edits, name, drop)
}

// bindNamed wraps a function or method value that is passed to a spawner and
// has a sibling.
//
//	time.AfterFunc(d, c.flush)
//	time.AfterFunc(d, ctxrun.Bind(context.WithoutCancel(ctx), c.flushContext))
func (w *wrapping) bindNamed() []analysis.TextEdit {
	sib := w.holes[0].sib
	id := calledName(w.Spawn.Arg)
	if sib == nil || id == nil || sib.Signature().Params().Len() != 1 || sib.Signature().Results().Len() > 0 {
		return nil
	}
	edits := insert(w.Spawn.Arg.Pos(), w.wrapper+".Bind("+w.parent+", ")
	edits = append(edits, replace(id, sib.Name()))
	return append(edits, insert(w.Spawn.Arg.End(), ")")...)
}

// binder returns the name of the wrapper for a literal of that type, or "".
func (b *builder) binder(lit *ast.FuncLit) string {
	sig, ok := b.Pass.TypesInfo.TypeOf(lit).(*types.Signature)
	if !ok || sig.Params().Len() > 0 {
		return ""
	}
	isError := func(i int) bool {
		return types.Identical(sig.Results().At(i).Type(), types.Universe.Lookup("error").Type())
	}
	switch n := sig.Results().Len(); {
	case n == 0:
		return "Bind"
	case n == 1 && isError(0):
		return "BindErr"
	case n == 2 && isError(1):
		return "BindResult"
	}
	return ""
}

// labeled reports whether the go statement has a label, which a statement
// before it would take away. Nor may a goto jump over a variable that is declared there.
func (w *wrapping) labeled() bool {
	found := false
	ast.Inspect(w.Spawn.In.Body, func(n ast.Node) bool {
		l, ok := n.(*ast.LabeledStmt)
		found = found || ok && l.Stmt == w.Spawn.Go
		return !found
	})
	return found
}

// fillAll adds the edits that fill the holes with name. An argument of a
// literal's go statement is gone with the argument list; the statement drop,
// which would only have renamed the parameter, is deleted.
func (w *wrapping) fillAll(edits []analysis.TextEdit, name string, drop ast.Stmt) []analysis.TextEdit {
	if drop != nil {
		edits = append(edits, w.deleteLine(drop))
	}
	lit := taskLit(w.Spawn)
	for _, h := range w.holes {
		switch {
		case drop != nil && drop.Pos() <= h.pos() && h.pos() < drop.End():
		case lit != nil && w.isGoArg(h):
		case w.Spawn.Go == nil && w.isOwn(h):
			// bindNamed has put the sibling in.
		default:
			edits = append(edits, w.fillAs(h, name)...)
		}
	}
	return edits
}

// fillAs fills a hole with the parameter name, which is not assigned to itself.
func (w *wrapping) fillAs(h hole, name string) []analysis.TextEdit {
	as := w.onlyAssigns(h.root, name)
	switch {
	case as == nil:
		return w.fill(h, name)
	case w.ifNil(as):
		return nil // it never is now
	}
	return []analysis.TextEdit{w.deleteLine(as)}
}

// ifNil reports whether an assignment is made where its variable is nil.
//
//	if ctx == nil {
//		ctx = context.Background()
//	}
func (s *Site) ifNil(as *ast.AssignStmt) bool {
	found := false
	ast.Inspect(s.File, func(n ast.Node) bool {
		st, ok := n.(*ast.IfStmt)
		if ok && st.Body.Pos() <= as.Pos() && as.Pos() < st.Body.End() {
			b, ok := ast.Unparen(st.Cond).(*ast.BinaryExpr)
			found = found || ok && b.Op == token.EQL && s.Pass.TypesInfo.Types[b.Y].IsNil() && mentions(b.X, as.Lhs[0].(*ast.Ident).Name)
		}
		return n != nil && n.Pos() <= as.Pos() && as.Pos() < n.End()
	})
	return found
}

// deleteLine deletes a statement: with the line break and the indentation before
// it if it has a line of its own, else as far as the next one.
func (s *Site) deleteLine(stmt ast.Stmt) analysis.TextEdit {
	tf := s.Pass.Fset.File(stmt.Pos())
	if s.hasOwnLine(stmt) {
		return analysis.TextEdit{Pos: tf.LineStart(tf.Line(stmt.Pos())) - 1, End: stmt.End()}
	}
	end := stmt.End()
	ast.Inspect(s.File, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		if i := slices.Index(list, stmt) + 1; 0 < i && i < len(list) && tf.Line(list[i].Pos()) == tf.Line(end) {
			end = list[i].Pos()
		}
		return n != nil && n.Pos() <= stmt.Pos() && stmt.End() <= n.End()
	})
	return analysis.TextEdit{Pos: stmt.Pos(), End: end}
}

// hasOwnLine reports whether a statement is the whole of a line, but for comments.
func (s *Site) hasOwnLine(stmt ast.Stmt) bool {
	tf := s.Pass.Fset.File(stmt.Pos())
	line := tf.Line(stmt.Pos())
	own := line > 1 && tf.Line(stmt.End()) == line
	ast.Inspect(s.File, func(n ast.Node) bool {
		if n == nil || n == stmt || !own || tf.Line(n.Pos()) > line || tf.Line(n.End()) < line {
			return false
		}
		if _, ok := n.(*ast.File); !ok {
			own = tf.Line(n.Pos()) != line && tf.Line(n.End()-1) != line
		}
		return own
	})
	return own
}

func never(*types.Var) bool { return false }
