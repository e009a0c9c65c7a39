package main

import (
	"fmt"
	"slices"
)

// This file prints the words that make a context of another.

// printDerive makes a context for all that follows in its body.
func printDerive(sc *scope, n *Node) {
	if sc.nocontext {
		sc.list(n.Kids) // the package cannot be named
		return
	}
	g := sc.source(n.From)
	in := *sc
	how := words[Derive].hows[n.How]
	if sc.gated && (how == "WithCancel" || how == "WithTimeout") {
		how = "WithValue" // nothing tells when what it starts would see the end
	}
	name := fmt.Sprintf("ctx%d", sc.p.number())
	rebound := n.Rebind && sc.canRebind()
	if rebound {
		name = sc.ctx
	}
	if rebound && g.expr == name && (how == "assigned" || how == "declared first") {
		sc.list(n.Kids) // it stays what it is
		return
	}
	if rebound && sc.file != sc.p.files[0] {
		printSink(sc, &Node{Word: Sink}) // what another package does with it counts as work
	}
	assign := ":="
	switch how {
	case "WithCancel", "WithTimeout":
		cancel := fmt.Sprintf("cancel%d", sc.p.number())
		more := ""
		if how == "WithTimeout" {
			sc.file.use("time")
			more = ", time.Hour"
		}
		sc.pf("%s, %s := %s(%s%s)\ndefer %[2]s()\n", name, cancel, sc.context(how), g.expr, more)
		g.life, g.ends = lifeDeferred, true
	case "linked span":
		printLinked(sc, n)
		return
	default:
		if rebound {
			assign = "="
		}
		sc.printPlain(how, name, assign, &g)
	}
	if !rebound {
		sc.pf("_ = %s\n", name)
	}
	if rebound && g.copied {
		in = *in.silenced(decided)
		sc.quiet = in.quiet
	}
	in.take(g, name)
	in.param = rebound
	if rebound {
		in.rebinds++
		printSink(&in, &Node{Word: Sink}) // for all that follows, so something has to
	} else {
		in.readCopied(g)
	}
	in.list(n.Kids)
	sc.goOn(&in)
}

// goOn takes over what is left of another scope of the same list of statements:
// what became of the context at hand, if its name was given another one; else the
// spans that were opened there with another variable and not ended.
func (sc *scope) goOn(in *scope) {
	switch {
	case in.rebinds > sc.rebinds:
		sc.take(in.hand(), in.ctx)
		sc.param, sc.spans, sc.quiet, sc.rebinds, sc.phases = in.param, in.spans, in.quiet, in.rebinds, in.phases
	case len(in.spans) > len(sc.spans):
		sc.spans = in.spans
		sc.quiet = append(slices.Clone(sc.quiet), notTheVariable)
	}
}

// readCopied reads from the context at hand if it was made of g, with a copied
// span: who copies it has read it, and so should the run.
func (sc *scope) readCopied(g given) {
	if g.copied {
		printSink(sc, &Node{Word: Sink})
	}
}

// canRebind reports whether the name of the context may be given another one.
// Where a literal that runs later has it, the rest of the oracle could not tell
// which of them that sees.
func (sc *scope) canRebind() bool { return sc.top && sc.param && sc.ctx != "" && !*sc.captured }

// printPlain makes a context without an end of its own.
func (sc *scope) printPlain(how, name, assign string, g *given) {
	switch how {
	case "WithValue":
		sc.pf("%s %s %s(%s, %s{}, 1)\n", name, assign, sc.context("WithValue"), g.expr, sc.world("Key"))
	case "own helper":
		to := sc.target(sc.p.number()%2 == 0)
		helper := sc.name("with", to)
		to.use("context")
		to.use("example.com/program/world")
		to.decls = append(to.decls, fmt.Sprintf("func %s(ctx context.Context) context.Context {\n\treturn context.WithValue(ctx, world.Key{}, 2)\n}\n", helper))
		sc.pf("%s %s %s(%s)\n", name, assign, sc.from(to, helper), g.expr)
	case "declared first":
		if assign == ":=" {
			sc.pf("var %s %s\n", name, sc.context("Context"))
		}
		fallthrough
	default:
		if how == "declared first" {
			assign = "="
		}
		if name != g.expr {
			sc.pf("%s %s %s\n", name, assign, g.expr)
		}
	}
}

