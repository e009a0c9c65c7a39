package cases

import (
	"context"
	"time"
)

type N033 struct {
	counts map[string]int
	in     chan string
	sink   interface {
		Post(ctx context.Context, counts map[string]int)
	}
}

// Start starts a loop that ends with the context of the process. Silent: the
// loop has it.
func (n *N033) Start(ctx context.Context) {
	go n.collect(ctx)
}

func (n *N033) collect(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case name := <-n.in:
			n.counts[name]++
		case <-ticker.C:
			n.sink.Post(ctx, n.counts)
		case <-ctx.Done():
			return
		}
	}
}
