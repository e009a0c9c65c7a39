package found

import (
	"context"
	"net/http"
	"sync"
)

// What runs in a task is followed through values: what a function returns, wrappers,
// lists, variables, literals that start what they are given, schedulers.

func (s *Server) made(w http.ResponseWriter, r *http.Request) {
	go s.maker(r.Context(), "a")() // want `goroutine keeps r.Context\(\)`
	task := s.maker(r.Context(), "b")
	go task() // want `goroutine keeps r.Context\(\)`
	go s.maker(context.WithoutCancel(r.Context()), "c")()
	s.maker(r.Context(), "d")()
}

func (s *Server) maker(ctx context.Context, id string) func() {
	return func() { s.store.Save(ctx, id) }
}

func (s *Server) madeAndWaitedFor(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Add(1)
	go s.makeCounted(r.Context(), &wg)()
	wg.Wait()
}

func (s *Server) madeAndJumpedOver(ctx context.Context, quick bool) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Add(1)
	go s.makeCounted(ctx, &wg)() // want `goroutine keeps ctx, .*\(cancel is called\)`
	if !quick {
		wg.Wait()
	}
	cancel()
}

func (s *Server) makeCounted(ctx context.Context, wg *sync.WaitGroup) func() {
	return func() {
		defer wg.Done()
		s.store.Save(ctx, "a")
	}
}

func (s *Server) wrapped(w http.ResponseWriter, r *http.Request) {
	go wrap(func() { s.store.Save(r.Context(), "a") })() // want `goroutine keeps r.Context\(\)`
	f := func() { s.store.Save(r.Context(), "b") }
	go wrap(f)() // want `goroutine keeps r.Context\(\)`
	wrap(f)()
}

func wrap(f func()) func() { return func() { f() } }

func (s *Server) listed(w http.ResponseWriter, r *http.Request) {
	for _, f := range []func(){func() { s.store.Save(r.Context(), "a") }} {
		go f() // want `goroutine keeps r.Context\(\)`
	}
	for _, f := range []func(){func() { s.store.Save(r.Context(), "a") }} {
		f()
	}
}

func (s *Server) listedAndWaitedFor(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	tasks := []func(){
		func() { defer wg.Done(); s.store.Save(r.Context(), "a") },
		func() { defer wg.Done(); s.store.Save(r.Context(), "b") },
	}
	for _, f := range tasks {
		wg.Add(1)
		go f()
	}
	wg.Wait()
}

func (s *Server) setTwice(w http.ResponseWriter, r *http.Request, save bool) {
	f := func() {}
	if save {
		f = func() { s.store.Save(r.Context(), "a") }
	}
	go f() // want `goroutine keeps r.Context\(\)`
}

func (s *Server) startedByLiteral(w http.ResponseWriter, r *http.Request) {
	run := func(f func()) {
		go f() // want `goroutine keeps r.Context\(\)`
	}
	run(func() { s.store.Save(r.Context(), "a") })
}

func (s *Server) startedByLiteralAndWaitedFor(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	run := func(f func()) { go f() }
	wg.Add(1)
	run(func() { defer wg.Done(); s.store.Save(r.Context(), "a") })
	wg.Wait()
}

type scheduler struct{ jobs []func() }

func (c *scheduler) add(f func()) { c.jobs = append(c.jobs, f) }

func (c *scheduler) run() {
	for _, job := range c.jobs {
		go job()
	}
}

func (s *Server) scheduled(w http.ResponseWriter, r *http.Request) {
	c := new(scheduler)
	c.add(func() { s.store.Save(r.Context(), "a") }) // want `task of found.\(\*scheduler\).add keeps r.Context\(\)`
	c.run()
}

// A scheduler that waits.
type crew struct {
	jobs []func()
	wg   sync.WaitGroup
}

func (c *crew) add(f func()) { c.jobs = append(c.jobs, f) }

func (c *crew) run() {
	for _, job := range c.jobs {
		c.wg.Go(job)
	}
	c.wg.Wait()
}

func (s *Server) scheduledAndWaitedFor(w http.ResponseWriter, r *http.Request) {
	c := new(crew)
	c.add(func() { s.store.Save(r.Context(), "a") })
	c.run()
}

// What tells that a task has begun does not tell its end.

func (s *Server) tellsFirst(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started := make(chan struct{})
	go func() { // want `goroutine keeps ctx`
		close(started)
		s.store.Save(ctx, "a")
	}()
	<-started
}

func (s *Server) tellsFirstInLiteral(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started, done := make(chan struct{}), make(chan struct{})
	go func() { // want `goroutine keeps ctx`
		func() {
			close(started)
			s.store.Save(ctx, "a")
		}()
	}()
	<-started
	go func() {
		func() {
			s.store.Save(ctx, "a")
			close(done)
		}()
	}()
	<-done
}

func (s *Server) tellsBoth(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		close(started)
		s.store.Save(ctx, "a")
	}()
	<-started
	<-done
}

// Waits on condition, where they are made.

