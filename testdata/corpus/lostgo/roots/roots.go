// Package roots has the forms that a root takes.
package roots

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type userKey struct{}

func background(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save; pass`
		s.Save(context.Background(), "a")
	}()
}

func todo(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: context.TODO\(\) is passed to roots.Store.Save; pass`
		s.Save(context.TODO(), "a")
	}()
}

func null(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: nil is passed to roots.Store.Save; pass`
		s.Save(nil, "a")
	}()
}

func withTimeout(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save`
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(short, "a")
	}()
}

func withCancelCause(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: context.TODO\(\) is passed to roots.Store.Save`
		ctx, cancel := context.WithCancelCause(context.TODO())
		defer cancel(errors.New("done"))
		s.Save(ctx, "a")
	}()
}

func withDeadlineOfTheCaller(ctx context.Context, s Store) {
	end, _ := ctx.Deadline()
	go func() { // want `goroutine loses ctx`
		ctx, cancel := context.WithDeadline(context.Background(), end)
		defer cancel()
		s.Save(ctx, "a")
	}()
}

func chain(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		a := context.Background()
		b, cancel := context.WithCancel(a)
		defer cancel()
		c := context.WithValue(b, userKey{}, "x")
		s.Save(c, "a")
	}()
}

// A user's id is no trace.
func withUser(ctx context.Context, s Store, user string) {
	go func() { // want `goroutine loses ctx`
		s.Save(context.WithValue(context.Background(), userKey{}, user), "a")
	}()
}

// Neither is what the caller's context knew of the user.
func withUserOfTheCaller(ctx context.Context, s Store) {
	user := ctx.Value(userKey{})
	go func() { // want `goroutine loses ctx`
		s.Save(context.WithValue(context.Background(), userKey{}, user), "a")
	}()
}

type loggerKey struct{}

func withLogger(ctx context.Context, l *slog.Logger) context.Context {
	return context.WithValue(ctx, loggerKey{}, l)
}

func loggerFrom(ctx context.Context) *slog.Logger {
	l, _ := ctx.Value(loggerKey{}).(*slog.Logger)
	return l
}

func onlyTheLogger(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(withLogger(context.Background(), loggerFrom(ctx)), "a")
	}()
}

func onlyTheLoggerBefore(ctx context.Context, s Store) {
	logger := loggerFrom(ctx)
	detached := withLogger(context.Background(), logger)
	go func() { // want `goroutine loses ctx`
		s.Save(detached, "a")
	}()
}

func fresh() context.Context { return context.Background() }

func freshWithTimeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Second)
}

func freshNamed() (ctx context.Context, err error) {
	ctx = context.Background()
	return ctx, nil
}

// The result is named, and the return has no list.
func freshBare() (ctx context.Context) {
	ctx = context.Background()
	return
}

func ownHelper(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: roots.fresh\(\) is passed to roots.Store.Save`
		s.Save(fresh(), "a")
	}()
}

func ownHelperWithCancel(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: roots.freshWithTimeout\(\) is passed to roots.Store.Save`
		ctx, cancel := freshWithTimeout()
		defer cancel()
		s.Save(ctx, "a")
	}()
}

func ownHelperNamed(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		ctx, err := freshNamed()
		if err != nil {
			return
		}
		s.Save(ctx, "a")
	}()
}

func ownHelperBare(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(freshBare(), "a")
	}()
}

// tagged returns what it was given, with a value.
func tagged(ctx context.Context, tag string) context.Context {
	return context.WithValue(ctx, userKey{}, tag)
}

func throughHelper(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save`
		s.Save(tagged(context.Background(), "x"), "a")
	}()
}

var appCtx = context.Background()

