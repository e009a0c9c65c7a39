// Package tool is that of a command: its functions start and end the process.
package tool

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

func Migrate(ctx context.Context, s Store) error { return s.Save(context.Background(), "a") }
