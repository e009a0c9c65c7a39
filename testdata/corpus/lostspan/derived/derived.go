// Package derived has spans that are started with what is derived from a request's context, or
// that are put into a context by hand.
package derived

import (
	"context"
	"net/http"
	"time"

	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// An echo is like echo's, which can be given another request.
type echo interface {
	web.Echo
	SetRequest(r *http.Request)
}

type service struct {
	store  Store
	tracer trace.Tracer
}

func extract(ctx context.Context, h http.Header) context.Context {
	return context.WithValue(ctx, service{}, h)
}

// The request has the context from before.

func (s *service) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := extract(r.Context(), r.Header)
		_, span := s.tracer.Start(ctx, "serve") // want `the context of span is dropped, and r is used under it`
		defer span.End()
		next.ServeHTTP(w, r)
	})
}

func (s *service) middlewareRight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := extract(r.Context(), r.Header)
		ctx, span := s.tracer.Start(ctx, "serve")
		defer span.End()
		r = r.WithContext(ctx)
		next.ServeHTTP(w, r)
	})
}

func (s *service) byFramework(next func(echo) error) func(echo) error {
	return func(c echo) error {
		req := c.Request()
		ctx, span := s.tracer.Start(req.Context(), "serve") // want `req.Context\(\) is used while span is open`
		defer span.End()
		s.store.Save(ctx, "seen")
		return next(c)
	}
}

func (s *service) byFrameworkRight(next func(echo) error) func(echo) error {
	return func(c echo) error {
		req := c.Request()
		ctx, span := s.tracer.Start(req.Context(), "serve")
		defer span.End()
		c.SetRequest(req.WithContext(ctx))
		return next(c)
	}
}

// A context gets the span itself.

func with(ctx context.Context, span trace.Span) context.Context {
	return context.WithValue(ctx, service{}, span)
}

func (s *service) byHand(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "save")
	defer span.End()
	ctx = with(ctx, span)
	return s.store.Save(ctx, "a")
}

func (s *service) byHandDetached(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "save")
	defer span.End()
	return s.store.Save(with(context.WithoutCancel(ctx), span), "a")
}

func (s *service) notByHand(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "save") // want `the context of span is dropped`
	defer span.End()
	return s.store.Save(context.WithoutCancel(ctx), "a")
}

// What is derived while the span is open may be used when it is over.

type key struct{}

func (s *service) usedWhenOver(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check")
	tagged := context.WithValue(ctx, key{}, id)
	span.End()
	s.store.Save(tagged, id)
}

func (s *service) deferredWhenOver(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check")
	tagged := tag(ctx, id)
	defer func() { s.store.Save(tagged, id) }()
	span.End()
}

func (s *service) twiceDerived(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check")
	tagged := tag(ctx, id)
	bounded, cancel := context.WithTimeout(tagged, time.Second)
	defer cancel()
	span.End()
	s.store.Save(bounded, id)
}

func (s *service) copiedWhenOver(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check")
	var later = ctx
	var last context.Context
	last = context.WithValue(tag(later, id), key{}, id)
	defer func() { s.store.Save(last, id) }()
	span.End()
}

func (s *service) copiedWhileOpen(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check") // want `the context of span is dropped, and ctx is used under it`
	var now = ctx
	s.store.Save(now, id)
	span.End()
}

func (s *service) usedWhileOpen(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check") // want `the context of span is dropped, and ctx is used under it`
	tagged := tag(ctx, id)
	s.store.Save(tagged, id)
	span.End()
	s.store.Save(tagged, "again")
}

func (s *service) twiceWhileOpen(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check") // want `the context of span is dropped, and ctx is used under it`
	defer span.End()
	bounded, cancel := context.WithTimeout(tag(ctx, id), time.Second)
	defer cancel()
	s.store.Save(bounded, id)
}

func (s *service) inTaskWhileOpen(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check") // want `the context of span is dropped, and ctx is used under it`
	defer span.End()
	tagged := tag(ctx, id)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.store.Save(tagged, id)
	}()
	<-done
}

func (s *service) savesOnTheWay(ctx context.Context, id string) {
	_, span := s.tracer.Start(ctx, "check") // want `the context of span is dropped, and ctx is used under it`
	tagged := s.tagAndSave(ctx, id)
	span.End()
	s.store.Save(tagged, id)
}

func tag(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, key{}, id)
}

func (s *service) tagAndSave(ctx context.Context, id string) context.Context {
	s.store.Save(ctx, id)
	return context.WithValue(ctx, key{}, id)
}

// A loop by goto has rounds too: of several spans that are open, none is the one.
func (s *service) rounds(ctx context.Context, id string) {
	n := 0
again:
	if n < 2 {
		n++
		_, span := s.tracer.Start(ctx, "round")
		defer span.End()
		goto again
	}
	s.store.Save(ctx, id)
}
