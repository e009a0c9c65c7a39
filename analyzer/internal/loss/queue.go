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

// This file follows what workers take out of queues.

// A Worker is one that has the context of the item it works on, or
// whose items could bring one, and uses another.
type Worker struct {
	Call  *ast.CallExpr // what the worker does with the item
	Name  string        // the context that is used instead: a root, or a variable
	Own   bool          // Call is not given it, but starts it
	Arg   ast.Expr      // the argument of Call that it is, nil with Own
	In    *syntax.Func  // the function that makes Call
	Item  string        // the item,
	Var   *types.Var    // its variable,
	Sent  bool          // and whether it was surely sent: no zero value of a closed channel
	Field string        // the item's context, "" if it has none
	Read  *ast.CallExpr // what gave the item and a context that is dropped
	Sends []Send        // where the items without a context come from
	queue *types.Var    // with Sends: the channel
}

// A Send is a place where an item is sent while a context is in scope.
type Send struct {
	Pos  token.Pos
	Hand *Hand
}

// An item is what a worker takes out of a queue.
type item struct {
	vars  []*types.Var  // what is known of it
	round ast.Node      // where the worker has it: a round of its loop, or its function
	sent  bool          // no zero value of a closed channel
	read  *ast.CallExpr // q.Read, which gave its context too, and that is dropped
	queue *types.Var    // the channel, nil if unknown
	from  token.Pos
	scope ast.Node
}

// QueueLosses returns the losses of the package's workers, in source order.
func (r *Result) QueueLosses() []Worker {
	var got []Worker
	note := func(loss *Worker) {
		if loss == nil || loss.Sends != nil && slices.ContainsFunc(got, func(o Worker) bool { return o.queue == loss.queue }) {
			return // one queue is one finding
		}
		got = append(got, *loss)
	}
	r.Funcs(func(f *syntax.Func) {
		for _, n := range f.Loops {
			for _, it := range r.items(n.Node) {
				if it.read != nil || r.IsService(n.Node, f) {
					note(r.queueLoss(f, n.Node, it))
				}
			}
		}
		for _, it := range r.taken(f) {
			note(r.queueLoss(f, r.ServiceLoopAt(f, it.from), it))
		}
	})
	return got
}

// taken returns the units of work that f takes out of lists and maps, each a variable of its own.
func (r *Result) taken(f *syntax.Func) []item {
	if f.Body == nil || !r.hasUnits() {
		return nil
	}
	var got []item
	note := func(e, from ast.Expr, sent bool, after token.Pos, scope ast.Node) {
		v := r.VarOf(e)
		if v == nil || v.IsField() || r.unitOfWork(v.Type()) == nil || !r.TakenOut(from, f) {
			return
		}
		got = append(got, item{vars: []*types.Var{v}, round: f.Root().Body, sent: sent, from: after, scope: scope})
	}
	ast.PreorderStack(f.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // another function
		case *ast.RangeStmt:
			if n.Value != nil {
				note(n.Value, n.X, true, n.Body.Pos(), n.Body)
			}
		case *ast.AssignStmt:
			if scope, _ := syntax.Parent(stack); len(n.Rhs) == 1 && syntax.ReceivedFrom(n) == nil {
				note(n.Lhs[0], n.Rhs[0], len(n.Lhs) == 1, n.End(), scope)
			}
		}
		return true
	})
	return got
}

// items returns what a round of the loop takes out of queues.
func (r *Result) items(l *syntax.Loop) []item {
	var got []item
	if s, ok := l.Stmt.(*ast.RangeStmt); ok && s.Key != nil {
		if _, ok := r.TypeOf(s.X).Underlying().(*types.Chan); ok {
			got = append(got, item{vars: r.namedVars(s.Key), round: l.Body, sent: true, queue: r.VarOf(s.X), from: s.Body.Pos(), scope: s.Body})
		}
	}
	ast.PreorderStack(l.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			return false // another function, another loop
		case *ast.AssignStmt:
			scope, _ := syntax.Parent(stack)
			if scope == nil {
				scope = l.Body
			}
			if ch := syntax.ReceivedFrom(n); ch != nil {
				got = append(got, item{vars: r.namedVars(n.Lhs[0]), round: l.Body, queue: r.VarOf(ch), from: n.End(), scope: scope})
			} else if call := r.dropsContext(n); call != nil {
				got = append(got, item{vars: r.namedVars(n.Lhs...), round: l.Body, read: call, from: n.End(), scope: scope})
			}
		}
		return true
	})
	return got
}

func (r *Result) namedVars(exprs ...ast.Expr) []*types.Var {
	var vars []*types.Var
	for _, e := range exprs {
		if v := r.VarOf(e); v != nil && v.Name() != "_" && !kind.IsError(v.Type()) {
			if b, ok := v.Type().Underlying().(*types.Basic); !ok || b.Kind() != types.Bool {
				vars = append(vars, v)
			}
		}
	}
	return vars
}

// dropsContext returns the call that an assignment takes an item from, without
// the context which the call gives beside it: _, item, ok := q.Read(ctx).
func (r *Result) dropsContext(n *ast.AssignStmt) *ast.CallExpr {
	if len(n.Rhs) != 1 || len(n.Lhs) < 2 {
		return nil
	}
	call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	i := r.ContextResult(call)
	if i < 0 || i >= len(n.Lhs) {
		return nil
	}
	if id, ok := n.Lhs[i].(*ast.Ident); !ok || id.Name != "_" {
		return nil
	}
	tuple, _ := r.Info.TypeOf(call).(*types.Tuple)
	for v := range tuple.Variables() {
		if r.CanEnd(v.Type()) {
			return nil // a span, see spans.go
		}
	}
	return call
}

