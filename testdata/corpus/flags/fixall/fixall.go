// Package fixall is fixed with -fix.all.
package fixall

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

func root(ctx context.Context, s Store) {
	// The trace of the caller is no concern of the audit.
	s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
}
