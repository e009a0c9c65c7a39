package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A wrapping builds the edits that put one task into a wrapper of ctxrun.
type wrapping struct {
	*builder
	holes   []hole
	parent  string // the context to hand on
	wrapper string // the name of package ctxrun
	ctxpkg  string // the name of package context

	names   []string // variables to be declared before
	values  []string // and what they are set to
	copies  []string // declarations to go first in the literal
	ignored []string // expressions to be evaluated before
}

// goLit wraps a go statement with a literal.
//
//	go func() { notify(context.Background()) }()
//	---------                                --
//	ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) { notify(ctx) })
//
// The context at hand is evaluated at the same place as the go statement.
func (w *wrapping) goLit() []analysis.TextEdit {
	call := w.Spawn.Call
	lit := ast.Unparen(call.Fun).(*ast.FuncLit)
	if lit.Type.Results.NumFields() > 0 || call.Fun != lit {
		return nil // go drops the results; ctxrun.Go has no room for them
	}
	var drop ast.Stmt
	name := w.ownParam(lit)
	if name == "" {
		name, drop = w.paramName(lit)
	}
	if name == "" || !w.hoistArgs(lit, name) {
		return nil
	}
	if w.before() != "" && w.labeled() {
		return nil
	}
	head := w.wrapper + ".Go(" + w.parent + ", func(" + name + " " + w.ctxpkg + ".Context)"
	edits := []analysis.TextEdit{
		{Pos: w.Spawn.Go.Pos(), End: lit.Type.End(), NewText: []byte(w.before() + head)},
		{Pos: lit.End(), End: w.Spawn.Go.End(), NewText: []byte(")")},
	}
	for _, c := range w.copies {
		edits = append(edits, insert(lit.Body.Lbrace+1, "\n"+w.indent(w.Spawn.Pos())+"\t"+c)...)
	}
	return w.fillAll(edits, name, drop)
}

// ownParam returns the name of the literal's own context parameter if it is
// given a root: go func(ctx context.Context) { .. }(context.Background()).
func (w *wrapping) ownParam(lit *ast.FuncLit) string {
	i := 0
	for _, field := range lit.Type.Params.List {
		for _, id := range field.Names {
			if i < len(w.Spawn.Call.Args) && w.isHole(w.Spawn.Call.Args[i]) && id.Name != "_" {
				return id.Name
			}
			i++
		}
	}
	return ""
}

func (w *wrapping) isHole(arg ast.Expr) bool {
	for _, h := range w.holes {
		if h.root != nil && ast.Unparen(h.root) == ast.Unparen(arg) {
			return true
		}
	}
	return false
}

// hoistArgs declares the other parameters of a literal as variables before the
// go statement, where their arguments are evaluated today.
//
//	go func(n int) { .. }(next())
//	n := next()
//	ctxrun.Go(.., func(ctx context.Context) { .. })
//
// A name that means something else around the statement is given back inside
// the literal. It gives up where the literal changes its copy.
func (w *wrapping) hoistArgs(lit *ast.FuncLit, name string) bool {
	info := w.Pass.TypesInfo
	args := w.Spawn.Call.Args
	i := 0
	for _, field := range lit.Type.Params.List {
		if _, variadic := field.Type.(*ast.Ellipsis); variadic || len(field.Names) == 0 {
			return false
		}
		for _, id := range field.Names {
			if i >= len(args) {
				return false // f(g()) with several results
			}
			arg := args[i]
			i++
			if w.isHole(arg) {
				continue
			}
			v, _ := info.Defs[id].(*types.Var)
			if id.Name != "_" && (v == nil || !w.Changes.Unchanged(v) || id.Name == name) {
				return false
			}
			if !w.hoistArg(lit, id, field.Type, arg) {
				return false
			}
		}
	}
	return i == len(args) && len(w.copies) <= 1
}

// hoistArg declares one parameter, unless the argument is a variable of the
// same name that the literal can just as well capture.
func (w *wrapping) hoistArg(lit *ast.FuncLit, id *ast.Ident, typ ast.Expr, arg ast.Expr) bool {
	info := w.Pass.TypesInfo
	want := info.TypeOf(typ)
	if a, ok := ast.Unparen(arg).(*ast.Ident); ok && a.Name == id.Name && w.Changes.Fixed(a, never) {
		return types.Identical(info.TypeOf(a), want)
	}
	if containsLit(arg) {
		return false
	}
	if !w.uses(lit.Body, info.Defs[id]) {
		if !w.Changes.Fixed(arg, w.dereferenced) {
			w.ignored = append(w.ignored, w.source(arg))
		}
		return true
	}
	value := w.source(arg)
	if tv := info.Types[arg]; tv.IsNil() || !types.Identical(types.Default(tv.Type), want) {
		value = "(" + w.source(typ) + ")(" + value + ")"
	}
	name := w.fresh(id.Name)
	if name != id.Name {
		w.copies = append(w.copies, id.Name+" := "+name)
	}
	w.names = append(w.names, name)
	w.values = append(w.values, value)
	return true
}

