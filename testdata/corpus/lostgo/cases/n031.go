package cases

import (
	"context"
	"sync"
	"time"
)

type N031 struct {
	rows interface {
		Head(ctx context.Context) (string, error)
		Stop()
	}
	timeout time.Duration
	wg      *sync.WaitGroup
}

// Stop reads the rest in the background. Contested; silent: no context is at
// hand.
func (n *N031) Stop() {
	n.wg.Add(1)
	go n.drain()
}

func (n *N031) drain() {
	defer n.wg.Done()
	defer n.rows.Stop()
	// Drain also when the request has ended, but not for ever.
	ctx, cancel := context.WithTimeout(context.Background(), n.timeout)
	defer cancel()
	for {
		if _, err := n.rows.Head(ctx); err != nil {
			return
		}
	}
}
