// Package found has values that go back into a pool with a context in them.
package found

import (
	"context"
	"net/http"
	"sync"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// printer goes back without its buffer being the last one's, but with the
// context.
type printer struct {
	ctx   context.Context
	buf   []byte
	store Store
}

var printers = sync.Pool{New: func() any { return new(printer) }}

func newPrinter() *printer {
	p := printers.Get().(*printer)
	p.buf = p.buf[:0]
	return p
}

func (p *printer) with(ctx context.Context) { p.ctx = ctx }

func (p *printer) free() {
	p.buf = p.buf[:0]
	printers.Put(p) // want `p is returned to the pool with its ctx field still set: the next user gets the last request's trace; set p.ctx to nil first`
}

func print(ctx context.Context, traced bool) {
	p := newPrinter()
	defer p.free()
	if traced {
		p.with(ctx)
	}
	p.store.Save(p.ctx, string(p.buf))
}

// The put is deferred.

type reader struct {
	ctx context.Context
	n   int
}

var readers = sync.Pool{New: func() any { return &reader{} }}

func (r *reader) start(ctx context.Context) { r.ctx = ctx }

func read(ctx context.Context, store Store) {
	r := readers.Get().(*reader)
	defer readers.Put(r) // want `r is returned to the pool with its ctx field still set`
	store.Save(r.ctx, "a")
	r.start(ctx)
}

// The put is in a deferred literal.

type writer struct {
	ctx context.Context
	n   int
}

var writers = sync.Pool{New: func() any { return &writer{} }}

func write(ctx context.Context, store Store) {
	w := writers.Get().(*writer)
	defer func() {
		w.n = 0
		writers.Put(w) // want `w is returned to the pool with its ctx field still set`
	}()
	if store != nil {
		w.start(ctx)
	}
}

func (w *writer) start(ctx context.Context) { *w = writer{ctx: ctx} }

// The reset forgets the context.

type encoder struct {
	ctx context.Context
	buf []byte
}

func (e *encoder) reset() { e.buf = e.buf[:0] }

func (e *encoder) bind(ctx context.Context) { e.ctx = ctx }

type codec struct{ encoders sync.Pool }

func (c *codec) encode(ctx context.Context, text string) {
	e := c.get()
	e.buf = append(e.buf, text...)
	if text != "" {
		e.bind(ctx)
	}
	e.reset()
	c.encoders.Put(e) // want `e is returned to the pool with its ctx field still set`
}

func (c *codec) get() *encoder {
	if e, ok := c.encoders.Get().(*encoder); ok {
		return e
	}
	return new(encoder)
}

// The getter returns what it gets, and one of its callers does not set it.

type call struct {
	ctx context.Context
	id  string
}

var calls = sync.Pool{New: func() any { return new(call) }}

func getCall() *call { return calls.Get().(*call) }

func putCall(c *call) {
	c.id = ""
	calls.Put(c) // want `c is returned to the pool with its ctx field still set`
}

func callWithContext(ctx context.Context, store Store) {
	c := getCall()
	defer putCall(c)
	c.ctx = ctx
	store.Save(c.ctx, c.id)
}

func callWithout(store Store) {
	c := getCall()
	defer putCall(c)
	store.Save(c.ctx, c.id)
}

// One who puts sets it, one who gets does not: setting it is not clearing it.

type event struct {
	ctx context.Context
	id  string
}

var events = sync.Pool{New: func() any { return new(event) }}

func emit(ctx context.Context, store Store) {
	e := events.Get().(*event)
	e.ctx = ctx
	store.Save(e.ctx, e.id)
	events.Put(e) // want `e is returned to the pool with its ctx field still set`
}

func emitAgain(store Store) {
	e := events.Get().(*event)
	store.Save(e.ctx, e.id)
	e.ctx = nil
	events.Put(e)
}

// Callers of the helper that puts: one of them does not clear.

type span struct {
	ctx  context.Context
	name string
}

var spans = sync.Pool{New: func() any { return new(span) }}

func release(s *span) {
	spans.Put(s) // want `s is returned to the pool with its ctx field still set`
}

func traceCleared(ctx context.Context) {
	s := spans.Get().(*span)
	s.name = "cleared"
	s.begin(ctx)
	s.ctx = nil
	release(s)
}

func traceKept(ctx context.Context) {
	s := spans.Get().(*span)
	s.name = "kept"
	defer release(s)
	if ctx.Err() == nil {
		s.begin(ctx)
	}
}

func (s *span) begin(ctx context.Context) { s.later(ctx) }

func (s *span) later(ctx context.Context) { s.ctx = ctx }

// A request has a context.

type exchange struct {
	req  *http.Request
	code int
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

func serve(w http.ResponseWriter, r *http.Request) {
	x := exchanges.Get().(*exchange)
	x.code = http.StatusOK
	x.note(r)
	w.WriteHeader(x.code)
	exchanges.Put(x) // want `x is returned to the pool with its req field still set`
}

func (x *exchange) note(r *http.Request) {
	if r.Method == http.MethodPost {
		x.req = r
	}
}

// The first context is cleared, the second is not.

type pair struct {
	ctx    context.Context
	parent context.Context
	n      int
}

var pairs = sync.Pool{New: func() any { return new(pair) }}

func (p *pair) set(ctx, parent context.Context) { p.ctx, p.parent = ctx, parent }

func (p *pair) use() {
	q := pairs.Get().(*pair)
	q.n = p.n
	q.ctx = nil
	pairs.Put(q) // want `q is returned to the pool with its parent field still set`
}

// The context is embedded.

type frame struct {
	context.Context
	n int
}

var frames = sync.Pool{New: func() any { return new(frame) }}

func (f *frame) push(ctx context.Context) { f.Context = ctx }

func unwind() {
	f := frames.Get().(*frame)
	f.n = 0
	frames.Put(f) // want `f is returned to the pool with its Context field still set`
}

// Generic structs.

type box[T any] struct {
	ctx   context.Context
	value T
}

func (b *box[T]) put(ctx context.Context, v T) { b.ctx, b.value = ctx, v }

type boxes[T any] struct{ pool sync.Pool }

func (b *boxes[T]) use(v T) {
	x, ok := b.pool.Get().(*box[T])
	if !ok {
		x = new(box[T])
	}
	x.value = v
	b.pool.Put(x) // want `x is returned to the pool with its ctx field still set`
}

// One pool sets the context at once, the other never, and gets none.

type task struct {
	ctx context.Context
	id  string
}

var fast = sync.Pool{New: func() any { return new(task) }}

var slow = sync.Pool{New: func() any { return new(task) }}

func runFast(ctx context.Context, store Store) {
	t := fast.Get().(*task)
	t.ctx = ctx
	store.Save(t.ctx, t.id)
	fast.Put(t)
}

func runSlow(store Store) {
	t := slow.Get().(*task)
	store.Save(t.ctx, t.id)
	slow.Put(t)
}

// What it was is used before it is set.

type cursor struct {
	ctx context.Context
	at  int
}

var cursors = sync.Pool{New: func() any { return new(cursor) }}

func (c *cursor) seek(store Store) { store.Save(c.ctx, "seek") }

func move(ctx context.Context, store Store) {
	c := cursors.Get().(*cursor)
	c.seek(store)
	c.ctx = ctx
	cursors.Put(c) // want `c is returned to the pool with its ctx field still set`
}

// The context that is set is derived from the caller's.

type session struct {
	ctx  context.Context
	user string
}

var open = sync.Pool{New: func() any { return new(session) }}

func (s *session) login(ctx context.Context, user string) {
	type key struct{}
	s.ctx, s.user = context.WithValue(ctx, key{}, user), user
}

func visit(ctx context.Context, store Store, user string) {
	s := open.Get().(*session)
	if user != "" {
		s.login(ctx, user)
	}
	store.Save(s.ctx, s.user)
	s.user = ""
	open.Put(s) // want `s is returned to the pool with its ctx field still set`
}

// An early return puts it back as it is; what comes later does not matter.

type ticket struct {
	ctx  context.Context
	name string
}

var tickets = sync.Pool{New: func() any { return new(ticket) }}

func book(ctx context.Context, store Store, name string) error {
	t := tickets.Get().(*ticket)
	t.name = name
	if t.ctx == nil {
		t.ctx = ctx
	}
	if err := store.Save(t.ctx, name); err != nil {
		tickets.Put(t) // want `t is returned to the pool with its ctx field still set`
		return err
	}
	t.ctx = nil
	tickets.Put(t)
	return nil
}
