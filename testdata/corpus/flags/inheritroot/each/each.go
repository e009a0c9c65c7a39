// Package each has functions that start tasks.
package each

import (
	"context"
	"sync"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// Each does not wait where it leaves the loop.
func Each(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { s.Save(ctx, "a") })
		if i == 0 {
			break
		}
		wg.Wait()
	}
}

func Joined(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	wg.Go(func() { s.Save(ctx, "a") })
	wg.Wait()
}