// queueLoss returns what is lost of an item, or nil. The service loop l is where the worker
// takes it out, nil for none.
func (r *Result) queueLoss(f *syntax.Func, l *syntax.Loop, it item) *Worker {
	if len(it.vars) == 0 {
		return nil
	}
	field := ""
	if it.read == nil {
		field = r.contextField(it.vars[0].Type())
		if field != "" && r.mentionsField(it.round, field) {
			return nil // it is looked at
		}
	}
	var sends []Send
	if it.read == nil && field == "" {
		if sends = r.sendsTo(it.queue); sends == nil {
			return nil
		}
	}
	var loss *Worker
	f.All(func(f *syntax.Func) {
		for _, c := range f.Calls {
			if loss != nil || c.Expr.Pos() < it.from || !syntax.Encloses(it.scope, c.Expr.Pos()) {
				continue
			}
			if name, arg := r.otherContext(c, f, l, l != nil && (field != "" || it.read != nil)); name != "" && r.worksOn(c, it, field) {
				loss = &Worker{
					Call: c.Expr, Name: name, Own: arg == nil, Arg: arg, In: f,
					Item: it.vars[0].Name(), Var: it.vars[0], Sent: it.sent, Field: field, Read: it.read, Sends: sends, queue: it.queue,
				}
			}
		}
	})
	return loss
}

// contextField returns the name of the field of a struct of the package that
// has a context, or "".
func (r *Result) contextField(t types.Type) string {
	n := kind.NamedOf(t)
	if n == nil || n.Obj().Pkg() != r.Pass.Pkg {
		return ""
	}
	if st, ok := n.Underlying().(*types.Struct); ok {
		for field := range st.Fields() {
			if kind.IsContext(field.Type()) {
				return field.Name()
			}
		}
	}
	return ""
}

// mentionsField reports whether a field with a context is used for more than to ask whether
// that has ended, or to log with it.
func (r *Result) mentionsField(n ast.Node, name string) bool {
	found := false
	ast.PreorderStack(n, nil, func(n ast.Node, stack []ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != name || !kind.IsContext(r.TypeOf(sel)) {
			return !found
		}
		p, _ := syntax.Parent(stack)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			found = found || p.Sel.Name == "Value"
		case *ast.CallExpr:
			callee := r.Callee(p)
			found = found || callee == nil || !kind.IsLogging(callee)
		default:
			found = true
		}
		return !found
	})
	return found
}

// otherContext returns the name of the root that a call is given or, without an
// argument, starts itself; with callers also of the context of the loop's
// surroundings that it is given. It returns "" for none.
func (r *Result) otherContext(c *syntax.Call, f *syntax.Func, l *syntax.Loop, callers bool) (name string, arg ast.Expr) {
	sig, ok := r.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !ok {
		return "", nil
	}
	for i, arg := range c.Expr.Args {
		pi := kind.ParamIndex(sig, i)
		if pi < 0 || !kind.IsContext(sig.Params().At(pi).Type()) || !r.HandsTo(c, pi) {
			continue
		}
		v := r.Eval(arg, f)
		switch {
		case v.Class == flow.Root && !r.Enriched(c.Expr, i, f):
			return r.RootName(v.Roots[0]), arg
		case v.Class == flow.Caller && callers:
			if av := r.VarOf(arg); av != nil && !syntax.Encloses(l.Stmt, av.Pos()) {
				return av.Name(), arg
			}
		}
	}
	if sink := r.SinkAt(c, f); sink != nil && sink.Arg < 0 && r.Func(c.Callee) != nil {
		return sink.Way[len(sink.Way)-1].Root, nil
	}
	return "", nil
}

// worksOn reports whether a call is given the item, or a part of it, or is of a function in it; an
// item with a context of its own only counts in parts, for who has the whole has the
// context too.
func (r *Result) worksOn(c *syntax.Call, it item, field string) bool {
	if v := r.VarOf(c.Expr.Fun); v != nil && v.IsField() && slices.Contains(it.vars, r.BaseVar(c.Expr.Fun)) {
		return true
	}
	nodes := []ast.Node{}
	for _, arg := range c.Expr.Args {
		nodes = append(nodes, arg)
	}
	if sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr); ok && field == "" {
		nodes = append(nodes, sel.X)
	}
	for _, n := range nodes {
		for _, v := range it.vars {
			if e, ok := n.(ast.Expr); ok && field != "" && r.VarOf(e) == v {
				return false
			}
			if r.Mentions(n, v) {
				return true
			}
		}
	}
	return false
}

// sendsTo returns the sends on a channel field of the package if a context is at
// hand at each of them, else nil.
func (r *Result) sendsTo(queue *types.Var) []Send {
	if queue == nil || !queue.IsField() || queue.Exported() || queue.Pkg() != r.Pass.Pkg {
		return nil
	}
	var sends []Send
	without := false
	r.Funcs(func(f *syntax.Func) {
		for _, n := range f.Sends {
			if r.VarOf(n.Chan) != queue || r.InTest(n.Pos()) {
				continue
			}
			hand := r.HandAt(f, n.Pos())
			if hand == nil || hand.Blank != nil || r.isStartup(f, hand) {
				without = true
				continue
			}
			sends = append(sends, Send{n.Pos(), hand})
		}
	})
	if without {
		return nil
	}
	return sends
}
