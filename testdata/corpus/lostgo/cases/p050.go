package cases

import (
	"context"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

type p050Name struct{}

func p050WithName(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, p050Name{}, name)
}

type P050 struct {
	ctx     context.Context
	name    string
	servers []interface {
		Start(ctx context.Context) error
		Stop(ctx context.Context) error
	}
}

// Run runs the servers. Contested; silent: the context is in a field, which is
// the application's and at nobody's hand.
func (p *P050) Run() error {
	g, ctx := errgroup.WithContext(p050WithName(p.ctx, p.name))
	var wg sync.WaitGroup
	for _, srv := range p.servers {
		g.Go(func() error {
			<-ctx.Done()
			stopCtx, cancel := context.WithTimeout(p050WithName(context.Background(), p.name), time.Second)
			defer cancel()
			return srv.Stop(stopCtx)
		})
		wg.Add(1)
		g.Go(func() error {
			wg.Done()
			return srv.Start(p050WithName(context.Background(), p.name))
		})
	}
	wg.Wait()
	return g.Wait()
}
