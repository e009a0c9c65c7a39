package cases

import (
	"context"
	"os"
	"sync"
	"time"
)

// p016Gate lets one in at a time. It only waits for the end of a context.
type p016Gate struct{ in chan struct{} }

func (g *p016Gate) Enter(ctx context.Context) error {
	select {
	case g.in <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *p016Gate) Leave() { <-g.in }

type P016 struct {
	gate p016Gate
	mu   sync.Mutex
	last string
}

// Install cleans up in the background. Contested; silent: no values are read
// through the root, it only waits at the gate.
func (p *P016) Install(ctx context.Context, cert string) error {
	if err := p.gate.Enter(ctx); err != nil {
		return err
	}
	defer p.gate.Leave()
	p.last = cert
	go func() {
		began := time.Now()
		_ = p.gate.Enter(context.Background())
		defer p.gate.Leave()
		if p.last == cert && time.Since(began) < time.Minute {
			_ = os.Remove(cert)
		}
	}()
	return nil
}