// uses reports whether n uses obj.
func (w *wrapping) uses(n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && obj != nil && w.Pass.TypesInfo.Uses[id] == obj
		return !found
	})
	return found
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
	if w.before() != "" && w.labeled() {
		return nil
	}
	indent := w.indent(w.Spawn.Pos())
	open, end := "{\n"+indent+"\t", "\n"+indent+"})"
	if w.commented() {
		open, end = "{ ", " })" // what the comment is about stays on its line
	}
	head := w.wrapper + ".Go(" + w.parent + ", func(" + name + " " + w.ctxpkg + ".Context) " + open
	edits = append(edits,
		analysis.TextEdit{Pos: w.Spawn.Go.Pos(), End: call.Pos(), NewText: []byte(w.before() + head)},
		analysis.TextEdit{Pos: call.End(), End: w.Spawn.Go.End(), NewText: []byte(end)})
	return w.fillAll(edits, name, nil)
}

// hoist evaluates an expression before and returns the edit that puts the
// variable in its place.
func (w *wrapping) hoist(e ast.Expr, base, value string) analysis.TextEdit {
	name := w.fresh(base)
	w.names = append(w.names, name)
	w.values = append(w.values, value)
	return replace(e, name)
}

// hoistFun evaluates what the go statement evaluates of the function that it
// names: nothing of a function, the receiver of a method, the value of a
// variable. Where binding the receiver does more than to load it (it copies
// what a pointer points to, it selects an embedded field) the method value is
// bound before, as the go statement does.
func (w *wrapping) hoistFun(fun ast.Expr) (edits []analysis.TextEdit, ok bool) {
	if w.Changes.Fixed(fun, w.dereferenced) {
		return nil, true
	}
	sel, isSel := ast.Unparen(fun).(*ast.SelectorExpr)
	if !isSel || containsLit(fun) {
		id, isIdent := ast.Unparen(fun).(*ast.Ident)
		if !isIdent {
			return nil, false
		}
		return []analysis.TextEdit{w.hoist(id, id.Name, id.Name)}, true
	}
	if w.loads(sel) {
		if w.Changes.Fixed(sel.X, w.dereferenced) {
			return nil, true
		}
		return []analysis.TextEdit{w.hoist(sel.X, baseName(sel.X), w.source(sel.X))}, true
	}
	if w.keepsAddress(sel) {
		return nil, true
	}
	if w.holes[0].sib != nil {
		return nil, false // the sibling would have to be bound, not what is written here
	}
	return []analysis.TextEdit{w.hoist(fun, baseName(fun), w.source(fun))}, true
}

// method returns the method that sel selects, nil if it is another thing or is
// promoted from an embedded field.
func (w *wrapping) method(sel *ast.SelectorExpr) *types.Func {
	s := w.Pass.TypesInfo.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal || len(s.Index()) > 1 {
		return nil
	}
	fn, _ := s.Obj().(*types.Func)
	return fn
}

// loads reports whether binding the receiver of a method only loads a pointer
// or an interface.
func (w *wrapping) loads(sel *ast.SelectorExpr) bool {
	fn := w.method(sel)
	if fn == nil {
		return false
	}
	switch w.Pass.TypesInfo.TypeOf(sel.X).Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Pointer:
		return hasPointerReceiver(fn)
	}
	return false
}

// keepsAddress reports whether a method is bound to the address of a variable,
// which stays the same, or to a copy of one that nothing changes.
func (w *wrapping) keepsAddress(sel *ast.SelectorExpr) bool {
	fn := w.method(sel)
	if fn == nil {
		return false
	}
	if _, ptr := w.Pass.TypesInfo.TypeOf(sel.X).Underlying().(*types.Pointer); ptr {
		return false // the copy is of what it points to
	}
	if hasPointerReceiver(fn) {
		return w.isVariable(sel.X)
	}
	return w.Changes.Fixed(sel.X, never)
}

func hasPointerReceiver(fn *types.Func) bool {
	_, ptr := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	return ptr
}

