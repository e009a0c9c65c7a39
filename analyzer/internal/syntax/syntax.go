// Package syntax indexes a package: its functions and literals, what they call, which
// context and function variables they define and name, and what is around a place.
//
// An [Index] is complete when [New] returns it, and says the same ever after: what few
// ask for is found when it is first asked for, and kept. All functions are walked
// once. A package or a function may be of any size: what is around a place is found,
// not searched for (places.go).
//
// The layer knows no facts about other functions. It imports kind, and is imported
// by flow and what is above that.
package syntax

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// An Index has what the source of one package says.
type Index struct {
	*kind.Types

	Pass *analysis.Pass
	Info *types.Info

	Decls        []*Func                 // in source order
	Globals      []*Func                 // literals that package variables are set to
	byObj        map[*types.Func]*Func   // declarations by object
	byLit        map[*ast.FuncLit]*Func  // literals by syntax
	vars         map[*types.Var]*Var     // context and func variables, by origin
	values       map[*types.Func][]*Func // functions of the package used other than by a call, and where
	IfaceMethods map[string]bool         // names of the methods of the package's interfaces

	MovesFuncs bool // a function of the package takes one: it may be a spawner

	dones   map[*types.Var]doneVar // channel variables, and whether they tell the end of a context
	endErrs map[*types.Var]bool    // error variables that a context is asked for

	linked      map[*ast.CallExpr]bool          // calls that start a span with a link, see noteLink
	startsKnown map[*Func]bool                  // those of which endsAsFunc is being asked
	givesCancel map[*Func]bool                  // memo of MakesCancel
	linkedSpans map[*types.Var]bool             // spans that are linked after their start
	scopes      map[*types.Scope][]*types.Scope // memo of childAt
	callers     map[*types.Func][]CallIn        // calls by callee, made when first asked
	declared    map[*ast.CallExpr]*types.Func   // see nameSpawners

	spans map[*Func][]*SpanStart // memo of spanStarts
}

// New indexes a package, and is told about functions of the team. It calls now with each function before it looks at it, and
// with nil at the end.
func New(pass *analysis.Pass, own *kind.Own, now func(*Func)) *Index {
	ix := &Index{
		Types:        kind.TypesOf(pass.Pkg, own),
		Pass:         pass,
		Info:         pass.TypesInfo,
		byObj:        make(map[*types.Func]*Func),
		declared:     make(map[*ast.CallExpr]*types.Func),
		byLit:        make(map[*ast.FuncLit]*Func),
		vars:         make(map[*types.Var]*Var),
		values:       make(map[*types.Func][]*Func),
		IfaceMethods: make(map[string]bool),
		dones:        make(map[*types.Var]doneVar),
		endErrs:      make(map[*types.Var]bool),
		linked:       make(map[*ast.CallExpr]bool),
		linkedSpans:  make(map[*types.Var]bool),
		startsKnown:  make(map[*Func]bool),
		givesCancel:  make(map[*Func]bool),
		scopes:       make(map[*types.Scope][]*types.Scope),
		spans:        make(map[*Func][]*SpanStart),
	}
	ix.index(now)
	return ix
}

// Lit returns the function that a literal is, nil in broken code.
func (ix *Index) Lit(lit *ast.FuncLit) *Func { return ix.byLit[lit] }

// Var returns the definitions of a variable, nil for one that is neither a context
// nor a function.
func (ix *Index) Var(v *types.Var) *Var { return ix.vars[v] }

// UsedAsValue returns where a function of the package is used other than by a call.
func (ix *Index) UsedAsValue(fn *types.Func) []*Func { return ix.values[fn] }

// Linked reports whether a call starts a span with a link.
func (ix *Index) Linked(call *ast.CallExpr) bool { return ix.linked[call] }

// TypeOf is Info.TypeOf, but never nil: an expression without a type is invalid.
func (ix *Index) TypeOf(e ast.Expr) types.Type {
	if t := ix.Info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// IsEndErr reports whether a context is asked for an error that a variable has.
func (ix *Index) IsEndErr(v *types.Var) bool { return ix.endErrs[v] }
