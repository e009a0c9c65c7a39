package cases

import (
	"context"
	"log"
	"sync"
	"time"
)

type p012Machine interface {
	Wait(ctx context.Context) error
	Remove(ctx context.Context) error
}

type P012 struct {
	boot     func(ctx context.Context, image string) (p012Machine, error)
	machines sync.Map
}

// Boot waits in the background for the machine's end and cleans up, under a
// span that begins at a root. The context at hand is derived from the
// parameter.
func (p *P012) Boot(connCtx context.Context, image string) error {
	ctx, cancel := context.WithTimeout(connCtx, time.Minute)
	defer cancel()
	ctx, span := tracer.Start(ctx, "boot")
	defer span.End()
	m, err := p.boot(ctx, image)
	if err != nil {
		return err
	}
	p.machines.Store(image, m)
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to trace.Tracer.Start`
		ctx, span := tracer.Start(context.Background(), "boot-end")
		defer span.End()
		if err := m.Wait(ctx); err != nil {
			log.Printf("wait for machine: %v", err)
		}
		if err := m.Remove(ctx); err != nil {
			log.Printf("remove machine: %v", err)
		}
		p.machines.Delete(image)
	}()
	return nil
}
