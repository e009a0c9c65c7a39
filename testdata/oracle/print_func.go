package main

import (
	"fmt"
	"slices"
	"strings"
)

// This file prints functions, in all their forms.

// A function is what is to be printed as a function of some form.
type function struct {
	node   *Node
	ctx    bool  // it takes a context
	given  given // which is this
	result string
	begin  func(in *scope) // what its body begins with, nil for nothing
	end    string          // what its body ends with
	leave  string
	more   string // more parameters
	task   *scope // of a task: the scope that it runs in
	kept   bool   // its context is a field of another package's, of which nobody knows
}

// results has the kinds of results of a function.
var results = []struct{ text, leave, end string }{
	{"", "return", ""},
	{" int", "return -1", "return n * 2\n"},
	{" (got int)", "return -1", "return n * 3\n"},
	{" (int, error)", "return -1, nil", "return n, nil\n"},
}

// capturing reports whether a function of that form is a literal that takes the
// context of the function around, rather than one of its own.
func (f *function) capturing(sc *scope) bool {
	return f.node.Form.literal() && (!f.ctx || sc.nocontext)
}

// inside returns the scope of the function's body, which goes to file to.
func (f *function) inside(sc *scope, to *file) *scope {
	in := *sc
	if f.task != nil {
		in = *f.task
	}
	in.file, in.w, in.top, in.captured = to, new(strings.Builder), true, new(bool)
	in.leave, in.phases = f.leave, nil
	if f.capturing(sc) {
		in.param = false
		*sc.captured = true
		return &in
	}
	in.n, in.nocontext, in.extra = "n", false, ""
	in.ctx = ""
	if f.ctx {
		in.take(f.given, contextNames[f.node.Name])
		in.param, in.field = true, f.given.field && f.node.Form.literal()
		in.served = in.own
		if f.node.Form.literal() && (f.given.copied || f.given.linked) {
			in.quiet = append(slices.Clone(in.quiet), decided)
		}
	}
	return &in
}

// params returns the parameters, "" for a literal that captures.
func (f *function) params(sc *scope, in *scope) string {
	if f.capturing(sc) {
		return "(" + strings.TrimPrefix(f.more, ", ") + ")"
	}
	if !f.ctx {
		return "(n int" + f.more + ")"
	}
	name := contextNames[f.node.Name]
	if f.node.Form == FormBlank {
		name = "_"
	}
	return fmt.Sprintf("(%s %s, n int%s)", name, in.context("Context"), f.more)
}

// body prints the function's body.
func (f *function) body(in *scope) string {
	if strings.Contains(f.result, "got") {
		in.pf("defer func() { got++ }()\n")
	}
	if f.begin != nil {
		f.begin(in)
	}
	if in.ctx != "" && (f.kept || f.ctx && (f.node.Form.opaque() || f.given.copied)) {
		printSink(in, &Node{Word: Sink}) // what it is given counts as read, whatever it does
	}
	in.list(f.node.Kids)
	end := f.end
	if in.n != "n" {
		end = strings.Replace(end, "return n", "return "+in.n, 1)
	}
	return in.w.String() + end
}

// args returns the arguments that go with params.
func (f *function) args(sc *scope, n string) string {
	switch {
	case f.capturing(sc):
		return "()"
	case f.ctx:
		return fmt.Sprintf("(%s, %s)", f.given.expr, n)
	}
	return fmt.Sprintf("(%s)", n)
}

