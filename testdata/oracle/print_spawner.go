package main

import (
	"fmt"
	"slices"
)

// This file prints the spawners, and the words that keep a goroutine of their
// own.

// startBy hands a func() to a spawner that is not the go statement.
func (t *task) startBy(fn string) {
	switch t.by {
	case byWaitGroup, byErrgroup, byErrgroupContext, byConc, byConcPool, byConcContext:
		t.pf("%s.Go(%s)\n", t.wait, fn)
	case byTimer:
		t.file.use("time")
		t.pf("time.AfterFunc(0, %s)\n", fn)
	case byContextEnd:
		t.pf("%s(%s, %s)\n", t.context("AfterFunc"), t.ctx, fn)
	case byAnts:
		t.pf("_ = %s.Submit(%s)\n", t.world("Ants"), fn)
	case byPond:
		t.startPond(fn)
	case byCrew:
		t.pf("%s.Submit(%s)\n", t.declareCrew(), fn)
	case byKept:
		t.pf("%s(%s)\n", t.world("Keep"), fn)
	case byPackageGroup:
		v := t.name("group", t.file)
		t.file.use("sync")
		t.file.decls = append(t.file.decls, fmt.Sprintf("var %s sync.WaitGroup\n", v))
		t.pf("%s.Go(%s)\n", v, fn)
	case byFieldGroup:
		typ, v := t.name("office", t.file), t.name("theOffice", t.file)
		t.file.use("sync")
		t.file.decls = append(t.file.decls, fmt.Sprintf("type %s struct{ wg sync.WaitGroup }\n", typ), fmt.Sprintf("var %s %s\n", v, typ))
		t.pf("%s.wg.Go(%s)\n", v, fn)
	case bySafe, byWrapped:
		t.startWrapped(fn)
	case byCaller, byCallerVar, byTwice, byVariable, byField, byList, byMap, byChannel:
		t.startValue(fn)
	case byScheduler:
		t.startScheduled(fn)
	case byJob:
		pool, job := t.declareJobs("type %s interface{ Do() }\n", "f.Do()")
		t.pf("%s.Submit(%s(%s))\n", pool, job, fn)
	case byItem:
		pool, item := t.declareJobs("type %s struct {\n\tID int\n\tDo func()\n}\n", "f.Do()")
		t.pf("%s.Submit(%s{ID: %s, Do: %s})\n", pool, item, t.n, fn)
	case byOwn, byOwnDeep:
		t.pf("%s(%s)\n", t.declareSpawner(), fn)
	default:
		panic("no spawner " + spawners[t.by])
	}
}

// startWrapped starts a task by a function of the program's own that calls it, or
// that returns one which does.
func (t *task) startWrapped(fn string) {
	to := t.target(t.node.Away)
	if t.by == bySafe {
		name := t.name("safe", to)
		to.decls = append(to.decls, fmt.Sprintf("func %s(f func()) {\n\tdefer func() { _ = recover() }()\n\tf()\n}\n", name))
		t.pf("go %s(%s)\n", t.from(to, name), fn)
		return
	}
	name := t.name("wrap", to)
	to.decls = append(to.decls, fmt.Sprintf("func %s(f func()) func() {\n\treturn func() { f() }\n}\n", name))
	t.pf("go %s(%s)()\n", t.from(to, name), fn)
}

// startValue starts a task that is a value before.
func (t *task) startValue(fn string) {
	v := fmt.Sprintf("f%d", t.p.number())
	switch t.by {
	case byCaller:
		t.pf("go func(f func()) { f() }(%s)\n", fn)
	case byCallerVar:
		t.pf("%s := func(f func()) { go f() }\n%[1]s(%s)\n", v, fn)
	case byTwice:
		t.pf("%s := func() {}\nif %s >= 0 {\n%[1]s = %[3]s\n}\ngo %[1]s()\n", v, t.n, fn)
	case byVariable:
		name := t.name("hook", t.file)
		t.file.decls = append(t.file.decls, fmt.Sprintf("var %s func()\n", name))
		t.pf("%s = %s\ngo %[1]s()\n", name, fn)
	case byField:
		typ := t.name("job", t.file)
		t.file.decls = append(t.file.decls, fmt.Sprintf("type %s struct{ do func() }\n", typ))
		t.pf("%s := &%s{do: %s}\ngo %[1]s.do()\n", v, typ, fn)
	case byList:
		t.pf("for _, %s := range []func(){%s} {\ngo %[1]s()\n}\n", v, fn)
	case byMap:
		t.pf("%s := map[string]func(){\"x\": %s}\ngo %[1]s[\"x\"]()\n", v, fn)
	case byChannel:
		t.pf("%s := make(chan func(), 1)\n%[1]s <- %s\ngo func() { (<-%[1]s)() }()\n", v, fn)
	}
}

