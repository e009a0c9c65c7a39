package main

import (
	"fmt"
	"strings"
)

// This file prints tasks: what starts them, how they are written, and who waits
// for them.

// A task is one that is being printed.
type task struct {
	*scope       // where it is started
	node   *Node // its plan
	by     int   // what starts it
	in     *scope

	strand string
	join   Join
	wait   string // the variable by which it is waited for, "" for what waits by itself
	group  bool   // that is a sync.WaitGroup, else a channel
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
	in.gated = sc.gated || t.join == JoinNot || t.join == JoinMaybe
	in.recovers, in.top = n.Recover, true
	t.in = in
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
	if t.by == byContextEnd {
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
	case t.by == byContextEnd:
		t.in = t.in.silenced(atTheEnd)
	case t.isGroup() || t.join == JoinMaybe:
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
		case t.group:
			t.pf("%s.Add(1)\n", t.wait)
		case t.join != JoinNot:
			t.wait = fmt.Sprintf("done%d", t.p.number())
			t.pf("%s := make(chan struct{})\n", t.wait)
		}
	}
	if t.detached() {
		// Counted before the function is evaluated, as wg.Add would be.
		t.pf("%s()\n", t.world("Enter"))
	}
	if t.by == byGo {
		t.startGo()
	} else {
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

// begin prints what a task begins with. told says whether it also tells its
// end, or the literal around it does.
func (t *task) begin(told bool) func(in *scope) {
	return func(in *scope) {
		if told {
			t.tell(in)
		}
		if t.detached() {
			in.pf("defer %s()\n", in.world("Leave"))
		}
		if t.node.Recover {
			args, _ := in.event()
			in.pf("defer %s(%s)\n", in.world("Recovered"), args)
		}
		if t.detached() {
			in.pf("%s()\n", in.world("AfterReturn"))
		}
	}
}

// tell prints how a task tells its end.
func (t *task) tell(in *scope) {
	switch {
	case t.isGroup() || t.by == byPond || t.wait == "":
	case t.group:
		in.pf("defer %s.Done()\n", t.wait)
	default:
		in.pf("defer close(%s)\n", t.wait)
	}
}

// startGo prints a go statement. What it names is given what it needs; what
// cannot be told to tell its end is called by a literal.
func (t *task) startGo() {
	n := t.node
	f := &function{node: n, ctx: !n.Bare, given: t.source, leave: "return", task: t.in}
	literal := n.Form == FormLit || n.Form == FormNested || n.Form == FormVar
	named := n.Form == FormFunc || n.Form == FormMethod || n.Form == FormGeneric || n.Form == FormGenericType
	if t.wait != "" && !literal && !named {
		t.pf("go func() {\n")
		t.tell(t.scope)
		call := t.called(t.scope)
		t.pf("%s\n}()\n", call)
		return
	}
	f.begin = t.begin(true)
	from := t.capture(f, n)
	if from != t.scope {
		in := *t.in
		in.take(from.hand(), from.ctx)
		f.task = &in
	}
	more := ""
	if t.wait != "" && named {
		f.more, more = t.moreParams()
	}
	arg := t.argument(!f.capturing(t.scope) || n.Form == FormKeeper)
	call := f.declare(from)
	args := f.args(t.scope, arg)
	if more != "" {
		args = strings.TrimSuffix(args, ")") + more + ")"
	}
	if strings.Contains(f.more, "*sync") {
		t.target(n.Away).use("sync")
	}
	t.pf("go %s%s\n", call, args)
	if n.Changed && strings.HasPrefix(arg, "x") {
		args, _ := t.event()
		t.pf("%s++\n%s(%s, %[1]s)\n", arg, t.world("Effect"), args)
	}
}

// moreParams returns the parameter by which a named task is told what it is
// waited for by, and the argument.
func (t *task) moreParams() (param, arg string) {
	param, arg = ", "+t.wait+" chan struct{}", ", "+t.wait
	if t.group {
		param, arg = ", "+t.wait+" *sync.WaitGroup", ", &"+t.wait
	}
	return param, arg
}

// argument prints the input of a task that is given it.
func (t *task) argument(given bool) string {
	switch {
	case !given:
	case t.node.Args:
		args, _ := t.event()
		return fmt.Sprintf("%s(%s)", t.world("Arg"), args)
	case t.node.Changed:
		x := fmt.Sprintf("x%d", t.p.number())
		t.pf("%s := %s\n", x, t.n)
		return x
	}
	return t.n
}

// called prints the task as a function that a literal calls, and returns the
// call.
func (t *task) called(sc *scope) string {
	n := t.node
	f := &function{node: n, ctx: !n.Bare, given: t.source, leave: "return", task: t.in, begin: t.begin(false)}
	return f.declare(sc) + f.args(sc, t.in.n)
}

// function prints the func() or func() error that a spawner is given.
func (t *task) function() string {
	n := t.node
	result, end, leave, params := "", "", "return", "()"
	if t.givesError() {
		result, end, leave = " error", "return nil\n", "return nil"
	}
	if t.by == byConcContext {
		name := contextNames[n.Name]
		params = fmt.Sprintf("(%s %s)", name, t.scope.context("Context"))
		g := t.source
		g.ends = g.ends || t.join == JoinWait
		t.in.take(g, name)
	}
	in := *t.in
	in.w, in.leave, in.captured = new(strings.Builder), leave, new(bool)
	capturing := n.Form == FormLit || n.Form == FormNested || n.Form == FormVar
	if n.Form == FormMethod && n.Bare {
		return t.methodValue(&in, params, result, end)
	}
	if capturing {
		in.param = t.by == byConcContext
		if n.From != FromHand {
			g := t.scope.source(n.From)
			name := fmt.Sprintf("ctx%d", t.p.number())
			t.pf("%s := %s\n_ = %[1]s\n", name, g.expr)
			in.take(g, name)
		}
		t.begin(true)(&in)
		in.list(n.Kids)
	} else {
		t.tell(&in)
		t.source = in.source(n.From)
		in.pf("%s\n", t.called(&in))
	}
	lit := fmt.Sprintf("func%s%s {\n%s%s}", params, result, in.w.String(), end)
	if n.Form == FormVar {
		name := fmt.Sprintf("f%d", t.p.number())
		t.pf("%s := %s\n", name, lit)
		return name
	}
	return lit
}

// methodValue prints a task that is a method value, whose receiver has all it
// needs.
func (t *task) methodValue(in *scope, params, result, end string) string {
	to := t.target(t.node.Away)
	typ, name := t.name("job", to), t.name("save", to)
	inside := *in
	inside.file, inside.n, inside.nocontext, inside.extra = to, "j.N", false, ""
	if t.by == byConcContext {
		inside.context("Context")
	} else {
		inside.ctx = ""
	}
	inside.param = false
	field, more := "N int", ""
	if t.wait != "" && !t.isGroup() {
		field, more = "N int; Done chan struct{}", ", Done: "+t.wait
		if t.group {
			to.use("sync")
			field, more = "N int; Done *sync.WaitGroup", ", Done: &"+t.wait
		}
	}
	told := *t
	told.wait = "j.Done"
	if t.wait == "" || t.isGroup() {
		told.wait = ""
	}
	told.begin(true)(&inside)
	inside.list(t.node.Kids)
	to.decls = append(to.decls,
		fmt.Sprintf("type %s struct { %s }\n", typ, field),
		fmt.Sprintf("func (j *%s) %s%s%s {\n%s%s}\n", typ, name, params, result, inside.w.String(), end))
	return fmt.Sprintf("(&%s{N: %s%s}).%s", t.from(to, typ), t.n, more, name)
}
