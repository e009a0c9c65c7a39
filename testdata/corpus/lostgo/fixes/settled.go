package fixes

import "context"

type settledKey struct{}

// The variable is changed while the goroutine runs: naming it there is a race.
func changedLater(ctx context.Context, s Store) {
	go func() {
		go s.Save(context.Background(), "a") // want `goroutine loses ctx: .* by hand`
	}()
	ctx = context.WithValue(ctx, settledKey{}, 1)
	s.Save(ctx, "b")
}

// All that changes it is done.
func changedBefore(ctx context.Context, s Store) {
	ctx = context.WithValue(ctx, settledKey{}, 1)
	s.Save(ctx, "b")
	go func() {
		go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
	}()
}
