package found

import "context"

// An exported interface is open: those beside it wait and delegate, another one may ask a
// database.
type Rows[T any] interface {
	Next(ctx context.Context) (T, error)
	Wait(ctx context.Context) error
}

type sent[T any] struct{ ch chan T }

func (s sent[T]) Next(ctx context.Context) (v T, err error) {
	select {
	case v = <-s.ch:
		return v, nil
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

func (s sent[T]) Wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

type filtered[T any] struct{ rows Rows[T] }

func (f filtered[T]) Next(ctx context.Context) (T, error) { return f.rows.Next(ctx) }
func (f filtered[T]) Wait(ctx context.Context) error      { return f.rows.Wait(ctx) }

func drain(ctx context.Context, rows Rows[string]) {
	rows.Next(context.Background()) // want `context\.Background\(\) loses ctx: it is passed to found\.Rows\.Next`
	rows.Wait(context.Background())
}
