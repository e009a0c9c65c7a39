package main

import (
	"fmt"
	"strings"
)

// A flow is what stands around the start of a task and the wait for it: what moves
// control, and what is deferred. Its text has these parts:
//
//	@spawn     the start
//	@wait      the wait; the task goes on when somebody waits for it
//	@defer     the wait, deferred
//	@raw       the wait, where it waits for nothing yet
//	@helper    a function of the program's own that waits; @maybe: on some inputs
//	@derive    a context with a cancel, for the task; @cancel calls that
//	@c @w      whether the wait is passed over, or made; @d is 0 if it is passed over
//	@i @L @n   a variable, a number for labels, the input
//	@effect @leave @panic @recovered
type flow struct {
	name string
	text string
	in   traits
}

// traits are what is to be known of a flow.
type traits uint16

const (
	joined  traits = 1 << iota // every path waits for the task
	rounds                     // the task is started in a loop
	grouped                    // it needs a wait that can be made several times, or early
	first                      // the task tells its end before its work
	meant                      // the cancel is meant for the task: somebody waits for it then
	others                     // another goroutine waits
	endless                    // the loop has no condition
	onFunc                     // the wait is a function's own, by a group or a channel
	awaits                     // every path waits for something, if not for the task
)

// flows has the flows of a spawn; 0 is none of them.
var flows = []flow{
	{"none", "", 0},
	{"if", "@spawn if @w {\n@wait }\n", 0},
	{"else", "@spawn if @c {\n@effect } else {\n@wait }\n", 0},
	{"both branches", "@spawn if @c {\n@effect @wait } else {\n@wait }\n", joined},
	{"early return", "@spawn if @c {\n@leave }\n@wait ", 0},
	{"panic", "@spawn if @c {\n@panic }\n@wait ", 0},
	{"recovered panic", "@spawn func() {\n@recovered if @c {\npanic(\"jump\")\n}\n@wait }()\n", 0},
	{"switch", "@spawn switch {\ncase @c:\n@effect default:\n@wait }\n", 0},
	{"switch without default", "@spawn switch {\ncase @w:\n@wait }\n", 0},
	{"switch on a value", "@spawn switch @d {\ncase 0:\n@effect case 1, 2:\n@wait }\n", 0},
	{"fallthrough into the wait", "@spawn switch @d {\ncase 0:\n@effect case 1:\n@effect fallthrough\ndefault:\n@wait }\n", 0},
	{"fallthrough past the wait", "@spawn switch @d {\ncase 1:\n@wait case 0:\n@effect fallthrough\ncase 5:\n@effect default:\n@wait }\n", 0},
	{"default in the middle", "@spawn switch @d {\ncase 1:\n@wait default:\n@effect case 2:\n@wait }\n", 0},
	{"all cases", "@spawn switch @d {\ncase 1:\n@effect fallthrough\ndefault:\n@wait case 2:\n@wait }\n", joined},
	{"break of a switch", "@spawn switch {\ndefault:\nif @c {\nbreak\n}\n@wait }\n", 0},
	{"type switch", "@spawn switch v@L := @kind.(type) {\ncase string:\n@effect case int:\n_ = v@L\n@wait }\n", 0},
	{"select with default", "@spawn select {\ncase <-@whenW:\n@wait default:\n@effect }\n", 0},
	{"select of two", "@spawn select {\ncase <-@whenC:\n@effect case <-@whenW:\n@wait }\n", awaits},
	{"break of a select", "@spawn select {\ndefault:\nif @c {\nbreak\n}\n@wait }\n", 0},
	{"&&", "@spawn if @w && func() bool {\n@wait return true\n}() {\n@effect }\n", 0},
	{"||", "@spawn if @c || func() bool {\n@wait return true\n}() {\n@effect }\n", 0},
	{"break", "for @i := range 2 {\n@spawn if @c {\nbreak\n}\n@wait }\n", rounds},
	{"continue", "for @i := 0; @i < 2; @i++ {\n@spawn if @c {\ncontinue\n}\n@wait }\n", rounds},
	{"each round", "for @i := range []int{1, 2} {\n@spawn if @c {\n@effect }\n@wait }\n", joined | rounds},
	{"labelled break", "outer@L:\nfor @i := range 2 {\nfor range 1 {\n@spawn if @c {\nbreak outer@L\n}\n@wait }\n}\n", rounds},
	{"labelled continue", "outer@L:\nfor @i := range 2 {\nfor range 1 {\n@spawn if @c {\ncontinue outer@L\n}\n@wait }\n}\n", rounds},
	{"labelled break of a switch", "outer@L:\nfor @i := range 2 {\n@spawn switch {\ncase @c:\nbreak outer@L\ndefault:\n@wait }\n}\n", rounds},
	{"endless loop", "for @i := 0; ; @i++ {\n@spawn if @c || @i == 1 {\nbreak\n}\n@wait }\n", rounds | endless},
	{"endless loop, wait behind", "for @i := 0; ; @i++ {\n@spawn if @i == 1 {\nbreak\n}\n}\n@wait ", joined | rounds | grouped | endless},
	{"loop, wait behind", "for @i := range 2 {\n@spawn }\n@wait ", joined | rounds | grouped},
	{"loop with a return, wait behind", "for @i := range 2 {\n@spawn if @c {\n@leave }\n}\n@wait ", rounds | grouped},
	{"goto", "@spawn if @c {\ngoto end@L\n}\n@wait end@L:\n@effect ", 0},
	{"goto the wait", "@spawn if @c {\ngoto wait@L\n}\n@effect wait@L:\n@wait ", joined},
	{"goto back", "@i := 0\nagain@L:\n{\nk@L := @i\n@spawn }\nif @i++; @i < 2 {\ngoto again@L\n}\n@wait ", joined | rounds | grouped},
	{"range over a map", "for @i := range map[int]bool{0: true} {\n@spawn if @c {\nbreak\n}\n@wait }\n", rounds},
	{"range over a channel", "ch@L := make(chan int, 2)\nch@L <- 0\nch@L <- 1\nclose(ch@L)\nfor @i := range ch@L {\n@spawn if @c {\ncontinue\n}\n@wait }\n", rounds | awaits},
	{"range over a function", "for @i := range @seq {\n@spawn if @c {\nbreak\n}\n@wait }\n", rounds},
	{"return out of a range over a function", "for @i := range @seq {\n@spawn if @c {\n@leave }\n@wait }\n", rounds},
	{"wait before", "@raw @spawn ", grouped},
	{"another waits", "@spawn go func() {\n@raw }()\n", others},
	{"told first", "@spawn @raw ", first},
	{"helper", "@spawn @helper ", joined | onFunc},
	{"helper on condition", "@spawn @maybe ", onFunc},
	{"deferred", "@defer @spawn ", joined},
	{"deferred behind", "@spawn @defer ", joined},
	{"deferred, return", "@defer @spawn if @c {\n@leave }\n@effect ", joined},
	{"deferred, panic", "@defer @spawn if @c {\n@panic }\n@effect ", joined},
	{"deferred behind a return", "@spawn if @c {\n@leave }\n@defer ", 0},
	{"deferred literal", "defer func() {\n@wait }()\n@spawn ", joined},
	{"deferred literal on condition", "defer func() {\nif @w {\n@wait }\n}()\n@spawn ", 0},
	{"deferred literal with a return", "defer func() {\nif @c {\nreturn\n}\n@wait }()\n@spawn ", 0},
	{"deferred on condition", "if @w {\n@defer }\n@spawn ", 0},
	{"deferred on condition behind", "@spawn if @w {\n@defer }\n", 0},
	{"deferred in a loop", "@spawn for range @times {\n@defer }\n", 0},
	{"deferred in a literal", "func() {\n@defer @spawn }()\n", joined},
	{"cancel before the deferred wait", "@defer @derive defer @cancel\n@spawn ", 0},
	{"cancel before the deferred literal", "defer func() {\n@wait }()\n@derive defer @cancel\n@spawn ", 0},
	{"wait before the deferred cancel", "@derive defer @cancel\n@defer @spawn ", joined},
	{"cancel and wait deferred on purpose", "@derive @defer defer @cancel\n@spawn ", meant},
	{"literal waits and cancels", "@derive defer func() {\n@wait @cancel\n}()\n@spawn ", joined},
	{"literal cancels and waits", "@derive defer func() {\n@cancel\n@wait }()\n@spawn ", meant},
	{"cancel behind the wait", "@derive @spawn @wait @cancel\n", joined},
	{"cancel before the wait", "@derive @spawn @cancel\n@wait ", meant},
	{"cancel, wait on condition", "@derive @spawn @cancel\nif @w {\n@wait }\n", 0},
	{"wait on condition, cancel", "@derive @spawn if @w {\n@wait }\n@cancel\n", 0},
	{"cancel beside", "@derive @spawn @cancel\n", 0},
	{"cancel deferred, wait deferred on condition", "@derive defer @cancel\nif @w {\n@defer }\n@spawn ", 0},
	{"cancel in a literal, wait on condition", "@derive defer func() {\nif @w {\n@wait }\n@cancel\n}()\n@spawn ", 0},
}

