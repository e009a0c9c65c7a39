// Package found has spans whose context does not reach what is done under them.
package found

import (
	"context"
	"net/http"
	rtrace "runtime/trace"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
	"example.com/corpus/lostspan/tracers"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
	Valid(ctx context.Context) (bool, error)
}

type Service struct {
	store  Store
	tracer trace.Tracer
	next   http.Handler
}

func (s *Service) save(ctx context.Context, id string) error { return s.store.Save(ctx, id) }

// The ways in which tracers start a span.

func (s *Service) dropped(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped, and ctx is used under it \(line [0-9]+\): spans started there are not children of span; name the context and use it`
	defer span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) contextSecond(ctx context.Context) error {
	span, _ := tracers.StartSpanFromContext(ctx, "place") // want `the context of span is dropped, and ctx is used under it`
	defer span.Finish()
	return s.store.Save(ctx, "a")
}

func (s *Service) endWithOptions(ctx context.Context) error {
	_, span := tracers.Trace(ctx, "place") // want `the context of span is dropped`
	defer span.End(func(*tracers.Span) {})
	return s.store.Save(ctx, "a")
}

func (s *Service) threeResults(ctx context.Context) error {
	_, span, err := tracers.TryTrace(ctx, "place") // want `the context of span is dropped`
	if err != nil {
		return err
	}
	defer span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) standardLibrary(ctx context.Context) error {
	_, task := rtrace.NewTask(ctx, "place") // want `the context of task is dropped`
	defer task.End()
	return s.store.Save(ctx, "a")
}

// startSpan is a tracer of one's own.
func (s *Service) startSpan(ctx context.Context, name string) (context.Context, trace.Span) {
	return s.tracer.Start(ctx, "service."+name)
}

func (s *Service) ownTracer(ctx context.Context) error {
	_, span := s.startSpan(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) tracerValue(ctx context.Context, start func(context.Context, string) (context.Context, trace.Span)) error {
	_, span := start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	return s.store.Save(ctx, "a")
}

// The ways in which a span ends.

func (s *Service) endBeside(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	err := s.store.Save(ctx, "a")
	span.End()
	return err
}

func (s *Service) deferredLiteral(ctx context.Context) (err error) {
	_, span := tracers.Trace(ctx, "place") // want `the context of span is dropped`
	defer func() {
		if err != nil {
			span.Record(err)
		}
		span.End()
	}()
	return s.store.Save(ctx, "a")
}

func (s *Service) deferredHelper(ctx context.Context) (err error) {
	_, span := tracers.Trace(ctx, "place") // want `the context of span is dropped`
	defer tracers.FinishWith(span, &err)
	return s.store.Save(ctx, "a")
}

func (s *Service) inBlock(ctx context.Context, id string) error {
	if id != "" {
		_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
		defer span.End()
		return s.store.Save(ctx, id)
	}
	return nil
}

func (s *Service) inCase(ctx context.Context, n int) {
	switch n {
	case 1:
		_, span := s.tracer.Start(ctx, "one") // want `the context of span is dropped`
		s.store.Save(ctx, "a")
		span.End()
	default:
		s.store.Save(ctx, "b")
	}
}

// Each of them is dropped.
func (s *Service) inSequence(ctx context.Context) {
	_, first := s.tracer.Start(ctx, "first") // want `the context of first is dropped`
	s.store.Save(ctx, "a")
	first.End()

	_, second := s.tracer.Start(ctx, "second") // want `the context of second is dropped`
	s.store.Save(ctx, "b")
	second.End()
}

// One variable for both.
func (s *Service) reused(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "first") // want `the context of span is dropped`
	s.store.Save(ctx, "a")
	span.End()

	_, span = s.tracer.Start(ctx, "second")
	span.End()
	s.store.Save(ctx, "b")
}

// The second span should be a child of the first: starting it is a use.
func (s *Service) nested(ctx context.Context) error {
	_, outer := s.tracer.Start(ctx, "outer") // want `the context of outer is dropped, and ctx is used under it`
	defer outer.End()
	ctx, inner := s.tracer.Start(ctx, "inner")
	defer inner.End()
	return s.store.Save(ctx, "a")
}

// The ways in which the outer context is used.

func (s *Service) throughHelper(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	return s.save(ctx, "a")
}

func (s *Service) derived(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.store.Save(short, "a")
}

func (s *Service) derivedInTheSameName(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.store.Save(ctx, "a")
}

// The context outlives the span, and the work with it is under it.
func (s *Service) cancelHandedOn(ctx context.Context) (context.CancelFunc, error) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	work, cancel := context.WithCancel(ctx)
	go s.store.Save(work, "a")
	return cancel, s.store.Save(work, "b")
}

func (s *Service) joinedAndCancelHandedOn(ctx context.Context) context.CancelFunc {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	work, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(work, "a") })
	wg.Wait()
	return cancel
}

func (s *Service) inGoroutine(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		s.store.Save(ctx, "a")
	}()
	wg.Wait()
}

func (s *Service) inGroup(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	g := new(errgroup.Group)
	g.Go(func() error { return s.store.Save(ctx, "a") })
	return g.Wait()
}

func (s *Service) inPlace(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	func() {
		s.store.Save(ctx, "a")
	}()
}

func (s *Service) inLiteralOfAVariable(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	save := func(id string) error { return s.store.Save(ctx, id) }
	return save("a")
}

// A lookup that asks a store is none.
func (s *Service) looksLikeLookup(ctx context.Context) bool {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	ok, err := s.store.Valid(ctx)
	return ok && err == nil
}

// count asks the store, and takes the context alone.
func (s *Service) count(ctx context.Context) int { return len(all(ctx, s.store)) }

func all(ctx context.Context, store Store) string {
	id, _ := store.Load(ctx)
	return id
}

func (s *Service) contextAlone(ctx context.Context) int {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	return s.count(ctx)
}

var shared Store

// size is a function that asks a store, and gives one value.
func size(ctx context.Context) int { return len(all(ctx, shared)) }

func (s *Service) functionOfOneValue(ctx context.Context) int {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	return size(ctx)
}

// Requests.

func (s *Service) handler(w http.ResponseWriter, r *http.Request) {
	_, span := s.tracer.Start(r.Context(), "place") // want `the context of span is dropped, and r.Context\(\) is used under it`
	defer span.End()
	s.store.Save(r.Context(), "a")
}

func (s *Service) handlerPassesBy(w http.ResponseWriter, r *http.Request) {
	ctx, span := s.tracer.Start(r.Context(), "place") // want `r.Context\(\) is used while span is open \(line [0-9]+\): spans started there are not children of span; use ctx`
	defer span.End()
	s.store.Save(ctx, "a")
	s.store.Save(r.Context(), "b")
}

func (s *Service) gin(c *web.Gin) {
	_, span := s.tracer.Start(c.Request.Context(), "place") // want `the context of span is dropped, and c.Request.Context\(\) is used under it`
	defer span.End()
	s.store.Save(c.Request.Context(), c.Param("id"))
}

func (s *Service) echo(c web.Echo) error {
	_, span := s.tracer.Start(c.Request().Context(), "place") // want `the context of span is dropped`
	defer span.End()
	return s.store.Save(c.Request().Context(), c.Param("id"))
}

// The handlers behind are given the request with the outer context.
func (s *Service) middleware(w http.ResponseWriter, r *http.Request) {
	_, span := s.tracer.Start(r.Context(), "place") // want `the context of span is dropped, and r.Context\(\) is used under it`
	defer span.End()
	s.next.ServeHTTP(w, r)
}

func (s *Service) middlewarePassesBy(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, span := s.tracer.Start(r.Context(), "place") // want `r.Context\(\) is used while span is open`
		defer span.End()
		s.store.Save(ctx, "a")
		next(w, r)
	}
}

// The span's context has another name, and the outer one is used.

func (s *Service) passedBy(ctx context.Context) error {
	sctx, span := s.tracer.Start(ctx, "place") // want `ctx is used while span is open \(line [0-9]+\): spans started there are not children of span; use sctx`
	defer span.End()
	if err := s.store.Save(sctx, "a"); err != nil {
		return err
	}
	return s.store.Save(ctx, "b")
}

func (s *Service) passedByBeside(ctx context.Context) {
	sctx, span := s.tracer.Start(ctx, "place") // want `ctx is used while span is open`
	s.store.Save(sctx, "a")
	s.store.Save(ctx, "b")
	span.End()
}

func (s *Service) passedByInGoroutine(ctx context.Context, ids []string) {
	sctx, span := s.tracer.Start(ctx, "place") // want `ctx is used while span is open`
	defer span.End()
	s.store.Save(sctx, "a")
	for _, id := range ids {
		go s.store.Save(ctx, id)
	}
}

// ctx is another one only after it was used.
func (s *Service) reassignedAfter(ctx context.Context) {
	sctx, span := s.tracer.Start(ctx, "place") // want `ctx is used while span is open`
	defer span.End()
	s.store.Save(ctx, "a")
	ctx = sctx
	s.store.Save(ctx, "b")
}

// Loops.

func (s *Service) inLoop(ctx context.Context, ids []string) {
	for _, id := range ids {
		_, span := s.tracer.Start(ctx, id) // want `the context of span is dropped`
		s.store.Save(ctx, id)
		span.End()
	}
}

func (s *Service) carriedInRange(ctx context.Context, ids []string) {
	for _, id := range ids {
		var span trace.Span
		ctx, span = s.tracer.Start(ctx, id) // want `ctx carries the span of one iteration into the next: each iteration's span nests under the previous one; declare the context in the loop`
		s.store.Save(ctx, id)
		span.End()
	}
}

