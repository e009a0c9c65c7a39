// Package lostignore has directives that silence findings, and some that do
// not. Only the latter are reported here.
package lostignore

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

func silenced(ctx context.Context, s Store) {
	//lostctx:ignore the audit trail has traces of its own
	go s.Save(context.Background(), "a")

	go s.Save(context.Background(), "b") //lostctx:ignore the context holds a transaction
}

func silencedLiteral(ctx context.Context, s Store) {
	//lostctx:ignore the audit trail has traces of its own
	go func() {
		s.Save(context.Background(), "a")
	}()
}

// What another check than lostgo reports needs its directive as well.
func silencedRoot(ctx context.Context, s Store) {
	//lostctx:ignore the audit trail has traces of its own
	s.Save(context.Background(), "a")
}

func withoutReason(ctx context.Context, s Store) {
	//lostctx:ignore // want `//lostctx:ignore without a reason silences nothing: write why after it`
	go s.Save(context.Background(), "a")
}

func forNothing(ctx context.Context, s Store) {
	//lostctx:ignore it was lost once // want `//lostctx:ignore silences nothing: no check reports this line or the next`
	go s.Save(ctx, "a")
}

// A directive two lines above is too far away.
func tooFar(ctx context.Context, s Store) {
	//lostctx:ignore too far // want `//lostctx:ignore silences nothing`

	go s.Save(context.Background(), "a")
}

// Not ours.
func notOurs(ctx context.Context, s Store) {
	//lostctx:ignored is another word
	go s.Save(context.Background(), "a")
}