// printLinked starts a trace with a link to the caller's: a decision.
// Without a span to link to there would be none.
func printLinked(sc *scope, n *Node) {
	if sc.ctx == "" || sc.orphan {
		sc.list(n.Kids)
		return
	}
	sc.file.use("go.opentelemetry.io/otel/trace")
	printSink(sc, &Node{Word: Sink}) // a link reads the context that it is made of
	id := sc.p.number()
	name := fmt.Sprintf("ctx%d", id)
	in := *sc
	sc.pf("%s, span%d := %s.Start(%s, \"linked%[2]d\", trace.WithLinks(trace.LinkFromContext(%[5]s)))\ndefer span%[2]d.End()\n_ = %[1]s\n",
		name, id, sc.world("Tracer"), sc.context("Background()"), sc.ctx)
	in.take(given{linked: true, field: sc.field}, name)
	in.spans = []string{fmt.Sprintf("linked%d", id)}
	in.list(n.Kids)
	if open := in.spans[1:]; len(open) > 0 {
		in.spans = slices.Concat(sc.spans, open)
		sc.goOn(&in)
	}
}

// printSpan starts a span and ends it behind its body, or in a deferred call.
func printSpan(sc *scope, n *Node) {
	g := sc.source(n.From)
	if n.From == FromNil || g.expr == "" {
		sc.list(n.Kids)
		return
	}
	id := sc.p.number()
	name, span := fmt.Sprintf("s%d", id), fmt.Sprintf("span%d", id)
	in := *sc
	in.spans = append(slices.Clone(sc.spans), name)
	if !n.Defer {
		in.brief = append(slices.Clone(sc.brief), briefSpan{name, sc.captured})
	}
	how := words[Span].hows[n.How]
	if sc.file != sc.p.files[0] {
		printSink(sc, &Node{Word: Sink, From: n.From}) // what another package does with it counts as work
	}
	switch how {
	case "leaf":
		sc.pf("_, %s := %s.Start(%s, %q)\n%[1]s.End()\n", span, sc.world("Tracer"), g.expr, name)
		sc.opened(span, g)
		sc.list(n.Kids)
		return
	case "loop-carried":
		if !sc.nocontext && sc.ctx != "" {
			printCarried(sc, n, g, id)
			return
		}
	case "dropped", "passed by":
		if sc.ctx != "" {
			sc.printLostSpan(&in, n, g, id)
			return
		}
	}
	ctx := fmt.Sprintf("ctx%d", id)
	if how == "used" && n.Rebind && sc.canRebind() {
		ctx = sc.ctx
	}
	sc.pf("%s, %s := %s.Start(%s, %q)\n", ctx, span, sc.world("Tracer"), g.expr, name)
	sc.pf("_ = %s\n", ctx) // in a literal in a literal it is a variable of its own
	sc.phase(&in, n, g, ctx).opened(span, g)
	if n.Defer {
		sc.pf("defer %s.End()\n", span)
	}
	if g.copied && ctx == sc.ctx {
		in = *in.silenced(decided)
		sc.quiet = in.quiet
	}
	in.take(g, ctx)
	in.spanCtx = ctx
	if ctx == sc.ctx {
		in.param = true
		in.rebinds++
	}
	in.list(n.Kids)
	if !n.Defer {
		sc.pf("%s.End()\n", span)
	}
	if ctx == sc.ctx {
		sc.goOn(&in) // the name stays the span's
	} else if !n.Defer {
		sc.stay(&in, name)
	}
	if n.Defer {
		others := len(in.spans) > len(sc.spans)+1 // opened in there, and still open
		sc.spans = in.spans                       // it is too
		if n.From != FromHand || sc.field || others {
			sc.quiet = append(slices.Clone(sc.quiet), notTheVariable)
		}
	}
}

