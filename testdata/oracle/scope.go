package main

import (
	"fmt"
	"slices"
	"strings"
)

// A life is what ends a context, as far as earlycancel is concerned.
type life int

const (
	lifeOther    life = iota // whoever called, nobody
	lifeDeferred             // a deferred cancel
	lifeRequest              // the server, when its handler returns
)

// A SinkInfo is what the printer knows of a sink. It does not say whether
// the trace is lost there: the run does.
type SinkInfo struct {
	Own   bool      // a unit of work of its own: no trace to be in,
	Round bool      // but for that of the round of a service which does it
	Early bool      // its context is one whose early end is to be reported
	Late  bool      // it may run after the request
	TODO  bool      // its context comes from context.TODO, whose fix takes on the end of ctx
	Above bool      // that ctx is given by a task of another package, see given.above
	Spans []string  // the spans that are open around it
	Pool  bool      // its context comes out of a sync.Pool
	Quiet []silence // why the analyzer may say nothing
}

// Printed is a scenario as text, with what is known of its parts.
type Printed struct {
	Files [3]string // in packages app, dep1 and dep2; "" for none
	Entry EntryForm
	Sinks map[int]*SinkInfo
	Many  map[string]bool // strands that run several times at once

	Inherits bool // fixes follow the cancellation of ctx where the work cannot outlive it

	Keeps bool // a function stores its context, whoever reads it
}

// A file is where the declarations of a scenario in one package are collected.
type file struct {
	index   int // 0 app, 1 dep1, 2 dep2
	imports []string
	decls   []string
}

var packages = [3]string{"app", "dep1", "dep2"}

// use imports a package.
func (f *file) use(path string) {
	if !slices.Contains(f.imports, path) {
		f.imports = append(f.imports, path)
	}
}

// A printer prints one scenario.
type printer struct {
	id    int
	files [3]*file
	next  int // numbers names and events
	out   *Printed
}

// number returns a new one.
func (p *printer) number() int {
	p.next++
	return p.next
}

// A scope is what holds at one point of the printed program.
type scope struct {
	p    *printer
	file *file
	w    *strings.Builder

	ctx    string // the context at hand, "" for none
	life   life
	ends   bool // ctx is sure to end after the request
	todo   bool // ctx comes from context.TODO
	above  int  // see given.above
	orphan bool // ctx is given nothing but roots
	copied bool // ctx is a root with a copy of the caller's span
	linked bool // ctx began a trace with a link
	param  bool // ctx is a parameter of this function
	field  bool // ctx is a field, or made of one
	top    bool // this is the body of a function, and no block in it

	strand    string // the goroutine
	many      bool   // of which there may be several at once
	looped    bool   // this is in a loop
	service   bool   // this is in the loop of a service
	n         string // the input, as an expression
	pinned    bool   // this runs for one input only
	gated     bool   // this runs after the request,
	leaves    int    // in so many tasks that nobody waits for,
	leftBy    int    // which these packages start or make, a set of their indexes
	own       bool   // this belongs to nobody's request
	served    bool   // own, but in a function that takes a context and might be called by others
	recovers  bool   // somebody recovers
	exits     bool   // the goroutine may end itself
	leave     string // how to return early, "" if that is not possible
	rebinds   int    // how often the name of the context was given another one
	captured  *bool  // a literal that may run later has been made in this function
	extra     string // a local variable that effects show
	nocontext bool   // the name context is hidden
	spans     []string
	brief     []briefSpan // those of them that a statement ends
	spanCtx   string      // the context that a span of this function gave
	phaseOf   string      // the same, where a span that was started with it and dropped its own is open
	phases    []string    // the contexts that open spans with a deferred end and a named context were started with
	quiet     []silence
}

// A briefSpan is one that a statement of a function ends, which is known by its captured:
// what that defers comes later.
type briefSpan struct {
	name string
	in   *bool
}

// atEnd returns the spans that are still open when the function makes its deferred calls.
func (sc *scope) atEnd() []string {
	return slices.DeleteFunc(slices.Clone(sc.spans), func(name string) bool {
		return slices.Contains(sc.brief, briefSpan{name, sc.captured})
	})
}

