package found

import "context"

type txKey struct{}

func withTx(ctx context.Context) context.Context { return context.WithValue(ctx, txKey{}, 1) }

func withCtx(ctx context.Context) context.Context { return context.WithValue(ctx, txKey{}, 2) }

func inTransaction(ctx context.Context, f func(ctx context.Context) error) error {
	return f(withTx(ctx))
}

// The audit may be there to stay when the transaction is rolled back.
func transaction(ctx context.Context, s Store) error {
	return inTransaction(ctx, func(ctx context.Context) error {
		s.Save(ctx, "a")
		s.Save(context.Background(), "audit") // want `context.Background\(\) loses ctx: .* \(no automatic fix: the transaction in the context may be what must not travel\)`
		return nil
	})
}

func derivedTransaction(ctx context.Context, s Store) {
	ctx = withTx(ctx)
	s.Save(ctx, "a")
	s.Save(context.Background(), "audit") // want `no automatic fix: the transaction`
}

func noTransaction(ctx context.Context, s Store) {
	ctx = withCtx(ctx)
	s.Save(ctx, "a")
	s.Save(context.Background(), "b") // want `context.Background\(\) loses ctx: .* context.WithoutCancel\(ctx\) to keep its values$`
}
