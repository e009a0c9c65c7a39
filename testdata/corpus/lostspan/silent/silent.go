// Package silent has spans whose context is dropped or passed by, and nothing is
// lost, or nobody can tell.
package silent

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
	"example.com/corpus/lostspan/tracers"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Service struct {
	store  Store
	tracer trace.Tracer
	next   http.Handler
}

// The context is used.

func (s *Service) named(ctx context.Context) error {
	ctx, span := s.tracer.Start(ctx, "place")
	defer span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) namedOtherwise(ctx context.Context) error {
	sctx, span := s.tracer.Start(ctx, "place")
	defer span.End()
	return s.store.Save(sctx, "a")
}

func (s *Service) contextSecond(ctx context.Context) error {
	span, ctx := tracers.StartSpanFromContext(ctx, "place")
	defer span.Finish()
	return s.store.Save(ctx, "a")
}

func (s *Service) inSequence(ctx context.Context) {
	first, span := s.tracer.Start(ctx, "first")
	s.store.Save(first, "a")
	span.End()
	second, span := s.tracer.Start(ctx, "second")
	s.store.Save(second, "b")
	span.End()
}

func (s *Service) inner(ctx context.Context) error {
	ctx, span := s.tracer.Start(ctx, "outer")
	defer span.End()
	{
		ctx, span := s.tracer.Start(ctx, "inner")
		defer span.End()
		return s.store.Save(ctx, "a")
	}
}

// Leaf spans.

func (s *Service) leaf(ctx context.Context, n int) int {
	_, span := s.tracer.Start(ctx, "sum")
	defer span.End()
	sum := 0
	for i := range n {
		sum += i
	}
	return sum
}

func (s *Service) leafInSequence(ctx context.Context, n int) error {
	_, span := s.tracer.Start(ctx, "sum")
	sum := n * n
	span.End()
	if sum == 0 {
		return nil
	}
	ctx, span = s.tracer.Start(ctx, "save")
	defer span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) usedBefore(ctx context.Context) {
	s.store.Save(ctx, "a")
	_, span := s.tracer.Start(ctx, "place")
	defer span.End()
}

func (s *Service) usedAfter(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "sum")
	span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) usedAfterUnderAnotherName(ctx context.Context) error {
	sctx, span := s.tracer.Start(ctx, "place")
	s.store.Save(sctx, "a")
	span.End()
	return s.store.Save(ctx, "b")
}

// The leaf is in a block of its own.
func (s *Service) usedAfterBlock(ctx context.Context) error {
	{
		_, span := s.tracer.Start(ctx, "sum")
		span.End()
	}
	return s.store.Save(ctx, "a")
}

// parse is a leaf that takes the context for its span.
func (s *Service) parse(ctx context.Context, text string) []byte {
	_, span := s.tracer.Start(ctx, "parse")
	defer span.End()
	return []byte(text)
}

// Neither the span nor its context is kept.
func (s *Service) blankBoth(ctx context.Context) error {
	_, _ = s.tracer.Start(ctx, "place")
	return s.store.Save(ctx, "a")
}

// Lookups, waits, logging.

type userKey struct{}

type User struct{ name string }

func UserFromContext(ctx context.Context) *User {
	u, _ := ctx.Value(userKey{}).(*User)
	return u
}

var errNoUser = errors.New("no user")

func userFromContext(ctx context.Context) (*User, error) {
	if u := UserFromContext(ctx); u != nil {
		return u, nil
	}
	return nil, errNoUser
}

func requestID(ctx context.Context) (string, bool) {
	id, ok := ctx.Value(userKey{}).(string)
	return id, ok
}

// tenant asks another one.
func tenant(ctx context.Context) string {
	if u := UserFromContext(ctx); u != nil {
		return u.name
	}
	return ""
}

func (s *Service) lookups(ctx context.Context) string {
	_, span := s.tracer.Start(ctx, "place")
	defer span.End()
	u := UserFromContext(ctx)
	if u == nil {
		return tracers.NameFromContext(ctx) + tenant(ctx)
	}
	if u, err := userFromContext(ctx); err == nil {
		return u.name
	}
	id, _ := requestID(ctx)
	return id
}