// A waitKind is what the end of a task is told by.
type waitKind int

const (
	waitGroup waitKind = iota
	waitClosed
	waitSent
	waitWeight // all of a semaphore's weight
	waitKinds
)

// printFlow starts a task amid a flow.
func printFlow(sc *scope, n *Node) {
	t := &task{node: n, by: n.How, join: JoinNot, strand: fmt.Sprintf("t%d", sc.p.number()), flow: &flows[n.Flow]}
	t.settleFlow()
	*sc.captured = true
	around := *sc // what is made here stays here
	t.scope = &around
	f := &flowText{t: t, n: n, id: sc.p.number()}
	text := t.flow.text
	if n.Cancel && !strings.Contains(text, "@derive") {
		text = "@derive defer @cancel\n" + text
	}
	f.cancel = "func() {}()"
	t.openFlow()
	sc.p.out.Many[t.strand] = sc.many || sc.looped || t.flow.in&rounds != 0
	f.print(text)
}

// settleFlow replaces what has a wait, or a context, of its own.
func (t *task) settleFlow() {
	switch t.by {
	case byContextEnd:
		t.by = byGo
	case byKept:
		t.by = byScheduler // it would be started when nobody waits any more
	case byPond:
		t.by = byAnts
	case byErrgroupContext:
		t.by = byErrgroup
	case byConcContext:
		t.by = byConcPool
	}
	if t.by == byConcPool && t.flow.in&(grouped|rounds) != 0 {
		t.by = byConc // a pool takes no task after a wait
	}
	t.kind = waitKind(t.node.Wait)
	switch in := t.flow.in; {
	case t.kind == waitClosed && in&(grouped|rounds) != 0,
		t.kind == waitSent && in&grouped != 0,
		t.kind == waitWeight && in&(grouped|rounds|onFunc) != 0:
		t.kind = waitGroup
	}
	if t.flow.in&first != 0 {
		t.kind = waitClosed
		if t.isGroup() {
			t.by = byGo
		}
	}
	if t.flow.in&onFunc != 0 && t.isGroup() && t.by != byWaitGroup {
		t.by = byWaitGroup
	}
}

