package fixes

import "context"

// A statement that becomes superfluous is not all that is on its line.
func oneLine(ctx context.Context, s Store) {
	go func() { ctx := context.Background(); s.Save(ctx, "a") }() // want `goroutine loses ctx`
}
