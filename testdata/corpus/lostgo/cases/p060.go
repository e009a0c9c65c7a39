package cases

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

type P060 struct {
	events  chan []string
	stop    chan struct{}
	closed  atomic.Bool
	handle  func(ctx context.Context, rows []string) error
	timeout time.Duration
}

// Start starts the handling of events. Contested; silent: each event is a unit
// of work in a service loop, and so is the rest of the queue at the end.
func (p *P060) Start(ctx context.Context) error {
	go p.run(ctx)
	return nil
}

func (p *P060) run(ctx context.Context) {
	for !p.closed.Load() {
		select {
		case rows := <-p.events:
			if err := p.handleOne(rows); err != nil {
				slog.ErrorContext(ctx, "handle", "err", err)
			}
		case <-ctx.Done():
			p.closed.Store(true)
		case <-p.stop:
			p.closed.Store(true)
		}
	}
	drainCtx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	for rows := range p.events {
		_ = p.handle(drainCtx, rows)
	}
}

func (p *P060) handleOne(rows []string) error {
	// A handler that has begun is to end, also at a shutdown.
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	return p.handle(ctx, rows)
}
