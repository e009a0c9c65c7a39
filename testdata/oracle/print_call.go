package main

import "fmt"

// This file prints calls.

// printCall calls a function in place.
func printCall(sc *scope, n *Node) {
	kind := results[n.Result]
	f := &function{node: n, ctx: !n.Bare, result: kind.text, leave: kind.leave, end: kind.end}
	if n.Bare && n.Form == FormSibling || !n.Bare || n.Form == FormKeeper {
		f.given = sc.source(n.From)
	}
	inner := sc.capture(f, n)
	call := f.declare(inner)
	arg := sc.n
	if n.Args && !f.capturing(sc) {
		args, _ := sc.event()
		arg = fmt.Sprintf("%s(%s)", sc.world("Arg"), args)
	}
	call += f.args(sc, arg)
	switch n.Result {
	case 0:
		sc.pf("%s\n", call)
	case 3:
		args, id := sc.event()
		sc.pf("v%d, err%[1]d := %s\n%s(%s, v%[1]d)\n_ = err%[1]d\n", id, call, sc.world("Effect"), args)
	default:
		args, _ := sc.event()
		sc.pf("%s(%s, %s)\n", sc.world("Effect"), args, call)
	}
}

// capture declares the context that a literal without a parameter of its own is
// to work with, if it is not the one at hand.
func (sc *scope) capture(f *function, n *Node) *scope {
	if !f.capturing(sc) || n.From == FromHand {
		return sc
	}
	g := sc.source(n.From)
	name := fmt.Sprintf("ctx%d", sc.p.number())
	sc.pf("%s := %s\n_ = %[1]s\n", name, g.expr)
	in := *sc
	in.take(g, name)
	in.readCopied(g)
	return &in
}
