// Package world is what generated programs live in: it gives them a request,
// records what they do, and holds detached tasks back until the request is
// over. The oracle copies it into each program, where the analyzer sees it as
// any other package of the module.
package world

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"context"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Inputs is how often each scenario is run, with the inputs 0, 1, .., so that
// all branches are.
const Inputs = 3

// Trace tells which trace a sink was in.
type Trace string

const (
	In      Trace = "in"      // the request's
	Linked  Trace = "linked"  // one that began with a link to the request's
	Earlier Trace = "earlier" // that of an earlier run of the scenario
	Other   Trace = "other"   // one of its own
)

// An Event is one thing that a program did.
type Event struct {
	Strand string // the static name of the goroutine
	N      int    // the input; in a loop, together with the round
	ID     int    // the place in the source
	Kind   string // sink, effect or recovered

	Trace    Trace  `json:",omitempty"` // of a sink, as what follows
	Path     string `json:",omitempty"` // the names of the spans around it
	Canceled bool   `json:",omitempty"`
	Deadline bool   `json:",omitempty"`

	Value string `json:",omitempty"` // of an effect or a panic
}

// A Run is one run of a scenario with one input.
type Run struct {
	Scenario int
	Input    int
	Result   string
	Panic    string `json:",omitempty"`
	Events   []Event
}

// Tracer is an interface, so that whoever is handed to it may read anything.
var Tracer trace.Tracer

// Pools of other people, large enough for every task that waits for the end
// of a request.
var (
	Ants, _ = ants.NewPool(1000)
	Pond    = pond.NewPool(1000)
)

// request is the run going on.
type request struct {
	record Run
	mu     sync.Mutex // guards record.Events
	trace  trace.TraceID
	over   chan struct{} // closed when the entry has returned and its context is cancelled
	tasks  sync.WaitGroup
	gates  *gates
	kept   []func() // what is called when the request is over
	closed bool     // it is
}

var (
	current *request
	runs    = []*Run{}
	spans   = newSpanBook()
)

func init() {
	Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("oracle")
}

// Prepare makes a run repeatable: a sync.Pool gives back what was put into it
// only on the same processor, and only until the garbage is collected.
func Prepare() { runtime.GOMAXPROCS(1) }

// Do runs a scenario with each input. It waits for what the scenario starts,
// so that scenarios do not mix.
func Do(scenario int, entry func(ctx context.Context, n int) any) {
	spans.forget()
	for n := range Inputs {
		do(scenario, n, entry)
	}
}

func do(scenario, n int, entry func(ctx context.Context, n int) any) {
	ctx, span := Tracer.Start(context.Background(), "entry", trace.WithSpanKind(trace.SpanKindServer))
	ctx, cancel := context.WithCancel(ctx)
	current = &request{
		record: Run{Scenario: scenario, Input: n, Events: []Event{}},
		trace:  span.SpanContext().TraceID(),
		over:   make(chan struct{}),
		gates:  newGates(),
	}
	hangs := time.AfterFunc(20*time.Second, func() { fail(scenario, n) })
	enter(ctx, n, entry)
	hangs.Stop()
	cancel()
	span.End()
	current.close()
	done := make(chan struct{})
	go func() {
		current.tasks.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second): // none takes more than milliseconds
		fail(scenario, n)
	}
	spans.seen(current.trace)
	runs = append(runs, &current.record)
}

// close says that the request is over, and calls what has been kept until then.
func (r *request) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	close(r.over)
	for _, f := range r.kept {
		go f()
	}
}

// fail gives up on a scenario that does not end: the rest cannot be told from it.
func fail(scenario, n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	fmt.Fprintf(os.Stderr, "scenario %d with input %d does not end\n%s", scenario, n, stacks)
	os.Exit(3)
}

func enter(ctx context.Context, n int, entry func(ctx context.Context, n int) any) {
	defer func() {
		if p := recover(); p != nil {
			current.record.Panic = fmt.Sprint(p)
		}
	}()
	current.record.Result = fmt.Sprint(entry(ctx, n))
}

// Serve calls a handler as a server does: with a request whose context ends
// when it returns.
func Serve(h http.HandlerFunc) func(ctx context.Context, n int) any {
	return func(ctx context.Context, n int) any {
		r := httptest.NewRequest(http.MethodGet, "/?n="+strconv.Itoa(n), nil)
		w := httptest.NewRecorder()
		h(w, r.WithContext(ctx))
		return w.Code
	}
}

// N returns the input of a request made by Serve.
func N(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		panic(err)
	}
	return n
}

// Print writes what was recorded.
func Print(w io.Writer) error { return json.NewEncoder(w).Encode(runs) }

func add(e Event) {
	current.mu.Lock()
	defer current.mu.Unlock()
	current.record.Events = append(current.record.Events, e)
}
