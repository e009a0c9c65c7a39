package silent

import (
	"context"
	"net/http"
	"sync"
)

// Values that are copied in a loop into a context that does not end.

type name string

var names = []name{"user", "tenant"}

func withValues(ctx, of context.Context) context.Context {
	for _, n := range names {
		if v := of.Value(n); v != nil {
			ctx = context.WithValue(ctx, n, v)
		}
	}
	return ctx
}

type copier struct {
	wg   sync.WaitGroup
	save func(ctx context.Context, id string) error
	s    interface {
		Save(ctx context.Context, id string) error
	}
}

func (c *copier) refresh(ctx context.Context) {
	c.wg.Go(func() {
		c.s.Save(withValues(context.Background(), ctx), "a")
	})
}

func (c *copier) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.refresh(r.Context()) }
