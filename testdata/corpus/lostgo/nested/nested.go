// Package nested has tasks in tasks that share a root: two fixes, one place.
package nested

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

func nestedRootOutside(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		bg := context.Background()
		s.Save(bg, "a")
		go s.Save(bg, "b") // want `goroutine loses ctx`
	}()
}

// A task that was given a root has none at hand itself.
func nestedRoot(outer context.Context, s Store) {
	go func(ctx context.Context) { // want `goroutine loses outer: `
		s.Save(ctx, "b")
		go s.Save(ctx, "a") // want `goroutine loses outer: `
	}(context.Background())
}
