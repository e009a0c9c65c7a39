// Package silent has values that go back into a pool without a context, or
// whose context nobody gets to see.
package silent

import (
	"bytes"
	"context"
	"net/http"
	"sync"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// Cleared in the function that puts it back.

type printer struct {
	ctx context.Context
	buf []byte
}

var printers = sync.Pool{New: func() any { return new(printer) }}

func getPrinter() *printer {
	p := printers.Get().(*printer)
	p.buf = p.buf[:0]
	return p
}

func (p *printer) with(ctx context.Context) { p.ctx = ctx }

func (p *printer) free() {
	p.buf = p.buf[:0]
	p.ctx = nil
	printers.Put(p)
}

func print(ctx context.Context) {
	p := getPrinter()
	defer p.free()
	p.with(ctx)
}

// Cleared by a reset.

type reader struct {
	ctx context.Context
	n   int
}

var readers = sync.Pool{New: func() any { return new(reader) }}

func (r *reader) with(ctx context.Context) { r.ctx = ctx }

func (r *reader) reset() {
	r.n = 0
	r.clear()
}

func (r *reader) clear() { r.ctx = nil }

func read() {
	r := readers.Get().(*reader)
	r.n++
	r.reset()
	readers.Put(r)
}

func readDeferred() {
	r := readers.Get().(*reader)
	r.n++
	defer func() {
		r.reset()
		readers.Put(r)
	}()
}

func resetReader(r *reader) { r.ctx = context.Background() }

func readFunction() {
	r := readers.Get().(*reader)
	r.n++
	resetReader(r)
	readers.Put(r)
}

// The function clears it, its deferred literal puts it back.
func readOutside() {
	r := readers.Get().(*reader)
	defer func() { readers.Put(r) }()
	r.n++
	r.ctx = nil
}

// Cleared as a whole.

type writer struct {
	ctx context.Context
	buf []byte
}

var writers = sync.Pool{New: func() any { return new(writer) }}

func (w *writer) with(ctx context.Context) { w.ctx = ctx }

func write() {
	w := writers.Get().(*writer)
	w.buf = append(w.buf, 'a')
	*w = writer{}
	writers.Put(w)
}

func writeKeepsBuffer() {
	w := writers.Get().(*writer)
	w.buf = append(w.buf, 'a')
	*w = writer{buf: w.buf[:0]}
	writers.Put(w)
}

// Cleared by all that call the helper which puts it back.

type call struct {
	ctx context.Context
	id  string
}

var calls = sync.Pool{New: func() any { return new(call) }}

func (c *call) with(ctx context.Context) { c.ctx = ctx }

func putCall(c *call) { calls.Put(c) }

func (c *call) put() { calls.Put(c) }

func callOnce() {
	c := calls.Get().(*call)
	c.id = "once"
	c.ctx = nil
	putCall(c)
}

func callTwice() {
	c := calls.Get().(*call)
	c.id = "twice"
	c.ctx = nil
	c.put()
}

// The helper clears it.

type record struct {
	ctx context.Context
	id  string
}

var records = sync.Pool{New: func() any { return new(record) }}

func (r *record) with(ctx context.Context) { r.ctx = ctx }

func putRecord(r *record) {
	r.ctx = nil
	records.Put(r)
}

func record1() {
	r := records.Get().(*record)
	r.id = "1"
	putRecord(r)
}

// Set where it is taken out.

type event struct {
	ctx context.Context
	id  string
}

var events = sync.Pool{New: func() any { return new(event) }}

func emit(ctx context.Context, store Store) {
	e := events.Get().(*event)
	e.ctx = ctx
	store.Save(e.ctx, e.id)
	events.Put(e)
}

func (e *event) init(ctx context.Context, id string) { e.ctx, e.id = ctx, id }

func emitInit(ctx context.Context, store Store) {
	e := events.Get().(*event)
	e.init(ctx, "a")
	defer events.Put(e)
	store.Save(e.ctx, e.id)
}

func emitWhole(ctx context.Context, store Store) {
	e := events.Get().(*event)
	*e = event{ctx: ctx, id: "a"}
	store.Save(e.ctx, e.id)
	events.Put(e)
}

func getEvent(ctx context.Context) *event {
	e := events.Get().(*event)
	e.ctx = ctx
	return e
}

func emitGot(ctx context.Context, store Store) {
	e := getEvent(ctx)
	store.Save(e.ctx, e.id)
	events.Put(e)
}

// Set by all that call the getter.

type span struct {
	ctx  context.Context
	name string
}

var spans = sync.Pool{New: func() any { return new(span) }}

func getSpan() *span { return spans.Get().(*span) }

func namedSpan(name string) *span {
	s := spans.Get().(*span)
	s.name = name
	return s
}

func trace(ctx context.Context) {
	s := getSpan()
	s.ctx = ctx
	defer spans.Put(s)
}

func traceNamed(ctx context.Context) {
	s := namedSpan("a")
	s.ctx = ctx
	defer spans.Put(s)
}

// Who calls an exported getter, nobody knows.

type Buffer struct {
	ctx  context.Context
	data []byte
}

var buffers = sync.Pool{New: func() any { return new(Buffer) }}

func NewBuffer() *Buffer {
	b := buffers.Get().(*Buffer)
	b.data = b.data[:0]
	return b
}

func (b *Buffer) SetContext(ctx context.Context) { b.ctx = ctx }

func (b *Buffer) Free() { buffers.Put(b) }

// Handed on at once.

type message struct {
	ctx  context.Context
	text string
}

var messages = sync.Pool{New: func() any { return new(message) }}

func fill(m *message, ctx context.Context) *message {
	m.ctx = ctx
	return m
}

func say(ctx context.Context, store Store) {
	m := fill(messages.Get().(*message), ctx)
	store.Save(m.ctx, m.text)
	messages.Put(m)
}

// A request.

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
	x.req = nil
	exchanges.Put(x)
}