// declare prints the function and returns what it is called by.
func (f *function) declare(sc *scope) string {
	switch f.node.Form {
	case FormMethod, FormGenericType:
		return f.declareMethod(sc)
	case FormVar, FormLit, FormNested:
		return f.declareLit(sc)
	case FormOnlyImpl, FormImpls, FormOpenIface:
		return f.declareImpl(sc)
	case FormVarTwice, FormPkgVar, FormField:
		return f.declareValue(sc)
	case FormSibling:
		return f.declareSibling(sc)
	case FormKeeper:
		return f.declareKeeper(sc)
	}
	to := sc.target(f.node.Away)
	name := sc.name("save", to)
	in := f.inside(sc, to)
	decl := name
	params := f.params(sc, in)
	switch {
	case f.node.Form == FormGeneric:
		decl += "[T ~int]"
		params = strings.Replace(params, "n int", "t T", 1)
		in.pf("n := int(t)\n_ = n\n")
	case f.node.Form == FormBlank && f.ctx:
		in.ctx = ""
		in.quiet = append(slices.Clone(in.quiet), blankCall)
	}
	f.add(to, "func "+decl+params, in)
	return sc.from(to, name)
}

// add prints a declaration.
func (f *function) add(to *file, head string, in *scope) {
	to.decls = append(to.decls, fmt.Sprintf("%s%s {\n%s}\n", head, f.result, f.body(in)))
}

func (f *function) declareMethod(sc *scope) string {
	to := sc.target(f.node.Away)
	typ, name := sc.name("store", to), sc.name("save", to)
	in := f.inside(sc, to)
	params, recv, made := "", typ, "new("+sc.from(to, typ)+")"
	if f.node.Form == FormGenericType {
		params, recv, made = "[T any]", typ+"[T]", "new("+sc.from(to, typ)+"[int])"
	}
	to.decls = append(to.decls, fmt.Sprintf("type %s%s struct{}\n", typ, params))
	f.add(to, fmt.Sprintf("func (s *%s) %s%s", recv, name, f.params(sc, in)), in)
	return made + "." + name
}

func (f *function) declareLit(sc *scope) string {
	in := f.inside(sc, sc.file)
	lit := fmt.Sprintf("func%s%s {\n", f.params(sc, in), f.result)
	if f.node.Form == FormNested {
		outer, result := *in, f.result
		again := *f
		again.result, again.end, again.leave = "", "", "return"
		in.leave = "return"
		lit += fmt.Sprintf("func() {\n%s}()\n", again.body(in))
		if end := f.end; result != "" {
			lit += strings.Replace(end, "return n", "return "+outer.n, 1)
		}
	} else {
		lit += f.body(in)
	}
	lit += "}"
	if f.node.Form != FormVar {
		return lit
	}
	name := fmt.Sprintf("f%d", sc.p.number())
	sc.pf("%s := %s\n", name, lit)
	return name
}

// zero returns a body that does nothing.
func (f *function) zero() string { return strings.ReplaceAll(f.end, "return n", "return 0") }

func (f *function) declareImpl(sc *scope) string {
	form := f.node.Form
	to, iface, name := sc.file, sc.name("saver", sc.file), sc.name("save", sc.file)
	if form == FormOpenIface {
		to = sc.target(f.node.Away)
		iface, name = sc.name("Saver", to), sc.name("Save", to)
	}
	impl := sc.name("store", to)
	in := f.inside(sc, to)
	if !f.ctx && form != FormOnlyImpl {
		in.quiet = append(slices.Clone(in.quiet), map[Form]silence{FormImpls: severalImpls, FormOpenIface: openInterface}[form])
	}
	params := f.params(sc, in)
	to.decls = append(to.decls,
		fmt.Sprintf("type %s interface {\n\t%s%s%s\n}\n", iface, name, params, f.result),
		fmt.Sprintf("type %s struct{}\n", impl))
	f.add(to, fmt.Sprintf("func (s *%s) %s%s", impl, name, params), in)
	v := fmt.Sprintf("saver%d", sc.p.number())
	sc.pf("var %s %s = new(%s)\n", v, sc.from(to, iface), sc.from(to, impl))
	if form == FormImpls {
		other := sc.name("null", to)
		to.decls = append(to.decls,
			fmt.Sprintf("type %s struct{}\n", other),
			fmt.Sprintf("func (s *%s) %s%s%s {\n%s}\n", other, name, params, f.result, f.zero()))
		sc.pf("if %s < 0 {\n%s = new(%s)\n}\n", sc.n, v, sc.from(to, other))
	}
	return v + "." + name
}

