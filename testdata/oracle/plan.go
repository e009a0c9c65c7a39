package main

import "slices"

// A Scenario is the plan of one request: an entry and all that it does. It is
// a tree and no text, so that it can be shrunk; printing it makes a program of
// whatever tree there is.
type Scenario struct {
	Entry EntryForm
	Name  int // how the entry calls its context, an index of contextNames
	Body  []*Node
}

// A Node is a statement, or a few that belong together. Zero is the simplest
// value of each field: shrinking goes there.
type Node struct {
	Word   Word
	How    int    // which kind, an index of the word's Hows
	Form   Form   // how the function that is called or started is written
	Join   Join   // of a task: who waits for it
	From   Source // the context that it is given
	Result int    // what a function returns: nothing, int, a named int, int and error
	Flow   int    // of a task: what stands around its start and the wait for it, an index of flows
	Wait   int    // of a task amid a flow: a waitKind
	Name   int    // how a function calls its context, an index of contextNames

	Away    bool // the function is in the next package
	Bare    bool // the function takes no context
	Round   bool // of a task: started in each round of a loop
	Args    bool // the evaluation of arguments shows
	Changed bool // of a task's argument: the variable changes after the start
	Recover bool // of a task: a panic ends there
	Rebind  bool // the context made here takes the name of the one it is made of
	Defer   bool // of a span: ended by a deferred call
	Cancel  bool // of a task amid a flow: it works with a context that a deferred cancel ends

	Kids []*Node
}

// EntryForm is how the entry of a scenario is written.
type EntryForm int

const (
	EntryFunc EntryForm = iota
	EntryResult
	EntryMethod
	EntryGeneric
	EntryHandler
	EntryHandlerVar // a handler with ctx := r.Context()
	EntryBlank      // the context has no name
	entryForms
)

// Form is how a function is written, and what it is called by.
type Form int

const (
	FormFunc        Form = iota
	FormMethod           // of a struct
	FormGeneric          // func f[T]
	FormGenericType      // a method of a generic type
	FormVar              // a local variable that is set to a literal
	FormLit              // a literal in place
	FormOnlyImpl         // a method of an unexported interface with one implementation
	FormImpls            // of one with several
	FormOpenIface        // of an exported interface
	FormVarTwice         // a local variable that is set to one of two functions
	FormPkgVar           // a package variable that is set to a literal
	FormField            // a field of a struct that has a function
	FormBlank            // a function whose context parameter has no name
	FormSibling          // F beside FContext
	FormKeeper           // a method of a struct that keeps a context
	FormNested           // a literal in a literal
	forms
)

// opaque reports whether nobody can tell which function a call of that form
// calls.
func (f Form) opaque() bool {
	switch f {
	case FormImpls, FormOpenIface, FormVarTwice, FormPkgVar, FormField, FormOnlyImpl:
		return true
	}
	return false
}

// literal reports whether a function of that form is a literal where it is called.
func (f Form) literal() bool { return f == FormVar || f == FormLit || f == FormNested }

// Join is how the end of a task is waited for.
type Join int

const (
	JoinNot Join = iota
	JoinWait
	JoinDeferred
	JoinMaybe // in a select that may go on without it, and does
	joins
)

// Source is where a context comes from.
type Source int

const (
	FromHand Source = iota // the context at hand
	FromBackground
	FromTODO
	FromNil
	FromHelper    // an own function that returns a root
	FromGlobal    // a package variable that is one
	FromValueRoot // context.WithValue of a root
	FromWithout   // context.WithoutCancel of the context at hand
	FromSpan      // a root with the span of the context at hand
	FromDetach    // the same in an own function
	FromValue     // context.WithValue of the context at hand
	FromPass      // a call that shows when it is evaluated
	sourceKinds
)

// contextNames are the names that functions give their context.
var contextNames = []string{"ctx", "c", "parent"}

// clone returns a deep copy.
func (n *Node) clone() *Node {
	c := *n
	c.Kids = cloneAll(n.Kids)
	return &c
}

func cloneAll(nodes []*Node) []*Node {
	if nodes == nil {
		return nil
	}
	copied := make([]*Node, len(nodes))
	for i, n := range nodes {
		copied[i] = n.clone()
	}
	return copied
}

func (s *Scenario) clone() *Scenario {
	c := *s
	c.Body = cloneAll(s.Body)
	return &c
}

// walk calls visit for all nodes, parents first.
func walk(nodes []*Node, visit func(*Node)) {
	for _, n := range nodes {
		visit(n)
		walk(n.Kids, visit)
	}
}

// size orders plans: one with fewer nodes is smaller, then one whose fields
// are simpler.
func (s *Scenario) size() int {
	size := int(s.Entry) + s.Name
	walk(s.Body, func(n *Node) {
		size += 1000 + n.How + int(n.Form) + int(n.Join) + int(n.From) + n.Result + n.Name + n.Flow + n.Wait
		for _, set := range n.switches() {
			if *set {
				size++
			}
		}
	})
	return size
}

// switches are the fields of n that are on or off.
func (n *Node) switches() []*bool {
	return []*bool{&n.Away, &n.Bare, &n.Round, &n.Args, &n.Changed, &n.Recover, &n.Rebind, &n.Defer, &n.Cancel}
}

// smaller returns the plans that are one step smaller than s, boldest first.
func (s *Scenario) smaller() []*Scenario {
	var got []*Scenario
	try := func(change func(*Scenario)) {
		c := s.clone()
		change(c)
		if c.size() < s.size() {
			got = append(got, c)
		}
	}
	for i := range count(s.Body) {
		try(func(c *Scenario) { replace(&c.Body, i, func(*Node) []*Node { return nil }) })
		try(func(c *Scenario) { replace(&c.Body, i, func(n *Node) []*Node { return n.Kids }) })
	}
	try(func(c *Scenario) { c.Entry = 0 })
	try(func(c *Scenario) { c.Name = 0 })
	for i := range count(s.Body) {
		for _, simplify := range simplifications {
			try(func(c *Scenario) {
				replace(&c.Body, i, func(n *Node) []*Node { simplify(n); return []*Node{n} })
			})
		}
	}
	return got
}

// simplifications set one field of a node to a simpler value.
var simplifications = func() []func(*Node) {
	all := []func(*Node){
		func(n *Node) { n.How = 0 },
		func(n *Node) { n.Form = 0 },
		func(n *Node) { n.Form = min(n.Form, FormLit) },
		func(n *Node) { n.Join = 0 },
		func(n *Node) { n.Join = min(n.Join, JoinWait) },
		func(n *Node) { n.From = 0 },
		func(n *Node) { n.From = min(n.From, FromBackground) },
		func(n *Node) { n.Flow = 0 },
		func(n *Node) { n.Flow = min(n.Flow, 1) },
		func(n *Node) { n.Wait = 0 },
		func(n *Node) { n.Result = 0 },
		func(n *Node) { n.Name = 0 },
	}
	for i := range new(Node).switches() {
		all = append(all, func(n *Node) { *n.switches()[i] = false })
	}
	return all
}()

func count(nodes []*Node) int {
	n := 0
	walk(nodes, func(*Node) { n++ })
	return n
}

// replace puts what by gives in the place of node i, counted as walk does.
func replace(nodes *[]*Node, i int, by func(*Node) []*Node) (left int) {
	for at, n := range *nodes {
		if i == 0 {
			*nodes = slices.Replace(*nodes, at, at+1, by(n)...)
			return -1
		}
		if i = replace(&n.Kids, i-1, by); i < 0 {
			return -1
		}
	}
	return i
}
