// Package twice has what takes two runs of the fixes: one is in the other's way.
package twice

import (
	"context"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// Two fixes do not hand on the same use: the span inside would be given a context
// that nothing uses.
func service(ctx context.Context, s Store, t trace.Tracer, ids <-chan string) {
	outerCtx, outer := t.Start(ctx, "outer") // want `ctx is used while outer is open`
	defer outer.End()
	s.Save(outerCtx, "a")
	go func() {
		for id := range ids {
			_, inner := t.Start(ctx, id) // want `the context of inner is dropped`
			defer inner.End()
			s.Save(ctx, id)
		}
	}()
}
