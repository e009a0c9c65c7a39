// Package headers has roots that are given the headers of the caller's request, and callbacks
// of others.
package headers

import (
	"context"

	"example.com/corpus/lostgo/meta"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func relay(ctx context.Context, s Store) error {
	return s.Save(meta.With(context.Background(), meta.From(ctx)), "relay")
}

// A user is no header.
func named(ctx context.Context, s Store) error {
	return s.Save(meta.WithUser(context.Background(), meta.UserOf(ctx)), "named") // want `context.Background\(\) loses ctx`
}

// Nobody knows when another package calls back that is given data; for none it is its caller's.
func join(ctx context.Context, s Store, p meta.Party) {
	p.OnLeave("x", func(meta.Party) {
		go s.Save(context.Background(), "left")
		s.Save(context.Background(), "left")
	})
	p.Do(func() {
		s.Save(context.Background(), "done") // want `context.Background\(\) loses ctx`
	})
	_ = p.Each(func(id string) error {
		return s.Save(context.Background(), id) // want `context.Background\(\) loses ctx`
	})
}
