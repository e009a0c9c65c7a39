package traced_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// trees is the number of random trees. A tree that fails is run again alone
// with -run 'TestTrees/seed=N$'.
const trees = 1000

// TestTrees runs trees of functions. Each starts a span, and then its children
// through whatever means of running a function there is. Each tree runs in a
// bubble, so that a wait which never ends is an error at once, whose stacks
// say where.
func TestTrees(t *testing.T) {
	for seed := range uint64(trees) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newTree(t, seed).test(t.Context()) })
		})
	}
}

// TestChains runs a chain of functions for each means, on one worker. Where a
// function waits for the next one, the worker must be free for that.
func TestChains(t *testing.T) {
	for by, m := range allMeans {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				top := &counting{Context: t.Context()}
				newChain(t, by, 16).test(top)
				// If a level looked twice there were thousands.
				if n := top.asked.Load(); n != 16+1 {
					t.Errorf("the context at the top was asked %d times for a value that 17 functions asked for", n)
				}
			})
		})
	}
}

// counting is a context that counts how often it is asked for itself.
type counting struct {
	context.Context
	asked atomic.Int64
}

func (c *counting) Value(key any) any {
	if key == (topKey{}) {
		c.asked.Add(1)
		return c
	}
	return c.Context.Value(key)
}

type topKey struct{}

// A tree is one run of a random tree of functions.
type tree struct {
	t         *testing.T
	rng       *rand.Rand // not used once the root runs
	handled   bool       // the executors have a panic handler
	executors []*ctxrun.Executor
	tracer    trace.Tracer
	nodes     []*node
	left      sync.WaitGroup // the nodes that have not ended
}

// A node is a function of a tree.
type node struct {
	name   string
	parent *node
	end    ending
	dress  func(context.Context) (context.Context, context.CancelFunc)
	groups []*group
}

// A group are children that are started together.
type group struct {
	means means
	ex    int  // the executor
	late  bool // waited for when all groups have been started, not at once
	kids  []*node
}

// An ending is what a function does last.
type ending int

const (
	returns ending = iota
	fails
	exits
	panics
)

var errNode = errors.New("node failed")

func newTree(t *testing.T, seed uint64) *tree {
	tr := &tree{t: t, rng: rand.New(rand.NewPCG(seed, 0))}
	tr.handled = tr.rng.IntN(2) == 0
	tr.executors = []*ctxrun.Executor{tr.executor(4), tr.executor(3)}
	tr.nodes = []*node{{name: "root", dress: dresses[0]}}
	for size := 2 + tr.rng.IntN(60); len(tr.nodes) < size; {
		// One of the last few, so that trees are deep and not only wide.
		recent := tr.nodes[max(0, len(tr.nodes)-6):]
		tr.grow(recent[tr.rng.IntN(len(recent))], tr.rng.IntN(len(allMeans)), 1+tr.rng.IntN(3))
	}
	return tr
}

func newChain(t *testing.T, by, length int) *tree {
	tr := &tree{t: t, rng: rand.New(rand.NewPCG(0, 0)), handled: true}
	tr.executors = []*ctxrun.Executor{tr.executor(1)}
	tr.nodes = []*node{{name: "root", dress: dresses[0]}}
	for range length {
		tr.grow(tr.nodes[len(tr.nodes)-1], by, 1)
	}
	return tr
}

// executor returns a random executor of at most n workers.
func (tr *tree) executor(n int) *ctxrun.Executor {
	opts := []ctxrun.Option{ctxrun.WithMaxWorkers(1 + tr.rng.IntN(n)), ctxrun.WithQueue(tr.rng.IntN(4) - 1)}
	if tr.handled {
		opts = append(opts, ctxrun.WithPanicHandler(func(context.Context, *ctxrun.PanicError) {}))
	}
	if tr.rng.IntN(2) == 0 {
		opts = append(opts, ctxrun.WithNamePrefix("worker"))
	}
	if tr.rng.IntN(2) == 0 {
		opts = append(opts, ctxrun.WithIdleTimeout(time.Minute))
	}
	return ctxrun.New(opts...)
}