func (s *Service) lookupOfRequest(w http.ResponseWriter, r *http.Request) {
	_, span := s.tracer.Start(r.Context(), "place")
	defer span.End()
	if UserFromContext(r.Context()) == nil {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (s *Service) asks(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place")
	defer span.End()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	_, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) waits(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "backoff")
	defer span.End()
	return sleep(ctx, time.Second)
}

// gate only waits for the end of the context that it keeps.
type gate struct{ ctx context.Context }

func (g gate) wait() { <-g.ctx.Done() }

func (s *Service) waitingField(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "wait")
	defer span.End()
	g := gate{ctx: ctx}
	g.wait()
}

func (s *Service) logs(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "place")
	defer span.End()
	slog.InfoContext(ctx, "placed")
	s.log(ctx, "placed")
}

func (s *Service) log(ctx context.Context, text string) { slog.InfoContext(ctx, text) }

// The outer context is another one meanwhile.

func (s *Service) reassigned(ctx context.Context) error {
	sctx, span := s.tracer.Start(ctx, "place")
	defer span.End()
	ctx = sctx
	return s.store.Save(ctx, "a")
}

func (s *Service) reassignedDerived(ctx context.Context) error {
	sctx, span := s.tracer.Start(ctx, "place")
	defer span.End()
	ctx, cancel := context.WithTimeout(sctx, time.Second)
	defer cancel()
	return s.store.Save(ctx, "a")
}

func (s *Service) shadowed(ctx context.Context) {
	sctx, span := s.tracer.Start(ctx, "place")
	defer span.End()
	func(ctx context.Context) {
		s.store.Save(ctx, "a")
	}(sctx)
}

func (s *Service) requestReplaced(w http.ResponseWriter, r *http.Request) {
	ctx, span := s.tracer.Start(r.Context(), "place")
	defer span.End()
	r = r.WithContext(ctx)
	s.store.Save(r.Context(), "a")
	s.next.ServeHTTP(w, r)
}

func (s *Service) requestWithContext(w http.ResponseWriter, r *http.Request) {
	ctx, span := s.tracer.Start(r.Context(), "place")
	defer span.End()
	s.next.ServeHTTP(w, r.WithContext(ctx))
}

// The span is that of the handler, not of those behind it.
func (s *Service) endsBeforeNext(w http.ResponseWriter, r *http.Request) {
	_, span := s.tracer.Start(r.Context(), "authorize")
	ok := r.Header.Get("Authorization") != ""
	span.End()
	if ok {
		s.next.ServeHTTP(w, r)
	}
}

func (s *Service) ginReplaced(c *web.Gin) {
	ctx, span := s.tracer.Start(c.Request.Context(), "place")
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	s.store.Save(c.Request.Context(), c.Param("id"))
}

// echo's context, whose request is set by a method.
type echo interface {
	Request() *http.Request
	SetRequest(r *http.Request)
}

func (s *Service) echoReplaced(c echo) error {
	ctx, span := s.tracer.Start(c.Request().Context(), "place")
	defer span.End()
	c.SetRequest(c.Request().WithContext(ctx))
	return s.store.Save(c.Request().Context(), "a")
}

// Somebody else's request.
func (s *Service) otherRequest(r, other *http.Request) {
	_, span := s.tracer.Start(r.Context(), "place")
	defer span.End()
	s.store.Save(other.Context(), "a")
}

func (s *Service) otherContext(ctx, other context.Context) {
	_, span := s.tracer.Start(ctx, "place")
	defer span.End()
	s.store.Save(other, "a")
}

// Loops.

func (s *Service) declaredInLoop(ctx context.Context, ids []string) {
	for _, id := range ids {
		ctx, span := s.tracer.Start(ctx, id)
		s.store.Save(ctx, id)
		span.End()
	}
}

func (s *Service) varInLoop(ctx context.Context, ids []string) {
	for _, id := range ids {
		ctx := ctx
		var span trace.Span
		ctx, span = s.tracer.Start(ctx, id)
		s.store.Save(ctx, id)
		span.End()
	}
}

func (s *Service) resetInLoop(ctx context.Context, ids []string) {
	base := ctx
	for _, id := range ids {
		var span trace.Span
		ctx = base
		ctx, span = s.tracer.Start(ctx, id)
		s.store.Save(ctx, id)
		span.End()
	}
}

