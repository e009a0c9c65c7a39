package main

import (
	"fmt"
	"strings"
)

// This file prints how tasks are written.

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
		switch {
		case t.flow != nil:
			in.pf("%s(%q, %s)\n", in.world("Hold"), t.strand, in.n)
		case t.detached():
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
	case t.flow != nil && t.flow.in&first != 0:
		in.pf("close(%s)\n", t.wait)
	case t.flow != nil && t.kind == waitSent:
		in.pf("defer func() { %s <- struct{}{} }()\n", t.wait)
	case t.flow != nil && t.kind == waitWeight:
		in.pf("defer %s.Release(1)\n", t.wait)
	default:
		in.pf("defer close(%s)\n", t.wait)
	}
}

// startGo prints a go statement. What it names is given what it needs; what
// cannot be told to tell its end is called by a literal.
func (t *task) startGo() {
	n := t.node
	f := &function{node: n, ctx: !n.Bare, given: t.source, leave: "return", task: t.in}
	literal := n.Form.literal()
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
	t.useWait(t.target(n.Away))
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
	switch {
	case t.group:
		param, arg = ", "+t.wait+" *sync.WaitGroup", ", &"+t.wait
	case t.weighs():
		param = ", " + t.wait + " *semaphore.Weighted"
	}
	return param, arg
}

// weighs reports whether the task is waited for by the weight of a semaphore.
func (t *task) weighs() bool { return t.flow != nil && t.kind == waitWeight && !t.isGroup() }

// useWait imports what the variable by which the task is waited for is of.
func (t *task) useWait(to *file) {
	switch {
	case t.group:
		to.use("sync")
	case t.weighs():
		to.use("golang.org/x/sync/semaphore")
	}
}

// startMade starts a task that another function makes: it returns it, or starts it
// in a group that it hands back.
func (t *task) startMade() {
	n := *t.node
	if n.Form != FormMethod && n.Form != FormGeneric && n.Form != FormGenericType {
		n.Form = FormFunc
	}
	begin := t.begin(true)
	f := &function{node: &n, ctx: !n.Bare, given: t.source, leave: "return", task: t.in, result: " func()", end: "}\n"}
	head, start := "return func() {\n", "go %s()\n"
	if t.by == byHandedBack {
		to := t.target(n.Away)
		to.use("golang.org/x/sync/errgroup")
		f.result, f.leave, f.end = " *errgroup.Group", "return nil", "return nil\n})\nreturn g\n"
		head, start = "g := new(errgroup.Group)\ng.Go(func() error {\n", "_ = %s\n"
	}
	if t.by == byReturned && t.file != t.target(n.Away) {
		t.in = t.in.silenced(madeAway)
		f.task = t.in
	}
	f.begin = func(in *scope) {
		in.param = false
		if t.in.leaves > t.leaves {
			in.leftBy |= 1 << in.file.index
		}
		in.pf("%s", head)
		begin(in)
	}
	more := ""
	if t.wait != "" {
		f.more, more = t.moreParams()
		t.useWait(t.target(n.Away))
	}
	arg := t.argument(true)
	call := f.declare(t.scope)
	args := strings.TrimSuffix(f.args(t.scope, arg), ")") + more + ")"
	t.pf(start, call+args)
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
		params = fmt.Sprintf("(%s %s)", name, t.context("Context"))
		g := t.source
		g.ends = g.ends || t.join == JoinWait
		t.in.take(g, name)
		t.in.field = false
	}
	in := *t.in
	in.w, in.leave, in.captured = new(strings.Builder), leave, new(bool)
	capturing := n.Form.literal()
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
			at := *t.scope
			at.take(g, name)
			at.readCopied(g)
		}
		t.begin(true)(&in)
		t.readOwn(&in)
		in.list(n.Kids)
	} else {
		t.tell(&in)
		t.readOwn(&in)
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

// readOwn prints that a task reads from the context that its pool gives it: what
// the pool was given counts as read, whatever the task does.
func (t *task) readOwn(in *scope) {
	if t.by != byConcContext {
		return
	}
	if t.detached() {
		in.pf("%s()\n", in.world("AfterReturn"))
	}
	own := *in
	own.take(t.in.hand(), t.in.ctx)
	printSink(&own, &Node{Word: Sink})
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
		t.useWait(to)
		switch {
		case t.group:
			field, more = "N int; Done *sync.WaitGroup", ", Done: &"+t.wait
		case t.weighs():
			field = "N int; Done *semaphore.Weighted"
		}
	}
	told := *t
	told.wait = "j.Done"
	if t.wait == "" || t.isGroup() {
		told.wait = ""
	}
	told.begin(true)(&inside)
	t.readOwn(&inside)
	inside.list(t.node.Kids)
	to.decls = append(to.decls,
		fmt.Sprintf("type %s struct { %s }\n", typ, field),
		fmt.Sprintf("func (j *%s) %s%s%s {\n%s%s}\n", typ, name, params, result, inside.w.String(), end))
	return fmt.Sprintf("(&%s{N: %s%s}).%s", t.from(to, typ), t.n, more, name)
}
