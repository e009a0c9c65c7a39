// Package seeds has what the oracle has found.
package seeds

import (
	"context"
	"net/http"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// A request keeps the context that it is given.
func request(ctx context.Context, t trace.Tracer, c *http.Client, req *http.Request) {
	_, span := t.Start(ctx, "s") // want `the context of span is dropped, and ctx is used under it`
	defer span.End()
	req = req.WithContext(ctx)
	c.Do(req)
}

// A link starts nothing under the span.
func link(ctx context.Context, t trace.Tracer, s Store) {
	inner, span := t.Start(ctx, "s")
	defer span.End()
	s.Save(inner, "a")
	linked, other := t.Start(context.Background(), "long", trace.WithLinks(trace.LinkFromContext(ctx)))
	defer other.End()
	s.Save(linked, "b")
}

// A use is lost to the innermost span.
func nested(ctx context.Context, t trace.Tracer, s Store) {
	defer func() {
		outerCtx, outer := t.Start(ctx, "outer") // want `ctx is used while outer is open \(line [0-9]+\): spans started there are not children of outer; use outerCtx`
		defer outer.End()
		s.Save(outerCtx, "a")
		s.Save(ctx, "b")
		_, inner := t.Start(ctx, "inner") // want `the context of inner is dropped`
		defer inner.End()
		s.Save(ctx, "c")
	}()
}

// A guard for callers who give no context changes nothing for the others.
func guarded(ctx context.Context, t trace.Tracer, s Store) {
	spanCtx, span := t.Start(ctx, "s") // want `ctx is used while span is open`
	s.Save(spanCtx, "a")
	if ctx == nil {
		ctx = context.Background()
	}
	s.Save(ctx, "b")
	span.End()
}

// Two contexts of two spans have two names.
func twoDropped(ctx context.Context, s Store, t trace.Tracer, f func(func())) {
	_, outer := t.Start(ctx, "outer") // want `the context of outer is dropped`
	defer outer.End()
	_, inner := t.Start(ctx, "inner") // want `the context of inner is dropped`
	f(func() { s.Save(ctx, "a") })
	s.Save(ctx, "b")
	inner.End()
	s.Save(ctx, "c")
}

// A deferred end leaves the span of one round open in the next, whose start is still one
// under the dropped span.
func inRounds(ctx context.Context, t trace.Tracer, s Store) {
	_, span := t.Start(ctx, "outer") // want `the context of span is dropped, and ctx is used under it`
	for range 2 {
		inner, each := t.Start(ctx, "inner")
		defer each.End()
		s.Save(inner, "a")
	}
	span.End()
}
