// Package fixlinkgo is fixed with -fix.all.
package fixlinkgo

import (
	"context"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func rebuild(ctx context.Context, s Store, t trace.Tracer) {
	go func() { // want `goroutine loses ctx`
		all, span := t.Start(context.Background(), "rebuild")
		defer span.End()
		s.Save(all, "a")
	}()
}
