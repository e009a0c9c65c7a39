package cases

import (
	"context"
	"log"
)

type P013 struct {
	machine interface {
		Freeze(ctx context.Context) ([]byte, error)
		Stop(ctx context.Context) error
	}
}

// Freeze starts its goroutine in a deferred function: stopping can take
// seconds, and the request is not to wait for it.
func (p *P013) Freeze(ctx context.Context) ([]byte, error) {
	ctx, span := tracer.Start(ctx, "freeze")
	defer span.End()
	defer func() {
		// Stop may block.
		go func() { // want `goroutine loses ctx: context.Background\(\) is passed to trace.Tracer.Start`
			ctx, span := tracer.Start(context.Background(), "freeze-stop")
			defer span.End()
			if err := p.machine.Stop(ctx); err != nil {
				log.Printf("stop: %v", err)
			}
		}()
	}()
	return p.machine.Freeze(ctx)
}
