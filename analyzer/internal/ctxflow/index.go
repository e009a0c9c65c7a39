package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/lostctx/lostctx/analyzer/internal/path"
)

// A Func is a function of the package: a declaration or a literal.
type Func struct {
	node  ast.Node         // *ast.FuncDecl or *ast.FuncLit
	obj   *types.Func      // nil for a literal
	sig   *types.Signature //
	typ   *ast.FuncType    //
	body  *ast.BlockStmt   //
	outer *Func            // the function around a literal

	// How a literal is used.
	role role
	call *ast.CallExpr // called by or passed to it
	arg  int           // with rolePassed: the index of the argument

	variable *types.Var // with roleAssigned: what it is assigned to

	lits    []*Func           // literals directly inside
	calls   []*site           // calls, not those in lits
	loops   nest[*loop]       // for and range statements, not those in lits
	ifs     nest[*ast.IfStmt] // and if statements
	sends   []*ast.SendStmt   // and sends
	names   []mention         // and context variables that are named
	moves   []ast.Node        // and what may move functions, see spawn.go
	defers  []deferred        // and deferred calls
	returns []*ast.ReturnStmt
	gotos   bool // has goto statements
	serves  bool // does not end by itself, see loops.go
	watches bool // waits for somebody else's event, see loops.go
	links   bool // of a declaration: it links spans, nobody knows which, see noteLink

	hearsEnd bool // may hear of the end of a context, see mayHearOfEnd

	graph      *path.Graph  // memo of graphOf
	before     *path.Region // memo of cleansUp: before any end
	asserts    *assertions  // memo of assertionsOf
	spans      []*spanStart // memo of spanStarts
	spansKnown bool

	dropped      []*spanStart // of a declaration: with those of its literals, those whose context is dropped
	droppedKnown bool
}

// A deferred call is in a list of statements.
type deferred struct {
	stmt *ast.DeferStmt
	list ast.Node
}

// A role is how a function literal is used where it is written.
type role uint8

const (
	roleOther    role = iota // returned, stored: runs who knows when
	roleCalled               // func() { .. }()
	roleDeferred             // defer func() { .. }()
	roleGo                   // go func() { .. }()
	rolePassed               // f(func() { .. })
	roleAssigned             // v := func() { .. }
)

// A mention is where a context variable or field is named.
type mention struct {
	v     *types.Var // its origin
	id    *ast.Ident
	stack []ast.Node // around it in the function
}

// A site is a call of something other than a builtin or a type.
type site struct {
	expr   *ast.CallExpr
	callee *types.Func     // origin; nil for a function value
	goStmt *ast.GoStmt     // the go statement that makes the call
	assign *ast.AssignStmt // the assignment of its results
	block  ast.Node        // with assign: the list of statements that has it

	deferStmt *ast.DeferStmt // the defer statement that makes the call
}

// index walks every function once and notes what the other steps need. It calls now
// with each before it looks at it.
func (r *Result) index(now func(*Func)) {
	for _, file := range r.pass.Files {
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				r.indexGlobals(d)
			case *ast.FuncDecl:
				if fn, ok := r.info.Defs[d.Name].(*types.Func); ok {
					f := &Func{node: d, obj: fn, sig: fn.Signature(), typ: d.Type, body: d.Body}
					r.byObj[fn] = f
					r.decls = append(r.decls, f)
				}
			}
		}
	}
	r.movesFuncs = r.takesFuncs()
	for _, f := range slices.Concat(r.decls, r.globals) {
		now(f)
		r.params(f)
		r.walk(f)
	}
	r.noteLinkedStarts()
	now(nil)
}

// indexGlobals notes the values of package variables, and the methods of
// interfaces.
func (r *Result) indexGlobals(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			if d.Tok == token.VAR {
				r.valueSpec(nil, spec, nil)
				r.globalLits(spec)
			}
		case *ast.TypeSpec:
			if it, ok := spec.Type.(*ast.InterfaceType); ok {
				for _, m := range it.Methods.List {
					for _, name := range m.Names {
						r.ifaces[name.Name] = true
					}
				}
			}
		}
	}
}

