package cases

import (
	"context"
	"sync"
	"time"
)

type P049 struct {
	probes []interface {
		Open(ctx context.Context) error
	}
	read  func(ctx context.Context) error
	every time.Duration
	ticks <-chan time.Time
	done  chan struct{}
	wg    sync.WaitGroup
}

// Start opens the probes and starts to read them. Contested; silent: the
// reading is a service loop.
func (p *P049) Start(ctx context.Context) error {
	for _, probe := range p.probes {
		if err := probe.Open(ctx); err != nil {
			return err
		}
	}
	p.startReading()
	return nil
}

func (p *P049) startReading() {
	p.wg.Go(func() {
		if p.ticks == nil {
			ticker := time.NewTicker(p.every)
			defer ticker.Stop()
			p.ticks = ticker.C
		}
		// Read at once, not only after the first round.
		_ = p.read(context.Background())
		for {
			select {
			case <-p.ticks:
				_ = p.read(context.Background())
			case <-p.done:
				return
			}
		}
	})
}
