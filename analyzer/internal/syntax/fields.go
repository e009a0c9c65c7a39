package syntax

import (
	"go/ast"
	"go/types"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// AlwaysSet reports whether every value of an unexported struct of the package
// has another value than nil in its field name: it is only made by literals
// that say so, and nothing changes the field or declares a zero value.
func (ix *Index) AlwaysSet(n *types.Named, name string) bool {
	if n.Obj().Exported() || n.Obj().Pkg() != ix.Pass.Pkg {
		return false
	}
	made, set := false, true
	for _, file := range ix.Pass.Files {
		ast.PreorderStack(file, nil, func(node ast.Node, stack []ast.Node) bool {
			switch node := node.(type) {
			case *ast.Ident:
				set = set && (ix.Info.Uses[node] != n.Obj() || makesNoZero(stack))
			case *ast.CompositeLit:
				if got := kind.NamedOf(ix.TypeOf(node)); got != nil && got.Obj() == n.Obj() {
					made = true
					set = set && ix.setsField(node, name)
				}
			case *ast.AssignStmt:
				for _, lhs := range node.Lhs {
					sel, ok := lhs.(*ast.SelectorExpr)
					set = set && (!ok || sel.Sel.Name != name)
				}
			}
			return set
		})
	}
	return made && set
}

// makesNoZero reports whether a type is named where no zero value comes into
// being: in a literal, a pointer, a channel, a parameter.
func makesNoZero(stack []ast.Node) bool {
	switch p := stack[len(stack)-1].(type) {
	case *ast.CompositeLit, *ast.StarExpr, *ast.ChanType:
		return true
	case *ast.ArrayType:
		_, isLit := stack[len(stack)-2].(*ast.CompositeLit)
		return isLit && p.Len == nil
	case *ast.Field:
		list := stack[len(stack)-2]
		switch f := stack[len(stack)-3].(type) {
		case *ast.FuncType:
			return f.Params == list
		case *ast.FuncDecl:
			return f.Recv == list
		}
	}
	return false
}

// setsField reports whether a composite literal gives a field a value other than
// nil.
func (ix *Index) setsField(lit *ast.CompositeLit, name string) bool {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return !ix.Info.Types[e].IsNil() // all fields are there
		}
		if key, ok := kv.Key.(*ast.Ident); ok && key.Name == name {
			return !ix.Info.Types[kv.Value].IsNil()
		}
	}
	return false
}

// MayLackRequest reports whether a struct of the package that has a request in its field Request is
// made somewhere without one, and no method of it sets the field.
func (ix *Index) MayLackRequest(t types.Type) bool {
	n := kind.NamedOf(t)
	if n == nil || n.Obj().Pkg() != ix.Pass.Pkg {
		return false
	}
	if field, _, _ := types.LookupFieldOrMethod(n, true, ix.Pass.Pkg, "Request"); !isField(field) {
		return false
	}
	for m := range n.Methods() {
		for v := range m.Signature().Params().Variables() {
			if kind.IsHTTPRequest(v.Type()) {
				return false
			}
		}
	}
	return ix.MadeWithout(n, "Request")
}

// MadeWithout reports whether a struct of the package is made anywhere, outside of tests, without
// one of its fields: in a literal, or as a zero value.
func (ix *Index) MadeWithout(n *types.Named, name string) bool {
	lacks := false
	for _, file := range ix.Pass.Files {
		if ix.InTest(file.Pos()) {
			continue
		}
		ast.PreorderStack(file, nil, func(node ast.Node, stack []ast.Node) bool {
			switch node := node.(type) {
			case *ast.Ident:
				lacks = lacks || ix.Info.Uses[node] == n.Obj() && !makesNoZero(stack)
			case *ast.CompositeLit:
				made := kind.NamedOf(ix.TypeOf(node))
				lacks = lacks || made != nil && made.Obj() == n.Obj() && !ix.setsField(node, name)
			}
			return !lacks
		})
	}
	return lacks
}

func isField(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && v.IsField()
}