// globalLits notes the function literals that package variables are set to.
// Those deeper in a value, such as the RunE of a command, are started by
// whoever reads the value: nothing is known of their context.
func (r *Result) globalLits(spec *ast.ValueSpec) {
	for _, value := range spec.Values {
		lit, ok := ast.Unparen(value).(*ast.FuncLit)
		if !ok {
			continue
		}
		if sig, ok := r.info.TypeOf(lit).(*types.Signature); ok {
			f := &Func{node: lit, sig: sig, typ: lit.Type, body: lit.Body}
			r.byLit[lit] = f
			r.globals = append(r.globals, f)
		}
	}
}

// walk indexes the body of f.
func (r *Result) walk(f *Func) {
	if f.body == nil {
		return
	}
	ast.PreorderStack(f.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if r.movesFuncs && moves(n) {
			f.moves = append(f.moves, n)
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			r.literal(f, n, stack)
			return false
		case *ast.CallExpr:
			r.addCall(f, n, stack)
		case *ast.Ident:
			r.ident(f, n, stack)
		case *ast.AssignStmt:
			r.assign(f, n, stack)
		case *ast.ValueSpec:
			r.valueSpec(f, n, stack)
		case *ast.SendStmt:
			f.sends = append(f.sends, n)
		case *ast.RangeStmt:
			r.define(f, n.Key, nil, -1, n, n)
			r.define(f, n.Value, nil, -1, n, n)
			f.loops.add(&loop{Stmt: n, body: n.Body})
		case *ast.ForStmt:
			f.loops.add(&loop{Stmt: n, body: n.Body})
		case *ast.UnaryExpr:
			f.hearsEnd = f.hearsEnd || n.Op == token.ARROW && r.mayTellEnd(n.X)
		case *ast.SelectorExpr:
			switch n.Sel.Name {
			case "Err":
				f.hearsEnd = f.hearsEnd || r.contextLike(typeOf(r.info, n.X))
			case "Cause":
				f.hearsEnd = true
			}
		case *ast.IfStmt:
			f.ifs.add(n)
			r.noteErr(n)
		case *ast.DeferStmt:
			list, _ := parent(stack)
			f.defers = append(f.defers, deferred{n, list})
		case *ast.ReturnStmt:
			f.returns = append(f.returns, n)
		case *ast.BranchStmt:
			f.gotos = f.gotos || n.Tok == token.GOTO
		}
		return true
	})
}

// parent returns the node around the last one, parentheses left out.
func parent(stack []ast.Node) (ast.Node, []ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		if _, ok := stack[i].(*ast.ParenExpr); !ok {
			return stack[i], stack[:i]
		}
	}
	return nil, nil
}

// literal indexes a function literal inside f, and notes how it is used.
func (r *Result) literal(f *Func, lit *ast.FuncLit, stack []ast.Node) {
	sig, ok := r.info.TypeOf(lit).(*types.Signature)
	if !ok {
		return // broken code
	}
	child := &Func{node: lit, sig: sig, typ: lit.Type, body: lit.Body, outer: f}
	f.lits = append(f.lits, child)
	r.byLit[lit] = child
	p, rest := parent(stack)
	switch p := p.(type) {
	case *ast.CallExpr:
		child.call = p
		if ast.Unparen(p.Fun) == lit {
			child.role = calledRole(rest)
			break
		}
		child.role = rolePassed
		for i, arg := range p.Args {
			if ast.Unparen(arg) == lit {
				child.arg = i
			}
		}
	case *ast.AssignStmt:
		for i, rhs := range p.Rhs {
			if ast.Unparen(rhs) == lit && len(p.Lhs) == len(p.Rhs) {
				child.assignedTo(r.varOf(p.Lhs[i]))
			}
		}
	case *ast.ValueSpec:
		for i, rhs := range p.Values {
			if ast.Unparen(rhs) == lit && i < len(p.Names) {
				child.assignedTo(r.varOf(p.Names[i]))
			}
		}
	}
	r.params(child)
	r.walk(child)
}

