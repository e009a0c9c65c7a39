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

func ignoredWithoutReason(ctx context.Context, s Store) {
	/* the directive is reported as well */
	//lostctx:ignore // want `//lostctx:ignore without a reason silences nothing: write why after it`
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}

func ignoredForNothing(ctx context.Context, s Store) {
	//lostctx:ignore it was lost once // want `//lostctx:ignore silences nothing: no check reports this line or the next`
	go s.Save(ctx, "a")
}

// A directive two lines above is too far away.
func ignoredTooFar(ctx context.Context, s Store) {
	//lostctx:ignore too far // want `//lostctx:ignore silences nothing`

	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}

// Not ours.
func notOurs(ctx context.Context, s Store) {
	//lostctx:ignored is another word
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}
