package silent

import (
	"context"
	"log/slog"
	"sync"
)

// Shared work: the first who asks starts it for all.

type cache struct {
	store Store
	once  sync.Once
	ready chan struct{}
	value string
}

func (c *cache) Get(ctx context.Context) (string, error) {
	c.once.Do(func() {
		go c.fill()
	})
	select {
	case <-c.ready:
		return c.value, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (c *cache) fill() {
	defer close(c.ready)
	c.value, _ = c.store.Load(context.Background())
}

// Garbage is collected for everybody.
func (s *Service) GarbageCollect(ctx context.Context) error { return s.store.Save(ctx, "gc") }

func (s *Service) collects(ctx context.Context) {
	go s.GarbageCollect(context.Background())
}

// A method may ask the state and change it: one of those who come starts the work.
type operation struct {
	mu      sync.Mutex
	running bool
	store   Store
}

func (o *operation) setRunning(running bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.running == running {
		return false
	}
	o.running = running
	return true
}

func (o *operation) runHere(ctx context.Context) {
	if !o.setRunning(true) {
		return
	}
	go func() {
		defer o.setRunning(false)
		o.store.Save(context.Background(), "a")
	}()
}

// So does what it is called by.
func (o *operation) run() {
	if !o.setRunning(true) {
		return
	}
	go func() {
		defer o.setRunning(false)
		o.store.Save(context.Background(), "a")
	}()
}

func runs(ctx context.Context, o *operation) { o.run() }

// Whoever has the lock works for those who did not get it.
func (o *operation) refresh() {
	if !o.mu.TryLock() {
		return
	}
	defer o.mu.Unlock()
	o.store.Save(context.Background(), "a")
}

func refreshes(ctx context.Context, o *operation) { go o.refresh() }

// A budget lets many in, each for itself.
type budget struct {
	left  int
	store Store
}

func (b *budget) take() bool {
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}

func (b *budget) run(ctx context.Context) {
	if !b.take() {
		return
	}
	go func() { // want `goroutine loses ctx`
		b.store.Save(context.Background(), "a")
	}()
}

// A task that counts asks a gate whether to count.
type featureGate interface {
	Enabled(ctx context.Context, tenant string) bool
}

func counts(ctx context.Context, g featureGate, tenant string, n int) {
	go func() {
		enabled := g.Enabled(context.Background(), tenant)
		for range n {
			if enabled {
				slog.Info("counted")
			}
		}
	}()
}

// One that works if it may does more than that.
func worksIfEnabled(ctx context.Context, g featureGate, s Store) {
	go func() { // want `goroutine loses ctx`
		if g.Enabled(context.Background(), "a") {
			s.Save(ctx, "a")
		}
	}()
}

// A task that starts a span with the context of what it belongs to has a trace of its own.
type session struct {
	ctx    context.Context
	tracer tracer
	store  Store
}

type tracer interface {
	Start(ctx context.Context, name string) (context.Context, span)
}

type span interface{ End() }

func (s *session) handle(ctx context.Context) {
	go s.run()
}

func (s *session) run() {
	ctx, span := s.tracer.Start(s.ctx, "run")
	defer span.End()
	s.store.Save(ctx, "a")
	s.cancelled()
}

func (s *session) cancelled() { s.store.Save(context.Background(), "cancelled") }
