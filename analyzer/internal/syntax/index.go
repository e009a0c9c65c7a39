package syntax

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/kind"
)

// index walks every function once and notes what the other steps need. It calls now
// with each before it looks at it.
func (ix *Index) index(now func(*Func)) {
	for _, file := range ix.Pass.Files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				ix.indexGlobals(d)
			case *ast.FuncDecl:
				if fn, ok := ix.Info.Defs[d.Name].(*types.Func); ok {
					f := &Func{Node: d, Obj: fn, Sig: fn.Signature(), Type: d.Type, Body: d.Body}
					ix.byObj[fn] = f
					ix.Decls = append(ix.Decls, f)
				}
			}
		}
	}
	ix.MovesFuncs = ix.takesFuncs()
	for _, f := range slices.Concat(ix.Decls, ix.Globals) {
		now(f)
		ix.params(f)
		ix.walk(f)
	}
	ix.noteLinkedStarts()
	ix.nameSpawners()
	now(nil)
}

// nameSpawners gives the calls of package variables that are declared to be a function which
// takes functions that one as their callee, where only tests set them to another:
//
//	var afterFunc = time.AfterFunc
func (ix *Index) nameSpawners() {
	ix.Funcs(func(f *Func) {
		for _, c := range f.Calls {
			if id, ok := ast.Unparen(c.Expr.Fun).(*ast.Ident); ok && c.Callee == nil {
				if fn := ix.declaredAs(id); fn != nil && kind.TakesFunc(fn.Signature()) {
					c.Callee, ix.declared[c.Expr] = fn, fn
				}
			}
		}
	})
}

// declaredAs returns the function that a variable of the package is declared to be, nil if
// somebody else may set it.
func (ix *Index) declaredAs(id *ast.Ident) *types.Func {
	v, _ := ix.Info.Uses[id].(*types.Var)
	if v == nil || v.Parent() != ix.Pass.Pkg.Scope() || v.Exported() || ix.vars[v] == nil {
		return nil
	}
	var declared ast.Expr
	for _, d := range ix.vars[v].Defs {
		switch {
		case d.In == nil && declared == nil:
			declared = d.Rhs
		case d.In == nil || !ix.InTest(d.Pos):
			return nil
		}
	}
	return ix.NamedFunc(declared)
}

// indexGlobals notes the values of package variables, and the methods of
// interfaces.
func (ix *Index) indexGlobals(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			if d.Tok == token.VAR {
				ix.valueSpec(nil, spec, nil)
				ix.globalLits(spec)
			}
		case *ast.TypeSpec:
			if it, ok := spec.Type.(*ast.InterfaceType); ok {
				for _, m := range it.Methods.List {
					for _, name := range m.Names {
						ix.IfaceMethods[name.Name] = true
					}
				}
			}
		}
	}
}

// globalLits notes the function literals that package variables are set to, and of those
// deeper in a value the ones that are given a context or a request:
//
//	var steps = []step{{"users", func(ctx context.Context, tx *sql.Tx) error { .. }}}
//
// The others are started by whoever reads the value: nothing is known of their context.
func (ix *Index) globalLits(spec *ast.ValueSpec) {
	for _, value := range spec.Values {
		ast.Inspect(value, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			if !ok {
				return true
			}
			if sig, ok := ix.Info.TypeOf(lit).(*types.Signature); ok && (ast.Unparen(value) == lit || ix.isGivenContext(sig)) {
				f := &Func{Node: lit, Sig: sig, Type: lit.Type, Body: lit.Body}
				ix.byLit[lit] = f
				ix.Globals = append(ix.Globals, f)
			}
			return false
		})
	}
}

// isGivenContext reports whether a parameter is a context, or a request that carries one.
func (ix *Index) isGivenContext(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if kind.IsContext(v.Type()) || ix.Carries(v.Type()) {
			return true
		}
	}
	return false
}

// walk indexes the body of f.
func (ix *Index) walk(f *Func) {
	if f.Body == nil {
		return
	}
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		if ix.MovesFuncs && moves(n) {
			f.Moves = append(f.Moves, n)
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			ix.literal(f, n, stack)
			return false
		case *ast.CallExpr:
			ix.addCall(f, n, stack)
		case *ast.Ident:
			ix.ident(f, n, stack)
		case *ast.AssignStmt:
			ix.assign(f, n, stack)
		case *ast.ValueSpec:
			ix.valueSpec(f, n, stack)
		case *ast.SendStmt:
			f.Sends = append(f.Sends, n)
		case *ast.RangeStmt:
			ix.define(f, n.Key, nil, -1, n, n)
			ix.define(f, n.Value, nil, -1, n, n)
			f.Loops.add(&Loop{Stmt: n, Body: n.Body})
		case *ast.ForStmt:
			f.Loops.add(&Loop{Stmt: n, Body: n.Body})
		case *ast.UnaryExpr:
			f.HearsEnd = f.HearsEnd || n.Op == token.ARROW && ix.mayTellEnd(n.X)
		case *ast.SelectorExpr:
			switch n.Sel.Name {
			case "Err":
				f.HearsEnd = f.HearsEnd || ix.ContextLike(ix.TypeOf(n.X))
			case "Cause":
				f.HearsEnd = true
			}
		case *ast.IfStmt:
			f.ifs.add(n)
			ix.noteErr(n)
		case *ast.DeferStmt:
			list, _ := Parent(stack)
			f.Defers = append(f.Defers, Deferred{n, list})
		case *ast.ReturnStmt:
			f.Returns = append(f.Returns, n)
		case *ast.BranchStmt:
			f.Gotos = f.Gotos || n.Tok == token.GOTO
		}
		return true
	})
}

