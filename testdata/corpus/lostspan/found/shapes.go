package found

import (
	"context"
	"net/http"

	"example.com/corpus/lostgo/errgroup"
	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
)

// Spans of other shapes, and what they are handed on with.

// A segment has its context itself.
type segment struct{ ctx context.Context }

func (s *segment) Context() context.Context { return s.ctx }
func (s *segment) Finish()                  {}

func startSegment(ctx context.Context, name string) *segment { return &segment{ctx} }

func (s *Service) segmentDropped(ctx context.Context) error {
	seg := startSegment(ctx, "place") // want `the context of seg is dropped, and ctx is used under it`
	defer seg.Finish()
	return s.store.Save(ctx, "a")
}

func (s *Service) segmentUsed(ctx context.Context) error {
	seg := startSegment(ctx, "place")
	defer seg.Finish()
	return s.store.Save(seg.Context(), "a")
}

// The end is a function.
func (s *Service) begin(ctx context.Context, name string) (context.Context, func(error)) {
	ctx, span := s.tracer.Start(ctx, name)
	return ctx, func(err error) { span.End() }
}

func (s *Service) endDropped(ctx context.Context) (err error) {
	_, end := s.begin(ctx, "place") // want `the context of end is dropped, and ctx is used under it`
	defer func() { end(err) }()
	return s.store.Save(ctx, "a")
}

// It is ended on every path.
func (s *Service) endedByHand(ctx context.Context, quick bool) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	if quick {
		span.End()
		return nil
	}
	err := s.store.Save(ctx, "a")
	span.End()
	return err
}

// It is open for all that follows.
func (s *Service) openBelow(ctx context.Context, deep bool) error {
	if deep {
		_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
		defer span.End()
	}
	return s.store.Save(ctx, "a")
}

// The next handler.

func (s *Service) nextFunc(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, span := s.tracer.Start(r.Context(), "next") // want `the context of span is dropped`
		defer span.End()
		next(w, r)
	}
}

func (s *Service) roundTrip(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	_, span := s.tracer.Start(r.Context(), "next") // want `the context of span is dropped`
	defer span.End()
	return next.RoundTrip(r)
}

func (s *Service) ownHandler(w http.ResponseWriter, r *http.Request) {
	_, span := s.tracer.Start(r.Context(), "next") // want `the context of span is dropped`
	defer span.End()
	s.page(r)
}

func (s *Service) page(r *http.Request) { s.store.Save(r.Context(), "page") }

func (s *Service) nextEcho(next func(web.Echo) error) func(web.Echo) error {
	return func(c web.Echo) error {
		_, span := s.tracer.Start(c.Request().Context(), "next") // want `the context of span is dropped`
		defer span.End()
		return next(c)
	}
}

// Right as they are.

func (s *Service) onlyAsked(w http.ResponseWriter, r *http.Request) {
	_, span := s.tracer.Start(r.Context(), "next")
	defer span.End()
	http.Error(w, r.URL.Path, http.StatusNotFound)
}

// Two spans side by side.
func (s *Service) fan(ctx context.Context) {
	one, first := s.tracer.Start(ctx, "one")
	two, second := s.tracer.Start(ctx, "two")
	s.store.Save(one, "a")
	s.store.Save(two, "b")
	first.End()
	second.End()
}

// What outlives the request has no span of it.
func (s *Service) later(w http.ResponseWriter, r *http.Request) {
	ctx, span := s.tracer.Start(r.Context(), "place")
	defer span.End()
	s.store.Save(ctx, "a")
	go s.store.Save(context.WithoutCancel(r.Context()), "later")
}

var _ trace.Tracer

// A request that was made before has the outer context.
func (s *Service) fetch(ctx context.Context, c *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, "GET", "http://localhost", nil)
	if err != nil {
		return err
	}
	_, span := s.tracer.Start(ctx, "fetch") // want `the context of span is dropped, and req is used under it`
	defer span.End()
	_, err = c.Do(req)
	return err
}

