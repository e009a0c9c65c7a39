package cases

import (
	"context"
	"sync"

	"example.com/corpus/lostgo/trace"
)

type N011 struct {
	store interface {
		Changes(ctx context.Context, store string) []string
	}
	cache  sync.Map
	inWork sync.Map
	wg     sync.WaitGroup
}

// Invalidate hands its context to the goroutine, and the callee starts a trace
// of its own, which it links to the caller's span. Silent: a decision.
func (n *N011) Invalidate(ctx context.Context, store string) {
	span := trace.SpanFromContext(ctx)
	if _, present := n.inWork.LoadOrStore(store, true); present {
		span.SetAttribute("invalidates", "no")
		return
	}
	span.SetAttribute("invalidates", "yes")
	n.wg.Add(1)
	go func() {
		n.invalidate(ctx, store)
		n.inWork.Delete(store)
		n.wg.Done()
	}()
}

func (n *N011) invalidate(parentCtx context.Context, store string) {
	ctx, span := tracer.Start(context.Background(), "invalidate")
	defer span.End()
	trace.SpanFromContext(parentCtx).AddLink(trace.LinkFromContext(ctx))
	for _, key := range n.store.Changes(ctx, store) {
		n.cache.Delete(key)
	}
}
