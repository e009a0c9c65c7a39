package world

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/trace"
)

// This file has what the bodies of scenarios are made of.

// Key is the key of a value that says nothing about traces.
type Key struct{}

// Sink reads values from ctx: it starts a span, and records where.
func Sink(ctx context.Context, strand string, id, n int) {
	e := Event{Strand: strand, ID: id, N: n, Kind: "sink"}
	if ctx != nil {
		e.Canceled = ctx.Err() != nil
		_, e.Deadline = ctx.Deadline()
	}
	_, span := Tracer.Start(ctx, caller())
	e.Trace = spans.relation(span.SpanContext().TraceID(), current.trace)
	e.Path = spans.path(trace.SpanFromContext(ctx))
	work(ctx)
	span.End()
	add(e)
}

// work stands for what the end of a context ends: a query, a request. To start a span is
// no such thing.
var work func(context.Context)

func init() { work = func(context.Context) {} }

// Opened records in which trace a span is.
func Opened(span trace.Span, strand string, id, n int) {
	add(Event{
		Strand: strand, ID: id, N: n, Kind: "sink",
		Trace: spans.relation(span.SpanContext().TraceID(), current.trace),
		Path:  spans.parents(span),
	})
}

// Ask reads values from the context of a request.
func Ask(r *http.Request, strand string, id, n int) { Sink(r.Context(), strand, id, n) }

// Blank returns a request without a context of anybody.
func Blank() *http.Request { return &http.Request{Method: http.MethodGet} }

// Effect records a value, and when it was known.
func Effect(strand string, id, n int, value any) {
	add(Event{Strand: strand, ID: id, N: n, Kind: "effect", Value: fmt.Sprint(value)})
}

// Arg is an argument whose evaluation shows.
func Arg(strand string, id, n int) int {
	Effect(strand, id, n, "argument")
	return n
}

// Pass is a context argument whose evaluation shows.
func Pass(ctx context.Context, strand string, id, n int) context.Context {
	Effect(strand, id, n, "context")
	return ctx
}

// Recovered records a panic that ends here. It is deferred.
func Recovered(strand string, id, n int) {
	if p := recover(); p != nil {
		add(Event{Strand: strand, ID: id, N: n, Kind: "recovered", Value: fmt.Sprint(p)})
	}
}

// Iter numbers round i of a loop that is run for n. The last digit stays the
// input.
func Iter(n, i int) int { return (n/10*4+i+1)*10 + n%10 }

// Enter counts a task that nobody waits for, before it is started.
func Enter() { current.tasks.Add(1) }

// Leave is the end of such a task.
func Leave() { current.tasks.Done() }

// AfterReturn waits until the request is over.
func AfterReturn() { <-current.over }

// Never is not ready before the request is over, Now always is.
func Now() <-chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}

// Ticks sends k numbers, then closes stop.
func Ticks(k int) (ticks <-chan int, stop <-chan struct{}) {
	t, s := make(chan int), make(chan struct{})
	go func() {
		for i := range k {
			t <- i
		}
		close(s)
	}()
	return t, s
}

// Enlist counts a task that somebody may wait for, before it is started.
func Enlist(strand string, n int) {
	Enter()
	current.gates.start(strand, n)
}

// Hold is where that begins: it goes on when somebody waits for it, or when the
// request is over.
func Hold(strand string, n int) {
	select {
	case <-current.gates.of(strand, n):
	case <-current.over:
	}
}

// LetGo lets those tasks of a strand go on that were started for n, or in a round
// of it: somebody is going to wait for them.
func LetGo(strand string, n int) { current.gates.open(strand, n) }

// When is ready if it is so, and else never.
func When(so bool) <-chan struct{} {
	if so {
		return Now()
	}
	return nil
}

// Kind is a string if it is so, and else an int.
func Kind(so bool) any {
	if so {
		return "so"
	}
	return 1
}

// Times is once, if it is so, and else never.
func Times(so bool) int {
	if so {
		return 1
	}
	return 0
}

// Seq gives the numbers below k.
func Seq(k int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range k {
			if !yield(i) {
				return
			}
		}
	}
}

// Keep keeps a function, which is called when the request is over.
func Keep(f func()) {
	current.mu.Lock()
	defer current.mu.Unlock()
	if current.closed {
		go f()
		return
	}
	current.kept = append(current.kept, f)
}