// startScheduled gives a task to a scheduler of the program's own.
func (t *task) startScheduled(fn string) {
	typ, v := t.name("cron", t.file), fmt.Sprintf("c%d", t.p.number())
	t.file.decls = append(t.file.decls,
		fmt.Sprintf("type %s struct{ jobs []func() }\n", typ),
		fmt.Sprintf("func (c *%s) AddFunc(f func()) { c.jobs = append(c.jobs, f) }\n", typ),
		fmt.Sprintf("func (c *%s) run() {\n\tfor _, job := range c.jobs {\n\t\tgo job()\n\t}\n}\n", typ))
	t.pf("%s := new(%s)\n%[1]s.AddFunc(%[3]s)\n%[1]s.run()\n", v, typ, fn)
}

func (t *task) startPond(fn string) {
	v := fmt.Sprintf("task%d", t.p.number())
	switch t.join {
	case JoinWait:
		t.pf("%s := %s.Submit(%s)\n_ = %[1]s.Wait()\n", v, t.world("Pond"), fn)
	case JoinDeferred:
		t.pf("%s := %s.Submit(%s)\ndefer func() { _ = %[1]s.Wait() }()\n", v, t.world("Pond"), fn)
	default:
		t.pf("%s.Submit(%s)\n", t.world("Pond"), fn)
	}
}

// declareCrew declares a pool, made when the program starts. It has a worker for each
// task that may be held back at once.
func (t *task) declareCrew() string {
	to := t.target(t.node.Away)
	typ, make, v := t.name("crew", to), t.name("newCrew", to), t.name("theCrew", to)
	to.decls = append(to.decls,
		fmt.Sprintf("type %s struct{ tasks chan func() }\n", typ),
		fmt.Sprintf("var %s = %s()\n", v, make),
		fmt.Sprintf("func %s() *%s {\n\tc := &%[2]s{tasks: make(chan func(), 64)}\n\tfor range 16 {\n\t\tgo c.work()\n\t}\n\treturn c\n}\n", make, typ),
		fmt.Sprintf("func (c *%s) work() {\n\tfor f := range c.tasks {\n\t\tf()\n\t}\n}\n", typ),
		fmt.Sprintf("func (c *%s) Submit(f func()) { c.tasks <- f }\n", typ))
	return t.from(to, v)
}

// declareJobs declares a pool as declareCrew does, of values of a type that is declared as
// it is told, and returns the pool and what makes a value of a function: the type itself,
// or for an interface one of its own.
func (t *task) declareJobs(decl, run string) (pool, job string) {
	to := t.target(t.node.Away)
	typ, crew, make, v := t.name("job", to), t.name("crew", to), t.name("newCrew", to), t.name("theCrew", to)
	to.decls = append(to.decls,
		fmt.Sprintf(decl, typ),
		fmt.Sprintf("type %s struct{ tasks chan %s }\n", crew, typ),
		fmt.Sprintf("var %s = %s()\n", v, make),
		fmt.Sprintf("func %s() *%s {\n\tc := &%[2]s{tasks: make(chan %[3]s, 64)}\n\tfor range 16 {\n\t\tgo c.work()\n\t}\n\treturn c\n}\n", make, crew, typ),
		fmt.Sprintf("func (c *%s) work() {\n\tfor f := range c.tasks {\n\t\t%s\n\t}\n}\n", crew, run),
		fmt.Sprintf("func (c *%s) Submit(f %s) { c.tasks <- f }\n", crew, typ))
	if t.by == byItem {
		return t.from(to, v), t.from(to, typ)
	}
	adapter := t.name("jobFunc", to)
	to.decls = append(to.decls, fmt.Sprintf("type %s func()\n", adapter), fmt.Sprintf("func (f %s) Do() { f() }\n", adapter))
	return t.from(to, v), t.from(to, adapter)
}

// declareSpawner declares a function that starts a goroutine, here or in one
// that it calls.
func (t *task) declareSpawner() string {
	to := t.target(t.node.Away)
	name := t.name("later", to)
	if t.by == byOwn {
		to.decls = append(to.decls, fmt.Sprintf("func %s(f func()) { go f() }\n", name))
		return t.from(to, name)
	}
	at := *t.scope
	at.file = to
	deep := at.target(true)
	inner := at.name("soon", deep)
	deep.decls = append(deep.decls, fmt.Sprintf("func %s(f func()) { go f() }\n", inner))
	to.decls = append(to.decls, fmt.Sprintf("func %s(f func()) { %s(f) }\n", name, at.from(deep, inner)))
	return t.from(to, name)
}

