// Package path answers questions of order about one function: what has run, what
// will still run, and what runs first.
//
// A [Graph] is made of the body of a function when it is first asked about. It is
// that of golang.org/x/tools/go/cfg, with what that leaves out: the evaluation
// order inside a statement, the short circuits of && and ||, the cases of a select,
// the rounds of a range statement, constant conditions, panics, and deferred calls,
// which run in the reverse order when the function ends.
//
// Four questions are answered exactly, as far as a function that does not see the
// values of its conditions can be exact:
//
//   - [Graph.Reaching]: which definitions of a variable reach a place
//   - [Graph.AlwaysAfter]: whether every path from a place passes another one before
//     the function ends
//   - [Graph.Between]: whether a path leads from one place to another without passing
//     a third
//   - [Graph.Dominated]: whether a place is only reached past another one, such as the
//     end of a context
//
// The package knows syntax and constants. What a call does, it is told by functions:
// whether it returns, whether it is what somebody waits for. Nothing else in the
// engine reasons about order by position or nesting.
package path

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/cfg"
)

// An Ending is how a call ends.
type Ending uint8

const (
	Returns Ending = iota // or nobody knows
	Panics                // or ends the goroutine: deferred calls run
	Exits                 // the process ends: nothing runs any more
)

// Options tell a graph what it cannot see.
type Options struct {
	// Ends tells how a call ends that is a statement of its own. Nil: all return.
	Ends func(*ast.CallExpr) Ending

	// Const returns the value of a condition that is constant. Nil: none is.
	Const func(ast.Expr) (value, known bool)
}

// A Kind is what happens at a step.
type Kind uint8

const (
	Node  Kind = iota // the node is evaluated or executed
	Next              // a round of the range statement begins: its variables are set
	Done              // the range statement has no further round
	Defer             // the deferred call is made, because the function ends
	True              // the condition holds
	False             // the condition does not hold
)

// A Step is something that happens on a path. A call happens after its arguments
// have been evaluated, an assignment after both of its sides have.
type Step struct {
	Node ast.Node
	Kind Kind
}

// A point is a step and what can follow it. Points without a node join paths.
type point struct {
	Step
	next [2]int32 // the points that follow, 0 for none: nothing leads back to the entry
	more []int32  // and others
	end  End
}

// leadsTo adds a point that follows.
func (p *point) leadsTo(id int32) {
	switch {
	case p.next[0] == 0:
		p.next[0] = id
	case p.next[1] == 0:
		p.next[1] = id
	default:
		p.more = append(p.more, id)
	}
}

// follow appends the points that follow to a list.
func (p *point) follow(list []int32) []int32 {
	for _, id := range p.next {
		if id != 0 {
			list = append(list, id)
		}
	}
	return append(list, p.more...)
}

// An End is how a path ends at a point.
type End uint8

const (
	None   End = iota // it goes on, or never ends
	Return            // the node is a *ast.ReturnStmt, made up at the end of the body if need be
	Panic             // the node is the call
)

// A Graph is the control flow of one function body, without that of the literals in
// it.
type Graph struct {
	body   *ast.BlockStmt
	opts   Options
	points []point
	at     map[ast.Node]int32  // where a node happens
	preds  [][]int32           // made when first asked
	live   []bool              // made when first asked: which points a path comes to
	starts map[token.Pos]int32 // made when first asked: what begins there
	lits   map[*ast.FuncLit]*Graph
	left   int // how many more points may be visited, see spend

	frontier []int32           // while building: the points that the next one follows
	one      [1]int32          // the frontier, where it is one point
	comms    map[ast.Node]bool // what select cases do
	ranges   map[ast.Expr]bool // variables that are set elsewhere than go/cfg has them
	tagless  map[ast.Node]bool // the cases of switches that choose by conditions
}

// New returns the graph of a body.
func New(body *ast.BlockStmt, opts Options) *Graph {
	g := &Graph{
		body: body, opts: opts, at: make(map[ast.Node]int32), lits: make(map[*ast.FuncLit]*Graph),
		comms: make(map[ast.Node]bool), ranges: make(map[ast.Expr]bool), tagless: make(map[ast.Node]bool),
	}
	g.noteMoved()
	c := cfg.New(body, func(call *ast.CallExpr) bool { return g.ends(call) == Returns })
	heads := make([]int32, len(c.Blocks))
	for i := range c.Blocks {
		g.frontier = nil
		heads[i] = g.add(Step{})
	}
	for i, b := range c.Blocks {
		if b.Live {
			g.block(heads, heads[i], b)
		}
	}
	g.frontier, g.comms, g.ranges, g.tagless = nil, nil, nil, nil
	g.left = walks*len(g.points) + 20_000
	return g
}

// A graph is walked for no more than walks times its points, so that a function of any
// size with any number of questions takes a time that grows with its size. What is
// asked after that is unknown: each question says what it answers then.
const walks = 24

// spend reports whether n more points may be visited.
func (g *Graph) spend(n int) bool {
	g.left -= n
	return g.left > 0
}

// Body returns the body that g is the graph of.
func (g *Graph) Body() *ast.BlockStmt { return g.body }

// Lit returns the graph of a literal in the body.
func (g *Graph) Lit(lit *ast.FuncLit) *Graph {
	got := g.lits[lit]
	if got == nil {
		got = New(lit.Body, g.opts)
		g.lits[lit] = got
	}
	return got
}

func (g *Graph) ends(call *ast.CallExpr) Ending {
	if g.opts.Ends == nil {
		return Returns
	}
	return g.opts.Ends(call)
}
