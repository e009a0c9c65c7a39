// Package inheritroot is fixed with -fix.cancel=inherit, by lostroot.
package inheritroot

import (
	"context"

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

// A task of another package that is not waited for on every path may go on.
func left(ctx context.Context, s Store) {
	each.Each(context.Background(), s)   // want `context.Background\(\) loses ctx`
	each.Joined(context.Background(), s) // want `context.Background\(\) loses ctx`
}
