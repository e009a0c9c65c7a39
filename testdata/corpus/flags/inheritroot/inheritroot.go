// Package inheritroot is fixed with -fix.cancel=inherit, by lostroot.
package inheritroot

import (
	"context"
	"sync"

	"example.com/corpus/flags/inheritroot/each"
	"example.com/corpus/flags/inheritroot/pool"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// A pool gives its tasks the context that it was made with: that must not end before
// they have.
func pooled(ctx context.Context, s Store) {
	p := new(pool.Pool).WithContext(context.Background()) // want `context.Background\(\) loses ctx`
	p.Go(func(ctx context.Context) { s.Save(ctx, "a") })
}

func pooledJoined(ctx context.Context, s Store) {
	p := new(pool.Pool).WithContext(context.Background()) // want `context.Background\(\) loses ctx`
	p.Go(func(ctx context.Context) { s.Save(ctx, "a") })
	p.Wait()
}

func pooledBelow(ctx context.Context, s Store) {
	inPool(context.Background(), s)       // want `context.Background\(\) loses ctx`
	inPoolJoined(context.Background(), s) // want `context.Background\(\) loses ctx`
}

func inPool(ctx context.Context, s Store) {
	p := new(pool.Pool).WithContext(ctx)
	p.Go(func(ctx context.Context) { s.Save(ctx, "a") })
}

func inPoolJoined(ctx context.Context, s Store) {
	p := new(pool.Pool).WithContext(ctx)
	p.Go(func(ctx context.Context) { s.Save(ctx, "a") })
	p.Wait()
}

// A task that is joined may still be cut off before that.
func canceledFirst(ctx context.Context, s Store) {
	defer func() {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Add(1)
		go saveAfresh(ctx, &wg, s)
		cancel()
		wg.Wait()
	}()
}

func saveAfresh(ctx context.Context, wg *sync.WaitGroup, s Store) {
	defer wg.Done()
	s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
}

// A task of another package that is not waited for on every path may go on.
func left(ctx context.Context, s Store) {
	each.Each(context.Background(), s)   // want `context.Background\(\) loses ctx`
	each.Joined(context.Background(), s) // want `context.Background\(\) loses ctx`
}