func (s *Service) resetAtTheEnd(ctx context.Context, ids []string) {
	base := ctx
	for _, id := range ids {
		var span trace.Span
		ctx, span = s.tracer.Start(ctx, id)
		s.store.Save(ctx, id)
		span.End()
		ctx = base
	}
}

func (s *Service) startedWithBase(base context.Context, ids []string) {
	ctx := base
	for _, id := range ids {
		var span trace.Span
		ctx, span = s.tracer.Start(base, id)
		s.store.Save(ctx, id)
		span.End()
	}
}

// There is no next round.
func (s *Service) leavesLoop(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if id == "" {
			continue
		}
		var span trace.Span
		ctx, span = s.tracer.Start(ctx, id)
		defer span.End()
		return s.store.Save(ctx, id)
	}
	return nil
}

func (s *Service) breaksLoop(ctx context.Context, ids []string) {
	for _, id := range ids {
		if id != "" {
			var span trace.Span
			ctx, span = s.tracer.Start(ctx, id)
			s.store.Save(ctx, id)
			span.End()
			break
		}
	}
}

// Spans that are open at the same time are meant to nest.
func (s *Service) nests(ctx context.Context, names []string) error {
	var spans []trace.Span
	for _, name := range names {
		var span trace.Span
		ctx, span = s.tracer.Start(ctx, name)
		spans = append(spans, span)
	}
	err := s.store.Save(ctx, "a")
	for i := range spans {
		spans[len(spans)-1-i].End()
	}
	return err
}

// Nobody knows how long they are open.

func (s *Service) notEnded(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place")
	span.SetAttribute("a", "b")
	return s.store.Save(ctx, "a")
}

func (s *Service) endedBelowCondition(ctx context.Context, ok bool) error {
	_, span := s.tracer.Start(ctx, "place")
	if ok {
		span.End()
	}
	return s.store.Save(ctx, "a")
}

// Something else is deferred, and the end is beside.
func (s *Service) otherDefer(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place")
	defer span.SetAttribute("done", "yes")
	span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) endedInGoroutine(ctx context.Context) error {
	_, span := s.tracer.Start(ctx, "place")
	go func() {
		time.Sleep(time.Second)
		span.End()
	}()
	return s.store.Save(ctx, "a")
}

type job struct {
	ctx  context.Context
	span trace.Span
}

func (s *Service) keptInField(ctx context.Context, j *job) error {
	j.ctx, j.span = s.tracer.Start(ctx, "place")
	defer j.span.End()
	return s.store.Save(ctx, "a")
}

func (s *Service) returnsSpan(ctx context.Context) trace.Span {
	_, span := s.tracer.Start(ctx, "place")
	s.store.Save(ctx, "a")
	return span
}

type workers struct {
	wg     sync.WaitGroup
	cancel context.CancelFunc
}

// The workers live until somebody calls what is returned, and not in the span.
func (s *Service) startsWorkers(ctx context.Context, ids []string) *workers {
	_, span := s.tracer.Start(ctx, "start")
	defer span.End()
	w := &workers{}
	ctx, cancel := context.WithCancel(ctx)
	w.cancel = cancel
	for _, id := range ids {
		w.wg.Go(func() { s.store.Save(ctx, id) })
	}
	return w
}

func (s *Service) startsWorker(ctx context.Context, id string) func() {
	_, span := s.tracer.Start(ctx, "start")
	defer span.End()
	ctx, cancel := context.WithCancel(ctx)
	go s.store.Save(ctx, id)
	return cancel
}

// A context of a field is its owner's.
func (s *Service) fieldContext(j *job) error {
	_, span := s.tracer.Start(j.ctx, "place")
	defer span.End()
	return s.store.Save(j.ctx, "a")
}

// What is started is no span.

func (s *Service) cursor(ctx context.Context) error {
	_, cursor := tracers.Seek(ctx)
	defer cursor.End(1)
	return s.store.Save(ctx, "a")
}

func (s *Service) cancel(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s.store.Save(short, "a")
	return s.store.Save(ctx, "b")
}