// aside returns the scope of a goroutine that runs after the request.
func (sc *scope) aside(strand string) *scope {
	in := sc.block()
	in.strand = fmt.Sprintf("%s%d", strand, sc.p.number())
	in.many = sc.many || sc.looped
	sc.p.out.Many[in.strand] = in.many
	in.left(sc.file)
	in.recovers, in.looped, in.exits = false, false, false
	return in
}

// printService starts a goroutine that serves until it is stopped.
func printService(sc *scope, n *Node) {
	*sc.captured = true
	in := sc.aside("service")
	in.own, in.service, in.looped, in.leave = true, true, true, "continue"
	id := sc.p.number()
	loop := fmt.Sprintf("for {\nselect {\ncase <-stop%d:\nreturn\ncase i%[1]d := <-ticks%[1]d:\n", id)
	sc.pf("ticks%d, stop%[1]d := %s(2)\n%s()\n", id, sc.world("Ticks"), sc.world("Enter"))
	if words[Service].hows[n.How] == "method" {
		to := sc.target(n.Away)
		typ, name := sc.name("server", to), sc.name("serve", to)
		at := (&function{node: new(Node)}).inside(in, to) // not a literal, whatever n's form
		at.own, at.service, at.looped, at.leave = true, true, true, "continue"
		at.pf("defer %s()\n%s()\n%s", at.world("Leave"), at.world("AfterReturn"), loop)
		at.n = fmt.Sprintf("%s(n, i%d)", at.world("Iter"), id)
		printEffect(at, n)
		at.list(n.Kids)
		at.pf("}\n}\n")
		to.decls = append(to.decls, fmt.Sprintf("type %s struct{}\n", typ),
			fmt.Sprintf("func (s *%s) %s(n int, ticks%d <-chan int, stop%[3]d <-chan struct{}) {\n%[4]s}\n", typ, name, id, at.w.String()))
		sc.pf("go new(%s).%s(%s, ticks%d, stop%[4]d)\n", sc.from(to, typ), name, sc.n, id)
		return
	}
	in.n = fmt.Sprintf("%s(%s, i%d)", sc.world("Iter"), sc.n, id)
	sc.pf("go func() {\ndefer %s()\n%s()\n%s", sc.world("Leave"), sc.world("AfterReturn"), loop)
	printEffect(in, n)
	in.list(n.Kids)
	sc.pf("}\n}\n}()\n")
}

// printQueue sends an item to a worker that was started with the program.
func printQueue(sc *scope, n *Node) {
	to := sc.target(false)
	if sc.ctx == "" || sc.nocontext {
		printEffect(sc, n)
		return
	}
	item, desk, v, make := sc.name("item", to), sc.name("desk", to), sc.name("theDesk", to), sc.name("newDesk", to)
	how := words[Queue].hows[n.How]
	in := sc.aside("worker")
	in.many = true // the items of several rounds
	sc.p.out.Many[in.strand] = true
	in.n, in.spans, in.own, in.quiet = "it.n", sc.spans, false, sc.quiet
	if sc.own {
		in.quiet = append(slices.Clone(in.quiet), servedAlone)
	}
	if sc.orphan {
		in.quiet = append(slices.Clone(in.quiet), onlyRoots)
	}
	if sc.field {
		in.quiet = append(slices.Clone(in.quiet), keptInField)
	}
	args, id := in.event()
	fields, value, arg := "ctx context.Context; n int", fmt.Sprintf("%s{%s, %s}", item, sc.ctx, sc.n), to.background()
	at := *in
	switch how {
	case "with its context":
		arg = "it.ctx"
		at.silenced(keptInField).silenced(fromField).sink(id, sc.hand())
	case "without a context":
		fields, value = "n int", fmt.Sprintf("%s{%s}", item, sc.n)
		fallthrough
	default:
		at.sink(id, given{root: true})
	}
	to.decls = append(to.decls,
		fmt.Sprintf("type %s struct { %s }\n", item, fields),
		fmt.Sprintf("type %s struct{ items chan %s }\n", desk, item),
		fmt.Sprintf("var %s = %s()\n", v, make),
		fmt.Sprintf("func %s() *%s {\n\td := &%[2]s{items: make(chan %s, 64)}\n\tgo d.work()\n\treturn d\n}\n", make, desk, item),
		fmt.Sprintf("func (d *%s) work() {\n\tfor it := range d.items {\n\t\t%s()\n\t\t%s(%s, %s)\n\t\t%s()\n\t}\n}\n",
			desk, sc.world("AfterReturn"), sc.world("Sink"), arg, args, sc.world("Leave")))
	sc.pf("%s()\n%s.items <- %s\n", sc.world("Enter"), v, value)
}

