package fixes

import (
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

// TODO says that it should be ctx; so it becomes ctx where the task has ended
// when the function returns.
func todoJoined(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.TODO(), "a")
	})
	wg.Wait()
}

func todoJoinedByChannel(ctx context.Context, s Store) error {
	done := make(chan error, 1)
	go func() { // want `goroutine loses ctx`
		done <- s.Save(context.TODO(), "a")
	}()
	return <-done
}

// Elsewhere the task would be cancelled too early.
func todoDetached(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(context.TODO(), "a")
	}()
}

func todoSometimesJoined(ctx context.Context, s Store, wait bool) {
	var wg sync.WaitGroup
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.TODO(), "a")
	})
	if wait {
		wg.Wait()
	}
}

func todoJoinedAfterReturn(ctx context.Context, s Store) error {
	var wg sync.WaitGroup
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.TODO(), "a")
	})
	if err := s.Save(ctx, "b"); err != nil {
		return err
	}
	wg.Wait()
	return nil
}

func todoJoinedOrDone(ctx context.Context, s Store) error {
	done := make(chan error, 1)
	go func() { // want `goroutine loses ctx`
		done <- s.Save(context.TODO(), "a")
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func todoDeferredWait(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.TODO(), "a")
	})
}

// The cancel is deferred after the wait, and so comes before it.
func todoCancelBeforeWait(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.TODO(), "a")
	})
	s.Save(ctx, "b")
}

func backgroundJoined(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.Background(), "a")
	})
	wg.Wait()
}

func todoAndBackground(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
		s.Save(context.TODO(), "a")
		s.Save(context.Background(), "b")
	})
	wg.Wait()
}

// Bound functions.