// Functions that run for somebody else.

func (s *Service) returnedWithWork(ctx context.Context, text string) func(context.Context) error {
	_, span := s.tracer.Start(ctx, "prepare")
	defer span.End()
	data := []byte(text) // the work that span measures
	return func(ctx context.Context) error { return s.store.Save(ctx, string(data)) }
}

func (s *Service) returnedPure(ctx context.Context) func(int) int {
	_, span := s.tracer.Start(ctx, "prepare")
	defer span.End()
	return func(n int) int { return n + 1 }
}

func (s *Service) returnedWithSpan(ctx context.Context) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, span := s.tracer.Start(ctx, "place")
		defer span.End()
		return s.store.Save(ctx, "a")
	}
}

type callbacks struct{ save func(id string) error }

// It is called with data, when the span is over.
func (s *Service) stored(ctx context.Context, c *callbacks) {
	_, span := s.tracer.Start(ctx, "register")
	defer span.End()
	c.save = func(id string) error { return s.store.Save(ctx, id) }
}

// The context of a span that a block has started is left behind with the block.
func leftBehind(ctx context.Context, t trace.Tracer, s Store, slow bool) {
	if slow {
		slowCtx, span := t.Start(ctx, "slow")
		defer span.End()
		s.Save(slowCtx, "a")
	}
	switch {
	case slow:
		slowCtx, span := t.Start(ctx, "slow")
		_ = slowCtx
		defer span.End()
	}
	s.Save(ctx, "b")
}

// Phases stand side by side under the span of the function, though they end with it.
func (s *Service) phases(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "all")
	defer span.End()
	_, lock := s.tracer.Start(ctx, "lock")
	defer lock.End()
	_, send := s.tracer.Start(ctx, "send")
	defer send.End()
}

// A deferred call is made when the span is over, if the end comes before that of the
// function, or was deferred later.

func (s *Service) deferredBeside(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "find")
	defer s.store.Save(ctx, "a")
	span.End()
}

func (s *Service) deferredBefore(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "find")
	defer s.store.Save(ctx, "a")
	defer span.End()
}

func (s *Service) deferredLit(ctx context.Context, failed bool) {
	_, span := s.tracer.Start(ctx, "find")
	defer func() {
		span.End()
		if failed {
			s.store.Save(ctx, "a")
		}
	}()
}

func (s *Service) deferredHelper(ctx context.Context) {
	_, span := s.tracer.Start(ctx, "find")
	defer s.store.Save(ctx, "a")
	defer end(span)
}

func end(span trace.Span) { span.End() }

// A leaf around a query of another module, which sends nothing on.

func (s *Service) leafQuery(ctx context.Context, db *sql.DB) error {
	_, span := s.tracer.Start(ctx, "insert")
	_, err := db.ExecContext(ctx, "insert into orders default values")
	span.End()
	return err
}

// Phases, one after the other, that are ended together, or in blocks of their own.

func (s *Service) phasesInTurn(ctx context.Context) error {
	first, a := s.tracer.Start(ctx, "create")
	defer a.End()
	if err := s.store.Save(first, "a"); err != nil {
		return err
	}
	second, b := s.tracer.Start(ctx, "note")
	defer b.End()
	return s.store.Save(second, "b")
}

func (s *Service) leftBehind(ctx context.Context) error {
	{
		_, trigger := s.tracer.Start(ctx, "trigger")
		defer trigger.End()
	}
	ctx2, span := s.tracer.Start(ctx, "place")
	defer span.End()
	return s.store.Save(ctx2, "a")
}

// What is deferred in a loop is done when the span is over, however often.
func (s *Service) deferredInLoop(ctx context.Context, ids []string) error {
	inner, span := s.tracer.Start(ctx, "place")
	err := s.store.Save(inner, "a")
	for _, id := range ids {
		defer func() { s.store.Save(ctx, id) }()
	}
	span.End()
	return err
}

func (s *Service) deferredInLoopBefore(ctx context.Context, ids []string) error {
	inner, span := s.tracer.Start(ctx, "place")
	for _, id := range ids {
		defer func() { s.store.Save(ctx, id) }()
	}
	defer span.End()
	return s.store.Save(inner, "a")
}
