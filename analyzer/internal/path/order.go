package path

import (
	"go/ast"
)

// An Order is what AlwaysAfter asks for.
type Order struct {
	// Is reports whether a step is the one that is waited for.
	Is func(Step) bool

	// Before reports whether a step must not come before that one. Nil: none is
	// known to.
	Before func(Step) bool

	// Open says that the function may end without either. If not, an end is one of
	// the things that must not come before.
	Open bool

	// Excused reports whether an end of the function, a *ast.ReturnStmt or the call
	// that panics, is accepted whatever has been deferred. Nil: none is.
	Excused func(ast.Node) bool

	// Sure says that a deferred literal does what must not come first only if all of
	// its paths do it, the first of them or not: what is done on condition may be done
	// for a reason.
	Sure bool

	// Each says that the step answers for one start only: a second start before it
	// is as bad as an end.
	Each bool
}

// An Answer is what AlwaysAfter finds.
type Answer struct {
	Always   bool     // every path passes the step before it ends
	Deferred bool     // with Always: on a path only by a deferred call
	Unknown  bool     // too much has been asked of the function; neither Always nor At is known
	At       ast.Node // without Always: where a path ends without the step, or what comes before it
}

// AlwaysAfter reports whether every path that passes the node a passes a step of
// the order afterwards, before the function ends. A path that never ends, or that
// ends the process, needs none.
//
// When the function ends its deferred calls are made, the last first. A deferred
// literal counts as what all of its own paths do: one that may do nothing is passed
// over, one that may do first what must not come first is taken to do so.
func (g *Graph) AlwaysAfter(a ast.Node, o Order) Answer {
	start, ok := g.find(a)
	if !ok {
		return Answer{At: a} // in a part that no path comes to, or in another function
	}
	w := orderWalk{g: g, Order: o, answer: Answer{Always: true}, calls: make(map[*ast.CallExpr]verdict)}
	w.run(start, false)
	return w.result()
}

// Always is AlwaysAfter from the entry of the function.
func (g *Graph) Always(o Order) bool {
	w := orderWalk{g: g, Order: o, answer: Answer{Always: true}, calls: make(map[*ast.CallExpr]verdict)}
	w.run(-1, true)
	return w.result().Always
}

func (w *orderWalk) result() Answer {
	if w.unknown && w.answer.Always {
		return Answer{Unknown: true}
	}
	w.answer.Deferred = w.answer.Always && w.deferred
	return w.answer
}

// A verdict is what a deferred call means for an order.
type verdict uint8

const (
	neither  verdict = iota // it does not matter, or nobody knows
	kept                    // the step that is waited for
	violated                // what must not come before it
)

// An orderState is what is known at a point of a path.
type orderState struct {
	at      int32
	running bool    // a has been passed, and the step has not
	last    verdict // of the deferred call that will be made first, of those that matter
}

type orderWalk struct {
	g *Graph
	Order
	start  int32
	answer Answer
	calls  map[*ast.CallExpr]verdict

	unknown  bool // nobody has followed all paths
	passed   bool // a path passes the step
	deferred bool // and by a deferred call
	fell     bool // a path ends without anything that matters
}

// run follows every path from the entry; running says that a has been passed before.
func (w *orderWalk) run(start int32, running bool) {
	w.start = start
	seen := make(map[orderState]bool)
	work := []orderState{{at: 0, running: running}}
	var succs []int32
	for len(work) > 0 {
		if !w.g.spend(1) {
			w.unknown = true
			return
		}
		s := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[s] {
			continue
		}
		seen[s] = true
		next, on := w.step(s)
		if !on {
			continue
		}
		succs = w.g.points[s.at].follow(succs[:0])
		for _, to := range succs {
			next.at = to
			work = append(work, next)
		}
	}
}

// step tells what holds after a point, and whether the path goes on.
func (w *orderWalk) step(s orderState) (next orderState, on bool) {
	p := &w.g.points[s.at]
	if d, ok := p.Node.(*ast.DeferStmt); ok {
		if v := w.verdictOf(d.Call); v != neither {
			s.last = v
		}
	}
	if p.Node != nil && s.running {
		switch w.happens(p.Step, s.at) {
		case kept:
			s.running, w.passed = false, true
		case violated:
			w.violate(p.Node)
			return s, false
		}
	}
	if s.at == w.start {
		s.running = true
	}
	if p.end != None {
		if s.running {
			w.ends(p.Node, s.last)
		}
		return s, false
	}
	return s, true
}

// ends tells what the end of a path means that a is on.
func (w *orderWalk) ends(n ast.Node, last verdict) {
	switch {
	case w.Excused != nil && w.Excused(n):
	case last == kept:
		w.passed, w.deferred = true, true
	case last == violated:
		w.violate(n)
	default:
		w.fell = true
		if !w.Open {
			w.violate(n)
		}
	}
}

func (w *orderWalk) violate(n ast.Node) {
	if w.answer.Always || n.Pos() < w.answer.At.Pos() {
		w.answer = Answer{At: n}
	}
}

// happens tells what a step means that is taken after a.
func (w *orderWalk) happens(s Step, at int32) verdict {
	switch {
	case w.Is != nil && w.Is(s):
		return kept
	case w.Before != nil && w.Before(s), w.Each && at == w.start:
		return violated
	}
	if call, ok := s.Node.(*ast.CallExpr); ok && s.Kind == Node && isLit(call.Fun) {
		return w.verdictOf(call)
	}
	return neither
}

func isLit(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.FuncLit)
	return ok
}

// verdictOf tells what a call means for the order when it is made, because it is of a
// literal or because it was deferred.
func (w *orderWalk) verdictOf(call *ast.CallExpr) verdict {
	got, ok := w.calls[call]
	if !ok {
		got = w.judge(call)
		w.calls[call] = got
	}
	return got
}

func (w *orderWalk) judge(call *ast.CallExpr) verdict {
	made := Step{call, Defer}
	switch lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); {
	case ok:
		return w.judgeLit(lit)
	case w.Is != nil && w.Is(made):
		return kept
	case w.Before != nil && w.Before(made):
		return violated
	}
	return neither
}

func (w *orderWalk) judgeLit(lit *ast.FuncLit) verdict {
	o := w.Order
	o.Open, o.Excused, o.Each = true, nil, false
	in := orderWalk{g: w.g.Lit(lit), Order: o, answer: Answer{Always: true}, calls: make(map[*ast.CallExpr]verdict)}
	in.run(-1, true)
	if in.unknown {
		w.unknown = true
		return neither
	}
	switch {
	case !in.answer.Always && (!w.Sure || in.g.Always(Order{Is: w.Before})):
		return violated
	case in.answer.Always && !in.fell && in.passed:
		return kept
	}
	return neither
}