func (s *Service) carriedInFor(ctx context.Context) {
	var span trace.Span
	for i := 0; i < 3; i++ {
		ctx, span = s.tracer.Start(ctx, "try") // want `ctx carries the span of one iteration`
		err := s.store.Save(ctx, "a")
		span.End()
		if err == nil {
			return
		}
	}
}

func (s *Service) carriedEndless(ctx context.Context, ids <-chan string) {
	var span trace.Span
	for {
		id, ok := <-ids
		if !ok {
			return
		}
		ctx, span = s.tracer.Start(ctx, id) // want `ctx carries the span of one iteration`
		s.store.Save(ctx, id)
		span.End()
	}
}

func (s *Service) carriedBelowCondition(ctx context.Context, ids []string) {
	for _, id := range ids {
		if id != "" {
			var span trace.Span
			ctx, span = s.tracer.Start(ctx, id) // want `ctx carries the span of one iteration`
			s.store.Save(ctx, id)
			span.End()
		}
	}
}

// The outer loop has a context of its own, the inner one carries it.
func (s *Service) carriedInInnerLoop(base context.Context, lists [][]string) {
	for _, ids := range lists {
		ctx := base
		for _, id := range ids {
			var span trace.Span
			ctx, span = s.tracer.Start(ctx, id) // want `ctx carries the span of one iteration`
			s.store.Save(ctx, id)
			span.End()
		}
	}
}

