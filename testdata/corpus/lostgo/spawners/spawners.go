// Package spawners has the ways in which a task is taken to another goroutine
// or to a later time.
package spawners

import (
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Service struct {
	store Store
	db    *sql.DB
}

func (s *Service) save(ctx context.Context, id string) { s.store.Save(ctx, id) }

// flush takes no context and makes a root.
func (s *Service) flush() { s.store.Save(context.Background(), "all") }

func notify(store Store) { store.Save(context.TODO(), "notify") }

func (s *Service) literal(ctx context.Context) {
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to spawners.Store.Save`
		s.store.Save(context.Background(), "a")
	}()
}

func (s *Service) literalWithArguments(ctx context.Context, id string) {
	go func(id string, n int) { // want `goroutine loses ctx`
		for range n {
			s.store.Save(context.Background(), id)
		}
	}(id, 1)
}

func (s *Service) literalWithContext(ctx context.Context, id string) {
	go func(ctx context.Context) { // want `goroutine loses ctx`
		s.store.Save(ctx, id)
	}(context.Background())
}

func (s *Service) namedFunction(ctx context.Context) {
	go notify(s.store) // want `goroutine loses ctx: spawners.notify creates its own context.TODO\(\) \(spawners.go:[0-9]+\)`
}

func (s *Service) method(ctx context.Context, id string) {
	go s.save(context.Background(), id) // want `goroutine loses ctx: context.Background\(\) is passed to spawners.\(\*Service\).save`
}

func (s *Service) methodWithoutContext(ctx context.Context) {
	go s.flush() // want `goroutine loses ctx: spawners.\(\*Service\).flush creates its own context.Background\(\)`
}

func (s *Service) interfaceMethod(ctx context.Context, id string) {
	go s.store.Save(context.Background(), id) // want `goroutine loses ctx: context.Background\(\) is passed to spawners.Store.Save`
}

func (s *Service) methodValue(ctx context.Context) {
	f := s.flush
	go f() // want `goroutine loses ctx`
}

func (s *Service) methodExpression(ctx context.Context) {
	go (*Service).flush(s) // want `goroutine loses ctx`
}

func (s *Service) functionValue(ctx context.Context) {
	f := func() { s.store.Save(context.Background(), "a") }
	go f() // want `goroutine loses ctx`
}

func (s *Service) functionVar(ctx context.Context) {
	var f = func(id string) { s.store.Save(context.Background(), id) }
	for _, id := range []string{"a", "b"} {
		go f(id) // want `goroutine loses ctx`
	}
}

// A function value is what it may have been set to.
func (s *Service) functionValues(ctx context.Context, quiet bool) {
	f := func() { s.store.Save(context.Background(), "a") }
	if quiet {
		f = func() {}
	}
	go f() // want `goroutine loses ctx`
}

func (s *Service) nested(ctx context.Context) {
	go func() {
		go func() { // want `goroutine loses ctx`
			s.store.Save(context.Background(), "a")
		}()
	}()
}

func (s *Service) nestedBoth(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		s.store.Save(context.Background(), "a")
		go func() { // want `goroutine loses ctx`
			s.store.Save(context.Background(), "b")
		}()
	}()
}

func (s *Service) deferred(ctx context.Context) {
	defer func() {
		go s.store.Save(context.Background(), "a") // want `goroutine loses ctx`
	}()
}

func (s *Service) inPlace(ctx context.Context) {
	func() {
		go s.store.Save(context.Background(), "a") // want `goroutine loses ctx`
	}()
}

func (s *Service) waitGroup(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx: context.Background\(\) is passed to spawners.Store.Save`
		s.store.Save(context.Background(), "a")
	})
	wg.Wait()
}

func (s *Service) waitGroupMethod(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(s.flush) // want `task of sync.\(\*WaitGroup\).Go loses ctx: spawners.\(\*Service\).flush creates its own context.Background\(\)`
	wg.Wait()
}

func (s *Service) group(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx`
		return s.store.Save(context.Background(), "a")
	})
	g.Go(func() error { return s.store.Save(ctx, "b") })
	return g.Wait()
}

func (s *Service) groupOnRoot(ctx context.Context) error {
	g, gctx := errgroup.WithContext(context.Background())
	g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx`
		return s.store.Save(gctx, "a")
	})
	return g.Wait()
}

