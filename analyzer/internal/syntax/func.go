package syntax

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// InLoopBut reports whether the first place is in a loop of f, other than one, that the
// others are not all in.
func (f *Func) InLoopBut(but ast.Stmt, at token.Pos, others ...token.Pos) bool {
	for l := range f.Loops.At(at) {
		if l.Stmt != but && slices.ContainsFunc(others, func(pos token.Pos) bool { return !Encloses(l, pos) }) {
			return true
		}
	}
	return false
}

// IsAround reports whether f is a function around the literal lit.
func (f *Func) IsAround(lit *Func) bool {
	for ; lit != nil; lit = lit.Outer {
		if lit.Outer == f {
			return true
		}
	}
	return false
}

// A Func is a function of the package: a declaration or a literal.
type Func struct {
	Node  ast.Node         // *ast.FuncDecl or *ast.FuncLit
	Obj   *types.Func      // nil for a literal
	Sig   *types.Signature //
	Type  *ast.FuncType    //
	Body  *ast.BlockStmt   //
	Outer *Func            // the function around a literal

	// How a literal is used.
	Role Role
	Call *ast.CallExpr // called by or passed to it
	Arg  int           // with RolePassed: the index of the argument

	Variable *types.Var // with RoleAssigned: what it is assigned to

	Lits     []*Func           // literals directly inside
	Calls    []*Call           // calls, not those in lits
	Loops    Nest[*Loop]       // for and range statements, not those in lits
	ifs      Nest[*ast.IfStmt] // and if statements
	Sends    []*ast.SendStmt   // and sends
	Mentions []Mention         // and context variables that are named
	Moves    []ast.Node        // and what may move functions, see flow/spawn.go
	Defers   []Deferred        // and deferred calls
	Returns  []*ast.ReturnStmt
	Gotos    bool // has goto statements
	Links    bool // of a declaration: it links spans, nobody knows which, see noteLink

	HearsEnd bool // may hear of the end of a context, see mayHearOfEnd

	spansKnown bool // SpanStarts has been asked

}

// Root returns the declaration that f is, or is written in.
func (f *Func) Root() *Func {
	for f.Outer != nil {
		f = f.Outer
	}
	return f
}

// All calls yield for f and for every literal inside it, at any depth.
func (f *Func) All(yield func(*Func)) {
	yield(f)
	for _, lit := range f.Lits {
		lit.All(yield)
	}
}

// InLoop reports whether pos is in a loop of f.
func (f *Func) InLoop(pos token.Pos) bool {
	for range f.Loops.At(pos) {
		return true
	}
	return false
}

// EndlessAt reports whether pos is in a loop without a condition: what goes on
// around it keeps the context alive.
func (f *Func) EndlessAt(pos token.Pos) bool {
	for l := range f.Loops.At(pos) {
		if s, ok := l.Stmt.(*ast.ForStmt); ok && s.Cond == nil && Encloses(s.Body, pos) {
			return true
		}
	}
	return false
}

// IsLastAct reports whether a call is among the last two statements of f's
// body: the second may handle the error of the first.
func (f *Func) IsLastAct(call *ast.CallExpr) bool {
	list := f.Body.List
	for _, s := range list[max(0, len(list)-2):] {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.ReturnStmt, *ast.AssignStmt:
			if Encloses(s, call.Pos()) {
				return true
			}
		case *ast.IfStmt:
			if s.Init != nil && Encloses(s.Init, call.Pos()) || Encloses(s.Cond, call.Pos()) {
				return true
			}
		}
	}
	return false
}

// A Deferred call is in a list of statements.
type Deferred struct {
	Stmt *ast.DeferStmt
	list ast.Node
}

// A Role is how a function literal is used where it is written.
type Role uint8

const (
	RoleOther    Role = iota // returned, stored: runs who knows when
	RoleCalled               // func() { .. }()
	RoleDeferred             // defer func() { .. }()
	RoleGo                   // go func() { .. }()
	RolePassed               // f(func() { .. })
	RoleAssigned             // v := func() { .. }
)

// A Mention is where a context variable or field is named.
type Mention struct {
	Var   *types.Var // its origin
	Ident *ast.Ident
	Stack []ast.Node // around it in the function
}

