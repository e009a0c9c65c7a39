package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// This file evaluates before a go statement what the statement evaluates before
// its goroutine starts.

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

// hoistArg declares one parameter, unless nothing uses it or the argument is a
// variable of the same name that the literal can just as well capture.
func (w *wrapping) hoistArg(lit *ast.FuncLit, id *ast.Ident, typ ast.Expr, arg ast.Expr) bool {
	info := w.Pass.TypesInfo
	want := info.TypeOf(typ)
	if a, ok := ast.Unparen(arg).(*ast.Ident); ok && a.Name == id.Name && w.Changes.Fixed(a, never) {
		return types.Identical(info.TypeOf(a), want)
	}
	if containsLit(arg) {
		return false
	}
	if v, _ := info.Defs[id].(*types.Var); !w.uses(lit.Body, v) {
		if w.Changes.isHanded(v) {
			return false // another fix does
		}
		w.Changes.replaces(id.Pos())
		if !w.Changes.Fixed(arg, w.dereferenced) {
			w.names = append(w.names, "_")
			w.values = append(w.values, w.source(arg))
		}
		return true
	}
	value := w.source(arg)
	if info.Types[arg].IsNil() || !types.Identical(w.ownType(arg), want) {
		value = w.conversion(typ) + "(" + value + ")"
	}
	name := w.fresh(id.Name)
	if name != id.Name {
		w.copies = append(w.copies, id.Name+" := "+name)
	}
	w.names = append(w.names, name)
	w.values = append(w.values, value)
	return true
}

// ownType returns the type that a variable gets which is set to an expression: that of a
// constant may be another one than where it is an argument.
func (w *wrapping) ownType(e ast.Expr) types.Type {
	info := w.Pass.TypesInfo
	if info.Types[e].Value == nil {
		return types.Default(info.TypeOf(e))
	}
	own := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	if err := types.CheckExpr(w.Pass.Fset, w.Pass.Pkg, e.Pos(), e, own); err != nil {
		return types.Typ[types.Invalid]
	}
	return types.Default(own.Types[e].Type)
}

// conversion returns a type as it is written in a conversion.
func (w *wrapping) conversion(typ ast.Expr) string {
	switch typ.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return w.source(typ)
	}
	return "(" + w.source(typ) + ")"
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
	selects := func(n ast.Node) bool {
		if n == nil || found || n.Pos() >= w.Spawn.Pos() {
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
	}
	for _, stmt := range w.Spawn.In.Body.List {
		if found || stmt.Pos() >= w.Spawn.Pos() {
			break
		}
		ast.Inspect(stmt, selects)
	}
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

// before returns the statements to go before, each on a line of its own: one
// assignment, which evaluates in order, or where it would have no variable, one for
// each expression.
func (w *wrapping) before() string {
	if len(w.names) == 0 {
		return ""
	}
	indent := w.indent(w.Spawn.Pos())
	if slices.ContainsFunc(w.names, func(name string) bool { return name != "_" }) {
		return strings.Join(w.names, ", ") + " := " + strings.Join(w.values, ", ") + "\n" + indent
	}
	var b strings.Builder
	for _, e := range w.values {
		b.WriteString("_ = " + e + "\n" + indent)
	}
	return b.String()
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

// fresh returns base, or base with a number, such that nothing that can be seen
// from the spawn is called so, nothing that its function mentions but fields
// and methods and what the task itself declares, and no variable that another fix
// declares.
func (b *builder) fresh(base string) string {
	name := base
	for i := 2; !b.free(name); i++ {
		name = base + strconv.Itoa(i)
	}
	b.Changes.declares(declared{b.Spawn.In.Root().Node, name})
	return name
}

// free reports whether fresh can return name.
func (b *builder) free(name string) bool {
	info := b.Pass.TypesInfo
	if name == b.param || b.Changes.isDeclared(declared{b.Spawn.In.Root().Node, name}) || token.IsKeyword(name) {
		return false
	}
	for f := b.Spawn.In; f != nil; f = b.Flow.Around(f) {
		if b.Changes.isDeclared(declared{f.Node, name}) {
			return false // the parameter that the task around gets
		}
	}
	if _, obj := b.Flow.ScopeAt(b.Spawn.Pos()).LookupParent(name, token.NoPos); obj != nil {
		return false
	}
	used := false
	ast.Inspect(b.Spawn.In.Root().Node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			obj := info.ObjectOf(id)
			used = used || obj != nil && !isMember(obj) && !inside(b.Spawn.Call, obj.Pos())
		}
		return !used
	})
	return !used
}