// phase notes a span, whose context is called ctx and which in is the scope of, as one of the
// phases of a function that are ended together, and returns the scope that its start is in.
func (sc *scope) phase(in *scope, n *Node, g given, ctx string) *scope {
	if !n.Defer {
		return sc
	}
	at := sc
	if slices.Contains(sc.phases, g.expr) {
		at = sc.silenced(besidePhase)
		in.quiet = append(slices.Clone(in.quiet), besidePhase)
		sc.quiet = append(slices.Clone(sc.quiet), besidePhase) // both are open for what follows
	}
	if ctx == sc.ctx {
		in.phases = nil // the name is this span's now
		return at
	}
	in.phases = append(slices.Clone(sc.phases), g.expr)
	sc.phases = in.phases
	return at
}

// opened records in which trace a span is that was started with g.
func (sc *scope) opened(span string, g given) {
	args, id := sc.event()
	sc.sink(id, g).Early = false // it is the start that counts
	sc.pf("%s(%s, %s)\n", sc.world("Opened"), span, args)
}

// printLostSpan starts a span whose context does not reach its body.
func (sc *scope) printLostSpan(in *scope, n *Node, g given, id int) {
	name, span := fmt.Sprintf("s%d", id), fmt.Sprintf("span%d", id)
	if n.From != FromHand || sc.field {
		in.quiet = append(slices.Clone(in.quiet), notTheVariable)
	}
	ctx := "_"
	if words[Span].hows[n.How] == "passed by" {
		ctx = fmt.Sprintf("ctx%d", id)
	}
	sc.pf("%s, %s := %s.Start(%s, %q)\n", ctx, span, sc.world("Tracer"), g.expr, name)
	switch {
	case ctx == "_" && g.expr == sc.phaseOf:
		sc.silenced(besidePhase).opened(span, g)
	case ctx == "_":
		sc.opened(span, g)
	default:
		sc.phase(in, n, g, ctx).opened(span, g)
	}
	if ctx == "_" && g.expr == sc.spanCtx {
		in.phaseOf = g.expr
	}
	if n.Defer {
		sc.pf("defer %s.End()\n", span)
	}
	if ctx != "_" {
		with := *in
		with.take(g, ctx)
		printSink(&with, &Node{Word: Sink})
	}
	in.list(n.Kids)
	if !n.Defer {
		sc.pf("%s.End()\n", span)
	}
	if in.rebinds > sc.rebinds {
		sc.goOn(in)
	} else if n.Defer {
		sc.spans, sc.quiet = in.spans, in.quiet // it is still open
	} else {
		sc.stay(in, name)
	}
}

// stay takes over the spans that were opened in the body of the span own, and not
// ended there as that is.
func (sc *scope) stay(in *scope, own string) {
	open := slices.DeleteFunc(slices.Clone(in.spans), func(s string) bool { return s == own })
	if len(open) > len(sc.spans) {
		sc.spans = open
		sc.quiet = append(slices.Clone(sc.quiet), notTheVariable)
	}
}

// printCarried starts the span of each round with the context of the last.
func printCarried(sc *scope, n *Node, g given, id int) {
	name, ctx := fmt.Sprintf("s%d", id), fmt.Sprintf("ctx%d", id)
	in := *sc.block()
	in.looped = true
	in.n = fmt.Sprintf("%s(%s, i%d)", sc.world("Iter"), sc.n, id)
	in.spans = append(slices.Clone(sc.spans), name)
	sc.pf("%s := %s\nfor i%d := range 2 {\n", ctx, g.expr, id)
	if n.Rebind { // done right: a variable of the round
		sc.pf("%s, span%d := %s.Start(%[1]s, %[4]q)\n", ctx, id, sc.world("Tracer"), name)
	} else {
		sc.file.use("go.opentelemetry.io/otel/trace")
		sc.pf("var span%d trace.Span\n%s, span%[1]d = %[3]s.Start(%[2]s, %[4]q)\n", id, ctx, sc.world("Tracer"), name)
	}
	in.take(g, ctx)
	printSink(&in, &Node{Word: Sink})
	in.leave = "" // the span would stay open
	in.list(n.Kids)
	sc.pf("span%d.End()\n}\n", id)
}
