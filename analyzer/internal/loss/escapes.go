package loss

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lostctx/lostctx/analyzer/internal/flow"
	"github.com/lostctx/lostctx/analyzer/internal/kind"
	"github.com/lostctx/lostctx/analyzer/internal/syntax"
)

// This file tells whether what a call gives lives on with the context that the call
// was given: rows, a transaction, a stream, a response, a process. Such a thing ends
// when the context does, under whoever uses it then.

// GivesAway reports whether a call in f gives something that lives on with the context of
// hand, and that may be used when that has ended: f returns it, keeps it, or hands it to
// somebody who may, or uses it itself after a cancel. What is made of it lives on with it: the
// response to a request, a decoder of its body.
func (r *Result) GivesAway(call *ast.CallExpr, f *syntax.Func, hand *Hand) bool {
	if !mayLive(r, r.TypeOf(call), 0) || r.outlivesItsContext(call) {
		return false
	}
	path := syntax.PathTo(call.Lparen, f.Root().Node)
	i := slices.IndexFunc(path, func(n ast.Node) bool { return n == call })
	if i < 0 {
		return true
	}
	w := giving{r: r, f: f, seen: make(map[*types.Var]bool), request: r.makesRequest(call)}
	if hand.Var != nil {
		w.follow(hand.Var, call.Pos())
	}
	return w.leaves(call, path[:i], f) || r.leavesTasks(call, path[:i], f)
}

// makesRequest reports whether a call gives a request.
func (r *Result) makesRequest(call *ast.CallExpr) bool {
	return kind.IsHTTPRequest(r.firstType(call))
}

// firstType returns the type of what a call gives, of several values the first.
func (r *Result) firstType(call *ast.CallExpr) types.Type {
	t := r.TypeOf(call)
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		return tuple.At(0).Type()
	}
	return t
}

// outlivesItsContext reports whether a call is known to use its context for no longer than it
// takes: that of a database's Prepare is for the preparation, not for the execution.
func (r *Result) outlivesItsContext(call *ast.CallExpr) bool {
	fn := r.Callee(call)
	return fn != nil && (fn.FullName() == "(*database/sql.DB).Prepare" || fn.FullName() == "(*database/sql.DB).PrepareContext")
}

// leavesTasks reports whether what a call in f gives, whose parents are stack, starts
// tasks which the function does not wait for: a pool that gives its tasks a context.
//
//	p := pool.New().WithContext(ctx)
//	p.Go(func(ctx context.Context) error { .. })
func (r *Result) leavesTasks(e ast.Expr, stack []ast.Node, f *syntax.Func) bool {
	if !r.startsTasks(r.TypeOf(e)) {
		return false
	}
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			stack = rest
			continue
		case *ast.CallExpr:
			if !r.startsTasks(r.TypeOf(p)) {
				return true // it is used where it is made
			}
			e, stack = p, rest
			continue
		case *ast.AssignStmt:
			if i := slices.IndexFunc(p.Rhs, func(rhs ast.Expr) bool { return ast.Unparen(rhs) == e }); i >= 0 && len(p.Lhs) == len(p.Rhs) {
				v := r.VarOf(p.Lhs[i])
				return v == nil || v.IsField() || r.hasUnjoined(v, f)
			}
		}
		return true
	}
}

// startsTasks reports whether a value of type t has a method that is a spawner.
func (r *Result) startsTasks(t types.Type) bool {
	n := kind.NamedOf(t)
	if n == nil {
		return false
	}
	for m := range n.Origin().Methods() {
		if r.Of(m).Spawns != 0 {
			return true
		}
	}
	return false
}

// hasUnjoined reports whether a function starts a task by a method of v and does not
// join it.
func (r *Result) hasUnjoined(v *types.Var, f *syntax.Func) bool {
	unjoined := false
	f.Root().All(func(g *syntax.Func) {
		for _, c := range g.Calls {
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			if !ok || r.VarOf(sel.X) != v {
				continue
			}
			for _, s := range r.SpawnsAt(c, g) {
				unjoined = unjoined || !r.Joined(s, nil, nil)
			}
		}
	})
	return unjoined
}

// closers are the methods by which what lives on is ended, or used.
var closers = []string{"Close", "Commit", "Rollback", "Recv", "Next", "Scan", "Wait", "Read", "Release"}