func (s *Service) carriedContextSecond(ctx context.Context, ids []string) {
	for _, id := range ids {
		var span tracers.Segment
		span, ctx = tracers.StartSpanFromContext(ctx, id) // want `ctx carries the span of one iteration`
		s.store.Save(ctx, id)
		span.Finish()
	}
}

// Functions that are returned.

func (s *Service) returned(ctx context.Context) func(context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `span ends before the returned function does its work; start it there, and use its context`
	defer span.End()
	return func(ctx context.Context) error { return s.store.Save(ctx, "a") }
}

func (s *Service) returnedWithAttributes(ctx context.Context, id string) func(context.Context) error {
	_, span := s.tracer.Start(ctx, "place") // want `span ends before the returned function does its work`
	defer span.End()
	span.SetAttribute("id", id)
	return func(ctx context.Context) error { return s.store.Save(ctx, id) }
}

func (s *Service) returnedWithCapture(ctx context.Context) func() error {
	_, span := s.tracer.Start(ctx, "place") // want `span ends before the returned function does its work`
	defer span.End()
	return func() error { return s.store.Save(ctx, "a") }
}

// Literals have spans of their own.

func (s *Service) literal(ctx context.Context) {
	go func() {
		_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped`
		defer span.End()
		s.store.Save(ctx, "a")
	}()
}

var handle = func(ctx context.Context, tracer trace.Tracer, store Store) error {
	_, span := tracer.Start(ctx, "place") // want `the context of span is dropped`
	defer span.End()
	return store.Save(ctx, "a")
}

// A span that is named for the function is meant to span its work, not what
// prepares it.
func (s *Service) checkLater(ctx context.Context, id string) func(context.Context) error {
	_, span := s.tracer.Start(ctx, "Service.checkLater") // want `span ends before the returned function does its work; start it there, and use its context`
	defer span.End()
	key := "order:" + id
	return func(ctx context.Context) error { return s.store.Save(ctx, key) }
}

// In a block the context of the span is in scope until its end.
func inBlock(ctx context.Context, t trace.Tracer, s Store, slow bool) {
	if slow {
		slowCtx, span := t.Start(ctx, "slow") // want `ctx is used while span is open`
		defer span.End()
		s.Save(slowCtx, "a")
		s.Save(ctx, "b")
	}
	s.Save(ctx, "c")
}

// Where a span's context is declared in the round, another one of the round needs a name of
// its own: a task has the first.
func (s *Service) roundWithTask(ctx context.Context, ids []string) {
	outer := ctx
	for _, id := range ids {
		var place trace.Span
		outer, place = s.tracer.Start(outer, id) // want `outer carries the span of one iteration`
		go func() { s.store.Save(outer, id) }()
		_, note := s.tracer.Start(outer, "note") // want `the context of note is dropped, and outer is used under it`
		defer note.End()
		s.store.Save(outer, "a")
		place.End()
	}
}

// A deferred call is made under the span if the end was deferred before it.

func (s *Service) deferredUnder(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped, and ctx is used under it`
	defer span.End()
	defer s.store.Save(ctx, "a")
}

func (s *Service) deferredLitUnder(ctx context.Context, failed bool) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped, and ctx is used under it`
	defer span.End()
	defer func() {
		if failed {
			s.store.Save(ctx, "a")
		}
	}()
}

func (s *Service) deferredEndAfter(ctx context.Context, failed bool) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped, and ctx is used under it`
	defer func() {
		if failed {
			s.store.Save(ctx, "a")
		}
		span.End()
	}()
}

func (s *Service) deferredInLoop(ctx context.Context, ids []string) {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped, and ctx is used under it`
	defer span.End()
	for _, id := range ids {
		defer func() { s.store.Save(ctx, id) }()
	}
}

func (s *Service) deferredOnOnePath(ctx context.Context, quick bool) error {
	_, span := s.tracer.Start(ctx, "place") // want `the context of span is dropped, and ctx is used under it \(line [0-9]+\)`
	defer s.store.Save(ctx, "a")            // made when the span is over
	if quick {
		span.End()
		return nil
	}
	err := s.store.Save(ctx, "b")
	span.End()
	return err
}
