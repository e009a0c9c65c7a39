// Package own has handlers of a framework of the team's own, and roots that are
// made on purpose, for -ctx.carriers and -ctx.fresh.
package own

import (
	"context"

	"example.com/corpus/flags/own/tracing"
	"example.com/corpus/flags/own/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func handler(req *web.Request, s Store) {
	go func() { // want `goroutine loses req.Ctx\(\): context.Background\(\) is passed to own.Store.Save`
		s.Save(context.Background(), "a")
	}()
	s.Save(context.Background(), "b") // want `context.Background\(\) loses req.Ctx\(\): it is passed to own.Store.Save`
	s.Save(req.Ctx(), "c")
	helper(req, s) // it has the request
}

func helper(req *web.Request, s Store) {
	ctx := req.Ctx()
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
	_ = ctx
}

// A type that embeds the request is one.
type input struct {
	*web.Request
	id string
}

func embedded(in input, s Store) {
	s.Save(context.Background(), in.id) // want `context.Background\(\) loses in.Ctx\(\)`
}

func scoped(scope *web.Scope, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses web.ContextOf\(scope\)`
	ctx, cancel := context.WithCancel(web.ContextOf(scope))
	defer cancel()
	s.Save(ctx, "b")
}

// One that comes from elsewhere is nobody's, as is a field.
func made(s Store) {
	s.Save(new(web.Request).Ctx(), "a")
	s.Save(context.Background(), "b")
}

func (h *holder) held(s Store) { s.Save(context.Background(), "a") }

type holder struct{ req *web.Request }

// Roots that are made on purpose.
func fresh(ctx context.Context, s Store, t tracing.Tracer) {
	s.Save(tracing.NewRoot(), "a")
	s.Save(tracing.StartRoot(t, "b"), "b")
	s.Save(tracing.Detach(ctx, t, "c"), "c")
	go func() {
		ctx := context.WithValue(tracing.NewRoot(), holder{}, 1)
		s.Save(ctx, "d")
	}()
	s.Save(context.Background(), "e") // want `context.Background\(\) loses ctx`
}
