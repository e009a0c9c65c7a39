// Package pools hands tasks that lose their context to worker pools which the
// analyzer does not know by name.
package pools

import (
	"context"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"
)

// A Store reads values from the contexts it is given.
type Store interface {
	Save(ctx context.Context, id string) error
}

func antsPool(ctx context.Context, p *ants.Pool, s Store) error {
	err := p.Submit(func() { s.Save(context.Background(), "a") }) // want
	if err != nil {
		return err
	}
	return ants.Submit(func() { s.Save(context.Background(), "b") }) // want
}

func antsMultiPool(ctx context.Context, p *ants.MultiPool, s Store) error {
	return p.Submit(func() { s.Save(context.Background(), "a") }) // want
}

func pondPool(ctx context.Context, p pond.Pool, s Store) error {
	p.Submit(func() { s.Save(context.Background(), "a") })                            // want
	p.SubmitErr(func() error { return s.Save(context.Background(), "b") })            // want
	p.TrySubmit(func() { s.Save(context.Background(), "c") })                         // want
	p.NewGroup().SubmitErr(func() error { return s.Save(context.Background(), "d") }) // want
	return p.Go(func() { s.Save(context.Background(), "e") })                         // want
}

func pondResultPool(ctx context.Context, p pond.ResultPool[string], s Store) {
	p.SubmitErr(func() (string, error) { return "a", s.Save(context.Background(), "a") }) // want
}

func concGroups(ctx context.Context, wg *conc.WaitGroup, s Store) {
	wg.Go(func() { s.Save(context.Background(), "a") }) // want
	p := pool.New().WithMaxGoroutines(2)
	p.Go(func() { s.Save(context.Background(), "b") }) // want
	pe := pool.New().WithErrors()
	pe.Go(func() error { return s.Save(context.Background(), "c") }) // want
	p.Wait()
}

func concContextPool(ctx context.Context, s Store) error {
	p := pool.New().WithContext(ctx)
	p.Go(func(ctx context.Context) error { return s.Save(context.Background(), "a") }) // want
	return p.Wait()
}

func workerPool(ctx context.Context, p *workerpool.WorkerPool, s Store) error {
	p.Submit(func() { s.Save(context.Background(), "a") })     // want
	p.SubmitWait(func() { s.Save(context.Background(), "b") }) // want
	return p.Do(func() { s.Save(context.Background(), "c") })  // want
}

func errGroup(ctx context.Context, s Store) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(context.Background(), "a") })    // want
	g.TryGo(func() error { return s.Save(context.Background(), "b") }) // want
	g.Go(func() error { return s.Save(gctx, "c") })
	return g.Wait()
}

// Shared work belongs to no single caller.
func singleFlight(ctx context.Context, g *singleflight.Group, s Store) {
	g.Do("key", func() (any, error) { return nil, s.Save(context.Background(), "a") })
	g.DoChan("key", func() (any, error) { return nil, s.Save(context.Background(), "b") })
}