// joined reports whether every path waits for the task. One that leaves may not be
// possible there.
func (t *task) joined() bool {
	text := t.flow.text
	stays := strings.Contains(text, "@leave") && (t.leave == "" || t.pinned) ||
		strings.Contains(text, "@panic") && (!t.recovers || t.pinned)
	return t.flow.in&joined != 0 || stays
}

// openFlow declares what the task is waited for by.
func (t *task) openFlow() {
	if t.isGroup() {
		t.open()
		return
	}
	v := t.p.number()
	switch t.kind {
	case waitGroup:
		t.group = true
		t.file.use("sync")
		t.wait = fmt.Sprintf("wg%d", v)
		t.pf("var %s sync.WaitGroup\n", t.wait)
	case waitWeight:
		t.file.use("golang.org/x/sync/semaphore")
		t.wait = fmt.Sprintf("sem%d", v)
		t.pf("%s := semaphore.NewWeighted(4)\n", t.wait)
	case waitSent:
		t.wait = fmt.Sprintf("sent%d", v)
		t.pf("%s := make(chan struct{}, 8)\n", t.wait)
	default:
		t.wait = fmt.Sprintf("done%d", v)
		t.pf("%s := make(chan struct{})\n", t.wait)
	}
}

// A flowText is a flow that is being printed.
type flowText struct {
	t      *task
	n      *Node
	id     int
	cancel string // a call
}