// isVariable reports whether e names a variable itself.
func (w *wrapping) isVariable(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = w.Pass.TypesInfo.Uses[id].(*types.Var)
	return ok
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

// untyped reports whether a hoisted argument would lose the type that its
// parameter gives it.
func (w *wrapping) untyped(arg ast.Expr) bool {
	b, ok := w.Pass.TypesInfo.TypeOf(arg).(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// dereferenced reports whether v is known not to be nil at the spawn, because
// a statement that is run before it selects a field of what v points to.
func (w *wrapping) dereferenced(v *types.Var) bool {
	found := false
	ast.PreorderStack(w.Spawn.In.Body(), nil, func(n ast.Node, stack []ast.Node) bool {
		if found || n.Pos() >= w.Spawn.Pos() {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			return n.Pos() <= w.Spawn.Pos() && w.Spawn.Pos() < n.End() // only the blocks around it are surely run
		case *ast.BinaryExpr:
			return n.Op != token.LAND && n.Op != token.LOR
		case *ast.SelectorExpr:
			id, ok := ast.Unparen(n.X).(*ast.Ident)
			sel := w.Pass.TypesInfo.Selections[n]
			found = ok && sel != nil && sel.Kind() == types.FieldVal && w.Pass.TypesInfo.Uses[id] == v
		}
		return !found
	})
	return found
}

// argName names the variable of a hoisted argument: as the parameter it is
// passed to, if that has a name.
func (w *wrapping) argName(i int, arg ast.Expr) string {
	sig, ok := w.Pass.TypesInfo.TypeOf(w.Spawn.Call.Fun).Underlying().(*types.Signature)
	if ok && (i < sig.Params().Len()-1 || i < sig.Params().Len() && !sig.Variadic()) {
		if n := sig.Params().At(i).Name(); n != "" && n != "_" {
			return n
		}
	}
	return baseName(arg)
}

// baseName makes a variable's name of an expression: the last identifier.
func baseName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return strings.ToLower(e.Sel.Name[:1]) + e.Sel.Name[1:]
	case *ast.CallExpr:
		return baseName(e.Fun)
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.UnaryExpr:
		return baseName(e.X)
	case *ast.IndexExpr:
		return baseName(e.X)
	}
	return "arg"
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
	lit := ast.Unparen(w.Spawn.Arg).(*ast.FuncLit)
	name, drop := w.paramName(lit)
	if name == "" {
		return nil
	}
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
	sib := Sibling(w.Task.Task.Named, w.Pass.Pkg)
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

// before returns the statements to go before, each on a line of its own.
func (w *wrapping) before() string {
	var b strings.Builder
	indent := w.indent(w.Spawn.Pos())
	if len(w.names) > 0 {
		b.WriteString(strings.Join(w.names, ", ") + " := " + strings.Join(w.values, ", ") + "\n" + indent)
	}
	for _, e := range w.ignored {
		b.WriteString("_ = " + e + "\n" + indent)
	}
	return b.String()
}

// labeled reports whether the go statement has a label, which a statement
// before it would take away.
func (w *wrapping) labeled() bool {
	found := false
	ast.Inspect(w.Spawn.In.Body(), func(n ast.Node) bool {
		l, ok := n.(*ast.LabeledStmt)
		found = found || ok && l.Stmt == w.Spawn.Go
		return !found
	})
	return found
}

// containsLit reports whether e holds a function literal. It may hold a spawn
// with a fix of its own, so it is not moved.
func containsLit(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, ok := n.(*ast.FuncLit)
		found = found || ok
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
	lit, _ := ast.Unparen(w.Spawn.Call.Fun).(*ast.FuncLit)
	for _, h := range w.holes {
		switch {
		case drop != nil && drop.Pos() <= h.pos() && h.pos() < drop.End():
		case lit != nil && w.isGoArg(h):
		case h.root == nil && h.call == w.Spawn.Call && w.Spawn.Go == nil && w.Task.Task.Lit == nil:
			// bindNamed has put the sibling in.
		default:
			edits = append(edits, w.fill(h, name)...)
		}
	}
	return edits
}

// deleteLine deletes a statement with the line break and the indentation
// before it.
func (w *wrapping) deleteLine(s ast.Stmt) analysis.TextEdit {
	tf := w.Pass.Fset.File(s.Pos())
	start := s.Pos()
	if line := tf.Line(start); line > 1 && tf.Line(s.End()) == line {
		start = tf.LineStart(line) - 1
	}
	return analysis.TextEdit{Pos: start, End: s.End()}
}

func never(*types.Var) bool { return false }
