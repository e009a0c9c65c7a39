// Package plain is fixed with -fix.style=plain.
package plain

import (
	"context"
	"sync"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func literal(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(context.Background(), "a")
		s.Save(context.Background(), "b")
	}()
}

func named(ctx context.Context, s Store, next func() string) {
	go s.Save(context.Background(), next()) // want `goroutine loses ctx`
}

func group(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	wg.Go(func() { s.Save(context.TODO(), "a") }) // want `task of sync.\(\*WaitGroup\).Go loses ctx`
	wg.Wait()
}

func timed(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(ctx, "a")
	}()
}
