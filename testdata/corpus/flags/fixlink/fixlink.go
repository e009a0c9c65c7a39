// Package fixlink is fixed with -fix.all.
package fixlink

import (
	"context"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func rebuild(ctx context.Context, s Store, t trace.Tracer) {
	all, span := t.Start(context.Background(), "rebuild") // want `context.Background\(\) loses ctx`
	defer span.End()
	s.Save(all, "a")
}