func packageVariable(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx: .* is passed to roots.Store.Save`
		s.Save(appCtx, "a")
	}()
}

var setCtx = context.Background()

// SetContext may give setCtx anything.
func SetContext(ctx context.Context) { setCtx = ctx }

func packageVariableThatIsSet(ctx context.Context, s Store) {
	go func() {
		s.Save(setCtx, "a")
	}()
}

func outside(ctx context.Context, s Store) {
	bg := context.Background()
	go func() { // want `goroutine loses ctx`
		s.Save(bg, "a")
	}()
}

func outsideWithTimeout(ctx context.Context, s Store) {
	bg, cancel := context.WithTimeout(context.Background(), time.Minute)
	go func() { // want `goroutine loses ctx`
		defer cancel()
		s.Save(bg, "a")
	}()
}

func outsideVar(ctx context.Context, s Store) {
	var bg = context.Background()
	go s.Save(bg, "a") // want `goroutine loses ctx`
}

func outsideDeclared(ctx context.Context, s Store) {
	var bg context.Context
	bg = context.Background()
	go s.Save(bg, "a") // want `goroutine loses ctx`
}

// A variable that was never given a context is nil.
func zero(ctx context.Context, s Store) {
	var none context.Context
	go s.Save(none, "a") // want `goroutine loses ctx`
}

// Only if there is none.
func guard(ctx context.Context, s Store) {
	if ctx == nil {
		ctx = context.Background()
	}
	go func() {
		s.Save(ctx, "a")
	}()
}

func guardInside(ctx context.Context, s Store) {
	go func() {
		if ctx == nil {
			ctx = context.Background()
		}
		s.Save(ctx, "a")
	}()
}

func guardElse(ctx context.Context, s Store) {
	use := ctx
	if use == nil {
		use = context.TODO()
	} else {
		use = context.WithoutCancel(use)
	}
	go s.Save(use, "a")
}

func orElse(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

func guardByHelper(ctx context.Context, s Store) {
	go s.Save(orElse(ctx), "a")
}

// Both branches are roots.
func eitherRoot(ctx context.Context, s Store, patient bool) {
	use := context.Background()
	if !patient {
		var cancel context.CancelFunc
		use, cancel = context.WithTimeout(context.TODO(), time.Second)
		defer cancel()
	}
	go s.Save(use, "a") // want `goroutine loses ctx`
}

// One branch is the caller's: a decision.
func oneBranch(ctx context.Context, s Store, detach bool) {
	use := ctx
	if detach {
		use = context.Background()
	}
	go s.Save(use, "a")
}

// The last assignment hides the first.
func replaced(ctx context.Context, s Store) {
	use := context.Background()
	use = context.WithoutCancel(ctx)
	go s.Save(use, "a")
}

func withSpan(ctx context.Context, s Store) {
	go func() {
		s.Save(trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx)), "a")
	}()
}

func withSpanBefore(ctx context.Context, s Store) {
	span := trace.SpanFromContext(ctx)
	go func() {
		s.Save(trace.ContextWithSpan(context.Background(), span), "a")
	}()
}

func withSpanContext(ctx context.Context, s Store) {
	detached := trace.ContextWithSpanContext(context.Background(), trace.SpanContextFromContext(ctx))
	go s.Save(detached, "a")
}

func withSpanAndTimeout(ctx context.Context, s Store) {
	go func() {
		bg, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		bg = trace.ContextWithSpan(bg, trace.SpanFromContext(ctx))
		s.Save(bg, "a")
	}()
}

func withLink(ctx context.Context, s Store, tracer trace.Tracer) {
	link := trace.LinkFromContext(ctx)
	go func() {
		bg, span := tracer.Start(context.Background(), "later", trace.WithLinks(link))
		defer span.End()
		s.Save(bg, "a")
	}()
}

func withLinkOfSpan(ctx context.Context, s Store, tracer trace.Tracer) {
	go func() {
		bg, span := tracer.Start(context.Background(), "later", trace.WithLinks(trace.LinkFromContext(ctx)))
		defer span.End()
		s.Save(bg, "a")
	}()
}

// The link comes after the start.
func withLinkLater(ctx context.Context, s Store, tracer trace.Tracer) {
	link := trace.LinkFromContext(ctx)
	go func() {
		bg, span := tracer.Start(context.Background(), "later")
		defer span.End()
		span.AddLink(link)
		s.Save(bg, "a")
	}()
}

// A link the other way, from the caller's span to the new one.
func withLinkBack(ctx context.Context, s Store, tracer trace.Tracer) {
	go func() {
		bg, span := tracer.Start(context.Background(), "later")
		defer span.End()
		trace.SpanFromContext(ctx).AddLink(trace.LinkFromContext(bg))
		s.Save(bg, "a")
	}()
}

// A new span without any link.
func newTrace(ctx context.Context, s Store, tracer trace.Tracer) {
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to trace.Tracer.Start`
		bg, span := tracer.Start(context.Background(), "later")
		defer span.End()
		s.Save(bg, "a")
	}()
}

// detach is an own helper that takes both.
func detach(from, to context.Context) context.Context {
	return trace.ContextWithSpan(to, trace.SpanFromContext(from))
}

func withHelper(ctx context.Context, s Store) {
	go s.Save(detach(ctx, context.Background()), "a")
}

type keepValues struct {
	context.Context
	values context.Context
}

func (k keepValues) Value(key any) any { return k.values.Value(key) }

// A type of our own that does what WithoutCancel does.
func withType(ctx context.Context, s Store) {
	go s.Save(keepValues{context.Background(), ctx}, "a")
}

type carrier map[string]string

func inject(ctx context.Context, c carrier) {
	c["traceparent"] = trace.SpanContextFromContext(ctx).TraceID()
}

func extract(ctx context.Context, c carrier) context.Context {
	return context.WithValue(ctx, userKey{}, c["traceparent"])
}

// The trace travels in a map, as by a propagator.
func withCarrier(ctx context.Context, s Store) {
	c := carrier{}
	inject(ctx, c)
	go func() {
		s.Save(extract(context.Background(), c), "a")
	}()
}

// A trace's id is a decision.
func withTraceID(ctx context.Context, s Store) {
	traceID := trace.SpanContextFromContext(ctx).TraceID()
	go func() {
		s.Save(context.WithValue(context.Background(), userKey{}, traceID), "a")
	}()
}

// A field's context is its owner's lifetime.
type server struct {
	base context.Context
	s    Store
}

func (v *server) fieldContext(ctx context.Context) {
	go v.s.Save(v.base, "a")
}

// A channel's, a map's, an interface's context is nobody knows whose.
func unknownContexts(ctx context.Context, s Store, ch chan context.Context, m map[string]context.Context, h interface{ Ctx() context.Context }) {
	go s.Save(<-ch, "a")
	go s.Save(m["x"], "a")
	go s.Save(h.Ctx(), "a")
}
