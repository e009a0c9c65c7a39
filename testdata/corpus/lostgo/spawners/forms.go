package spawners

import (
	"context"
	"sync"
	"time"
)

// The forms that a task can have.

func guard(f func()) {
	defer func() { _ = recover() }()
	f()
}

func attempt(n int, f func() error) (err error) {
	for range n {
		if err = f(); err == nil {
			break
		}
	}
	return err
}

func (s *Service) guardedTasks(ctx context.Context) {
	go guard(func() { // want `goroutine loses ctx: context.Background\(\) is passed to spawners.Store.Save`
		s.store.Save(context.Background(), "a")
	})
	go guard(s.flush)            // want `goroutine loses ctx: spawners.\(\*Service\).flush creates its own`
	go attempt(3, func() error { // want `goroutine loses ctx`
		return s.store.Save(context.Background(), "b")
	})
	go func(f func()) { // want `goroutine loses ctx`
		f()
	}(func() { s.store.Save(context.Background(), "c") })
}

// It is started for everybody.
func (s *Service) guardedOnce(ctx context.Context, once *sync.Once) {
	go once.Do(func() { s.store.Save(context.Background(), "a") })
}

func (s *Service) job(id string) func() {
	return func() { s.store.Save(context.Background(), id) }
}

func (s *Service) factories(ctx context.Context, wg *sync.WaitGroup) {
	go s.job("a")()               // want `goroutine loses ctx: context.Background\(\) is passed to spawners.Store.Save`
	wg.Go(s.job("b"))             // want `task of sync.\(\*WaitGroup\).Go loses ctx`
	time.AfterFunc(1, s.job("c")) // want `task of time.AfterFunc loses ctx`
	later := s.job("d")
	go later() // want `goroutine loses ctx`
}

func (s *Service) lists(ctx context.Context) {
	for _, f := range []func(){s.flush, func() {}} {
		go f() // want `goroutine loses ctx`
	}
	byName := map[string]func(){"a": s.flush}
	go byName["a"]() // want `goroutine loses ctx`
}

func (s *Service) sentInCase(ctx context.Context, p *chanPool, stop chan bool) {
	select {
	case p.tasks <- s.flush: // want `task sent to p.tasks loses ctx`
	case <-stop:
	}
}

// Nobody knows what it can be.
func (s *Service) unknown(ctx context.Context, f func(), fs []func(), p *chanPool) {
	go f()
	go fs[0]()
	p.tasks <- f
}

// The body of a parallel loop is given the items of the list.
func (s *Service) parallelLoop(ctx context.Context, ids map[int]string) {
	forEachOf(ids, func(id string) { // want `task of spawners.forEachOf loses ctx`
		s.store.Save(context.Background(), id)
	})
	spawnWith(func(id string) { // want `task of spawners.spawnWith loses ctx`
		s.store.Save(context.Background(), id)
	}, "a")
}

func forEachOf[K comparable, V any](m map[K]V, f func(V)) {
	var wg sync.WaitGroup
	for _, v := range m {
		wg.Go(func() { f(v) })
	}
	wg.Wait()
}

func spawnWith[T any](f func(T), v T) { go f(v) }

// What is given data from elsewhere works for that.
type topics struct{ handlers []func(string) }

func (b *topics) handle(f func(string)) { b.handlers = append(b.handlers, f) }

func (b *topics) publish(e string) {
	for _, f := range b.handlers {
		go f(e)
	}
}

func (s *Service) subscribes(ctx context.Context, b *topics) {
	b.handle(func(e string) { s.store.Save(context.Background(), e) })
}

// The body of a parallel loop may be given pointers to the items.
func eachPointer(ctx context.Context, s Store, orders []string) {
	eachOf(orders, func(o *string) { s.Save(context.Background(), *o) }) // want `task of spawners.eachOf loses ctx`
}

func eachOf[T any](list []T, f func(*T)) {
	var wg sync.WaitGroup
	for i := range list {
		wg.Go(func() { f(&list[i]) })
	}
	wg.Wait()
}
