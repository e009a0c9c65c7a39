package found

import (
	"context"
	"net/http"

	"example.com/corpus/lostgo/trace"
)

// Functions that are run under a span.

func (s *Service) inSpan(ctx context.Context, name string, f func(context.Context) error) error {
	ctx, span := s.tracer.Start(ctx, name)
	defer span.End()
	return f(ctx)
}

func inSpanOf[T any](ctx context.Context, t trace.Tracer, f func(context.Context) (T, error)) (T, error) {
	spanCtx, span := t.Start(ctx, "of")
	defer span.End()
	return f(spanCtx)
}

func (s *Service) deeper(ctx context.Context, f func(context.Context) error) error {
	return s.inSpan(ctx, "deeper", f)
}

func (s *Service) notTaken(ctx context.Context) error {
	return s.inSpan(ctx, "place", func(spanCtx context.Context) error {
		if err := s.store.Save(ctx, "a"); err != nil { // want `ctx is used in a function that found.\(\*Service\).inSpan calls with the context of a span: spans started there are not children of that span; use spanCtx`
			return err
		}
		return s.store.Save(ctx, "b")
	})
}

func (s *Service) notNamed(ctx context.Context) error {
	return s.deeper(ctx, func(context.Context) error {
		return s.store.Save(ctx, "a") // want `ctx is used in a function that found.\(\*Service\).deeper calls with the context of a span: .*; name the context and use it`
	})
}

func (s *Service) notTakenOf(ctx context.Context) (int, error) {
	return inSpanOf(ctx, s.tracer, func(inner context.Context) (int, error) {
		return 1, s.store.Save(ctx, "a") // want `ctx is used in a function that found.inSpanOf calls with the context of a span`
	})
}

func (s *Service) taken(ctx context.Context) error {
	return s.inSpan(ctx, "place", func(ctx context.Context) error { return s.store.Save(ctx, "a") })
}

// Who uses both knows which is which.
func (s *Service) both(ctx context.Context) error {
	return s.inSpan(ctx, "place", func(spanCtx context.Context) error {
		if err := s.store.Save(spanCtx, "a"); err != nil {
			return err
		}
		return s.store.Save(ctx, "log")
	})
}

// It is called before the span, or with the outer context.
func (s *Service) before(ctx context.Context, f func(context.Context) error) error {
	if err := f(ctx); err != nil {
		return err
	}
	_, span := s.tracer.Start(ctx, "after")
	defer span.End()
	return nil
}

func (s *Service) beforeUsed(ctx context.Context) error {
	return s.before(ctx, func(context.Context) error { return s.store.Save(ctx, "a") })
}

// The outer context may be asked for.
func (s *Service) asked(w http.ResponseWriter, r *http.Request) {
	_ = s.inSpan(r.Context(), "place", func(context.Context) error { return s.store.Save(r.Context(), "a") }) // want `r.Context\(\) is used in a function that found.\(\*Service\).inSpan calls with the context of a span`
	_ = s.inSpan(r.Context(), "place", func(ctx context.Context) error { return s.store.Save(ctx, "b") })
}

type gate interface {
	Start(ctx context.Context) error
}

// What is given nothing but a context may only wait.
func (s *Service) entered(w http.ResponseWriter, r *http.Request, g gate) {
	_ = s.inSpan(r.Context(), "enter", func(ctx context.Context) error { return g.Start(r.Context()) })
}