func (s *Server) waitsInHelper(ctx context.Context, quick bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg, all sync.WaitGroup
	wg.Add(1)
	go s.saveCounted(ctx, &wg) // want `goroutine keeps ctx`
	awaitUnless(&wg, quick)
	all.Add(1)
	go s.saveCounted(ctx, &all)
	await(&all)
}

func (s *Server) saveCounted(ctx context.Context, wg *sync.WaitGroup) {
	defer wg.Done()
	s.store.Save(ctx, "a")
}

func awaitUnless(wg *sync.WaitGroup, quick bool) {
	if quick {
		return
	}
	wg.Wait()
}

func await(wg *sync.WaitGroup) { wg.Wait() }

func (s *Server) waitsAndCancels(ctx context.Context, quick bool) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer func() {
		if !quick {
			wg.Wait()
		}
		cancel()
	}()
	wg.Add(1)
	go s.saveCounted(ctx, &wg) // want `goroutine keeps ctx`
}

func (s *Server) cancelsOnFailure(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer func() {
		if err != nil {
			cancel()
		}
		wg.Wait()
	}()
	wg.Add(1)
	go s.saveCounted(ctx, &wg)
	return nil
}

func (s *Server) waitsInRounds(ctx context.Context, times int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	wg.Add(1)
	go s.saveCounted(ctx, &wg) // want `goroutine keeps ctx`
	for range times {
		defer wg.Wait()
	}
}

// Who acquires all of a semaphore's weight waits, deferred or not.

func (s *Server) weighs(ctx context.Context) {
	sem := newWeighted(4)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { _ = sem.Acquire(context.Background(), 4) }()
	_ = sem.Acquire(context.Background(), 1)
	go func() {
		defer sem.Release(1)
		s.store.Save(ctx, "a")
	}()
}

// weighted is golang.org/x/sync/semaphore's.
type weighted struct{ left chan struct{} }

func newWeighted(n int) *weighted { return &weighted{left: make(chan struct{}, n)} }

func (w *weighted) Acquire(ctx context.Context, n int64) error {
	for range n {
		select {
		case w.left <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (w *weighted) Release(n int64) {
	for range n {
		<-w.left
	}
}

// A field that is set once is that function.

type hooked struct {
	store Store
	log   func(ctx context.Context, line string)
	named func(ctx context.Context, line string)
	other func(ctx context.Context, line string)
}

func newHooked(store Store, other func(context.Context, string)) *hooked {
	h := &hooked{store: store, other: other}
	h.log = func(ctx context.Context, line string) { _ = store.Save(ctx, line) }
	h.named = h.save
	return h
}

func (h *hooked) save(ctx context.Context, line string) { _ = h.store.Save(ctx, line) }

func (h *hooked) serve(w http.ResponseWriter, r *http.Request) {
	defer func() {
		go h.log(r.Context(), "a") // want `goroutine keeps r.Context\(\)`
	}()
	go h.named(r.Context(), "b") // want `goroutine keeps r.Context\(\)`
	go h.other(r.Context(), "c") // nobody knows
}

// What ends with its context alone may have it, whichever it is.

type waiter interface{ wait(ctx context.Context) }

type untilDone struct{ store Store }

func (u untilDone) wait(ctx context.Context) {
	u.store.Save(ctx, "waits")
	<-ctx.Done()
}

type polling struct{ store Store }

func (p polling) wait(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		default:
			p.store.Save(ctx, "polls")
		}
	}
}

func waits(w http.ResponseWriter, r *http.Request, all []waiter) {
	for _, one := range all {
		go one.wait(r.Context())
	}
}

// Who takes tasks out of a local channel tells when all is done.

func (s *Server) drained(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan func() error)
	errs := drain(work)
	for _, id := range ids {
		work <- func() error { return s.store.Save(ctx, id) }
	}
	close(work)
	return <-errs
}

func (s *Server) notDrained(ctx context.Context, ids []string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan func() error, len(ids))
	_ = drain(work)
	for _, id := range ids {
		work <- func() error { return s.store.Save(ctx, id) } // want `task sent to work keeps ctx`
	}
	close(work)
}

func drain(work <-chan func() error) <-chan error {
	out := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		for f := range work {
			_ = f()
		}
	})
	go func() {
		wg.Wait()
		out <- nil
	}()
	return out
}

// A function that starts what it is given with the context that it is given.

func start(ctx context.Context, f func(ctx context.Context)) { go f(ctx) }

func startDetached(ctx context.Context, f func(ctx context.Context)) {
	ctx = context.WithoutCancel(ctx)
	go f(ctx)
}

func startAndWait(ctx context.Context, f func(ctx context.Context)) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		f(ctx)
	}()
	wg.Wait()
}

func (s *Server) started(w http.ResponseWriter, r *http.Request) {
	start(r.Context(), func(ctx context.Context) { s.store.Save(ctx, "a") }) // want `task of found.start keeps r.Context\(\)`
	start(context.WithoutCancel(r.Context()), func(ctx context.Context) { s.store.Save(ctx, "b") })
	startDetached(r.Context(), func(ctx context.Context) { s.store.Save(ctx, "c") })
	startAndWait(r.Context(), func(ctx context.Context) { s.store.Save(ctx, "d") })
	start(r.Context(), func(context.Context) {})
}