func (x *exchange) note(r *http.Request) { x.req = r }

// The field is never set.

type unset struct {
	ctx context.Context
	n   int
}

var unsets = sync.Pool{New: func() any { return new(unset) }}

func useUnset() {
	u := unsets.Get().(*unset)
	u.n++
	u.ctx = nil
	unsets.Put(u)
	v := unsets.Get().(*unset)
	v.n++
	unsets.Put(v)
}

// Values without a context of their own.

var plain = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func usePlain() {
	b := plain.Get().(*bytes.Buffer)
	b.Reset()
	plain.Put(b)
}

var slices = sync.Pool{New: func() any { return new([]byte) }}

func useSlice() {
	b := slices.Get().(*[]byte)
	*b = (*b)[:0]
	slices.Put(b)
}

var requests = sync.Pool{New: func() any { return new(http.Request) }}

func useRequest() {
	r := requests.Get().(*http.Request)
	requests.Put(r)
}

func putAny(v any) { plain.Put(v) }

// Exported pools.

type Job struct {
	ctx context.Context
	n   int
}

var Jobs = sync.Pool{New: func() any { return new(Job) }}

func (j *Job) With(ctx context.Context) { j.ctx = ctx }

func useJob() {
	j := Jobs.Get().(*Job)
	j.n++
	Jobs.Put(j)
}

// Generic structs.

type box[T any] struct {
	ctx   context.Context
	value T
}

func (b *box[T]) put(ctx context.Context, v T) { b.ctx, b.value = ctx, v }

func (b *box[T]) reset() {
	var zero T
	b.ctx, b.value = nil, zero
}

type boxes[T any] struct{ pool sync.Pool }

func (b *boxes[T]) use(v T) {
	x, ok := b.pool.Get().(*box[T])
	if !ok {
		x = new(box[T])
	}
	x.value = v
	x.reset()
	b.pool.Put(x)
}

// Something else that has a Put.

type list struct{ all []*call }

func (l *list) Get() *call  { return l.all[0] }
func (l *list) Put(c *call) { l.all = append(l.all, c) }

func useList(l *list) {
	c := l.Get()
	l.Put(c)
}

// The idioms of the standard library: the value is there, or not.

type line struct {
	ctx context.Context
	n   int
}

var lines = sync.Pool{}

func getLine(ctx context.Context) *line {
	if v := lines.Get(); v != nil {
		l := v.(*line)
		l.ctx = ctx
		return l
	}
	return &line{ctx: ctx}
}

func getLineOK(ctx context.Context) *line {
	if l, ok := lines.Get().(*line); ok {
		l.ctx = ctx
		return l
	}
	return &line{ctx: ctx}
}

func getLineElse(ctx context.Context) *line {
	l, _ := lines.Get().(*line)
	if l != nil {
		l.ctx = ctx
	} else {
		l = &line{ctx: ctx}
	}
	return l
}

func putLine(l *line) { lines.Put(l) }

// Reset where it is taken out.

type page struct {
	ctx context.Context
	n   int
}

var pages = sync.Pool{New: func() any { return new(page) }}

func (p *page) reset() { *p = page{} }

func (p *page) with(ctx context.Context) { p.ctx = ctx }

func turn(ctx context.Context) {
	p := pages.Get().(*page)
	p.reset()
	p.with(ctx)
	pages.Put(p)
}

func turnAgain() {
	p := pages.Get().(*page)
	*p = page{n: 1}
	pages.Put(p)
}

// Somebody else may set it.

type query struct {
	ctx context.Context
	id  string
}

var queries = sync.Pool{New: func() any { return new(query) }}

func ask(ctx context.Context, options ...func(*query)) {
	q := queries.Get().(*query)
	for _, option := range options {
		option(q)
	}
	queries.Put(q)
}

func withContext(ctx context.Context) func(*query) {
	return func(q *query) { q.ctx = ctx }
}

type holder struct{ q *query }

func (h *holder) take() {
	h.q = queries.Get().(*query)
	h.q.id = ""
}

func (h *holder) give() { queries.Put(h.q) }

func (h *holder) register() {
	q := queries.Get().(*query)
	h.q = q
}
