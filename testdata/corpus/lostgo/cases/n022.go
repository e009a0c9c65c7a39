package cases

import (
	"context"
	"sync"
)

type n022Queue[T any] interface {
	Start(ctx context.Context) error
	Read(ctx context.Context) (itemCtx context.Context, item T, ok bool)
}

type N022[T any] struct {
	n022Queue[T]
	workers int
	consume func(ctx context.Context, item T)
	wg      sync.WaitGroup
}

// Start starts workers that use the context of each item. Silent: the root
// only bounds the wait for the next item.
func (n *N022[T]) Start(ctx context.Context) error {
	if err := n.n022Queue.Start(ctx); err != nil {
		return err
	}
	var started sync.WaitGroup
	for range n.workers {
		started.Add(1)
		n.wg.Go(func() {
			started.Done()
			for {
				ctx, item, ok := n.Read(context.Background())
				if !ok {
					return
				}
				n.consume(ctx, item)
			}
		})
	}
	started.Wait()
	return nil
}
