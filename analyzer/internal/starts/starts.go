// Package starts tells where the spans of a package start, and what of its calls is needed
// to walk from there to the lines that cut a trace: who calls whom, and whose context each
// is given. It says of each function what it sees; who has the functions of all packages
// joins them (the command's -traces).
//
// It looks at every call once, and only where somebody has asked for traces. The layer
// imports kind, syntax and flow, beside loss.
package starts

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// A Package is what is told of one: an element for each function that starts spans or
// calls others.
type Package struct {
	Path      string
	Functions []*Function
	Types     []Type
	Ifaces    []Type // those whose methods are called
	Err       error  // why nothing is known
}

// A Function is a declaration with the literals in it, or a literal that a package
// variable is set to.
type Function struct {
	ID     string    `json:"id"`   // types.Func.FullName
	Name   string    `json:"name"` // for people
	At     token.Pos `json:"-"`
	Begins bool      `json:"begins,omitempty"` // main, init, a test: nobody calls it
	Serves bool      `json:"serves,omitempty"` // it does not end by itself
	Takes  bool      `json:"takes,omitempty"`  // it takes a context, or what carries one
	Value  bool      `json:"value,omitempty"`  // used other than by a call: who calls it is not known
	Starts []Start   `json:"starts,omitempty"`
	Calls  []Call    `json:"calls,omitempty"`
}

// Wildcards of names. Any stands for what is not known, Param for a parameter, with its
// index as the next byte, and CallerName for the name of the function that calls.
const (
	Any        = "\x00"
	Param      = "\x01"
	CallerName = "\x02"
)

// A Start is a call that starts a span.
type Start struct {
	Call
	Name  string `json:"name"`            // as far as it is known, with wildcards
	Scope string `json:"scope,omitempty"` // of the tracer, "" for unknown
	Kind  int    `json:"kind,omitempty"`  // as OTLP numbers them, 0 for unknown
}

// A Call is a call of a function, which may begin a span somewhere below.
type Call struct {
	Place
	To    string   `json:"to,omitempty"`    // types.Func.FullName
	Iface bool     `json:"iface,omitempty"` // a method of an interface
	Value bool     `json:"value,omitempty"` // not called, but handed on
	Names []string `json:"names,omitempty"` // of arguments, "" for those that are no known text; see the wildcards
	Tasks []Place  `json:"tasks,omitempty"` // the spawns that it is a task of, or in
	Loop  bool     `json:"loop,omitempty"`  // in a service loop
	From  Class    `json:"from,omitempty"`
	Roots []Place  `json:"roots,omitempty"` // with FromRoot: the roots
}

// A Place is in the file of the function.
type Place struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// A Class says whose context a call is given.
type Class string

const (
	FromNone    Class = ""        // it takes none
	FromRoot    Class = "root"    // a root
	FromSpan    Class = "span"    // that of a span which the function has started
	FromParam   Class = "param"   // the caller's
	FromOutside Class = "outside" // of whoever calls a literal that is handed on
	FromMixed   Class = "mixed"   // a root that was given something of the caller's: a decision
	FromUnknown Class = "unknown"
)

// A Type has methods, by name and signature, and the functions that they are.
type Type struct {
	ID      string            `json:"id"`
	Methods map[string]string `json:"methods"`           // "Name 2 1 (params)(results)" to the FullName
	Generic bool              `json:"generic,omitempty"` // the types of methods are not all known: compare names and numbers
}

// Of gathers what is known of a package.
func Of(facts *flow.Result) *Package {
	g := &gather{Result: facts, out: &Package{Path: facts.Pass.Pkg.Path()}, ifaces: make(map[*types.Named]bool)}
	g.scopes = g.findScopes()
	for _, f := range slices.Concat(facts.Decls, facts.Globals) {
		if !facts.InTest(f.Node.Pos()) && !g.helpsTests(f.Node.Pos()) {
			g.function(f)
		}
	}
	g.types()
	return g.out
}

// helpsTests reports whether a file imports package testing: what it does, a program does
// not.
func (g *gather) helpsTests(pos token.Pos) bool {
	return slices.ContainsFunc(g.Pass.Files, func(f *ast.File) bool {
		return f.FileStart <= pos && pos < f.FileEnd && slices.ContainsFunc(f.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == `"testing"` })
	})
}