// pf prints to the body of the function.
func (sc *scope) pf(format string, args ...any) { fmt.Fprintf(sc.w, format, args...) }

// list prints statements.
func (sc *scope) list(nodes []*Node) {
	for _, n := range nodes {
		printers[n.Word](sc, n)
	}
}

// block returns the scope of a block inside.
func (sc *scope) block() *scope {
	in := *sc
	in.top = false
	return &in
}

// silenced returns a scope with one more reason for silence.
func (sc *scope) silenced(s silence) *scope {
	in := *sc
	in.quiet = append(slices.Clone(sc.quiet), s)
	return &in
}

// event returns the arguments that all events have: the strand, a number, the
// input.
func (sc *scope) event() (args string, id int) {
	id = sc.p.number()
	return fmt.Sprintf("%q, %d, %s", sc.strand, id, sc.n), id
}

// words that generated code uses.
func (sc *scope) world(name string) string {
	sc.file.use("example.com/program/world")
	return "world." + name
}

func (sc *scope) context(name string) string {
	sc.file.use("context")
	return "context." + name
}

// name makes a name of the scenario. Those of another package are exported.
func (sc *scope) name(base string, to *file) string {
	if to != sc.file {
		base = strings.ToUpper(base[:1]) + base[1:]
	}
	return fmt.Sprintf("%s_%d_%d", base, sc.p.id, sc.p.number())
}

// from returns how a name of another file is written here.
func (sc *scope) from(to *file, name string) string {
	if to == sc.file {
		return name
	}
	sc.file.use("example.com/program/" + packages[to.index])
	return packages[to.index] + "." + name
}

// target returns the file that a function goes to.
func (sc *scope) target(away bool) *file {
	if away && sc.file.index+1 < len(sc.p.files) {
		return sc.p.files[sc.file.index+1]
	}
	return sc.file
}

// A given is a context expression and what is known of it.
type given struct {
	expr   string
	life   life
	ends   bool
	todo   bool
	above  int  // with root: see scope.fromAbove
	copied bool // it is a root with a copy of the caller's span
	linked bool // it began a trace with a link
	field  bool // it is a field, or made of one
	root   bool // it is made of a root, or of what is given nothing else
	strict bool // it is a root of this function's own
}

func (sc *scope) hand() given {
	return given{expr: sc.ctx, life: sc.life, ends: sc.ends, todo: sc.todo, above: sc.above, copied: sc.copied, linked: sc.linked, field: sc.field, root: sc.orphan}
}

// source prints where a context comes from. Without one at hand it is a root.
func (sc *scope) source(from Source) given {
	if sc.ctx == "" && (from == FromHand || from >= FromWithout) || sc.nocontext && from != FromHand && from != FromPass {
		from = FromHelper
		if !sc.nocontext {
			from = FromBackground
		}
	}
	root := given{root: true, strict: true, above: sc.fromAbove()}
	of := sc.hand()
	switch from {
	case FromHand:
		return of
	case FromBackground, FromNil: // nil only where it is tolerated, see sinkSource
		root.expr = sc.context("Background()")
	case FromTODO:
		root.expr, root.todo = sc.context("TODO()"), true
	case FromHelper:
		root.expr = sc.rootHelper()
	case FromGlobal:
		name := sc.name("base", sc.file)
		sc.file.decls = append(sc.file.decls, fmt.Sprintf("var %s = %s\n", name, sc.context("Background()")))
		root.expr = name
	case FromValueRoot:
		root.expr = fmt.Sprintf("%s(%s, %s{}, 1)", sc.context("WithValue"), sc.context("Background()"), sc.world("Key"))
	default:
		return sc.sourceOfHand(from, of)
	}
	return root
}