// background prints a root in a declaration of its own.
func (f *file) background() string {
	f.use("context")
	return "context.Background()"
}

// printShared does work for all who ask: nobody's context is the right one. Which
// of the tasks that ask at the same time does it is chance: either it does not know
// its number, or each has a flight of its own.
func printShared(sc *scope, n *Node) {
	in := sc.block()
	in.own, in.service, in.recovers, in.top, in.param, in.exits = true, false, false, true, false, false
	*sc.captured = true
	if words[Shared].hows[n.How] == "sync.Once" {
		v := sc.name("once", sc.file)
		sc.file.use("sync")
		sc.file.decls = append(sc.file.decls, fmt.Sprintf("var %s sync.Once\n", v))
		in.leave, in.n = "return", "0"
		sc.pf("%s.Do(func() {\n", v)
		in.list(n.Kids)
		sc.pf("})\n")
		return
	}
	v := sc.name("flights", sc.file)
	sc.file.use("golang.org/x/sync/singleflight")
	sc.file.decls = append(sc.file.decls, fmt.Sprintf("var %s singleflight.Group\n", v))
	in.leave = "return nil, nil"
	sc.file.use("strconv")
	sc.pf("_, _, _ = %s.Do(strconv.Itoa(%s), func() (any, error) {\n", v, sc.n)
	in.list(n.Kids)
	sc.pf("return nil, nil\n})\n")
}

// printEach passes a literal that takes a context to a function of the
// program's own.
func printEach(sc *scope, n *Node) {
	if sc.nocontext {
		sc.list(n.Kids)
		return
	}
	g := sc.source(n.From)
	to := sc.target(n.Away)
	name := sc.name("each", to)
	to.use("context")
	to.decls = append(to.decls, fmt.Sprintf("func %s(ctx context.Context, n int, f func(context.Context, int)) {\n\tf(ctx, n)\n}\n", name))
	in := *sc.silenced(passedOn)
	in.captured, in.leave = new(bool), "return"
	in.n = "n"
	in.served = in.own
	in.take(g, contextNames[n.Name])
	in.param, in.top, in.field = true, true, false
	sc.pf("%s(%s, %s, func(%s %s, n int) {\n", sc.from(to, name), g.expr, sc.n, in.ctx, sc.context("Context"))
	printSink(&in, &Node{Word: Sink}) // what a function value is given counts as read
	in.list(n.Kids)
	sc.pf("})\n")
}

// printPooled keeps the context in a value that goes back into a sync.Pool.
func printPooled(sc *scope, n *Node) {
	if sc.ctx == "" || sc.nocontext || sc.orphan || sc.pinned || sc.own {
		printEffect(sc, n) // its runs would not show what the next user sees
		return
	}
	typ, pool, v := sc.name("note", sc.file), sc.name("notes", sc.file), fmt.Sprintf("b%d", sc.p.number())
	sc.file.use("sync")
	sc.file.decls = append(sc.file.decls,
		fmt.Sprintf("type %s struct { ctx %s }\n", typ, sc.context("Context")),
		fmt.Sprintf("var %s = sync.Pool{New: func() any { return new(%s) }}\n", pool, typ))
	sc.pf("%s := %s.Get().(*%s)\n", v, pool, typ)
	how := words[Pooled].hows[n.How]
	if how == "set at once" {
		sc.pf("%s.ctx = %s\n", v, sc.ctx)
	} else {
		sc.pf("if %s%%10 == 0 {\n%s.ctx = %s\n}\n", sc.n, v, sc.ctx)
	}
	args, id := sc.event()
	sc.sink(id, given{life: sc.life, todo: sc.todo, above: sc.above, copied: sc.copied, root: sc.orphan}).Pool = true
	sc.pf("%s(%s.ctx, %s)\n", sc.world("Sink"), v, args)
	if how == "cleared" {
		sc.pf("%s.ctx = nil\n", v)
	}
	sc.pf("%s.Put(%s)\n", pool, v)
}
