package main

import "math/rand/v2"

// A Program is all scenarios of a seed, in the order of their numbers.
type Program []*Scenario

// grow makes the program of a seed. The same seed makes the same program. That of
// seed 0 is no random one.
func grow(seed uint64, functions int) Program {
	if seed == 0 {
		return tabled()
	}
	p := make(Program, functions)
	for i := range p {
		// Each scenario has numbers of its own, so that it is the same one
		// whatever else is in the program.
		p[i] = growScenario(rand.New(rand.NewPCG(seed, uint64(i))))
	}
	return p
}

// tabled makes a program in which each flow and each spawner stands alone, in
// handlers and in functions, with a task that keeps its context, and with one that
// makes its own.
func tabled() Program {
	var p Program
	put := func(entry EntryForm, n Node) { p = append(p, &Scenario{Entry: entry, Body: []*Node{&n}}) }
	keeps, makes, roots := []*Node{{Word: Sink}}, []*Node{{Word: Sink, From: FromTODO}}, []*Node{{Word: Sink, From: FromBackground}}
	around := func(n Node) {
		kept, made, root := n, n, n
		kept.Kids, made.Kids, root.Kids = keeps, makes, roots
		put(EntryHandler, root)
		put(EntryFunc, Node{Word: Call, Bare: true, Kids: []*Node{&root}})
		put(EntryHandlerVar, kept)
		put(EntryHandlerVar, made)
		put(EntryFunc, Node{Word: Call, Bare: true, Kids: []*Node{&made}})
		put(EntryHandler, Node{Word: Call, Bare: true, Kids: []*Node{{Word: Call, Bare: true, Kids: []*Node{&made}}}})
	}
	for flow := 1; flow < len(flows); flow++ {
		around(Node{Word: Spawn, Flow: flow, Form: FormLit, Bare: true})
		for wait := range int(waitKinds) {
			put(EntryFunc, Node{Word: Spawn, Flow: flow, Wait: wait, Cancel: true, Kids: keeps})
			put(EntryFunc, Node{Word: Spawn, Flow: flow, Wait: wait, Cancel: true, Kids: makes})
			put(EntryFunc, Node{Word: Spawn, Flow: flow, Wait: wait, Form: FormLit, Bare: true, Cancel: true, Kids: keeps})
		}
	}
	for form := range forms { // who is given a context keeps it, or leaves a task with it behind
		for _, from := range []Source{FromBackground, FromTODO} {
			for _, later := range []*Node{{Word: Queue}, {Word: Spawn, Form: FormLit, Bare: true, Kids: keeps}} {
				put(EntryFunc, Node{Word: Call, Form: form, From: from, Kids: []*Node{later}})
				put(EntryHandler, Node{Word: Call, Form: form, Bare: true, From: from, Kids: []*Node{later}})
			}
		}
		put(EntryFunc, Node{Word: Spawn, Form: form, Kids: makes})
	}
	for how := range spawners {
		around(Node{Word: Spawn, How: how, Form: FormLit, Bare: true})
		around(Node{Word: Spawn, How: how, Form: FormLit, Bare: true, Join: JoinMaybe})
		put(EntryFunc, Node{Word: Derive, How: 1, Kids: []*Node{{Word: Spawn, How: how, Form: FormLit, Bare: true, Kids: keeps}}})
	}
	return p
}

const maxDepth = 4

// growScenario makes a plan in two steps: one that loses nothing, then a few
// losses and decisions in it. Most plans have one or none: where there are
// several, one that is reported hides one that is not.
func growScenario(r *rand.Rand) *Scenario {
	s := &Scenario{Name: r.IntN(len(contextNames))}
	if r.IntN(3) == 0 {
		s.Entry = EntryForm(r.IntN(int(entryForms)))
	}
	s.Body = growBody(r, 1+r.IntN(3), maxDepth)
	lose(r, s)
	if !contains(s.Body, Sink) {
		s.Body = append(s.Body, &Node{Word: Sink})
	}
	return s
}

func contains(nodes []*Node, w Word) bool {
	found := false
	walk(nodes, func(n *Node) { found = found || n.Word == w })
	return found
}

func growBody(r *rand.Rand, statements, depth int) []*Node {
	var body []*Node
	for range statements {
		body = append(body, growNode(r, depth))
	}
	return body
}

func growNode(r *rand.Rand, depth int) *Node {
	n := &Node{Word: pick(r, depth == 0)}
	info := words[n.Word]
	if len(info.hows) > 0 {
		n.How = r.IntN(len(info.hows))
	}
	if n.Word == Spawn && r.IntN(2) == 0 {
		n.How = byGo // the most frequent by far in real programs
	}
	growFields(r, n)
	if info.kids {
		n.Kids = growBody(r, 1+r.IntN(2), depth-1)
	}
	return n
}

// growFields sets the fields that the word asks for. The others stay zero: they
// would only make equal plans look different.
func growFields(r *rand.Rand, n *Node) {
	one := func(in int) bool { return r.IntN(in) == 0 }
	switch n.Word {
	case Call, Spawn:
		n.Form = growForm(r)
		n.Result = r.IntN(len(results))
		n.Away, n.Args, n.Changed = one(3), one(4), one(6)
		if one(3) {
			n.Name = r.IntN(len(contextNames))
		}
	case Each:
		n.Name, n.Away = r.IntN(len(contextNames)), one(3)
	case Branch, Deferred:
		n.Name = r.IntN(len(contextNames))
	case Derive, Span:
		n.Rebind, n.Defer = one(2), one(2)
	case Service:
		n.Away = one(3)
	}
	if n.Word == Spawn {
		n.Join = Join(r.IntN(int(joins)))
		n.Round, n.Recover = one(6), one(4)
		if one(2) {
			n.Flow, n.Wait = 1+r.IntN(len(flows)-1), r.IntN(int(waitKinds))
			n.Join, n.Round, n.Cancel = JoinNot, false, one(3)
		}
	}
}

// growForm prefers the forms that real programs have most of.
func growForm(r *rand.Rand) Form {
	if r.IntN(2) == 0 {
		return []Form{FormFunc, FormMethod, FormLit}[r.IntN(3)]
	}
	return Form(r.IntN(int(forms)))
}

// lose puts losses and decisions into a plan.
func lose(r *rand.Rand, s *Scenario) {
	var places []*Node
	walk(s.Body, func(n *Node) {
		switch n.Word {
		case Sink, Call, Spawn, Derive, Span, Request, Each:
			places = append(places, n)
		}
	})
	if len(places) == 0 {
		return
	}
	for range []int{0, 0, 1, 1, 1, 1, 2, 3}[r.IntN(8)] {
		n := places[r.IntN(len(places))]
		if (n.Word == Call || n.Word == Spawn) && r.IntN(2) == 0 {
			n.Bare = true
			continue
		}
		if r.IntN(2) == 0 {
			n.From = FromBackground
			continue
		}
		n.From = Source(1 + r.IntN(int(sourceKinds)-1))
	}
}