func (f *Func) assignedTo(v *types.Var) {
	if v != nil && !v.IsField() {
		f.role, f.variable = roleAssigned, v
	}
}

// calledRole tells what a call of a literal is part of.
func calledRole(stack []ast.Node) role {
	if p, _ := parent(stack); p != nil {
		switch p.(type) {
		case *ast.GoStmt:
			return roleGo
		case *ast.DeferStmt:
			return roleDeferred
		}
	}
	return roleCalled
}

// addCall notes a call.
func (r *Result) addCall(f *Func, call *ast.CallExpr, stack []ast.Node) {
	if tv := r.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return
	}
	s := &site{expr: call, callee: r.callee(call)}
	if p, rest := parent(stack); p != nil {
		s.goStmt, _ = p.(*ast.GoStmt)
		s.deferStmt, _ = p.(*ast.DeferStmt)
		if as, ok := p.(*ast.AssignStmt); ok {
			s.assign = as
			s.block, _ = parent(rest)
		}
	}
	f.calls = append(f.calls, s)
}

// callee returns the function or interface method that call names, its origin
// if it is an instance, or nil.
func (r *Result) callee(call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(r.info, call).(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// ident notes the uses of context variables, and of functions as values.
func (r *Result) ident(f *Func, id *ast.Ident, stack []ast.Node) {
	if linksSpans(id.Name) {
		r.noteLink(f, stack)
	}
	switch obj := r.info.Uses[id].(type) {
	case *types.Var:
		if IsContext(obj.Type()) {
			f.names = append(f.names, mention{obj.Origin(), id, slices.Clone(stack)})
		}
	case *types.Func:
		if obj.Pkg() == r.pass.Pkg && !inCallPosition(id, stack) {
			r.values[obj.Origin()] = append(r.values[obj.Origin()], f)
		}
	}
}

// isDefaulting reports whether what is done is to find a value that the caller
// of f has left out: most callers give it, and nobody can tell which do not.
//
//	if name == "" {
//		name, err = s.defaultName(ctx)
//	}
func (r *Result) isDefaulting(f *Func, stack []ast.Node) bool {
	for i, n := range stack {
		s, ok := n.(*ast.IfStmt)
		if !ok || i+1 == len(stack) || stack[i+1] != s.Body {
			continue
		}
		b, ok := ast.Unparen(s.Cond).(*ast.BinaryExpr)
		if !ok || b.Op != token.EQL {
			continue
		}
		tv := r.info.Types[b.Y]
		zero := tv.IsNil() || tv.Value != nil && (tv.Value.ExactString() == `""` || tv.Value.ExactString() == "0")
		if v := r.varOf(b.X); zero && v != nil && !IsContext(v.Type()) && r.isRequestParam(v, f) {
			return true
		}
	}
	return false
}

// inCallPosition reports whether id is the function that a call names.
func inCallPosition(id *ast.Ident, stack []ast.Node) bool {
	var e ast.Expr = id
	for {
		p, rest := parent(stack)
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

// encloses reports whether n's source contains pos.
func encloses(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

// all calls yield for f and for every literal inside it, at any depth.
func (f *Func) all(yield func(*Func)) {
	yield(f)
	for _, lit := range f.lits {
		lit.all(yield)
	}
}

// funcs calls yield for every function of the package: declarations, literals that
// package variables are set to, and the literals inside them, in source order.
func (r *Result) funcs(yield func(*Func)) {
	for _, d := range r.decls {
		d.all(yield)
	}
	for _, d := range r.globals {
		d.all(yield)
	}
}

// Root returns the declaration that f is, or is written in.
func (f *Func) Root() *Func {
	for f.outer != nil {
		f = f.outer
	}
	return f
}
