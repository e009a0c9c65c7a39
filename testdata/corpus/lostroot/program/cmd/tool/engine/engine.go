// Package engine is below the directory of a command, whose main calls what it exports.
package engine

import (
	"context"
	"net/http"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func Run(ctx context.Context, s Store, version string) error {
	if err := s.Save(context.Background(), version); err != nil {
		return err
	}
	return load(ctx, s)
}

func load(ctx context.Context, s Store) error { return s.Save(context.Background(), "a") }

// What serves requests is there as well.
type server struct{ s Store }

func (v *server) save(ctx context.Context) error {
	return v.s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
}

func (v *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.s.Save(context.Background(), "a") // want `context.Background\(\) loses r.Context\(\)`
	v.save(r.Context())
}

// A span makes it work of its own.
func Report(ctx context.Context, s Store, t tracer) error {
	ctx, span := t.Start(ctx, "report")
	defer span.End()
	return s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
}

type tracer interface {
	Start(ctx context.Context, name string) (context.Context, span)
}

type span interface{ End() }