// A Call is a call of something other than a builtin or a type.
type Call struct {
	Expr   *ast.CallExpr
	Callee *types.Func     // origin; nil for a function value
	Go     *ast.GoStmt     // the go statement that makes the call
	Assign *ast.AssignStmt // the assignment of its results
	Block  ast.Node        // with Assign: the list of statements that has it

	Defer *ast.DeferStmt // the defer statement that makes the call
}

// A Loop is a for or range statement.
type Loop struct {
	ast.Stmt
	Body *ast.BlockStmt
}

// InFresh reports whether f is, or is in, a function that makes a root on purpose:
// what it does with roots is its decision.
func (ix *Index) InFresh(f *Func) bool { return ix.IsFresh(f.Root().Obj) }

// Func returns the declaration of a function of the package, nil for another one.
func (ix *Index) Func(fn *types.Func) *Func { return ix.byObj[fn] }

// Funcs calls yield for every function of the package: declarations, literals that
// package variables are set to, and the literals inside them, in source order.
func (ix *Index) Funcs(yield func(*Func)) {
	for _, d := range ix.Decls {
		d.All(yield)
	}
	for _, d := range ix.Globals {
		d.All(yield)
	}
}

// FuncAt returns the function that pos is in: in itself, a literal inside it,
// or a function around it. It returns nil for a package variable.
func (ix *Index) FuncAt(in *Func, pos token.Pos) *Func {
	d := in.Root()
	if !Encloses(d.Node, pos) {
		return nil
	}
	return Innermost(d, pos)
}

// Innermost returns the function at pos, which is in f or a literal inside it.
func Innermost(f *Func, pos token.Pos) *Func {
	for f != nil {
		i := sort.Search(len(f.Lits), func(i int) bool { return f.Lits[i].Node.Pos() > pos })
		if i == 0 || !Encloses(f.Lits[i-1].Node, pos) {
			break
		}
		f = f.Lits[i-1]
	}
	return f
}

// IsRequestParam reports whether v is a parameter, and no receiver, of f or a
// function around it.
func (ix *Index) IsRequestParam(v *types.Var, f *Func) bool {
	return ix.OwnerOf(v, f) != nil
}

// OwnerOf returns the function, f or one around it, that v is a parameter of.
func (ix *Index) OwnerOf(v *types.Var, f *Func) *Func {
	for ; f != nil; f = f.Outer {
		if kind.ParamOf(f.Sig, v) >= 0 {
			return f
		}
	}
	return nil
}

// A CallIn is a call and the function that makes it.
type CallIn struct {
	Call *Call
	In   *Func
}

// CallsOf returns the calls of fn in the package.
func (ix *Index) CallsOf(fn *types.Func) []CallIn {
	if ix.callers == nil {
		ix.callers = make(map[*types.Func][]CallIn)
		ix.Funcs(func(f *Func) {
			for _, s := range f.Calls {
				if s.Callee != nil && s.Callee.Pkg() == ix.Pass.Pkg {
					ix.callers[s.Callee] = append(ix.callers[s.Callee], CallIn{s, f})
				}
			}
		})
	}
	return ix.callers[fn]
}

// CallWith returns the call in f that has arg among its arguments, or nil.
func (ix *Index) CallWith(f *Func, arg ast.Expr) *ast.CallExpr {
	for _, s := range f.Calls {
		if ArgIndex(s.Expr, arg) >= 0 {
			return s.Expr
		}
	}
	return nil
}

// Private reports whether only this package can call fn.
func (ix *Index) Private(fn *types.Func) bool {
	if fn.Signature().Recv() != nil && ix.IfaceMethods[fn.Name()] {
		return false
	}
	return !fn.Exported() || ix.Pass.Pkg.Name() == "main" && fn.Signature().Recv() == nil
}

// LitOf returns f if it is a literal, nil for a declaration.
func LitOf(f *Func) *Func {
	if f == nil || f.Obj != nil {
		return nil
	}
	return f
}

// CallOf returns what is noted of a call in f itself, nil for one of a conversion or of
// another function. Calls are in source order, those that begin together too.
func (f *Func) CallOf(expr *ast.CallExpr) *Call {
	if expr == nil {
		return nil
	}
	i := sort.Search(len(f.Calls), func(i int) bool { return f.Calls[i].Expr.Pos() >= expr.Pos() })
	for _, c := range f.Calls[i:] {
		switch {
		case c.Expr == expr:
			return c
		case c.Expr.Pos() > expr.Pos():
			return nil
		}
	}
	return nil
}