// literal indexes a function literal inside f, and notes how it is used.
func (ix *Index) literal(f *Func, lit *ast.FuncLit, stack []ast.Node) {
	sig, ok := ix.Info.TypeOf(lit).(*types.Signature)
	if !ok {
		return // broken code
	}
	child := &Func{Node: lit, Sig: sig, Type: lit.Type, Body: lit.Body, Outer: f}
	f.Lits = append(f.Lits, child)
	ix.byLit[lit] = child
	p, rest := Parent(stack)
	switch p := p.(type) {
	case *ast.CallExpr:
		child.Call = p
		if ast.Unparen(p.Fun) == lit {
			child.Role = calledRole(rest)
			break
		}
		child.Role = RolePassed
		for i, arg := range p.Args {
			if ast.Unparen(arg) == lit {
				child.Arg = i
			}
		}
	case *ast.AssignStmt:
		for i, rhs := range p.Rhs {
			if ast.Unparen(rhs) == lit && len(p.Lhs) == len(p.Rhs) {
				child.assignedTo(ix.VarOf(p.Lhs[i]))
			}
		}
	case *ast.ValueSpec:
		for i, rhs := range p.Values {
			if ast.Unparen(rhs) == lit && i < len(p.Names) {
				child.assignedTo(ix.VarOf(p.Names[i]))
			}
		}
	}
	ix.params(child)
	ix.walk(child)
}

func (f *Func) assignedTo(v *types.Var) {
	if v != nil && !v.IsField() {
		f.Role, f.Variable = RoleAssigned, v
	}
}

// calledRole tells what a call of a literal is part of.
func calledRole(stack []ast.Node) Role {
	if p, _ := Parent(stack); p != nil {
		switch p.(type) {
		case *ast.GoStmt:
			return RoleGo
		case *ast.DeferStmt:
			return RoleDeferred
		}
	}
	return RoleCalled
}

// addCall notes a call.
func (ix *Index) addCall(f *Func, call *ast.CallExpr, stack []ast.Node) {
	if tv := ix.Info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return
	}
	s := &Call{Expr: call, Callee: ix.Callee(call)}
	if p, rest := Parent(stack); p != nil {
		s.Go, _ = p.(*ast.GoStmt)
		s.Defer, _ = p.(*ast.DeferStmt)
		if as, ok := p.(*ast.AssignStmt); ok {
			s.Assign = as
			s.Block, _ = Parent(rest)
		}
	}
	f.Calls = append(f.Calls, s)
}

// ident notes the uses of context variables, and of functions as values.
func (ix *Index) ident(f *Func, id *ast.Ident, stack []ast.Node) {
	if kind.LinksSpans(id.Name) {
		ix.noteLink(f, stack)
	}
	switch obj := ix.Info.Uses[id].(type) {
	case *types.Var:
		if kind.IsContext(obj.Type()) {
			f.Mentions = append(f.Mentions, Mention{obj.Origin(), id, slices.Clone(stack)})
		}
	case *types.Func:
		if obj.Pkg() == ix.Pass.Pkg && !inCallPosition(id, stack) {
			ix.values[obj.Origin()] = append(ix.values[obj.Origin()], f)
		}
	}
}

// IsDefaulting reports whether what is done is to find a value that the caller
// of f has left out: most callers give it, and nobody can tell which do not.
//
//	if name == "" {
//		name, err = s.defaultName(ctx)
//	}
func (ix *Index) IsDefaulting(f *Func, stack []ast.Node) bool {
	for i, n := range stack {
		s, ok := n.(*ast.IfStmt)
		if !ok || i+1 == len(stack) || stack[i+1] != s.Body {
			continue
		}
		b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
		if !ok || b.Op != token.EQL {
			continue
		}
		tv := ix.Info.Types[b.Y]
		zero := tv.IsNil() || tv.Value != nil && (tv.Value.ExactString() == `""` || tv.Value.ExactString() == "0")
		if v := ix.VarOf(b.X); zero && v != nil && !kind.IsContext(v.Type()) && ix.IsRequestParam(v, f) {
			return true
		}
	}
	return false
}

// inCallPosition reports whether id is the function that a call names.
func inCallPosition(id *ast.Ident, stack []ast.Node) bool {
	var e ast.Expr = id
	for {
		p, rest := Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			if p.Sel != id {
				return false
			}
			e = p
		case *ast.IndexExpr:
			e = p
		case *ast.IndexListExpr:
			e = p
		case *ast.CallExpr:
			return ast.Unparen(p.Fun) == e
		default:
			return false
		}
		stack = rest
	}
}

// moves reports whether a node is one by which a function may get from one variable
// to another. Calls are looked at too: those are known already.
func moves(n ast.Node) bool {
	switch n.(type) {
	case *ast.AssignStmt, *ast.ValueSpec, *ast.RangeStmt, *ast.CompositeLit, *ast.SendStmt, *ast.GoStmt:
		return true
	}
	return false
}

// takesFuncs reports whether a function of the package takes a function: only
// such a one can be a spawner.
func (ix *Index) takesFuncs() bool {
	return slices.ContainsFunc(ix.Decls, func(f *Func) bool { return kind.TakesFunc(f.Sig) })
}
