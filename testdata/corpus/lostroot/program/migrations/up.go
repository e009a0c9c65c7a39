// Package migrations is run before anything is served.
package migrations

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

func Up(ctx context.Context, s Store) error { return s.Save(context.Background(), "a") }
