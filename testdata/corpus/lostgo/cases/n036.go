package cases

import "context"

type N036 struct {
	events chan string
	handle func(ctx context.Context, event string)
}

// Start starts a worker with the context of the service. Silent: the worker
// has it.
func (n *N036) Start(ctx context.Context) error {
	go n.work(ctx)
	return nil
}

func (n *N036) work(ctx context.Context) {
	for {
		select {
		case event := <-n.events:
			n.handle(ctx, event)
		case <-ctx.Done():
			return
		}
	}
}