func (s *Service) fetchGiven(ctx context.Context, c *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, "GET", "http://localhost", nil)
	if err != nil {
		return err
	}
	spanCtx, span := s.tracer.Start(ctx, "fetch")
	defer span.End()
	req = req.WithContext(spanCtx)
	_, err = c.Do(req)
	return err
}

func (s *Service) nextWith(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		_, span := s.tracer.Start(ctx, "next") // want `the context of span is dropped, and r is used under it`
		defer span.End()
		next.ServeHTTP(w, r)
	}
}

// It is ended with the error, by whatever method.
type part struct{}

func (*part) Close(err error)                         {}
func (*part) AddMetadata(key string, value any) error { return nil }

func beginPart(ctx context.Context, name string) (context.Context, *part) { return ctx, &part{} }

func (s *Service) closed(ctx context.Context) (err error) {
	_, p := beginPart(ctx, "place") // want `the context of p is dropped, and ctx is used under it`
	defer func() { p.Close(err) }()
	return s.store.Save(ctx, "a")
}

func (s *Service) closedUsed(ctx context.Context) error {
	ctx, p := beginPart(ctx, "place")
	defer p.Close(nil)
	return s.store.Save(ctx, "a")
}

// In a struct of its own.
type part2 struct {
	ctx  context.Context
	span trace.Span
}

func (s *Service) inStruct(ctx context.Context) error {
	var p part2
	p.ctx, p.span = s.tracer.Start(ctx, "place") // want `ctx is used while span is open`
	defer p.span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) inStructUsed(ctx context.Context) error {
	var p part2
	p.ctx, p.span = s.tracer.Start(ctx, "place")
	defer p.span.End()
	return s.store.Save(p.ctx, "a")
}

// What is closed is no part of a trace: it has no name, and gives a result.
type conn struct{}

func (*conn) Close() error { return nil }
func (*conn) Release()     {}

func dial(ctx context.Context, address string) (context.Context, *conn) { return ctx, &conn{} }

func (s *Service) dials(ctx context.Context, address string) error {
	_, c := dial(ctx, "localhost")
	defer c.Close()
	_, d := dial(ctx, address)
	defer d.Release()
	return s.store.Save(ctx, "a")
}

// A leaf whose request goes on to another service.
func (s *Service) sends(ctx context.Context, url string) error {
	_, span := s.tracer.Start(ctx, "send") // want `the context of span is dropped`
	defer span.End()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	_, err = http.DefaultClient.Do(req)
	return err
}

// Spans that a task ends: they are open while it runs.

func (s *Service) endedByTask(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "send") // want `the context of span is dropped, and ctx is used under it`
	go func() {
		defer span.End()
		s.store.Save(ctx, "a")
	}()
	s.store.Save(ctx, "beside")
}

func (s *Service) endedByTaskInLiteral(ctx context.Context) {
	sctx, span := s.tracer.Start(ctx, "send") // want `ctx is used while span is open`
	go func() {
		defer func() { span.End() }()
		s.store.Save(sctx, "a")
		s.store.Save(ctx, "b")
	}()
}

func (s *Service) endedByTasks(ctx context.Context, ids []string) error {
	var g errgroup.Group
	for _, id := range ids {
		_, span := s.tracer.Start(ctx, id) // want `the context of span is dropped`
		g.Go(func() error {
			defer span.End()
			return s.store.Save(ctx, id)
		})
	}
	return g.Wait()
}

func (s *Service) endedByTaskRight(ctx context.Context) {
	sctx, span := s.tracer.Start(ctx, "send")
	go func() {
		defer span.End()
		s.store.Save(sctx, "a")
	}()
	s.store.Save(ctx, "beside")
}

// Nobody knows that it is ended, or when.

func (s *Service) endedByTaskAtTimes(ctx context.Context, ok bool) {
	_, span := s.tracer.Start(ctx, "send")
	if ok {
		go func() {
			defer span.End()
			s.store.Save(ctx, "a")
		}()
	}
}

func (s *Service) endedInTaskAtTimes(ctx context.Context, ok bool) {
	_, span := s.tracer.Start(ctx, "send")
	go func() {
		if ok {
			defer span.End()
		}
		s.store.Save(ctx, "a")
	}()
}
