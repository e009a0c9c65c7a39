package main

import (
	"fmt"
	"go/format"
	"path"
	"regexp"
	"slices"
	"strings"
)

// printers has the function that prints each word.
var printers []func(*scope, *Node)

func init() { // the functions print bodies, and so need the table
	printers = []func(*scope, *Node){
		Sink:      printSink,
		Effect:    printEffect,
		Leave:     printLeave,
		Panic:     printPanic,
		Call:      printCall,
		Spawn:     printSpawn,
		Loop:      printLoop,
		Branch:    printBranch,
		Derive:    printDerive,
		Span:      printSpan,
		Deferred:  printDeferred,
		Recovered: printRecovered,
		Shadow:    printShadow,
		Guard:     printGuard,
		Request:   printRequest,
		Each:      printEach,
		Shared:    printShared,
		Service:   printService,
		Queue:     printQueue,
		Pooled:    printPooled,
	}
}

// Print makes a program of a plan. All its names end in the scenario's number.
func Print(id int, s *Scenario) *Printed {
	p := &printer{id: id, out: &Printed{Entry: s.Entry, Sinks: make(map[int]*SinkInfo), Many: make(map[string]bool)}}
	for i := range p.files {
		p.files[i] = &file{index: i}
	}
	p.entry(s)
	for i, f := range p.files {
		p.out.Files[i] = f.text()
	}
	return p.out
}

