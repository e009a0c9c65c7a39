// Package seeds has what the oracle has found: tasks that were cut off and not
// reported.
package seeds

import (
	"context"
	"net/http"
	"sync"

	"example.com/corpus/earlycancel/seeds/crew"
	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// A pool that is a variable of another package.
func away(w http.ResponseWriter, r *http.Request, s Store) {
	crew.The.Submit(func() { s.Save(r.Context(), "a") }) // want `task of crew.\(\*Crew\).Submit keeps r.Context\(\)`
}

func own(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	crew.The.Submit(func() { s.Save(ctx, "a") }) // want `task of crew.\(\*Crew\).Submit keeps ctx`
}

// The task is waited for, and what it starts is not.
func joined(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Add(1)
	go startsMore(ctx, s, &wg) // want `a goroutine that seeds.startsMore starts keeps ctx`
	wg.Wait()
}

func startsMore(ctx context.Context, s Store, wg *sync.WaitGroup) {
	defer wg.Done()
	go s.Save(ctx, "a")
}

// The task is a local function, which starts another one.
func local(w http.ResponseWriter, r *http.Request, s Store) {
	var wg sync.WaitGroup
	wg.Add(1)
	f := func(ctx context.Context) {
		defer wg.Done()
		go s.Save(ctx, "a") // want `goroutine keeps ctx`
	}
	go f(r.Context())
	wg.Wait()
}

// Somebody waits for the end of the context, which would never come: a person
// has to see.
func waits(w http.ResponseWriter, r *http.Request, s Store) {
	go func(ctx context.Context) { // want `goroutine keeps r.Context\(\)`
		s.Save(ctx, "a")
		context.AfterFunc(ctx, func() {})
	}(r.Context())
	go crew.AtEnd(r.Context(), s.Save) // want `goroutine keeps r.Context\(\)`
	go saveUntil(r.Context(), s)       // want `goroutine keeps r.Context\(\)`
	wait := func(ctx context.Context) {
		s.Save(ctx, "c")
		<-ctx.Done()
	}
	go wait(r.Context()) // want `goroutine keeps r.Context\(\)`
	go func() {          // want `goroutine keeps r.Context\(\)`
		s.Save(r.Context(), "b")
		saveUntil(r.Context(), s)
	}()
}

func saveUntil(ctx context.Context, s Store) {
	s.Save(ctx, "a")
	stop(context.WithValue(ctx, key{}, "value"))
}

func stop(ctx context.Context) {
	for ctx.Err() == nil {
	}
}

type key struct{}

// The end of a context means nothing to links that are made of it, here or in
// another package.
func values(w http.ResponseWriter, r *http.Request, t trace.Tracer, s Store) {
	ctx := r.Context()
	go crew.Linked(ctx, t, s)
	go func() {
		ctx, span := t.Start(context.Background(), "linked", trace.WithLinks(trace.LinkFromContext(ctx)))
		defer span.End()
		s.Save(ctx, "a")
	}()
	go crew.Save(ctx, t, s) // want `goroutine keeps ctx`
}

// Nothing is done with the context of the task's span.
func idle(w http.ResponseWriter, r *http.Request, t trace.Tracer, s Store) {
	go measure(r.Context(), t)
	go measureAndSave(r.Context(), t, s) // want `goroutine keeps r.Context\(\)`
}

func measure(ctx context.Context, t trace.Tracer) {
	ctx, span := t.Start(ctx, "measure")
	defer span.End()
	if ctx == nil {
		ctx = context.Background()
	}
}

func measureAndSave(ctx context.Context, t trace.Tracer, s Store) {
	ctx, span := t.Start(ctx, "measure")
	defer span.End()
	s.Save(ctx, "a")
}

// Nobody knows what waits for the end of a context behind a function value.
func behindValue(w http.ResponseWriter, r *http.Request, s Store) {
	steps := struct{ do func(context.Context) }{do: waitsForEnd}
	go func(ctx context.Context) { // want `goroutine keeps r.Context\(\)`
		s.Save(ctx, "a")
		steps.do(ctx)
	}(r.Context())
}

func waitsForEnd(ctx context.Context) { context.AfterFunc(ctx, func() {}) }

// Nor behind an interface, one of whose methods does.
func behindInterface(w http.ResponseWriter, r *http.Request, e ender) {
	go func() { e.end(r.Context()) }() // want `goroutine keeps r.Context\(\)`
}

type ender interface{ end(ctx context.Context) }

type now struct{ store Store }

func (n now) end(ctx context.Context) { n.store.Save(ctx, "a") }

type later struct{ store Store }

func (l later) end(ctx context.Context) {
	l.store.Save(ctx, "a")
	context.AfterFunc(ctx, func() {})
}

// Who has canceled and then waits shuts nothing down: nothing is waited for before.
func cancelsFirst(s Store) {
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // want `goroutine keeps ctx`
		defer close(done)
		s.Save(ctx, "a")
	}()
}

func shutsDown(s Store, jobs chan string) {
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer close(done)
		s.Save(ctx, "a")
	}()
	for range jobs {
	}
}

// A panic makes the deferred calls as a return does: it does not cancel by itself.
func panicsBefore(w http.ResponseWriter, r *http.Request, s Store) {
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() { // want `goroutine keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
		defer close(done)
		s.Save(ctx, "a")
	}()
	if w == nil {
		panic("no writer")
	}
}