// print prints the text of a flow with all its parts.
func (f *flowText) print(text string) {
	for text != "" {
		before, rest, found := strings.Cut(text, "@")
		f.t.pf("%s", before)
		if !found {
			return
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
		if end < 0 {
			end = len(rest)
		}
		f.part(rest[:end])
		text = rest[end:]
		switch rest[:end] {
		case "spawn", "wait", "raw", "defer", "derive", "helper", "maybe", "effect", "leave", "panic", "recovered":
			text = strings.TrimPrefix(text, " ") // it has a line of its own
		}
	}
}

// part prints one part.
func (f *flowText) part(name string) {
	t := f.t
	at := t.scope.block()
	whether := func(passed bool) string {
		switch {
		case t.pinned:
			return fmt.Sprintf("%s >= 0 == %t", t.n, passed)
		case passed:
			return fmt.Sprintf("%s%%10 == 0", t.n)
		}
		return fmt.Sprintf("%s%%10 != 0", t.n)
	}
	switch name {
	case "spawn":
		f.spawn()
	case "wait":
		t.pf("%s(%q, %s)\n%s\n", t.world("LetGo"), t.strand, t.n, f.wait())
	case "raw":
		t.pf("%s\n", f.wait())
	case "defer":
		if call := f.wait(); strings.HasSuffix(call, ")") && !strings.Contains(call, "=") {
			t.pf("defer %s\n", call)
		} else {
			t.pf("defer func() { %s }()\n", call)
		}
		t.pf("defer %s(%q, %s)\n", t.world("LetGo"), t.strand, t.n)
	case "helper", "maybe":
		f.helper(name == "maybe")
	case "derive":
		f.derive()
	case "cancel":
		t.pf("%s", f.cancel)
	case "c", "w":
		t.pf("%s", whether(name == "c"))
	case "d":
		if t.pinned {
			t.pf("%s - %[1]s", t.n)
		} else {
			t.pf("%s %% 10", t.n)
		}
	case "kind":
		t.pf("%s(%s)", t.world("Kind"), whether(true))
	case "times":
		t.pf("%s(%s)", t.world("Times"), whether(false))
	case "whenC", "whenW":
		t.pf("%s(%s)", t.world("When"), whether(name == "whenC"))
	case "seq":
		t.pf("%s(2)", t.world("Seq"))
	case "i":
		t.pf("i%d", f.id)
	case "L":
		t.pf("%d", f.id)
	case "n":
		t.pf("%s", t.n)
	case "effect":
		printEffect(at, f.n)
	case "leave":
		if t.leave == "" || t.pinned {
			printEffect(at, f.n)
		} else {
			t.pf("%s\n", t.leave)
		}
	case "panic":
		if !t.recovers || t.pinned {
			printEffect(at, f.n)
		} else {
			t.pf("panic(\"panic %d\")\n", t.p.number())
		}
	case "recovered":
		args, _ := t.event()
		t.pf("defer %s(%s)\n", t.world("Recovered"), args)
	default:
		panic("no part of a flow: " + name)
	}
}

// wait returns the wait for the task.
func (f *flowText) wait() string {
	t := f.t
	switch {
	case t.givesError():
		return fmt.Sprintf("_ = %s.Wait()", t.wait)
	case t.isGroup() || t.kind == waitGroup:
		return t.wait + ".Wait()"
	case t.kind == waitWeight:
		if t.nocontext {
			return fmt.Sprintf("_ = %s.Acquire(%s, 4)", t.wait, t.rootHelper())
		}
		return fmt.Sprintf("_ = %s.Acquire(%s, 4)", t.wait, t.context("Background()"))
	}
	return "<-" + t.wait
}

// helper waits by a function of the program's own.
func (f *flowText) helper(maybe bool) {
	t := f.t
	to := t.target(f.n.Changed)
	name := t.name("await", to)
	param, arg, wait := "ch chan struct{}", t.wait, "<-ch"
	if t.isGroup() || t.kind == waitGroup {
		to.use("sync")
		param, arg, wait = "wg *sync.WaitGroup", "&"+t.wait, "wg.Wait()"
	}
	cond := ""
	if maybe {
		cond = "if n%10 == 0 {\nreturn\n}\n"
		if t.pinned {
			cond = "if n >= 0 {\nreturn\n}\n"
		}
	}
	to.use("example.com/program/world")
	to.decls = append(to.decls, fmt.Sprintf("func %s(%s, n int) {\n%sworld.LetGo(%q, n)\n%s\n}\n", name, param, cond, t.strand, wait))
	t.pf("%s(%s, %s)\n", t.from(to, name), arg, t.n)
}

// derive makes a context with a cancel, for the task alone.
func (f *flowText) derive() {
	t := f.t
	if t.ctx == "" || t.nocontext || t.gated {
		return // nothing tells when the task would see the end
	}
	g := t.hand()
	id := t.p.number()
	name, cancel := fmt.Sprintf("ctx%d", id), fmt.Sprintf("cancel%d", id)
	t.pf("%s, %s := %s(%s)\n_ = %[1]s\n", name, cancel, t.context("WithCancel"), g.expr)
	g.life, g.ends = lifeDeferred, true
	copied := g
	t.take(g, name)
	t.readCopied(copied)
	f.cancel = cancel + "()"
}

// spawn starts the task, in a round of its own if there is a loop.
func (f *flowText) spawn() {
	t := f.t
	around := t.scope
	if t.flow.in&rounds != 0 {
		round := *around
		i := "i"
		if strings.Contains(t.flow.text, "k@L") {
			i = "k" // the variable of one round
		}
		round.n = fmt.Sprintf("%s(%s, %s%d)", around.world("Iter"), around.n, i, f.id)
		round.top = false
		t.scope = &round
	}
	t.source = t.scope.source(f.n.From)
	in := t.scope.block()
	in.strand, in.many, in.looped = t.strand, t.p.out.Many[t.strand], false
	if !t.joined() {
		in.left(t.file)
	}
	in.recovers, in.top = f.n.Recover, true
	in.exits = t.by == byGo || t.by == byWaitGroup
	t.in = in
	if f.n.From == FromWithout {
		t.in = t.in.silenced(detachedTask)
	}
	switch t.by {
	case byField, byVariable:
		t.in = t.in.silenced(inField)
	case byMap:
		t.in = t.in.silenced(inMap)
	}
	if t.flow.in&endless != 0 {
		t.in = t.in.silenced(withoutEnd)
	}
	if strings.Contains(t.flow.text, "@panic") && strings.HasSuffix(t.leave, ", nil") {
		t.in = t.in.silenced(givesUp)
	}
	if t.flow.in&awaits != 0 && t.source.root {
		t.in = t.in.silenced(shutdown)
	}
	switch {
	case t.flow.in&meant != 0:
		t.in = t.in.silenced(endsOnPurpose)
	case t.isGroup() && t.by != byWaitGroup, t.by == byHandedBack, t.kind == waitWeight, f.n.Away, t.flow.in&others != 0,
		t.flow.in&onFunc != 0 && f.n.Changed:
		t.in = t.in.silenced(hearsBack)
	}
	t.start()
	t.scope = around
}
