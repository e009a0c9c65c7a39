package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file answers what fixes need to know of a context: whom it reaches, and
// when it ends.

// OnlyHanded reports whether a root that is written in f, and what is derived
// from it, is only handed to calls that work with it at once. If not, whoever
// stores it, returns it or serves with it would get the values of a caller
// whose work it does not do.
func (r *Result) OnlyHanded(root ast.Expr, f *syntax.Func) bool {
	_, only := r.HandedTo(root, f)
	return only
}

// A Handed is a call that is given a context, and the function that makes it.
type Handed struct {
	Call *ast.CallExpr
	Ctx  ast.Expr // the argument
	In   *syntax.Func
}

// HandedTo returns the calls that get a root which is written in f, or what is derived
// from it, and whether nobody else does, see OnlyHanded.
func (r *Result) HandedTo(root ast.Expr, f *syntax.Func) (calls []Handed, only bool) {
	h := handing{r: r, decl: f.Root(), seen: make(map[*types.Var]bool), calls: &calls}
	path := syntax.PathTo(root.Pos(), h.decl.Node)
	i := slices.Index(path, ast.Node(root))
	return calls, i >= 0 && h.follow(root, path[:i])
}

// A handing follows a context through a declaration.
type handing struct {
	r     *Result
	decl  *syntax.Func
	seen  map[*types.Var]bool
	calls *[]Handed
}

// follow reports whether the value of e, whose parents are stack, is only handed
// to calls.
func (h handing) follow(e ast.Expr, stack []ast.Node) bool {
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr, *ast.ExprStmt:
			return true // asked, or dropped
		case *ast.BinaryExpr:
			return p.Op == token.EQL || p.Op == token.NEQ
		case *ast.CallExpr:
			if h.r.ContextResult(p) < 0 {
				callee := h.r.Callee(p)
				*h.calls = append(*h.calls, Handed{p, e, syntax.Innermost(h.decl, p.Lparen)}) // not that of a literal which is called
				return !h.r.Of(callee).Serves && !h.r.Constructs(callee)
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			return h.assigned(e, p.Lhs, p.Rhs)
		case *ast.ValueSpec:
			return h.assigned(e, syntax.Exprs(p.Names), p.Values)
		}
		return false
	}
}

// assigned follows the variable that gets the value of e.
func (h handing) assigned(e ast.Expr, lhs, rhs []ast.Expr) bool {
	target := h.r.TargetOf(e, lhs, rhs)
	if target == nil {
		return false
	}
	if id, ok := target.(*ast.Ident); ok && id.Name == "_" {
		return true
	}
	v := h.r.VarOf(target)
	if v == nil || v.IsField() || v.Parent() == h.r.Pass.Pkg.Scope() {
		return false
	}
	return h.variable(v)
}

// variable reports whether every use of v only hands it to calls, outside of
// service loops.
func (h handing) variable(v *types.Var) bool {
	if h.seen[v] {
		return true
	}
	h.seen[v] = true
	only := true
	ast.PreorderStack(h.decl.Node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || h.r.Info.Uses[id] != v || syntax.IsAssigned(id, stack) {
			return only
		}
		only = only && !h.r.servesAt(v, id.Pos()) && (syntax.ToBlank(stack) || h.follow(id, stack))
		return only
	})
	return only
}

// servesAt reports whether pos, a use of v, is in a service loop.
func (r *Result) servesAt(v *types.Var, pos token.Pos) bool {
	info := r.Var(v)
	if info == nil {
		return false
	}
	return r.servedAt(syntax.Innermost(info.Owner.Root(), pos), pos)
}

// Settled reports whether nobody changes v while f runs: f is the function that
// declares v, or a literal in it that is called in place or deferred; or all
// that assigns to v has been done when the literal is made that leads to f.
func (r *Result) Settled(v *types.Var, f *syntax.Func) bool {
	var lit *syntax.Func // the outermost literal that may run later
	for ; f != nil && !syntax.Encloses(f.Node, v.Pos()); f = f.Outer {
		if f.Role != syntax.RoleCalled && f.Role != syntax.RoleDeferred {
			lit = f
		}
	}
	if f == nil || lit == nil {
		return f != nil
	}
	info := r.Var(v)
	if info == nil {
		return false // not followed
	}
	for _, d := range info.Defs {
		if d.In != f || d.Pos > lit.Node.Pos() || syntax.InSameLoop(f, v, d.Pos, lit.Node.Pos()) {
			return false
		}
	}
	return true
}

// Transactional reports whether the context variable v has a transaction among
// its values, going by the names: it is made by a function that begins one, or
// is the parameter of a literal that is passed to such a function. Work with a
// root may be meant to happen outside of it.
func (r *Result) Transactional(v *types.Var) bool {
	info := r.Var(v)
	if info == nil {
		return false
	}
	if f := info.Owner; info.Param >= 0 && f.Role == syntax.RolePassed && namesTransaction(f.Call) {
		return true
	}
	for _, d := range info.Defs {
		if call, ok := ast.Unparen(d.Rhs).(*ast.CallExpr); ok && namesTransaction(call) {
			return true
		}
	}
	return false
}

// namesTransaction reports whether the function that is called is named for a transaction.
func namesTransaction(call *ast.CallExpr) bool {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return kind.NamesTransaction(fun.Name)
	case *ast.SelectorExpr:
		return kind.NamesTransaction(fun.Sel.Name)
	}
	return false
}