func (s *Service) timer(ctx context.Context) {
	time.AfterFunc(time.Second, func() { // want `task of time.AfterFunc loses ctx`
		s.store.Save(context.Background(), "a")
	})
	time.AfterFunc(time.Second, s.flush) // want `task of time.AfterFunc loses ctx`
}

func (s *Service) timerVar(ctx context.Context) {
	fire := func() { s.store.Save(context.Background(), "a") }
	t := time.AfterFunc(time.Second, fire) // want `task of time.AfterFunc loses ctx`
	defer t.Stop()
}

// What context.AfterFunc starts comes after the end of the context; the values
// are still there.
func (s *Service) afterFunc(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { // want `task of context.AfterFunc loses ctx`
		s.store.Save(context.Background(), "aborted")
	})
	defer stop()
}

// Calls of the standard library that take no context.
func (s *Service) standardLibrary(ctx context.Context) {
	go s.db.Exec("delete from a") // want `goroutine loses ctx: sql.\(\*DB\).Exec creates its own context.Background\(\)`
	go func() {                   // want `goroutine loses ctx: http.Get creates its own context.Background\(\)`
		res, err := http.Get("http://example.com")
		if err == nil {
			res.Body.Close()
		}
	}()
	go func() { // want `goroutine loses ctx: http.NewRequest creates its own context.Background\(\)`
		req, err := http.NewRequest("GET", "http://example.com", nil)
		if err != nil {
			return
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
	}()
}

// The request gets the caller's context before it is sent.
func (s *Service) rebased(ctx context.Context) {
	go func() {
		req, err := http.NewRequest("GET", "http://example.com", nil)
		if err != nil {
			return
		}
		res, err := http.DefaultClient.Do(req.WithContext(context.WithoutCancel(ctx)))
		if err == nil {
			res.Body.Close()
		}
	}()
}

// A root that is hidden in the request.
func (s *Service) rebasedOnRoot(r *http.Request) {
	go func() { // want `goroutine loses r.Context\(\)`
		res, err := http.DefaultClient.Do(r.WithContext(context.Background()))
		if err == nil {
			res.Body.Close()
		}
	}()
}

// chanPool is a pool by a channel.
type chanPool struct{ tasks chan func() }

func newChanPool() *chanPool {
	p := &chanPool{make(chan func(), 8)}
	go func() {
		for task := range p.tasks {
			task()
		}
	}()
	return p
}

func (p *chanPool) Submit(task func()) { p.tasks <- task }

// condPool is a pool by a slice and a condition.
type condPool struct {
	mu    sync.Mutex
	cond  *sync.Cond
	tasks []func()
}

func newCondPool() *condPool {
	p := &condPool{}
	p.cond = sync.NewCond(&p.mu)
	go p.work()
	return p
}

func (p *condPool) work() {
	for {
		p.mu.Lock()
		for len(p.tasks) == 0 {
			p.cond.Wait()
		}
		task := p.tasks[0]
		p.tasks = p.tasks[1:]
		p.mu.Unlock()
		task()
	}
}

func (p *condPool) Submit(task func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tasks = append(p.tasks, task)
	p.cond.Signal()
}

// fieldPool keeps one task in a field that a goroutine reads.
type fieldPool struct {
	mu   sync.Mutex
	next func()
}

func (p *fieldPool) Submit(task func()) {
	p.mu.Lock()
	p.next = task
	p.mu.Unlock()
	go p.run()
}

func (p *fieldPool) run() {
	p.mu.Lock()
	task := p.next
	p.mu.Unlock()
	task()
}

// structPool queues a task with its name.
type structPool struct {
	jobs chan job
}

type job struct {
	name string
	run  func() error
}

func (p *structPool) work() {
	for {
		select {
		case j := <-p.jobs:
			_ = j.run()
		}
	}
}

func (p *structPool) Submit(name string, run func() error) { p.jobs <- job{name, run} }

// variadicPool takes many.
type variadicPool struct{ sem chan struct{} }

func (p *variadicPool) Run(tasks ...func()) {
	for _, task := range tasks {
		p.sem <- struct{}{}
		go func() {
			defer func() { <-p.sem }()
			task()
		}()
	}
}

// Pool is what its users see.
type Pool interface {
	Submit(task func())
}

// resultPool gives results.
type resultPool[T any] struct {
	wg      sync.WaitGroup
	mu      sync.Mutex
	results []T
}

func (p *resultPool[T]) Go(task func() (T, error)) {
	p.wg.Go(func() {
		if v, err := task(); err == nil {
			p.mu.Lock()
			p.results = append(p.results, v)
			p.mu.Unlock()
		}
	})
}

func forEach[T any](items []T, do func(T)) {
	var wg sync.WaitGroup
	for _, item := range items {
		wg.Go(func() { do(item) })
	}
	wg.Wait()
}

// async is a spawner that is a function.
func async(task func()) { go task() }

// safely is one through another, which wraps the task.
func safely(task func()) {
	async(func() {
		defer func() { _ = recover() }()
		task()
	})
}

// later returns what to call.
func later(task func()) func() {
	return func() { go task() }
}

func (s *Service) pools(ctx context.Context, a *chanPool, b *condPool, c *fieldPool, d *structPool, e *variadicPool, f Pool) {
	a.Submit(func() { // want `task of spawners.\(\*chanPool\).Submit loses ctx`
		s.store.Save(context.Background(), "a")
	})
	b.Submit(func() { // want `task of spawners.\(\*condPool\).Submit loses ctx`
		s.store.Save(context.Background(), "b")
	})
	c.Submit(func() { // want `task of spawners.\(\*fieldPool\).Submit loses ctx`
		s.store.Save(context.Background(), "c")
	})
	d.Submit("d", func() error { // want `task of spawners.\(\*structPool\).Submit loses ctx`
		return s.store.Save(context.Background(), "d")
	})
	e.Run(func() {}, func() { // want `task of spawners.\(\*variadicPool\).Run loses ctx`
		s.store.Save(context.Background(), "e")
	})
	f.Submit(func() { // want `task of spawners.Pool.Submit loses ctx`
		s.store.Save(context.Background(), "f")
	})
	a.Submit(s.flush) // want `task of spawners.\(\*chanPool\).Submit loses ctx: spawners.\(\*Service\).flush creates its own`
}

// A task that is sent without a function in between.
func (s *Service) send(ctx context.Context, p *chanPool) {
	p.tasks <- func() { // want `task sent to p.tasks loses ctx: context.Background\(\) is passed to spawners.Store.Save`
		s.store.Save(context.Background(), "a")
	}
}

func (s *Service) poolOfResults(ctx context.Context, p *resultPool[string]) {
	p.Go(func() (string, error) { // want `task of spawners.\(\*resultPool\).Go loses ctx`
		return "a", s.store.Save(context.Background(), "a")
	})
}

func (s *Service) poolOfItems(ctx context.Context, ids []string) {
	forEach(ids, func(id string) { // want `task of spawners.forEach loses ctx`
		s.store.Save(context.Background(), id)
	})
}

func (s *Service) functions(ctx context.Context) {
	async(func() { // want `task of spawners.async loses ctx`
		s.store.Save(context.Background(), "a")
	})
	safely(func() { // want `task of spawners.safely loses ctx`
		s.store.Save(context.Background(), "b")
	})
}

func (s *Service) returned(ctx context.Context) {
	start := later(func() { // want `task of spawners.later loses ctx`
		s.store.Save(context.Background(), "a")
	})
	start()
}

// bus calls its handlers with an event each.
type bus struct {
	mu       sync.Mutex
	handlers []func(event string)
}

func (b *bus) Add(h func(event string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handlers = append(b.handlers, h)
}

func (b *bus) publish(event string) {
	for _, h := range b.handlers {
		go h(event)
	}
}

// A callback with data works for whoever sent it.
func (s *Service) callback(ctx context.Context, b *bus) {
	b.Add(func(event string) {
		s.store.Save(context.Background(), event)
	})
}

// Whoever comes first does it for all.
func (s *Service) once(ctx context.Context) {
	var once sync.Once
	once.Do(func() { s.store.Save(context.Background(), "a") })
	load := sync.OnceFunc(func() { s.store.Save(context.Background(), "b") })
	value := sync.OnceValue(func() error { return s.store.Save(context.Background(), "c") })
	load()
	_ = value()
}

// A goroutine's once is still everybody's.
func (s *Service) onceInGoroutine(ctx context.Context, once *sync.Once) {
	go once.Do(func() { s.store.Save(context.Background(), "a") })
	go func() {
		once.Do(func() { s.store.Save(context.Background(), "b") })
	}()
}
