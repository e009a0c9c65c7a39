package fixes

import (
	"context"

	"example.com/corpus/lostgo/trace"
)

// The task around gets a parameter ctx: what is evaluated before the inner one has
// another name.
func around(parent context.Context, t trace.Tracer, s Store) {
	go func() { // want `goroutine loses parent`
		ctx1, span := t.Start(context.Background(), "a")
		defer span.End()
		_ = ctx1
		go func(ctx context.Context) { // want `goroutine loses ctx1`
			s.Save(context.Background(), "a")
			s.Save(ctx, "b")
		}(parent)
	}()
}
