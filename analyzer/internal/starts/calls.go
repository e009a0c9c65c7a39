package starts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells who calls whom.

// calls notes what f calls and starts.
func (g *gather) calls(f *syntax.Func) {
	shaped := make(map[*ast.CallExpr]*syntax.SpanStart)
	for _, s := range g.SpanStarts(f) {
		shaped[s.Expr] = s
	}
	for _, c := range f.Calls {
		if shaped[c.Expr] != nil || g.startsByShape(c) {
			g.fn.Starts = append(g.fn.Starts, g.start(c, f))
			continue
		}
		g.values(c, f)
		if c.Callee == nil {
			g.dynamic(c, f)
		}
		if c.Callee != nil && g.matters(c) {
			g.add(g.call(c, f))
		}
	}
}

// add notes a call. Those that say the same as one before are left out.
func (g *gather) add(c Call) {
	if c.From == FromNone && len(c.Tasks) == 0 && !c.Value && slices.ContainsFunc(g.fn.Calls, func(o Call) bool {
		return o.To == c.To && o.From == FromNone && len(o.Tasks) == 0 && o.Loop == c.Loop && slices.Equal(o.Names, c.Names)
	}) {
		return
	}
	g.fn.Calls = append(g.fn.Calls, c)
}

// matters reports whether a call may lead to a span: of this module, whose functions are
// told of too; or of another that is given a context, or makes one.
func (g *gather) matters(c *syntax.Call) bool {
	pkg := c.Callee.Pkg()
	if pkg == nil || pkg.Path() == "context" || kind.IsRootCall(c.Callee) {
		return false
	}
	if g.ours(pkg) {
		return true
	}
	if g.OnlyDerives(c.Callee.Signature()) {
		return false
	}
	return g.contextArg(c.Expr) >= 0 || g.Of(c.Callee).Sink != nil || g.carrierArg(c.Expr) >= 0
}

// ours reports whether a package is of the module that is looked at.
func (g *gather) ours(pkg *types.Package) bool {
	if pkg == g.Pass.Pkg {
		return true
	}
	if g.Pass.Module == nil || g.Pass.Module.Path == "" || g.Pass.Module.Path == "std" {
		return false
	}
	rest, ok := strings.CutPrefix(pkg.Path(), g.Pass.Module.Path)
	return ok && (rest == "" || rest[0] == '/')
}

// call tells of a call.
func (g *gather) call(c *syntax.Call, f *syntax.Func) Call {
	call := Call{
		Place: g.place(c.Expr.Pos()),
		To:    c.Callee.FullName(),
		Iface: kind.IsMethodOfInterface(c.Callee),
		Tasks: g.tasks(c, f),
		Loop:  g.inLoop(c, f),
		Names: g.names(c.Expr, f),
	}
	if call.Iface {
		if n := kind.NamedOf(c.Callee.Signature().Recv().Type()); n != nil {
			g.ifaces[n.Origin()] = true
		}
	}
	call.From, call.Roots = g.given(c.Expr, f)
	return call
}

// values notes the functions of the module that a call hands on: who gets them calls them.
func (g *gather) values(c *syntax.Call, f *syntax.Func) {
	for _, arg := range c.Expr.Args {
		fn := g.NamedFunc(arg)
		if fn == nil || fn.Pkg() == nil || !g.ours(fn.Pkg()) {
			continue
		}
		call := Call{Place: g.place(c.Expr.Pos()), To: fn.FullName(), Iface: kind.IsMethodOfInterface(fn), Value: true, Tasks: append(g.tasks(c, f), g.place(c.Expr.Pos())), Loop: g.inLoop(c, f)}
		call.From = FromOutside
		if i := g.contextArg(c.Expr); i >= 0 {
			call.From, call.Roots = g.origin(c.Expr.Args[i], f, maxDepth)
		}
		g.add(call)
	}
}

// dynamic notes what a call of a function value may call: the functions of the package that
// the declaration names and that have its type.
func (g *gather) dynamic(c *syntax.Call, f *syntax.Func) {
	sig, ok := g.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok || !kind.TakesContext(sig) && g.carrierArg(c.Expr) < 0 {
		return
	}
	seen := make(map[*types.Func]bool)
	ast.Inspect(g.decl.Node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		fn, ok := g.Info.Uses[id].(*types.Func)
		if !ok || fn.Pkg() != g.Pass.Pkg || seen[fn] || len(g.UsedAsValue(fn.Origin())) == 0 {
			return true
		}
		if t, ok := g.TypeOf(id).(*types.Signature); ok && types.Identical(t, sig) {
			seen[fn] = true
			known := *c
			known.Callee = fn.Origin()
			g.add(g.call(&known, f))
		}
		return true
	})
}

// tasks returns the places that start what a call is part of: go statements, and calls
// that are given a literal. The innermost comes first.
func (g *gather) tasks(c *syntax.Call, f *syntax.Func) (tasks []Place) {
	if c.Go != nil {
		tasks = append(tasks, g.place(c.Go.Pos()))
	}
	for ; f.Outer != nil; f = f.Outer {
		switch f.Role {
		case syntax.RoleGo:
			if outer := g.goOf(f); outer.IsValid() {
				tasks = append(tasks, g.place(outer))
			}
		case syntax.RolePassed:
			tasks = append(tasks, g.place(f.Call.Pos()))
		}
	}
	return tasks
}

// goOf returns where the go statement is that calls a literal.
func (g *gather) goOf(lit *syntax.Func) token.Pos {
	if c := lit.Outer.CallOf(lit.Call); c != nil && c.Go != nil {
		return c.Go.Pos()
	}
	return token.NoPos
}

// inLoop reports whether a call is made in a service loop, of f or of a function around it.
func (g *gather) inLoop(c *syntax.Call, f *syntax.Func) bool {
	for pos := c.Expr.Pos(); f != nil; f = f.Outer {
		if g.ServiceLoopAt(f, pos) != nil {
			return true
		}
		pos = f.Node.Pos()
	}
	return false
}