// maxParts bounds how deep the parts of a type are looked at.
const maxParts = 4

// mayLive reports whether a value of type t may need the context that it was made with
// later: it is a request, can be closed or read, keeps a context, or has a part that does.
func mayLive(r *Result, t types.Type, depth int) bool {
	if t == nil || depth > maxParts || kind.IsError(t) || kind.IsContext(t) {
		return false
	}
	if kind.IsHTTPRequest(t) {
		return true
	}
	for _, name := range closers {
		if m := r.Method(t, name); kind.NamedOf(t) != nil && m != nil && !isScanner(m) {
			return true
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Tuple:
		for v := range u.Variables() {
			if mayLive(r, v.Type(), depth) {
				return true
			}
		}
	case *types.Chan, *types.Signature:
		return true
	case *types.Slice:
		return mayLive(r, u.Elem(), depth+1)
	case *types.Array:
		return mayLive(r, u.Elem(), depth+1)
	case *types.Map:
		return mayLive(r, u.Elem(), depth+1)
	case *types.Pointer:
		return mayLive(r, u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if kind.IsContext(f.Type()) || mayLive(r, f.Type(), depth+1) {
				return true
			}
		}
	}
	return false
}

// mayHold reports whether a value of type t may be, or have in it, one that may live: any but an
// error may.
func mayHold(r *Result, t types.Type) bool {
	if mayLive(r, t, 0) {
		return true
	}
	for {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
		case *types.Map:
			t = u.Elem()
		case *types.Interface:
			return !kind.IsError(t) && !kind.IsContext(t)
		default:
			return false
		}
	}
}

// isScanner reports whether a method is that of a sql.Scanner: the value is set by it, as
// sql.NullString is, and needs nothing later.
func isScanner(m *types.Func) bool {
	params := m.Signature().Params()
	if m.Name() != "Scan" || params.Len() != 1 || m.Signature().Variadic() {
		return false
	}
	it, ok := params.At(0).Type().Underlying().(*types.Interface)
	return ok && it.Empty()
}

// A giving follows what a call gives, and what is made of it, through a function.
type giving struct {
	r     *Result
	f     *syntax.Func // which makes the call
	hand  *types.Var   // the context
	lives []flow.Life  // the cancel functions that end it
	seen  map[*types.Var]bool
	depth int // how many calls deep it is
	up    int // and how many callers up

	request bool // it began as a request
}

// leaves reports whether the value of an expression in in, whose parents are stack, may be
// used when its context has ended.
func (w giving) leaves(e ast.Expr, stack []ast.Node, in *syntax.Func) bool {
	for {
		p, rest := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.ExprStmt, *ast.BinaryExpr, *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.DeferStmt:
			return false
		case *ast.RangeStmt:
			return w.assigned([]ast.Expr{p.Key, p.Value})
		case *ast.SelectorExpr:
			if !w.isMethod(p) && !mayLive(w.r, w.r.TypeOf(p), 0) {
				return false // no part of what lives on: a status, an error
			}
			e, stack = p, rest
		case *ast.TypeAssertExpr, *ast.StarExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.CompositeLit, *ast.ParenExpr:
			e, stack = p.(ast.Expr), rest
		case *ast.KeyValueExpr:
			lit, more := syntax.Parent(rest)
			literal, ok := lit.(*ast.CompositeLit)
			if !ok {
				return true
			}
			e, stack = literal, more
		case *ast.UnaryExpr:
			if p.Op == token.ARROW {
				return false
			}
			e, stack = p, rest
		case *ast.CallExpr:
			if ast.Unparen(p.Fun) != ast.Unparen(e) {
				if i := slices.IndexFunc(p.Args, func(arg ast.Expr) bool { return ast.Unparen(arg) == ast.Unparen(e) }); w.takes(p, i) {
					return true
				}
			}
			if isGo(rest, p) {
				return true
			}
			if !mayHold(w.r, w.r.TypeOf(p)) {
				return false
			}
			e, stack = p, rest
		case *ast.AssignStmt:
			return w.assignedFrom(e, p.Lhs, p.Rhs)
		case *ast.ValueSpec:
			return w.assignedFrom(e, syntax.Exprs(p.Names), p.Values)
		case *ast.ReturnStmt:
			return w.returned(in)
		default:
			return true
		}
	}
}

