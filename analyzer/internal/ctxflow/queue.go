package ctxflow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// This file follows what workers take out of queues.

// A QueueLoss is a worker that has the context of the item it works on, or
// whose items could bring one, and uses another.
type QueueLoss struct {
	Call  *ast.CallExpr // what the worker does with the item
	Name  string        // the context that is used instead: a root, or a variable
	Own   bool          // Call is not given it, but starts it
	Arg   ast.Expr      // the argument of Call that it is, nil with Own
	In    *Func         // the function that makes Call
	Item  string        // the item,
	Var   *types.Var    // its variable,
	Sent  bool          // and whether it was surely sent: no zero value of a closed channel
	Field string        // the item's context, "" if it has none
	Read  *ast.CallExpr // what gave the item and a context that is dropped
	Sends []Send        // where the items without a context come from
	queue *types.Var    // with Sends: the channel
}

// A Send is a place where an item is sent while a context is at hand.
type Send struct {
	Pos  token.Pos
	Hand *Hand
}

// An item is what one round of a worker's loop takes out of a queue.
type item struct {
	vars  []*types.Var  // what is known of it
	sent  bool          // no zero value of a closed channel
	read  *ast.CallExpr // q.Read, which gave its context too, and that is dropped
	queue *types.Var    // the channel, nil if unknown
	from  token.Pos
	scope ast.Node
}

// QueueLosses returns the losses of the package's workers, in source order.
func (r *Result) QueueLosses() []QueueLoss {
	var got []QueueLoss
	r.funcs(func(f *Func) {
		for _, n := range f.loops {
			l := n.node
			for _, it := range r.items(l) {
				loss := r.queueLoss(f, l, it)
				if loss == nil || loss.Sends != nil && slices.ContainsFunc(got, func(o QueueLoss) bool { return o.queue == loss.queue }) {
					continue // one queue is one finding
				}
				got = append(got, *loss)
			}
		}
	})
	return got
}

// items returns what a round of the loop takes out of queues.
func (r *Result) items(l *loop) []item {
	var got []item
	if s, ok := l.Stmt.(*ast.RangeStmt); ok && s.Key != nil {
		if _, ok := typeOf(r.info, s.X).Underlying().(*types.Chan); ok {
			got = append(got, item{vars: r.namedVars(s.Key), sent: true, queue: r.varOf(s.X), from: s.Body.Pos(), scope: s.Body})
		}
	}
	ast.PreorderStack(l.body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt:
			return false // another function, another loop
		case *ast.AssignStmt:
			scope, _ := parent(stack)
			if scope == nil {
				scope = l.body
			}
			if ch := receivedFrom(n); ch != nil {
				got = append(got, item{vars: r.namedVars(n.Lhs[0]), queue: r.varOf(ch), from: n.End(), scope: scope})
			} else if call := r.dropsContext(n); call != nil {
				got = append(got, item{vars: r.namedVars(n.Lhs...), read: call, from: n.End(), scope: scope})
			}
		}
		return true
	})
	return got
}

func (r *Result) namedVars(exprs ...ast.Expr) []*types.Var {
	var vars []*types.Var
	for _, e := range exprs {
		if v := r.varOf(e); v != nil && v.Name() != "_" && !isError(v.Type()) {
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
	i := r.contextResult(call)
	if i < 0 || i >= len(n.Lhs) {
		return nil
	}
	if id, ok := n.Lhs[i].(*ast.Ident); !ok || id.Name != "_" {
		return nil
	}
	tuple, _ := r.info.TypeOf(call).(*types.Tuple)
	for v := range tuple.Variables() {
		if r.canEnd(v.Type()) {
			return nil // a span, see spans.go
		}
	}
	return call
}

// queueLoss returns what is lost of an item, or nil.
func (r *Result) queueLoss(f *Func, l *loop, it item) *QueueLoss {
	if len(it.vars) == 0 || it.read == nil && !r.isService(l, f) {
		return nil
	}
	field := ""
	if it.read == nil {
		field = r.contextField(it.vars[0].Type())
		if field != "" && r.mentionsField(l.body, field) {
			return nil // it is looked at
		}
	}
	var sends []Send
	if it.read == nil && field == "" {
		if sends = r.sendsTo(it.queue); sends == nil {
			return nil
		}
	}
	var loss *QueueLoss
	f.all(func(f *Func) {
		for _, c := range f.calls {
			if loss != nil || c.expr.Pos() < it.from || !encloses(it.scope, c.expr.Pos()) {
				continue
			}
			if name, arg := r.otherContext(c, f, l, field != "" || it.read != nil); name != "" && r.worksOn(c, it, field) {
				loss = &QueueLoss{
					Call: c.expr, Name: name, Own: arg == nil, Arg: arg, In: f,
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
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() != r.pass.Pkg {
		return ""
	}
	if st, ok := n.Underlying().(*types.Struct); ok {
		for field := range st.Fields() {
			if IsContext(field.Type()) {
				return field.Name()
			}
		}
	}
	return ""
}

func (r *Result) mentionsField(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		found = found || ok && sel.Sel.Name == name && IsContext(typeOf(r.info, sel))
		return !found
	})
	return found
}

// otherContext returns the name of the root that a call is given or, without an
// argument, starts itself; with callers also of the context of the loop's
// surroundings that it is given. It returns "" for none.
func (r *Result) otherContext(c *site, f *Func, l *loop, callers bool) (name string, arg ast.Expr) {
	sig, ok := typeOf(r.info, c.expr.Fun).Underlying().(*types.Signature)
	if !ok {
		return "", nil
	}
	for i, arg := range c.expr.Args {
		pi := paramIndex(sig, i)
		if pi < 0 || !IsContext(sig.Params().At(pi).Type()) || !r.handsTo(c, pi) {
			continue
		}
		v := r.eval(arg, f)
		switch {
		case v.class == root && !r.enriched(c.expr, i, f):
			return r.rootName(v.roots[0]), arg
		case v.class == caller && callers:
			if av := r.varOf(arg); av != nil && !encloses(l.Stmt, av.Pos()) {
				return av.Name(), arg
			}
		}
	}
	if sink := r.sinkAt(c, f); sink != nil && sink.Arg < 0 && r.byObj[c.callee] != nil {
		return sink.Way[len(sink.Way)-1].Root, nil
	}
	return "", nil
}

// worksOn reports whether a call is given the item, or a part of it; an item
// with a context of its own only counts in parts, for who has the whole has the
// context too.
func (r *Result) worksOn(c *site, it item, field string) bool {
	nodes := []ast.Node{}
	for _, arg := range c.expr.Args {
		nodes = append(nodes, arg)
	}
	if sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr); ok && field == "" {
		nodes = append(nodes, sel.X)
	}
	for _, n := range nodes {
		for _, v := range it.vars {
			if e, ok := n.(ast.Expr); ok && field != "" && r.varOf(e) == v {
				return false
			}
			if r.mentions(n, v) {
				return true
			}
		}
	}
	return false
}

// sendsTo returns the sends on a channel field of the package if a context is at
// hand at each of them, else nil.
func (r *Result) sendsTo(queue *types.Var) []Send {
	if queue == nil || !queue.IsField() || queue.Exported() || queue.Pkg() != r.pass.Pkg {
		return nil
	}
	var sends []Send
	without := false
	r.funcs(func(f *Func) {
		for _, n := range f.sends {
			if r.varOf(n.Chan) != queue || r.inTest(n.Pos()) {
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