// grow gives a node a group of n children.
func (tr *tree) grow(parent *node, by, n int) {
	g := &group{means: allMeans[by], ex: tr.rng.IntN(len(tr.executors)), late: tr.rng.IntN(2) == 0}
	worst := g.means.worst
	if g.means.handled && !tr.handled {
		worst = exits
	}
	for range n {
		kid := &node{
			name:   fmt.Sprintf("%d by %s", len(tr.nodes), g.means.name),
			parent: parent,
			end:    max(returns, ending(tr.rng.IntN(4+int(worst))-3)), // most return
			dress:  dresses[tr.rng.IntN(len(dresses))],
		}
		g.kids = append(g.kids, kid)
		tr.nodes = append(tr.nodes, kid)
	}
	parent.groups = append(parent.groups, g)
}

// dresses are what a function may do to its context before it hands it on.
var dresses = []func(context.Context) (context.Context, context.CancelFunc){
	func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} },
	context.WithCancel,
	func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithValue(ctx, otherKey{}, "other"), func() {}
	},
	func(ctx context.Context) (context.Context, context.CancelFunc) {
		return incomparable{ctx, nil}, func() {}
	},
}

type otherKey struct{}

// incomparable is a context that == panics on.
type incomparable struct {
	context.Context
	_ []int
}

// test runs a tree below ctx, and checks what is left of it.
func (tr *tree) test(ctx context.Context) {
	tracer, rec := record()
	tr.tracer = tracer
	tr.left.Add(len(tr.nodes))
	root := tr.nodes[0]
	val, err := tr.visit(ctx, root)
	tr.check(root, val, err)
	tr.left.Wait()
	for i, ex := range tr.executors {
		if err := ex.Close(); err != nil {
			tr.t.Errorf("Close of executor %d: %v", i, err)
		}
		s := ex.Stats()
		if s.Workers+s.Running+s.Waiting+s.Queued != 0 || s.Submitted != s.Completed+s.Canceled {
			tr.t.Errorf("executor %d is closed, and its stats are %+v", i, s)
		}
	}
	spans := ended(tr.t, rec)
	if len(spans) != len(tr.nodes) {
		tr.t.Errorf("%d spans, want %d", len(spans), len(tr.nodes))
	}
	for _, n := range tr.nodes {
		switch span := spans[n.name]; {
		case span == nil:
			tr.t.Errorf("no span %s", n.name)
		case n.parent == nil:
			checkParent(tr.t, span, nil)
		case spans[n.parent.name] != nil:
			checkParent(tr.t, span, spans[n.parent.name])
		}
	}
}

// visit runs a node.
func (tr *tree) visit(ctx context.Context, n *node) (string, error) {
	defer tr.left.Done()
	ctx, span := tr.tracer.Start(ctx, n.name)
	defer span.End()
	ctx, cancel := n.dress(ctx)
	defer cancel()
	ctx.Value(topKey{})
	var waits []func()
	for _, g := range n.groups {
		ex := tr.executors[g.ex]
		if s := ex.Stats(); s.Running > s.MaxWorkers || s.Running < 0 || s.Waiting < 0 {
			tr.t.Errorf("in %s: %+v", n.name, s)
		}
		wait := g.means.start(tr, ctx, ex, g.kids)
		switch {
		case wait == nil:
		case g.late:
			waits = append(waits, wait)
		default:
			wait()
		}
	}
	for _, wait := range waits {
		wait()
	}
	switch n.end {
	case fails:
		return "", errNode
	case exits:
		exit()
	case panics:
		panic(n.name)
	}
	return n.name, nil
}

// check checks what came of a node.
func (tr *tree) check(n *node, val string, err error) {
	ok := false
	switch n.end {
	case returns:
		ok = val == n.name && err == nil
	case fails:
		ok = errors.Is(err, errNode)
	case exits:
		ok = errors.Is(err, ctxrun.ErrGoexit)
	case panics:
		var p *ctxrun.PanicError
		ok = errors.As(err, &p) && p.Value == n.name
	}
	if !ok {
		tr.t.Errorf("%s with ending %d: %q, %v", n.name, n.end, val, err)
	}
}
