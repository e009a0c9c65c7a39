// Package inherit is fixed with -fix.cancel=inherit.
package inherit

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

func joined(ctx context.Context, s Store) {
	done := make(chan struct{})
	go func() { // want `goroutine loses ctx`
		defer close(done)
		s.Save(context.Background(), "a")
	}()
	<-done
}

// What the function has cancelled is no context to end with.
func over(ctx context.Context, s Store) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	s.Save(ctx, "a")
	cancel()
	var wg sync.WaitGroup
	wg.Go(func() { s.Save(context.Background(), "b") }) // want `task of sync.\(\*WaitGroup\).Go loses ctx`
	wg.Wait()
}
