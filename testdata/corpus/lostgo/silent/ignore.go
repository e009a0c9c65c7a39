package silent

import "context"

func ignored(ctx context.Context, s Store) {
	//lostctx:ignore the audit trail has traces of its own
	go s.Save(context.Background(), "a")

	go s.Save(context.Background(), "b") //lostctx:ignore the context holds a transaction
}

func ignoredLiteral(ctx context.Context, s Store) {
	//lostctx:ignore the audit trail has traces of its own
	go func() {
		s.Save(context.Background(), "a")
	}()
}

// A directive without a reason silences nothing.
func ignoredWithoutReason(ctx context.Context, s Store) {
	//lostctx:ignore
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}

// A directive two lines above is too far away.
func ignoredTooFar(ctx context.Context, s Store) {
	//lostctx:ignore too far

	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}

// Not ours.
func notOurs(ctx context.Context, s Store) {
	//lostctx:ignored is another word
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}