func boundErr(ctx context.Context, s Store) error {
	var g errgroup.Group
	g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx`
		return s.Save(context.Background(), "a")
	})
	return g.Wait()
}

func boundNamedResult(ctx context.Context, s Store) error {
	var g errgroup.Group
	g.Go(func() (err error) { // want `task of errgroup.\(\*Group\).Go loses ctx`
		defer func() {
			if r := recover(); r != nil {
				err = context.Canceled
			}
		}()
		return s.Save(context.Background(), "a")
	})
	return g.Wait()
}

type futures[T any] struct{ wg sync.WaitGroup }

func (f *futures[T]) Go(task func() (T, error)) {
	f.wg.Go(func() { _, _ = task() })
}

type lookups struct{ wg sync.WaitGroup }

func (l *lookups) Go(task func() (string, bool)) {
	l.wg.Go(func() { _, _ = task() })
}

func boundResult(ctx context.Context, s Store, f *futures[string], l *lookups) {
	f.Go(func() (string, error) { // want `task of fixes.\(\*futures\).Go loses ctx`
		return "a", s.Save(context.Background(), "a")
	})
	f.Go(func() (id string, err error) { // want `task of fixes.\(\*futures\).Go loses ctx`
		id = "a"
		err = s.Save(context.Background(), id)
		return
	})
	l.Go(func() (string, bool) { // want `task of fixes.\(\*lookups\).Go loses ctx`
		return "a", s.Save(context.Background(), "a") == nil
	})
}

type task func()

type typedPool struct{ tasks chan task }

func (p *typedPool) Submit(t task) { p.tasks <- t }

// The pool's task has a type of its own.
func typed(ctx context.Context, s Store, p *typedPool) {
	p.Submit(func() { // want `task of fixes.\(\*typedPool\).Submit loses ctx`
		s.Save(context.Background(), "a")
	})
	p.Submit(task(func() { // want `task of fixes.\(\*typedPool\).Submit loses ctx`
		s.Save(context.Background(), "b")
	}))
}

// Tasks that are not written in place.

func taskVariable(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	save := func() { s.Save(context.Background(), "a") }
	wg.Go(save) // want `task of sync.\(\*WaitGroup\).Go loses ctx`
	wg.Go(save) // want `task of sync.\(\*WaitGroup\).Go loses ctx`
	wg.Wait()
}

func goVariable(ctx context.Context, s Store) {
	save := func(id string) { s.Save(context.Background(), id) }
	go save("a") // want `goroutine loses ctx`
	save("b")
}

// The literal is made before ctx is changed, but runs after.
func goVariableHandChanged(ctx context.Context, s Store) {
	save := func() { s.Save(context.Background(), "a") }
	ctx = context.WithValue(ctx, key{}, "x")
	s.Save(ctx, "b")
	go save() // want `goroutine loses ctx`
}

func timers(ctx context.Context, s Store) (stop func() bool) {
	t := time.AfterFunc(time.Second, func() { // want `task of time.AfterFunc loses ctx`
		s.Save(context.Background(), "a")
	})
	return t.Stop
}

// Siblings.

type client struct{ store Store }

func (c *client) Flush()                                       { c.FlushContext(context.Background()) }
func (c *client) FlushContext(ctx context.Context)             { c.store.Save(ctx, "flush") }
func (c *client) Send(id string) error                         { return c.SendCtx(context.Background(), id) }
func (c *client) SendCtx(ctx context.Context, id string) error { return c.store.Save(ctx, id) }

func siblings(ctx context.Context, c *client, db *sql.DB) {
	go c.Flush()         // want `goroutine loses ctx`
	go c.Send("a")       // want `goroutine loses ctx`
	go db.Exec("delete") // want `goroutine loses ctx`
	go func() {          // want `goroutine loses ctx`
		if err := c.Send("b"); err != nil {
			c.Flush()
		}
		row := db.QueryRow("select 1")
		_ = row.Scan()
	}()
}

func siblingRequest(ctx context.Context, url string) {
	go func() { // want `goroutine loses ctx`
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
	}()
}

// No sibling: by hand.
func noSibling(ctx context.Context, url string) {
	go http.Get(url) // want `goroutine loses ctx`
	go func() {      // want `goroutine loses ctx`
		res, err := http.Get(url)
		if err == nil {
			res.Body.Close()
		}
	}()
}

// A part is mended, a part is left.
func partly(ctx context.Context, s Store, url string) {
	go func() { // want `goroutine loses ctx.*\(the fix leaves a part to do by hand\)`
		s.Save(context.Background(), "a")
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
		}
	}()
}

func requestAtHand(w http.ResponseWriter, r *http.Request, s Store) {
	go func() { // want `goroutine loses r.Context\(\)`
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		s.Save(ctx, "a")
	}()
	go s.Save(context.Background(), "b") // want `goroutine loses r.Context\(\)`
}

// The request is replaced before the task starts.
func requestReplaced(w http.ResponseWriter, r *http.Request, s Store) {
	r = r.WithContext(context.WithValue(r.Context(), key{}, "x"))
	go s.Save(context.Background(), "b") // want `goroutine loses r.Context\(\)`
	w.WriteHeader(200)
}

// What has no end is handed on as it is.
func detachedBefore(ctx context.Context, s Store) {
	detached := context.WithoutCancel(ctx)
	s.Save(detached, "0")
	go s.Save(context.Background(), "a") // want `goroutine loses detached: .*; pass detached$`
	go keep(s)                           // want `goroutine loses detached: .*; add a context parameter and pass detached$`
}

func boundedAfter(ctx context.Context, s Store) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 1)
	defer cancel()
	s.Save(bounded, "0")
	go s.Save(context.Background(), "a") // want `goroutine loses bounded: .*pass context.WithoutCancel\(bounded\)`
}

func keep(s Store) { s.Save(context.Background(), "kept") }

// A task of a group has the context of the group; what is done meanwhile has not.
func groupTask(ctx context.Context, s Store) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(gctx, "a") })
	g.Go(func() error { return s.Save(context.Background(), "b") }) // want `task of errgroup.\(\*Group\).Go loses gctx`
	go s.Save(context.Background(), "c")                            // want `goroutine loses ctx`
	return g.Wait()
}