// isMethod reports whether a selector is a method, which is called or kept.
func (w giving) isMethod(sel *ast.SelectorExpr) bool {
	s := w.r.Info.Selections[sel]
	return s != nil && s.Kind() == types.MethodVal
}

func isGo(stack []ast.Node, call *ast.CallExpr) bool {
	p, _ := syntax.Parent(stack)
	s, ok := p.(*ast.GoStmt)
	return ok && s.Call == call
}

// returned reports whether what a function returns may be used when its context has ended. A
// request that is made with the context of a caller, and what it gives, is for him: where all
// callers are known, they tell.
func (w giving) returned(in *syntax.Func) bool {
	if w.depth > 0 {
		return false // its caller follows what it gives
	}
	d := w.f.Root()
	if in != w.f || in != d || len(w.lives) > 0 || !w.request || w.hand == nil || w.up == maxGiven || d.Obj == nil || !w.r.Private(d.Obj) {
		return true
	}
	i := kind.ParamOf(d.Sig, w.hand)
	if i < 0 || len(w.r.UsedAsValue(d.Obj)) > 0 {
		return true
	}
	return slices.ContainsFunc(w.r.CallsOf(d.Obj), func(c syntax.CallIn) bool { return w.leavesCaller(c, i) })
}

// leavesCaller reports whether what a call gives leaves the function that makes it, or is used
// there when the context that it passes as argument i may be over.
func (w giving) leavesCaller(c syntax.CallIn, i int) bool {
	if w.r.InTest(c.Call.Expr.Pos()) || i >= len(c.Call.Expr.Args) {
		return false
	}
	up := giving{r: w.r, f: c.In, seen: make(map[*types.Var]bool), request: true, up: w.up + 1}
	if v := w.r.VarOf(c.Call.Expr.Args[i]); v != nil && !v.IsField() && kind.IsContext(v.Type()) {
		up.follow(v, c.Call.Expr.Pos())
	}
	path := syntax.PathTo(c.Call.Expr.Lparen, c.In.Root().Node)
	at := slices.IndexFunc(path, func(n ast.Node) bool { return n == c.Call.Expr })
	return at < 0 || c.Call.Go != nil || up.leaves(c.Call.Expr, path[:at], c.In)
}

// follow notes the context, and what ends it, of what is given at a place.
func (w *giving) follow(ctx *types.Var, pos token.Pos) {
	w.hand = ctx
	w.r.LivesAt(ctx, pos, func(l flow.Life) {
		if l.Cancel != nil {
			w.lives = append(w.lives, l)
		}
	})
}

// takes reports whether a call may keep what it is given as argument i: a function of the
// package that does, one of another that gives nothing back to tell how it went, such as a
// container's. Who is asked for an answer has done its work then.
func (w giving) takes(call *ast.CallExpr, i int) bool {
	if w.r.Info.Types[call.Fun].IsType() || w.r.Info.Types[call.Fun].IsBuiltin() {
		return false // append, a conversion: its value is followed
	}
	fn := w.r.Callee(call)
	if fn == nil {
		sig, ok := w.r.TypeOf(call.Fun).Underlying().(*types.Signature)
		return ok && sig.Results().Len() == 0 // it is told
	}
	if d := w.r.Func(fn.Origin()); d != nil && d.Body != nil {
		return w.keepsParam(d, kind.ParamIndex(d.Sig, i))
	}
	if kind.IsMethodOfInterface(fn) || fn.Signature().Recv() == nil {
		return false
	}
	results := fn.Signature().Results()
	return results.Len() == 0 || !kind.IsError(results.At(results.Len()-1).Type()) && !mayLive(w.r, w.r.TypeOf(call), 0)
}

// maxGiven bounds how many calls deep a value is followed.
const maxGiven = 3

// keepsParam reports whether a function of the package may use its parameter i when it has
// returned.
func (w giving) keepsParam(d *syntax.Func, i int) bool {
	if i < 0 || w.depth == maxGiven {
		return w.depth == maxGiven
	}
	v := d.Sig.Params().At(i)
	if w.seen[v] {
		return false
	}
	w.seen[v] = true
	inner := giving{r: w.r, f: d, seen: w.seen, depth: w.depth + 1}
	return inner.variable(v)
}