func (f *function) declareValue(sc *scope) string {
	in := f.inside(sc, sc.file)
	switch {
	case f.ctx:
		in.quiet = append(slices.Clone(in.quiet), byValue)
	case f.node.Form == FormVarTwice:
		in.quiet = append(slices.Clone(in.quiet), setTwice)
	default:
		in.quiet = append(slices.Clone(in.quiet), inField)
	}
	params := f.params(sc, in)
	name := sc.name("save", sc.file)
	if f.node.Form == FormPkgVar {
		f.add(sc.file, fmt.Sprintf("var %s = func%s", name, params), in)
		return name
	}
	f.add(sc.file, "func "+name+params, in)
	v := fmt.Sprintf("f%d", sc.p.number())
	if f.node.Form == FormField && !sc.nocontext {
		sc.pf("%s := struct{ do func%s%s }{do: %s}\n", v, params, f.result, name)
		return v + ".do"
	}
	other := sc.name("null", sc.file)
	sc.file.decls = append(sc.file.decls, fmt.Sprintf("func %s%s%s {\n%s}\n", other, params, f.result, f.zero()))
	sc.pf("%s := %s\nif %s < 0 {\n%[1]s = %[4]s\n}\n", v, name, sc.n, other)
	return v
}

// declareSibling prints F, which starts its own context, beside FContext.
func (f *function) declareSibling(sc *scope) string {
	to := sc.target(f.node.Away)
	name, recv, prefix, made := sc.name("save", to), "", "", ""
	if f.node.Changed {
		typ := sc.name("store", to)
		to.decls = append(to.decls, fmt.Sprintf("type %s struct{}\n", typ))
		recv, prefix, made = "(s *"+typ+") ", "s.", "new("+sc.from(to, typ)+")."
	}
	bare, with := *f, *f
	bare.ctx, with.ctx = false, true
	if !f.ctx {
		// Who calls F decides nothing about its lifetime, as with context.TODO().
		with.given = given{root: true, todo: true, above: sc.fromAbove()}
	}
	in := with.inside(sc, to)
	params := bare.params(sc, in)
	ret := ""
	if f.result != "" {
		ret = "return "
	}
	to.use("context")
	head := strings.Replace(f.result, "(got int)", "int", 1)
	to.decls = append(to.decls, fmt.Sprintf("func %s%s%s%s {\n%s%s%sContext(context.Background(), n)\n}\n", recv, name, params, head, ret, prefix, name))
	with.result = head
	with.add(to, "func "+recv+name+"Context"+with.params(sc, in), in)
	if f.ctx {
		name += "Context"
	}
	if made != "" {
		return made + name
	}
	return sc.from(to, name)
}

// declareKeeper prints a method of a struct that was made with a context.
func (f *function) declareKeeper(sc *scope) string {
	to := sc.target(f.node.Away)
	typ, name := sc.name("keeper", to), sc.name("save", to)
	bare := *f
	bare.ctx = false
	in := bare.inside(sc, to)
	g := f.given
	if g.expr == "" {
		g = sc.source(FromHand)
	}
	sc.p.out.Keeps = true
	field := "ctx"
	if to != sc.file {
		field, f.kept = "Ctx", true
	}
	in.take(g, "k."+field)
	in.field, in.orphan = true, false
	in.quiet = append(slices.Clone(in.quiet), fromField)
	if g.root {
		in.quiet = append(in.quiet, keptInField)
	}
	walk(f.node.Kids, func(n *Node) {
		if n.Word == Span && n.From == FromHand {
			in.quiet = append(in.quiet, ownTrace)
		}
	})
	to.use("context")
	to.decls = append(to.decls, fmt.Sprintf("type %s struct{ %s context.Context }\n", typ, field))
	f.ctx = false // it is given when the value is made
	f.add(to, fmt.Sprintf("func (k *%s) %s%s", typ, name, bare.params(sc, in)), in)
	return fmt.Sprintf("(&%s{%s: %s}).%s", sc.from(to, typ), field, g.expr, name)
}