// A gather goes over one package.
type gather struct {
	*flow.Result
	out    *Package
	scopes *scopes
	ifaces map[*types.Named]bool

	fn    *Function
	spans []spanVar // of the function
	decl  *syntax.Func
}

// A spanVar is a variable with the context of a span, from a place on.
type spanVar struct {
	v    *types.Var
	from token.Pos
}

func (g *gather) function(f *syntax.Func) {
	g.decl, g.spans = f, nil
	g.fn = &Function{At: f.Node.Pos()}
	switch {
	case f.Obj != nil:
		g.fn.ID, g.fn.Name = f.Obj.FullName(), kind.FuncName(f.Obj)
		g.fn.At = f.Obj.Pos()
		g.fn.Begins = g.begins(f.Obj)
		g.fn.Serves = g.Of(f.Obj).Serves
		g.fn.Takes = g.takesContext(f.Sig)
		g.fn.Value = len(g.UsedAsValue(f.Obj)) > 0
	default:
		g.fn.ID = g.Pass.Pkg.Path() + ".func@" + g.Place(f.Node.Pos())
		g.fn.Name = "a function in a variable of package " + g.Pass.Pkg.Name()
		g.fn.Value = true
	}
	f.All(g.noteSpans)
	f.All(g.calls)
	if len(g.fn.Starts)+len(g.fn.Calls) > 0 || g.fn.Begins {
		g.out.Functions = append(g.out.Functions, g.fn)
	}
}

// begins reports whether the language or its tools call a function.
func (g *gather) begins(fn *types.Func) bool {
	if fn.Signature().Recv() != nil {
		return false
	}
	return fn.Name() == "init" || fn.Name() == "main" && fn.Pkg().Name() == "main"
}

// takesContext reports whether the caller of a function gives it a context.
func (g *gather) takesContext(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if kind.IsContext(v.Type()) || g.Carries(v.Type()) {
			return true
		}
	}
	return false
}

// noteSpans notes the contexts of the spans that f starts.
func (g *gather) noteSpans(f *syntax.Func) {
	for _, s := range g.SpanStarts(f) {
		if s.Ctx != nil {
			g.spans = append(g.spans, spanVar{s.Ctx, s.Assign.End()})
		}
	}
}

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

func (g *gather) place(pos token.Pos) Place {
	p := g.Pass.Fset.Position(pos)
	return Place{p.Line, p.Column}
}

// types notes the types of the package with their methods, and the interfaces that are
// called, so that who has both knows what a call may reach.
func (g *gather) types() {
	scope := g.Pass.Pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) || g.InTest(tn.Pos()) {
			continue
		}
		if t := methodsOf(tn.Type()); len(t.Methods) > 0 {
			g.out.Types = append(g.out.Types, t)
		}
	}
	for n := range g.ifaces {
		g.out.Ifaces = append(g.out.Ifaces, methodsOf(n))
	}
	slices.SortFunc(g.out.Ifaces, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
}

func methodsOf(t types.Type) Type {
	got := Type{ID: types.TypeString(t, nil), Methods: make(map[string]string)}
	if n := kind.NamedOf(t); n != nil {
		got.Generic = n.TypeParams().Len() > 0
	}
	recv := t
	if !types.IsInterface(t) {
		recv = types.NewPointer(t)
	}
	set := types.NewMethodSet(recv)
	for i := range set.Len() {
		if m, ok := set.At(i).Obj().(*types.Func); ok {
			got.Methods[shapeOf(m)] = m.Origin().FullName()
		}
	}
	return got
}

// shapeOf writes the name and the types of a method, as interfaces compare them, with how
// many there are.
func shapeOf(m *types.Func) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %d ", m.Name(), m.Signature().Params().Len(), m.Signature().Results().Len())
	for _, tuple := range []*types.Tuple{m.Signature().Params(), m.Signature().Results()} {
		b.WriteByte('(')
		for v := range tuple.Variables() {
			b.WriteString(types.TypeString(v.Type(), nil))
			b.WriteByte(',')
		}
		b.WriteByte(')')
	}
	return b.String()
}