// sourceOfHand prints what is made of the context at hand.
func (sc *scope) sourceOfHand(from Source, of given) given {
	switch from {
	case FromWithout:
		of.expr = fmt.Sprintf("%s(%s)", sc.context("WithoutCancel"), sc.ctx)
		of.life, of.ends = lifeOther, false
	case FromSpan:
		of.expr = sc.withSpan(sc.file, sc.ctx)
		of.life, of.ends, of.copied = lifeOther, false, true
	case FromDetach:
		to := sc.target(sc.p.number()%2 == 0)
		name := sc.name("detach", to)
		to.use("context")
		to.decls = append(to.decls, fmt.Sprintf("func %s(ctx context.Context) context.Context {\n\treturn %s\n}\n", name, sc.withSpan(to, "ctx")))
		of.expr = fmt.Sprintf("%s(%s)", sc.from(to, name), sc.ctx)
		of.life, of.ends, of.copied = lifeOther, false, true
	case FromValue:
		of.expr = fmt.Sprintf("%s(%s, %s{}, 1)", sc.context("WithValue"), sc.ctx, sc.world("Key"))
	case FromPass:
		args, _ := sc.event()
		of.expr = fmt.Sprintf("%s(%s, %s)", sc.world("Pass"), sc.ctx, args)
	}
	return of
}

// withSpan prints a root that is given the span of ctx: a decision.
func (sc *scope) withSpan(to *file, ctx string) string {
	to.use("context")
	to.use("go.opentelemetry.io/otel/trace")
	return fmt.Sprintf("trace.ContextWithSpan(context.Background(), trace.SpanFromContext(%s))", ctx)
}

// rootHelper declares an own function that returns a root.
func (sc *scope) rootHelper() string {
	to := sc.target(sc.p.number()%2 == 0)
	name := sc.name("base", to)
	to.use("context")
	to.decls = append(to.decls, fmt.Sprintf("func %s() context.Context { return context.Background() }\n", name))
	return sc.from(to, name) + "()"
}

// take makes g the context at hand, under a name.
func (sc *scope) take(g given, name string) {
	if sc.orphan && g.strict {
		sc.quiet = append(slices.Clone(sc.quiet), onlyRoots)
	}
	if sc.extra == name {
		sc.extra = "" // it is hidden
	}
	sc.ctx, sc.life, sc.ends, sc.todo, sc.orphan = name, g.life, g.ends, g.todo, g.root
	sc.above, sc.copied, sc.linked, sc.field, sc.param = g.above, g.copied, g.linked, g.field, false
}

// left notes that what is in sc runs in a task that nobody waits for, and that the
// package of a file starts or makes.
func (sc *scope) left(by *file) {
	sc.gated = true
	sc.leaves++
	sc.leftBy |= 1 << by.index
}

// fromAbove is not 0 where no package can see that what is printed here outlives the
// context at hand: another one, which calls it, has left all of that to a task. A fix
// gives such a place the ctx of its function, as a person would: a function's work may
// end with the context that its own caller passes, whoever that is. Where that caller
// leaves the call to a task, with a context that ends before, he does so to all of its
// work, TODO or not: it is earlycancel's finding, at the start of the task. A fix that
// kept it from ending here would take the cancellation away from every other caller.
// The number tells such places apart from what they leave to a task themselves.
func (sc *scope) fromAbove() int {
	if !sc.gated || sc.leftBy&(1<<sc.file.index) != 0 {
		return 0
	}
	return sc.leaves
}

// sink notes what is known of a sink that is given g.
func (sc *scope) sink(id int, g given) *SinkInfo {
	info := &SinkInfo{
		Own:   sc.own,
		Round: sc.own && sc.service,
		Early: g.life != lifeOther,
		Late:  sc.gated,
		TODO:  g.todo,
		Above: g.above > 0 && g.above == sc.leaves,
		Spans: sc.spans,
		Quiet: sc.quiet,
	}
	if sc.own && (sc.served && g.strict || g.root && !g.strict) {
		info.Own = false
		info.Quiet = append(slices.Clone(info.Quiet), servedAlone)
	}
	if sc.orphan && g.strict {
		info.Quiet = append(slices.Clone(info.Quiet), onlyRoots)
	}
	if g.copied {
		info.Quiet = append(slices.Clone(info.Quiet), copiedSpan)
	}
	if sc.field && !g.strict {
		info.Quiet = append(slices.Clone(info.Quiet), keptInField)
	}
	sc.p.out.Sinks[id] = info
	return info
}

// files returns the text of all files.
func (out *Printed) files() []string { return out.Files[:] }
