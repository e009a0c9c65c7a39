// Package leaving has spans whose context, if the outer one were replaced by it, would get to
// who uses it when they are over, and requests that are used after they were handed on.
package leaving

import (
	"context"
	"net/http"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type session struct {
	ctx context.Context
	id  string
}

type key struct{}

func kept(ctx context.Context, t trace.Tracer, s Store) *session {
	_, span := t.Start(ctx, "kept") // want `the context of span is dropped`
	defer span.End()
	s.Save(ctx, "a")
	return &session{ctx: ctx, id: "a"}
}

func returned(ctx context.Context, t trace.Tracer, s Store) context.Context {
	_, span := t.Start(ctx, "returned") // want `the context of span is dropped`
	defer span.End()
	s.Save(ctx, "a")
	return context.WithValue(ctx, key{}, "a")
}

func (s *session) attach(ctx context.Context, t trace.Tracer, st Store) {
	_, span := t.Start(ctx, "attach") // want `the context of span is dropped`
	defer span.End()
	st.Save(ctx, "a")
	s.ctx = ctx
}

func asked(ctx context.Context, t trace.Tracer, s Store) {
	_, span := t.Start(ctx, "asked") // want `the context of span is dropped`
	defer span.End()
	parent := trace.SpanFromContext(ctx)
	s.Save(ctx, "a")
	parent.End()
}

func derived(ctx context.Context, t trace.Tracer, s Store) error {
	_, span := t.Start(ctx, "derived") // want `the context of span is dropped`
	defer span.End()
	named := context.WithValue(ctx, key{}, "a")
	return s.Save(named, "a")
}

func middleware(t trace.Tracer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, span := t.Start(r.Context(), "middleware") // want `the context of span is dropped`
		defer span.End()
		next.ServeHTTP(w, r)
	})
}

func middlewareAfter(t trace.Tracer, next http.Handler, seen func(string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, span := t.Start(r.Context(), "middleware") // want `the context of span is dropped`
		defer span.End()
		next.ServeHTTP(w, r)
		seen(r.Pattern)
	})
}
