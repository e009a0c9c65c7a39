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

// A task that goes along with the work of its function, and goes when that is done.

type lease struct{ left time.Duration }

func (l *lease) until() time.Duration { return l.left }

func Session(parent context.Context, s Store, l *lease, ids []string) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	go func() {
		for {
			left := l.until()
			if left <= 0 {
				cancel()
				return
			}
			select {
			case <-time.After(left):
				if s.Save(ctx, "renew") != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for _, id := range ids {
		_ = s.Save(ctx, id)
	}
}

// One that is left behind by a function which only begins is cut off, and so is one that has a time limit.
func Lend(parent context.Context, s Store, l *lease) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	go func() { // want `goroutine keeps ctx, which is canceled when the function returns`
		for {
			left := l.until()
			if left <= 0 {
				return
			}
			select {
			case <-time.After(left):
				_ = s.Save(ctx, "renew")
			case <-ctx.Done():
				return
			}
		}
	}()
}

// Who receives at once from what a spawner gives waits for its task.

func start(f func()) chan error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- nil
			}
		}()
		f()
		done <- nil
	}()
	return done
}

func block(f func()) error { return <-start(f) }

func Guarded(parent context.Context, s Store) (err error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	if guard := block(func() { err = s.Save(ctx, "guarded") }); guard != nil {
		return guard
	}
	return err
}
