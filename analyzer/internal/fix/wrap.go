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

	hoisted []string // statements to go before
	taken   map[string]bool
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
	if len(w.hoisted) > 0 && w.labeled() {
		return nil
	}
	head := w.wrapper + ".Go(" + w.parent + ", func(" + name + " " + w.ctxpkg + ".Context)"
	edits := []analysis.TextEdit{
		{Pos: w.Spawn.Go.Pos(), End: lit.Type.End(), NewText: []byte(w.before() + head)},
		{Pos: lit.End(), End: w.Spawn.Go.End(), NewText: []byte(")")},
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
// It gives up where the parameter's name means something else around the
// statement, or where the literal changes its copy.
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
			if !w.hoistArg(id, field.Type, arg) {
				return false
			}
		}
	}
	return i == len(args)
}

// hoistArg declares one parameter, unless the argument is a variable of the
// same name that the literal can just as well capture.
func (w *wrapping) hoistArg(id *ast.Ident, typ ast.Expr, arg ast.Expr) bool {
	info := w.Pass.TypesInfo
	if a, ok := ast.Unparen(arg).(*ast.Ident); ok && a.Name == id.Name && w.Changes.Fixed(a, never) {
		return types.Identical(info.TypeOf(a), info.TypeOf(typ))
	}
	if id.Name == "_" {
		if !w.Changes.Fixed(arg, never) {
			w.hoisted = append(w.hoisted, "_ = "+w.source(arg))
		}
		return true
	}
	if containsLit(arg) || !w.free(id.Name) {
		return false
	}
	if tv := info.Types[arg]; tv.Value == nil && !tv.IsNil() && types.Identical(tv.Type, info.TypeOf(typ)) {
		w.hoisted = append(w.hoisted, id.Name+" := "+w.source(arg))
	} else {
		w.hoisted = append(w.hoisted, "var "+id.Name+" "+w.source(typ)+" = "+w.source(arg))
	}
	return true
}

// free reports whether name can be declared before the spawn: nothing that is
// visible there is called so, and the rest of the function, the task itself
// left out, does not mention it.
func (w *wrapping) free(name string) bool {
	inner := w.Pass.TypesInfo.Scopes[w.File].Innermost(w.Spawn.Pos())
	if _, obj := inner.LookupParent(name, token.NoPos); obj != nil {
		return false
	}
	return true
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
// evaluated before; a call in them is evaluated once, at its old place.
func (w *wrapping) goCall() []analysis.TextEdit {
	call := w.Spawn.Call
	name := w.freeName(call)
	if name == "" {
		return nil
	}
	w.taken = map[string]bool{name: true}
	var edits []analysis.TextEdit
	hoist := func(e ast.Expr, base string) bool {
		if containsLit(e) || w.labeled() {
			return false
		}
		v := w.fresh(base, w.taken)
		w.hoisted = append(w.hoisted, v+" := "+w.source(e))
		edits = append(edits, replace(e, v))
		return true
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if !w.isPackage(sel.X) && !w.Changes.Fixed(sel.X, w.dereferenced) {
			if !w.copyable(sel) || !hoist(sel.X, baseName(sel.X)) {
				return nil
			}
		}
	} else if !w.Changes.Fixed(call.Fun, w.dereferenced) {
		return nil // a function value that may change: no name to call it by
	}
	for i, arg := range call.Args {
		if w.isHole(arg) || w.Changes.Fixed(arg, w.dereferenced) {
			continue
		}
		if w.untyped(arg) || !hoist(arg, w.argName(i, arg)) {
			return nil
		}
	}
	indent := w.indent(w.Spawn.Pos())
	head := w.wrapper + ".Go(" + w.parent + ", func(" + name + " " + w.ctxpkg + ".Context) {\n" + indent + "\t"
	edits = append(edits,
		analysis.TextEdit{Pos: w.Spawn.Go.Pos(), End: call.Pos(), NewText: []byte(w.before() + head)},
		analysis.TextEdit{Pos: call.End(), End: w.Spawn.Go.End(), NewText: []byte("\n" + indent + "})")})
	return w.fillAll(edits, name, nil)
}

// untyped reports whether a hoisted argument would lose the type that its
// parameter gives it.
func (w *wrapping) untyped(arg ast.Expr) bool {
	b, ok := w.Pass.TypesInfo.TypeOf(arg).(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// isPackage reports whether e names a package.
func (w *wrapping) isPackage(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = w.Pass.TypesInfo.Uses[id].(*types.PkgName)
	return ok
}

// copyable reports whether the receiver of a method call may be evaluated into
// a variable: it is a pointer or an interface, or the method copies it anyway.
// The address of a variable is not taken from a copy.
func (w *wrapping) copyable(sel *ast.SelectorExpr) bool {
	s := w.Pass.TypesInfo.Selections[sel]
	if s == nil {
		return false
	}
	switch w.Pass.TypesInfo.TypeOf(sel.X).Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	fn, ok := s.Obj().(*types.Func)
	if !ok || len(s.Index()) != 1 {
		return false
	}
	_, ptr := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	return !ptr
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

// before returns the hoisted statements, each on a line of its own.
func (w *wrapping) before() string {
	var b strings.Builder
	for _, s := range w.hoisted {
		b.WriteString(s + "\n" + w.indent(w.Spawn.Pos()))
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
