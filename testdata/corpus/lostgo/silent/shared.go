package silent

import (
	"context"
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
