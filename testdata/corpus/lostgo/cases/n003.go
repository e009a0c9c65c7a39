package cases

import (
	"context"
	"sync"
)

type N003 struct {
	sender interface {
		Send(ctx context.Context, event string) error
	}
	updates chan string
	out     chan string
	wg      sync.WaitGroup
}

// Start starts two loops, one of which is not to end with the context. Silent:
// it is a service loop over what others put into its channel.
func (n *N003) Start(ctx context.Context) {
	n.wg.Add(2)
	go n.update(ctx)
	// Sending is not cancelled with ctx.
	go n.sendAll(context.Background())
}

func (n *N003) update(ctx context.Context) {
	defer n.wg.Done()
	defer close(n.out)
	for {
		select {
		case u := <-n.updates:
			n.out <- u
		case <-ctx.Done():
			return
		}
	}
}

func (n *N003) sendAll(ctx context.Context) {
	defer n.wg.Done()
	n.drain(ctx)
}

func (n *N003) drain(ctx context.Context) {
	for event := range n.out {
		_ = n.sender.Send(ctx, event)
	}
}
