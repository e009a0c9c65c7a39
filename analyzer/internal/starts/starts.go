// Package starts tells where the spans of a package start, and what of its calls is needed
// to walk from there to the lines that cut a trace: who calls whom, and whose context each
// is given. It says of each function what it sees; who has the functions of all packages
// joins them (the command's -traces).
//
// It looks at every call once, and only where somebody has asked for traces. The layer
// imports kind, syntax and flow, beside loss.
package starts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

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
		if kind.IsStandard(v.Type()) || g.Carries(v.Type()) {
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

func (g *gather) place(pos token.Pos) Place {
	p := g.Pass.Fset.Position(pos)
	return Place{p.Line, p.Column}
}
