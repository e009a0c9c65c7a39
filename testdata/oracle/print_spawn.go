package main

import (
	"fmt"
	"strings"
)

// This file prints the start of tasks, and who waits for them.

// A task is one that is being printed.
type task struct {
	*scope       // where it is started
	node   *Node // its plan
	by     int   // what starts it
	in     *scope

	strand string
	join   Join
	flow   *flow    // what stands around it, nil for nothing
	kind   waitKind // amid a flow: what its end is told by
	wait   string   // the variable by which it is waited for, "" for what waits by itself
	group  bool     // that is a sync.WaitGroup, else a channel
	source given
}

// byFuncs tell what a spawner is given.
func (t *task) givesError() bool {
	switch t.by {
	case byErrgroup, byErrgroupContext, byConcContext:
		return true
	}
	return false
}

// isGroup reports whether a spawner has a Wait of its own.
func (t *task) isGroup() bool {
	switch t.by {
	case byWaitGroup, byErrgroup, byErrgroupContext, byConc, byConcPool, byConcContext:
		return true
	}
	return false
}

func printSpawn(sc *scope, n *Node) {
	if n.Flow > 0 {
		printFlow(sc, n)
		return
	}
	t := &task{scope: sc, node: n, by: n.How, join: n.Join, strand: fmt.Sprintf("t%d", sc.p.number())}
	t.settle()
	*sc.captured = true
	t.source = sc.source(n.From)
	if t.by == byErrgroupContext || t.by == byConcContext {
		t.source = sc.source(FromHand)
	}
	sc.p.out.Many[t.strand] = sc.many || sc.looped || n.Round
	in := sc.block()
	in.strand, in.many, in.looped = t.strand, sc.p.out.Many[t.strand], false
	if t.detached() {
		in.left(sc.file)
	}
	in.recovers, in.top = n.Recover, true
	in.exits = t.by == byGo || t.by == byWaitGroup
	t.in = in
	if n.From == FromWithout {
		t.in = t.in.silenced(detachedTask)
	}
	t.quiet()
	t.open()
	if n.Round {
		i := fmt.Sprintf("i%d", sc.p.number())
		sc.pf("for %s := range 2 {\n", i)
		round := *sc
		round.n = fmt.Sprintf("%s(%s, %s)", sc.world("Iter"), sc.n, i)
		round.top = false
		t.scope, t.in.n = &round, round.n
		printEffect(&round, n)
	}
	t.start()
	if n.Round {
		sc.pf("}\n")
		t.scope = sc
	}
	t.close()
}

// settle replaces what does not go together.
func (t *task) settle() {
	if t.by == byContextEnd && (!t.ends || t.ctx == "" || t.field || t.nocontext) {
		t.by = byGo // it would never be started
	}
	if t.by == byContextEnd || t.by == byKept {
		t.join = JoinNot
	}
	if t.by == byErrgroupContext && (t.gated || t.nocontext) {
		t.by = byErrgroup // nothing tells when what it starts would see the end
	}
	if t.by == byConcContext && (t.gated || t.nocontext) {
		t.by = byConcPool
	}
	if t.join == JoinMaybe && (t.isGroup() || t.by == byPond) {
		t.join = JoinNot
	}
}

// quiet notes why earlycancel may say nothing.
func (t *task) quiet() {
	switch {
	case t.by == byField || t.by == byVariable:
		t.in = t.in.silenced(inField)
	case t.by == byMap:
		t.in = t.in.silenced(inMap)
	case t.by == byContextEnd:
		t.in = t.in.silenced(atTheEnd)
	case t.isGroup() || t.by == byHandedBack || t.join == JoinMaybe:
		t.in = t.in.silenced(hearsBack)
	}
}