// text returns the file, formatted, or "" if it has nothing.
func (f *file) text() string {
	if len(f.decls) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\n", packages[f.index])
	// An expression may have been made and then not been used.
	body := strings.Join(f.decls, "\n")
	f.imports = slices.DeleteFunc(f.imports, func(imp string) bool {
		return !regexp.MustCompile(`(?m)(^|[^\w.])` + path.Base(imp) + `\.`).MatchString(body)
	})
	if len(f.imports) == 0 {
		return formatted(b.String() + body)
	}
	b.WriteString("import (\n")
	slices.Sort(f.imports)
	for _, std := range []bool{true, false} {
		for _, imp := range f.imports {
			if !strings.Contains(imp, ".") == std {
				fmt.Fprintf(&b, "\t%q\n", imp)
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString(")\n\n" + body)
	return formatted(b.String())
}

func formatted(text string) string {
	src, err := format.Source([]byte(text))
	if err != nil {
		panic(fmt.Sprintf("the printer wrote what does not parse: %v\n%s", err, text))
	}
	return string(src)
}

// entry prints the entry and all that it reaches.
func (p *printer) entry(s *Scenario) {
	var body strings.Builder
	sc := &scope{
		p: p, file: p.files[0], w: &body, top: true,
		ctx: contextNames[s.Name], param: true, ends: true,
		strand: "main", n: "n", recovers: true, leave: "return", captured: new(bool),
	}
	result, params := "", sc.ctx+" "+sc.context("Context")+", n int"
	decl := fmt.Sprintf("func Entry_%d", p.id)
	switch s.Entry {
	case EntryResult:
		result, sc.leave = " (got int)", "return -1"
		sc.pf("defer func() { got++ }()\n")
	case EntryMethod:
		p.files[0].decls = append(p.files[0].decls, fmt.Sprintf("type Shop_%d struct{}\n", p.id))
		decl = fmt.Sprintf("func (s *Shop_%d) Entry_%d", p.id, p.id)
	case EntryGeneric:
		decl += "[T ~int]"
		params = sc.ctx + " " + sc.context("Context") + ", t T"
		sc.pf("n := int(t)\n_ = n\n")
	case EntryHandler, EntryHandlerVar:
		p.files[0].use("net/http")
		params = "w http.ResponseWriter, r *http.Request"
		sc.pf("n := %s(r)\n_ = n\n", sc.world("N"))
		sc.life, sc.param = lifeRequest, false
		if s.Entry == EntryHandlerVar {
			sc.pf("%s := r.Context()\n_ = %[1]s\n", sc.ctx)
		} else {
			sc.ctx = "r.Context()"
		}
	case EntryBlank:
		params = "_ " + sc.context("Context") + ", n int"
		sc.ctx = ""
		sc.quiet = append(sc.quiet, blankCall)
	}
	sc.list(s.Body)
	if s.Entry == EntryResult {
		sc.pf("return n * 2\n")
	}
	p.files[0].decls = slices.Insert(p.files[0].decls, 0, fmt.Sprintf("%s(%s)%s {\n%s}\n", decl, params, result, body.String()))
}

// call returns how the entry is called by main.
func (out *Printed) call(id int) string {
	switch out.Entry {
	case EntryResult:
		return fmt.Sprintf("func(ctx context.Context, n int) any { return app.Entry_%d(ctx, n) }", id)
	case EntryMethod:
		return fmt.Sprintf("func(ctx context.Context, n int) any { new(app.Shop_%d).Entry_%[1]d(ctx, n); return nil }", id)
	case EntryHandler, EntryHandlerVar:
		return fmt.Sprintf("world.Serve(app.Entry_%d)", id)
	}
	return fmt.Sprintf("func(ctx context.Context, n int) any { app.Entry_%d(ctx, n); return nil }", id)
}

func printSink(sc *scope, n *Node) {
	args, id := sc.event()
	g := sc.source(n.From)
	if n.From == FromNil && !sc.nocontext {
		g.expr = "nil"
	}
	sc.sink(id, g)
	sc.pf("%s(%s, %s)\n", sc.world("Sink"), g.expr, args)
}

// printRequest hands a context on in a request.
func printRequest(sc *scope, n *Node) {
	g := sc.source(n.From)
	args, id := sc.event()
	sc.sink(id, g)
	req := fmt.Sprintf("req%d", sc.p.number())
	if n.How == 0 {
		sc.file.use("net/http")
		sc.pf("%s, _ := http.NewRequestWithContext(%s, http.MethodGet, \"/\", nil)\n", req, g.expr)
	} else {
		sc.pf("%s := %s()\n", req, sc.world("Blank"))
		sc.pf("%s = %[1]s.WithContext(%s)\n", req, g.expr)
	}
	sc.pf("%s(%s, %s)\n", sc.world("Ask"), req, args)
}

func printEffect(sc *scope, n *Node) {
	value := sc.n
	if sc.extra != "" {
		value = sc.extra
	}
	args, _ := sc.event()
	sc.pf("%s(%s, %s)\n", sc.world("Effect"), args, value)
}

// printLeave returns early, unless what follows would never be run.
func printLeave(sc *scope, n *Node) {
	leave := sc.leave
	if words[Leave].hows[n.How] == "runtime.Goexit" && sc.exits {
		sc.file.use("runtime")
		leave = "runtime.Goexit()"
	}
	if sc.pinned || leave == "" {
		return
	}
	sc.pf("if %s%%10 == 2 {\n%s\n}\n", sc.n, leave)
}

// printPanic panics where somebody recovers.
func printPanic(sc *scope, n *Node) {
	if sc.pinned || !sc.recovers {
		return
	}
	sc.pf("if %s%%10 == 1 {\npanic(\"panic %d\")\n}\n", sc.n, sc.p.number())
}

func printLoop(sc *scope, n *Node) {
	in := sc.block()
	in.looped = true
	id := sc.p.number()
	i := fmt.Sprintf("i%d", id)
	in.n = fmt.Sprintf("%s(%s, %s)", sc.world("Iter"), sc.n, i)
	switch words[Loop].hows[n.How] {
	case "three clauses":
		sc.pf("for %s := 0; %[1]s < 2; %[1]s++ {\n", i)
	case "labelled continue":
		sc.pf("outer%d:\nfor %s := range 2 {\nfor inner := range 2 {\nif inner == 1 {\ncontinue outer%[1]d\n}\n", id, i)
	case "labelled break":
		sc.pf("outer%d:\nfor {\nfor %s := range 3 {\nif %[2]s == 2 {\nbreak outer%[1]d\n}\n", id, i)
		in = in.silenced(withoutEnd)
	case "slice":
		sc.pf("for %s := range []string{\"a\", \"b\"} {\n", i)
	case "map":
		sc.pf("for %s := range map[int]bool{1: true} {\n", i)
	case "channel":
		sc.pf("ch%d := make(chan int, 2)\nch%[1]d <- 0\nch%[1]d <- 1\nclose(ch%[1]d)\nfor %s := range ch%[1]d {\n", id, i)
	case "function":
		sc.pf("for %s := range %s(2) {\n", i, sc.world("Seq"))
	case "endless":
		sc.pf("for %s := 0; ; %[1]s++ {\nif %[1]s == 2 {\nbreak\n}\n", i)
		in = in.silenced(withoutEnd)
	case "while":
		sc.pf("next%d := 0\nfor next%[1]d < 2 {\n%s := next%[1]d\nnext%[1]d++\n", id, i)
	case "goto":
		sc.pf("next%d := 0\nagain%[1]d:\nif %s := next%[1]d; %[2]s < 2 {\nnext%[1]d++\n", id, i)
	default:
		sc.pf("for %s := range 2 {\n", i)
	}
	printEffect(in, n)
	in.list(n.Kids)
	if words[Loop].hows[n.How] == "goto" {
		sc.pf("goto again%d\n", id)
	}
	sc.pf("}\n")
	if strings.HasPrefix(words[Loop].hows[n.How], "labelled") {
		sc.pf("}\n")
	}
}

// branches has the kinds of Branch. Their text has these parts: @body; @effect, on the
// other inputs; @c, whether it is the input, @o, whether it is another one; @d is 0 if
// it is; @L is a number.
var branches = []struct{ name, text string }{
	{"if", "if @c {\n@body}\n"},
	{"else", "if @o {\n@effect} else {\n@body}\n"},
	{"switch", "switch {\ncase @c:\n@bodydefault:\n@effect}\n"},
	{"switch on a value", "switch @d {\ncase 0:\n@bodycase -1:\n@effect}\n"},
	{"default in the middle", "switch @d {\ncase 5:\n@effectdefault:\n@effectcase 0:\n@body}\n"},
	{"fallthrough", "switch @d {\ncase 1, 2, -1, -2:\n@effectcase 0:\n@effectfallthrough\ncase 5:\n@body}\n"},
	{"type switch", "switch @kind.(type) {\ncase int:\n@effectcase string:\n@body}\n"},
	{"select", "select {\ncase <-@whenO:\n@effectcase <-@whenC:\n@body}\n"},
	{"select with default", "select {\ncase <-@whenO:\n@effectdefault:\n@body}\n"},
	{"&&", "if @c && func() bool {\n@litreturn true\n}() {\n@effect}\n"},
	{"||", "if @o || func() bool {\n@litreturn false\n}() {\n@effect}\n"},
	{"break", "switch {\ndefault:\nif @o {\nbreak\n}\n@body}\n"},
	{"labelled break", "part@L:\nswitch {\ndefault:\nswitch {\ncase @o:\nbreak part@L\n}\n@body}\n"},
	{"goto", "if @o {\ngoto over@L\n}\n{\n@body}\nover@L:\n@effect"},
}

func branchNames() (names []string) {
	for _, b := range branches {
		names = append(names, b.name)
	}
	return names
}

func printBranch(sc *scope, n *Node) {
	in, other, id := sc.block(), sc.block(), sc.p.number()
	in.pinned = true
	defer sc.stay(in, "") // a deferred call ends a span with the function, not with the branch
	is, not, zero := fmt.Sprintf("%s%%10 == %d", sc.n, n.Name%3), fmt.Sprintf("%s%%10 != %d", sc.n, n.Name%3), fmt.Sprintf("%s%%10 - %d", sc.n, n.Name%3)
	if sc.pinned { // the other input would never come
		is, not, zero = sc.n+" >= 0", sc.n+" < 0", fmt.Sprintf("%s - %[1]s", sc.n)
	}
	text := branches[n.How].text
	for text != "" {
		before, rest, found := strings.Cut(text, "@")
		sc.pf("%s", before)
		if !found {
			return
		}
		text = ""
		for _, part := range []struct {
			name  string
			print func()
		}{
			{"body", func() { in.list(n.Kids) }},
			{"lit", func() {
				lit := *in
				lit.leave, lit.top, lit.param, lit.captured = "return false", true, false, new(bool)
				*sc.captured = true
				lit.list(n.Kids)
			}},
			{"effect", func() { printEffect(other, n) }},
			{"kind", func() { sc.pf("%s(%s)", sc.world("Kind"), is) }},
			{"whenC", func() { sc.pf("%s(%s)", sc.world("When"), is) }},
			{"whenO", func() { sc.pf("%s(%s)", sc.world("When"), not) }},
			{"c", func() { sc.pf("%s", is) }},
			{"o", func() { sc.pf("%s", not) }},
			{"d", func() { sc.pf("%s", zero) }},
			{"L", func() { sc.pf("%d", id) }},
		} {
			if after, ok := strings.CutPrefix(rest, part.name); ok {
				part.print()
				text = after
				break
			}
		}
	}
}

func printDeferred(sc *scope, n *Node) {
	in := sc.block()
	in.recovers, in.leave, in.top, in.param = false, "return", true, false
	*sc.captured = true
	if words[Deferred].hows[n.How] == "in a literal in place" {
		in.brief = nil // they are ended when that has run
	} else {
		if in.spans = sc.atEnd(); len(in.spans) < len(sc.spans) {
			in.quiet = append(slices.Clone(sc.quiet), notTheVariable) // it may have the context of one that is over
		}
	}
	end := ""
	switch words[Deferred].hows[n.How] {
	case "on condition":
		if !sc.pinned {
			sc.pf("if %s%%10 == %d {\n", sc.n, n.Name%3)
			in.pinned, end = true, "}\n"
		}
	case "in a loop":
		i := fmt.Sprintf("i%d", sc.p.number())
		in.n, in.looped = fmt.Sprintf("%s(%s, %s)", sc.world("Iter"), sc.n, i), true
		sc.pf("for %s := range 2 {\n", i)
		end = "}\n"
	case "in a literal in place":
		sc.pf("func() {\n")
		end = "}()\n"
	}
	sc.pf("defer func() {\n")
	printEffect(in, n)
	in.list(n.Kids)
	sc.pf("}()\n%s", end)
}

func printRecovered(sc *scope, n *Node) {
	in := sc.block()
	in.recovers, in.leave, in.top, in.param, in.brief = true, "return", true, false, nil
	args, _ := sc.event()
	sc.pf("func() {\ndefer %s(%s)\n", sc.world("Recovered"), args)
	in.list(n.Kids)
	sc.pf("}()\n")
}

// printShadow hides a name that a fix would like to use.
func printShadow(sc *scope, n *Node) {
	in := sc.block()
	name := words[Shadow].hows[n.How]
	if name == "ctx" && sc.ctx == "ctx" {
		in.ctx = ""
		in.quiet = append(slices.Clone(sc.quiet), hidden)
	}
	if name == "ctx" && (sc.linked || sc.copied) {
		in.quiet = append(slices.Clone(sc.quiet), hidden) // the caller's may be
	}
	in.nocontext = in.nocontext || name == "context"
	in.extra = name
	sc.pf("{\n%s := %s + 1\n", name, sc.n)
	in.list(n.Kids)
	printEffect(in, n)
	sc.pf("}\n")
	sc.stay(in, "") // a deferred call ends a span with the function, not with the block
}

func printGuard(sc *scope, n *Node) {
	if !sc.param || sc.ctx == "" || sc.nocontext {
		return
	}
	sc.pf("if %s == nil {\n%[1]s = %s\n}\n", sc.ctx, sc.context("Background()"))
}
