package cases

import (
	"context"
	"sync"
)

type p058Queue interface {
	Read(ctx context.Context) (itemCtx context.Context, item string, ok bool)
}

type P058 struct {
	queue p058Queue
	send  interface {
		Send(ctx context.Context, item string)
	}
	wg sync.WaitGroup
}

// Start starts a worker, which discards the context that comes with each item.
func (p *P058) Start(_ context.Context) error {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		for {
			_, item, ok := p.queue.Read(context.Background())
			if !ok {
				return
			}
			p.send.Send(context.Background(), item) // want `worker loses the context of item: context.Background\(\) is passed to p.send.Send; use the context that p.queue.Read returns`
		}
	}()
	return nil
}
