package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// Changes records which variables of a function are changed after they have
// been declared, and which fields of a package are changed after their struct
// has been built. What is not changed can be evaluated later than it was.
type Changes struct {
	info *types.Info
	vars map[*types.Var]bool

	assigns map[ast.Expr]*ast.AssignStmt // by its value: those of one context variable, declared before

	taken  *claims // what the fixes that are offered have used up
	making *claims // and what the one that is being made uses

	used   map[ast.Node]map[string]bool // memo of usedIn
	others *otherFiles                  // memo

	context map[*ast.File]bool // memo of usesContext

	sharedLoopVars bool // in the file being looked at: before Go 1.22
}

// usedIn returns the names of all identifiers of a file or a declaration.
func (c *Changes) usedIn(n ast.Node) map[string]bool {
	if used := c.used[n]; used != nil {
		return used
	}
	used := make(map[string]bool)
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			used[id.Name] = true
		}
		return true
	})
	c.used[n] = used
	return used
}

// ChangesOf looks at all files of a package.
func ChangesOf(info *types.Info, files []*ast.File) *Changes {
	c := &Changes{
		info: info, vars: make(map[*types.Var]bool), assigns: make(map[ast.Expr]*ast.AssignStmt), taken: newClaims(),
		used: make(map[ast.Node]map[string]bool), context: make(map[*ast.File]bool),
	}
	for _, file := range files {
		c.sharedLoopVars = version.Compare(info.FileVersions[file], "go1.22") < 0
		ast.Inspect(file, c.note)
	}
	return c
}

func (c *Changes) note(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if id, ok := n.Lhs[0].(*ast.Ident); ok && len(n.Lhs) == 1 && n.Tok == token.ASSIGN && kind.IsStandard(c.info.TypeOf(id)) {
			c.assigns[n.Rhs[0]] = n
		}
		for _, lhs := range n.Lhs {
			if id, ok := lhs.(*ast.Ident); ok && c.info.Defs[id] != nil {
				continue // its declaration
			}
			c.change(lhs)
		}
	case *ast.IncDecStmt:
		c.change(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN || c.sharedLoopVars {
			c.change(n.Key)
			c.change(n.Value)
		}
	case *ast.ForStmt:
		c.loopVars(n)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.change(n.X)
		}
	case *ast.SelectorExpr:
		c.methodCall(n)
	case *ast.FuncDecl:
		c.results(n.Type, n.Body)
	case *ast.FuncLit:
		c.results(n.Type, n.Body)
	}
	return true
}

// loopVars notes the variables of a three-clause loop: they are changed by its
// post statement, even where each round has its own.
func (c *Changes) loopVars(n *ast.ForStmt) {
	if as, ok := n.Init.(*ast.AssignStmt); ok && (n.Post != nil || c.sharedLoopVars) {
		for _, lhs := range as.Lhs {
			c.change(lhs)
		}
	}
}

// results notes that return with a list changes the named results.
func (c *Changes) results(typ *ast.FuncType, body *ast.BlockStmt) {
	if typ.Results == nil || body == nil {
		return
	}
	returns := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns = returns || len(n.Results) > 0
		}
		return !returns
	})
	for _, field := range typ.Results.List {
		for _, id := range field.Names {
			if returns {
				c.change(id)
			}
		}
	}
}

// methodCall notes that a method with a pointer receiver is called on, or
// bound to, a variable: it may change it.
func (c *Changes) methodCall(n *ast.SelectorExpr) {
	sel := c.info.Selections[n]
	if sel == nil || sel.Kind() != types.MethodVal {
		return
	}
	recv := sel.Obj().(*types.Func).Signature().Recv()
	if _, ptr := types.Unalias(recv.Type()).(*types.Pointer); !ptr {
		return
	}
	if _, ptr := sel.Recv().Underlying().(*types.Pointer); !ptr {
		c.change(n.X)
	}
}

// change notes that the variable or field that e names is changed, and with it
// the struct or array that it is a part of.
func (c *Changes) change(e ast.Expr) {
	for e != nil {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			c.add(x)
			return
		case *ast.SelectorExpr:
			c.add(x.Sel)
			if c.isPointer(x.X) {
				return // what the pointer points to changes, not the pointer
			}
			e = x.X
		case *ast.IndexExpr:
			if t := c.info.TypeOf(x.X); t == nil || !isArray(t) {
				return
			}
			e = x.X
		default:
			return
		}
	}
}

func (c *Changes) add(id *ast.Ident) {
	if v, ok := c.info.ObjectOf(id).(*types.Var); ok {
		c.vars[v.Origin()] = true
	}
}

func (c *Changes) isPointer(e ast.Expr) bool {
	t := c.info.TypeOf(e)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func isArray(t types.Type) bool {
	_, ok := t.Underlying().(*types.Array)
	return ok
}

// Fixed reports whether e has the same value, and panics no more, when it is
// evaluated later: a constant, a function, a literal function, a variable that
// is never changed, a field of such a variable that is never changed either.
// A field behind a pointer is read too early or too late only if it changes;
// that the pointer is not nil is known if safe says so of its variable.
func (c *Changes) Fixed(e ast.Expr, safe func(*types.Var) bool) bool {
	e = ast.Unparen(e)
	if tv := c.info.Types[e]; tv.Value != nil || tv.IsNil() {
		return true
	}
	switch e := e.(type) {
	case *ast.FuncLit:
		return true
	case *ast.Ident:
		switch obj := c.info.ObjectOf(e).(type) {
		case *types.Func:
			return true
		case *types.Var:
			return !c.vars[obj.Origin()] && (obj.Parent() != obj.Pkg().Scope() || !obj.Exported())
		}
	case *ast.SelectorExpr:
		return c.fixedSelector(e, safe)
	}
	return false
}

func (c *Changes) fixedSelector(e *ast.SelectorExpr, safe func(*types.Var) bool) bool {
	sel := c.info.Selections[e]
	if sel == nil {
		_, isFunc := c.info.Uses[e.Sel].(*types.Func) // pkg.Func
		return isFunc
	}
	field, ok := sel.Obj().(*types.Var)
	if !ok || len(sel.Index()) != 1 || field.Exported() || c.vars[field.Origin()] {
		return false // a method value binds its receiver; other packages may change exported fields
	}
	if !c.Fixed(e.X, safe) {
		return false
	}
	if !c.isPointer(e.X) {
		return true
	}
	id, ok := ast.Unparen(e.X).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.info.ObjectOf(id).(*types.Var)
	return ok && safe(v)
}

// Unchanged reports whether v is never changed after its declaration.
func (c *Changes) Unchanged(v *types.Var) bool { return v != nil && !c.vars[v.Origin()] }