// assignedFrom reports whether one of the variables that get the values of e leaves.
func (w giving) assignedFrom(e ast.Expr, lhs, rhs []ast.Expr) bool {
	var targets []ast.Expr
	for i, target := range lhs {
		if len(lhs) != len(rhs) || ast.Unparen(rhs[i]) == ast.Unparen(e) {
			targets = append(targets, target)
		}
	}
	return w.assigned(targets)
}

// assigned reports whether one of the variables that something is assigned to leaves.
func (w giving) assigned(targets []ast.Expr) bool {
	for _, target := range targets {
		if id, ok := target.(*ast.Ident); target == nil || ok && id.Name == "_" || !mayHold(w.r, w.r.TypeOf(target)) {
			continue
		}
		v := w.r.VarOf(target)
		if v == nil || v.IsField() || !syntax.Encloses(w.f.Root().Node, v.Pos()) {
			return true
		}
		if !w.seen[v] {
			w.seen[v] = true
			if w.variable(v) {
				return true
			}
		}
	}
	return false
}

// variable reports whether the value of a local variable or a parameter leaves, or is used
// when its context may be over.
func (w giving) variable(v *types.Var) bool {
	leaves := kind.IsResult(w.f.Root().Sig, v) && w.depth == 0 && slices.ContainsFunc(w.f.Root().Returns, func(ret *ast.ReturnStmt) bool {
		return len(ret.Results) == 0
	}) && w.returned(w.f)
	ast.PreorderStack(w.f.Root().Node, nil, func(n ast.Node, stack []ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || leaves || w.r.Info.Uses[id] != v || syntax.IsAssigned(id, stack) {
			return !leaves
		}
		in := syntax.Innermost(w.f.Root(), id.Pos())
		switch {
		case in != w.f && !w.r.runsWithinNow(in, w.f) && !w.r.joinedIn(in, w.f):
			leaves = true
		case kind.IsResult(w.f.Root().Sig, v) && w.depth == 0 && w.returned(w.f):
			leaves = true
		default:
			leaves = w.overAt(in, id.Pos(), stack) || w.leaves(id, stack, in)
		}
		return !leaves
	})
	return leaves
}

// overAt reports whether the context may have been canceled when a function comes to a use:
// before it, or by a call that is deferred later and so made earlier.
func (w giving) overAt(in *syntax.Func, pos token.Pos, stack []ast.Node) bool {
	for _, l := range w.lives {
		if w.r.mayHaveCancelled(l, in, pos) {
			return true
		}
		at := deferOf(stack)
		if at == nil {
			continue
		}
		for _, d := range l.In.Defers {
			if d.Stmt.Pos() > at.Pos() && w.r.Mentions(d.Stmt, l.Cancel) {
				return true
			}
		}
		if w.r.callsBefore(l.Cancel, l.In, l.In.Node.End()) {
			return true
		}
	}
	return w.hand != nil && w.r.groupMayBeOver(w.hand, in, pos, flow.MaxStarts)
}

// deferOf returns the outermost deferred call around a node with these parents, or nil.
func deferOf(stack []ast.Node) *ast.DeferStmt {
	for _, n := range stack {
		if d, ok := n.(*ast.DeferStmt); ok {
			return d
		}
	}
	return nil
}

// joinedIn reports whether a literal in f is a task, or part of one, that f waits for.
func (r *Result) joinedIn(lit, f *syntax.Func) bool {
	for ; lit != nil && lit != f; lit = lit.Outer {
		if lit.Role == syntax.RoleDeferred || r.RunsInPlace(lit) {
			continue
		}
		c := lit.Outer.CallOf(lit.Call)
		if c == nil {
			return false
		}
		joined := false
		for _, s := range r.SpawnsAt(c, lit.Outer) {
			joined = joined || r.Joined(s, r.TaskOf(s), nil)
		}
		if !joined {
			return false
		}
	}
	return true
}

// runsWithinNow reports whether a literal runs in f before that ends.
func (r *Result) runsWithinNow(lit, f *syntax.Func) bool {
	for ; lit != nil && lit != f; lit = lit.Outer {
		if lit.Role != syntax.RoleDeferred && !r.RunsInPlace(lit) {
			return false
		}
	}
	return true
}
