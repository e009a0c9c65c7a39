// Package onpurpose ends tasks by their context, and has the cancel function elsewhere.
package onpurpose

import (
	"context"
	"sync"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// Both begins two saves, and stops the second when the first is done.
func Both(ctx context.Context, s Store) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		_ = s.Save(ctx, "second")
	}()
	err := s.Save(ctx, "first")
	cancel()
	wg.Wait()
	return err
}

// Stop is what ends the last save.
var Stop context.CancelFunc

// Begin leaves a save behind that somebody else may stop.
func Begin(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	Stop = cancel
	go s.Save(ctx, "left")
}

// Polled asks again and again whether its save is done.
func Polled(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	finished := false
	go func() {
		_ = s.Save(ctx, "polled")
		mu.Lock()
		finished = true
		mu.Unlock()
	}()
	for {
		mu.Lock()
		if finished {
			mu.Unlock()
			return
		}
		mu.Unlock()
		time.Sleep(time.Millisecond)
	}
}