// open prints what is there before the first task is started.
func (t *task) open() {
	sc := t.scope
	v := fmt.Sprintf("%d", sc.p.number())
	switch t.by {
	case byWaitGroup:
		sc.file.use("sync")
		t.wait = "wg" + v
		sc.pf("var %s sync.WaitGroup\n", t.wait)
	case byErrgroup:
		sc.file.use("golang.org/x/sync/errgroup")
		t.wait = "g" + v
		sc.pf("var %s errgroup.Group\n", t.wait)
	case byErrgroupContext:
		sc.file.use("golang.org/x/sync/errgroup")
		t.wait = "g" + v
		sc.pf("%s, ctx%s := errgroup.WithContext(%s)\n_ = ctx%[2]s\n", t.wait, v, t.source.expr)
		t.source.expr = "ctx" + v
		t.source.ends = t.source.ends || t.join == JoinWait
		t.in.take(t.source, t.source.expr)
	case byConc:
		sc.file.use("github.com/sourcegraph/conc")
		t.wait = "wg" + v
		sc.pf("var %s conc.WaitGroup\n", t.wait)
	case byConcPool:
		sc.file.use("github.com/sourcegraph/conc/pool")
		t.wait = "p" + v
		sc.pf("%s := pool.New()\n", t.wait)
	case byConcContext:
		sc.file.use("github.com/sourcegraph/conc/pool")
		t.wait = "p" + v
		sc.pf("%s := pool.New().WithContext(%s)\n", t.wait, t.source.expr)
	case byPond:
	default:
		t.openWait(v)
		return
	}
	if t.join == JoinDeferred && t.wait != "" {
		if t.givesError() {
			sc.pf("defer func() { _ = %s.Wait() }()\n", t.wait)
		} else {
			sc.pf("defer %s.Wait()\n", t.wait)
		}
	}
}

// openWait declares what a task that is started alone is waited for by.
func (t *task) openWait(v string) {
	t.group = t.join == JoinDeferred || t.join == JoinWait && (t.node.Round || t.node.Result%2 == 0)
	if !t.group {
		return // a channel is made for each task
	}
	t.file.use("sync")
	t.wait = "wg" + v
	t.pf("var %s sync.WaitGroup\n", t.wait)
	if t.join == JoinDeferred {
		t.pf("defer %s.Wait()\n", t.wait)
	}
}

// close prints the wait behind the last task.
func (t *task) close() {
	if t.join != JoinWait || t.wait == "" || !t.group && !t.isGroup() {
		return
	}
	if t.givesError() {
		t.pf("_ = %s.Wait()\n", t.wait)
		return
	}
	t.pf("%s.Wait()\n", t.wait)
}

// start prints the start of one task.
func (t *task) start() {
	if !t.isGroup() && t.by != byPond {
		switch {
		case t.flow != nil && !t.group:
			if t.kind == waitWeight {
				t.pf("%s\n", strings.Replace((&flowText{t: t}).wait(), ", 4)", ", 1)", 1))
			}
		case t.group:
			t.pf("%s.Add(1)\n", t.wait)
		case t.join != JoinNot:
			t.wait = fmt.Sprintf("done%d", t.p.number())
			t.pf("%s := make(chan struct{})\n", t.wait)
		}
	}
	if t.flow != nil {
		t.pf("%s(%q, %s)\n", t.world("Enlist"), t.strand, t.n)
	} else if t.detached() {
		// Counted before the function is evaluated, as wg.Add would be.
		t.pf("%s()\n", t.world("Enter"))
	}
	switch t.by {
	case byGo:
		t.startGo()
	case byReturned, byHandedBack:
		t.startMade()
	default:
		t.startBy(t.function())
	}
	if t.group || t.isGroup() || t.by == byPond {
		return
	}
	switch t.join {
	case JoinWait:
		t.pf("<-%s\n", t.wait)
	case JoinMaybe:
		t.pf("select {\ncase <-%s:\ncase <-%s():\n}\n", t.wait, t.world("Now"))
	}
}

// detached reports whether nobody waits for the task.
func (t *task) detached() bool { return t.join == JoinNot || t.join == JoinMaybe }
