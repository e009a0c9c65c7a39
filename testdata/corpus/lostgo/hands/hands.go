// Package hands has the forms of a context at hand, and of those that are not.
package hands

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

type key struct{}

func parameter(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: .*WithoutCancel\(ctx\)`
}

func otherName(c context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses c: .*WithoutCancel\(c\)`
}

func last(s Store, parent context.Context) {
	go s.Save(context.Background(), "a") // want `goroutine loses parent: `
}

func derived(ctx context.Context, s Store) {
	tagged := context.WithValue(ctx, key{}, "x")
	s.Save(tagged, "b")
	go s.Save(context.Background(), "a") // want `goroutine loses tagged: `
}

func withCancel(ctx context.Context, s Store) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

func span(ctx context.Context, s Store, tracer trace.Tracer) {
	ctx, span := tracer.Start(ctx, "span")
	defer span.End()
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

func spanContext(ctx context.Context, s Store, tracer trace.Tracer) {
	spanCtx, span := tracer.Start(ctx, "span")
	defer span.End()
	s.Save(spanCtx, "b")
	go s.Save(context.Background(), "a") // want `goroutine loses spanCtx: `
}

func spanDropped(ctx context.Context, s Store, tracer trace.Tracer) {
	_, span := tracer.Start(ctx, "span")
	defer span.End()
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

// The span's context ends with its block.
func spanInBlock(ctx context.Context, s Store, tracer trace.Tracer) {
	{
		inner, span := tracer.Start(ctx, "span")
		s.Save(inner, "b")
		span.End()
	}
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

// What comes later is not at hand.
func laterDerived(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
	later := context.WithValue(ctx, key{}, "x")
	s.Save(later, "b")
}

func captured(ctx context.Context, s Store) func() {
	each := func(id string) {
		go s.Save(context.Background(), id) // want `goroutine loses ctx: `
	}
	each("a")
	return func() {}
}

func ownParameter(outer context.Context, s Store) {
	each := func(ctx context.Context, id string) {
		go s.Save(context.Background(), id) // want `goroutine loses ctx: `
	}
	each(outer, "a")
}

func blank(_ context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: .*WithoutCancel\(ctx\)`
}

func notify() { theStore.Save(context.TODO(), "a") }

func blankWithCallee(_ context.Context) {
	go notify() // want `goroutine loses ctx: hands.notify creates its own context.TODO\(\)`
}

func blankFirstOfTwo(_, _ context.Context, s Store) {
	go s.Save(context.Background(), "a")
}

func unnamed(context.Context, string) {
	go theStore.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

var theStore Store

// An unused parameter is at hand.
func unused(ctx context.Context, s Store) {
	_ = ctx
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

func handler(s Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		go s.Save(context.Background(), r.URL.Path) // want `goroutine loses r.Context\(\): .*WithoutCancel\(r.Context\(\)\)`
	}
}

type api struct{ store Store }

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	go func() { // want `goroutine loses r.Context\(\): `
		a.store.Save(context.Background(), "a")
	}()
}

func (a *api) localContext(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	a.store.Save(ctx, "b")
	go func() { // want `goroutine loses ctx: `
		a.store.Save(context.Background(), "a")
	}()
}

// A request without a name only says that it is time.
func (a *api) blankRequest(w http.ResponseWriter, _ *http.Request) {
	go a.store.Save(context.Background(), "a")
}

// A request that is made here is not the caller's.
func (a *api) ownRequest() {
	r, err := http.NewRequest("GET", "/", nil)
	if err != nil {
		return
	}
	go a.store.Save(context.Background(), r.URL.Path)
}

func (a *api) gin(c *web.Gin) {
	go func() { // want `goroutine loses c.Request.Context\(\): `
		a.store.Save(context.Background(), "a")
	}()
}

func (a *api) ginLocal(c *web.Gin) {
	ctx := c.Request.Context()
	a.store.Save(ctx, "b")
	go func() { // want `goroutine loses ctx: `
		a.store.Save(context.Background(), c.Param("id"))
	}()
}

func (a *api) echo(c web.Echo) error {
	go a.store.Save(context.Background(), c.Param("id")) // want `goroutine loses c.Request\(\).Context\(\): `
	return nil
}

func (a *api) stream(stream web.Stream) error {
	m, err := stream.Recv()
	if err != nil {
		return err
	}
	go a.store.Save(context.Background(), m) // want `goroutine loses stream.Context\(\): `
	return nil
}

// Each message is a unit of work, but its stream is the only caller.
func (a *api) streamLoop(stream web.Stream) error {
	for {
		m, err := stream.Recv()
		if err != nil {
			return err
		}
		go a.store.Save(context.Background(), m)
	}
}

// The context of a command line's command is that of the process.
func command(cmd *web.Command, args []string) error {
	go theStore.Save(context.Background(), args[0])
	return nil
}

// A receiver's context is its own.
type session struct {
	ctx   context.Context
	store Store
	r     *http.Request
}

func (s *session) Context() context.Context { return s.ctx }

func (s *session) receiver() {
	go s.store.Save(context.Background(), "a")
}

func (s *session) field() {
	go func() {
		s.store.Save(context.Background(), s.r.URL.Path)
	}()
}

// Names that hide.

func shadowed(ctx context.Context, s Store) {
	if ctx := "text"; ctx != "" {
		go s.Save(context.Background(), ctx)
	}
}

func shadowedByRoot(ctx context.Context, s Store) {
	{
		ctx := context.Background()
		go s.Save(ctx, "a")
	}
}

func shadowedByDerived(ctx context.Context, s Store) {
	if ctx := context.WithValue(ctx, key{}, "x"); ctx.Err() == nil {
		go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
	}
}

// From here on the function works on a root: a decision.
func reassigned(ctx context.Context, s Store) {
	ctx = context.Background()
	go s.Save(ctx, "a")
}

func reassignedWithTimeout(ctx context.Context, s Store) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	go s.Save(ctx, "a")
}

// Another one is still at hand, but the function has decided.
func twoContexts(ctx, life context.Context, s Store) {
	ctx = context.Background()
	go s.Save(ctx, "a")
	s.Save(life, "b")
}

func literalParameter(ctx context.Context, s Store) {
	go func(ctx context.Context) { // want `goroutine loses ctx: `
		s.Save(context.Background(), "a")
	}(ctx)
}

// The task starts one more: the context at hand there is its own parameter.
func nestedParameter(outer context.Context, s Store) {
	go func(ctx context.Context) {
		go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
	}(outer)
}

// Loops.

func loopVariable(ctxs []context.Context, s Store) {
	for _, ctx := range ctxs {
		go s.Save(context.Background(), "a")
		_ = ctx
	}
}

type message struct {
	ctx context.Context
	id  string
}

func (m message) Context() context.Context { return m.ctx }

// In a service loop only the loop's own contexts count.
func serviceLoop(ctx context.Context, s Store, messages chan message) {
	for m := range messages {
		go s.Save(context.Background(), m.id) // want `worker loses the context of m: context.Background\(\) is passed to s.Save; use m.ctx`
	}
}

func serviceLoopDerived(ctx context.Context, s Store, messages chan message) {
	for m := range messages {
		ctx := context.WithValue(ctx, key{}, m.id)
		go s.Save(context.Background(), m.id) // want `goroutine loses ctx: `
		s.Save(ctx, m.id)
	}
}

// Callbacks that are kept run for somebody else.
type registry struct{ hooks []func() }

func (r *registry) add(f func()) { r.hooks = append(r.hooks, f) }

func kept(ctx context.Context, s Store, r *registry) {
	r.add(func() {
		go s.Save(context.Background(), "a")
	})
}

func returned(ctx context.Context, s Store) func() {
	return func() {
		go s.Save(context.Background(), "a")
	}
}

func results(ctx context.Context, s Store) (done func(), err error) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
	return
}

// A variadic parameter is no context.
func variadic(s Store, ctxs ...context.Context) {
	go s.Save(context.Background(), "a")
}

// A pointer to a context is none.
func pointer(ctx *context.Context, s Store) {
	go s.Save(context.Background(), "a")
}

// A type that is a context.
type custom interface {
	context.Context
	User() string
}

func customContext(c custom, s Store) {
	go s.Save(context.Background(), c.User()) // want `goroutine loses c: `
}

func generic[S Store](ctx context.Context, s S) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

type box[T any] struct{ store Store }

func (b *box[T]) put(ctx context.Context, v T) {
	go b.store.Save(context.Background(), "a") // want `goroutine loses ctx: `
}

var packageLiteral = func(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx: `
}
