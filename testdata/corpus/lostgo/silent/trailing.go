package silent

import "context"

// A directive behind code is about that line alone.
func trailing(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a") //lostctx:ignore the audit trail has traces of its own
	go s.Save(context.Background(), "b") // want `goroutine loses ctx`
}
