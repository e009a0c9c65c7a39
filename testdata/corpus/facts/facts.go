// Package facts has functions and what the engine says of them. A function
// without a want has nothing to say: its contexts are readers, and that is all.
package facts

import (
	"context"
	"database/sql"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

type key struct{}

type Store interface {
	Save(ctx context.Context, id string) error
}

// Readers.

func value(ctx context.Context) any { return ctx.Value(key{}) }

func handsOn(ctx context.Context) any { return value(ctx) }

func toInterface(ctx context.Context, s Store) { s.Save(ctx, "a") }

func toFunctionValue(ctx context.Context, f func(context.Context)) { f(ctx) }

func stores(ctx context.Context) *holder { return &holder{Ctx: ctx} }

type holder struct {
	Ctx  context.Context
	life context.Context
}

func mutual(ctx context.Context, n int) { // a reader by way of each other
	if n > 0 {
		recursive(ctx, n-1)
	}
}

func recursive(ctx context.Context, n int) {
	value(ctx)
	mutual(ctx, n)
}

// Not readers.

func waits(ctx context.Context) error { // want waits:"inert:1"
	<-ctx.Done()
	return ctx.Err()
}

func waitsBelow(n int, ctx context.Context) error { return waits(ctx) } // want waitsBelow:"inert:10"

func blank(_ context.Context, s Store) {} // want blank:"inert:1"

func inertRecursion(ctx context.Context, n int) { // want inertRecursion:"inert:1"
	if n > 0 {
		inertRecursion(ctx, n-1)
	}
}

func storesLife(ctx context.Context) *holder { return &holder{life: ctx} } // want storesLife:"inert:1"

func (h *holder) done() <-chan struct{} { return h.life.Done() }

func withTimeout(ctx context.Context) (context.Context, context.CancelFunc) { // want withTimeout:"inert:1"
	return context.WithTimeout(ctx, time.Second)
}

func withUser(ctx context.Context, user string) context.Context { // want withUser:"inert:1"
	return context.WithValue(ctx, key{}, user)
}

// Logging only.

func logs(ctx context.Context) { slog.InfoContext(ctx, "hello") } // want logs:"log:1"

func logsAndWaits(ctx context.Context) { // want logsAndWaits:"log:1"
	logs(ctx)
	<-ctx.Done()
}

// Roots.

func root() context.Context { return context.Background() } // want root:"roots:1"

func rootWithUser() (context.Context, context.CancelFunc) { // want rootWithUser:"roots:1"
	ctx := withUser(root(), "nobody")
	return withTimeout(ctx)
}

func guarded(ctx context.Context) context.Context { // want guarded:"inert:1"
	if ctx == nil {
		ctx = context.Background()
	}
	return ctx
}

// Sinks.

func direct(s Store) { // want direct:`sink context.Background\(\)->facts.Store.Save@facts.go:\d+`
	s.Save(context.Background(), "a")
}

func below(s Store) { direct(s) } // want below:`sink facts.direct@facts.go:\d+ context.Background\(\)->facts.Store.Save@facts.go:\d+`

func throughStd(db *sql.DB) { db.Exec("x") } // want throughStd:`sink sql.\(\*DB\).Exec@facts.go:\d+ context.Background\(\)->sql.\(\*DB\).ExecContext@sql.go:\d+`

func inTask(s Store) { // want inTask:"sink facts.direct@.*"
	go direct(s)
}

func get() { http.Get("http://localhost") } // want get:"sink http.Get@.* http.NewRequest@.*"

func rebased(ctx context.Context) (*http.Request, error) { // its own context is used
	req, err := http.NewRequest("GET", "http://localhost", nil)
	if err != nil {
		return nil, err
	}
	return req.WithContext(ctx), nil
}

func dials() { net.Dial("tcp", "localhost:80") } // a dial is no sink

func hasContext(ctx context.Context, s Store) { // loses it itself, not its callers
	s.Save(ctx, "a")
	direct(s)
}

func logsOnly() { slog.Info("hello") } // no sink

// Spawners.

func starts(f func()) { go f() } // want starts:"spawns:1"

func startsOrCalls(q chan func(), f func()) { // want startsOrCalls:"spawns:10 inplace:10"
	select {
	case q <- f:
	default:
		f()
	}
}

func startsOrGuards(q chan func(), f func()) { // want startsOrGuards:"spawns:10 inplace:10"
	task := func() { defer recover(); f() }
	select {
	case q <- task:
	default:
		task()
	}
}

func startsOrCallsBelow(q chan func(), f func()) { startsOrCalls(q, func() { f() }) } // want startsOrCallsBelow:"spawns:10 inplace:10"

func startsLater(n int, f func()) { time.AfterFunc(time.Second, f) } // want startsLater:"spawns:10"

func startsWrapped(f func() error) { starts(func() { f() }) } // want startsWrapped:"spawns:1"

type pool struct{ tasks chan func() }

func (p *pool) submit(f func()) { p.tasks <- f } // want submit:"spawns:1"

func (p *pool) work() { // want work:"serves"
	for f := range p.tasks {
		f()
	}
}

func inPlace(f func()) { f() }

type hooks struct{ onClose func() }

func (h *hooks) set(f func()) { h.onClose = f } // want set:"keeps:1"

// Service loops.

func serve(l net.Listener) error { // want serve:"serves"
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go conn.Close()
	}
}

func listen(addr string) error { return http.ListenAndServe(addr, nil) } // want listen:"serves"

func tick(stop chan struct{}) { // want tick:"serves"
	for t := time.NewTicker(time.Second); ; {
		select {
		case <-t.C:
		case <-stop:
			return
		}
	}
}

func retry(f func() error) error { // ends when it has succeeded
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(time.Second):
		}
	}
}

type outgoing struct{}

func withHeader(ctx context.Context, h string) context.Context { // reads, and derives
	old, _ := ctx.Value(outgoing{}).(string)
	return context.WithValue(ctx, outgoing{}, old+h)
}

func serviceContext() context.Context { // want serviceContext:"^roots:1$"
	return withHeader(context.Background(), "service")
}

type pipe struct {
	out    chan []byte
	closed bool
}

func (p *pipe) drain() { // want drain:"serves"
	for range p.out {
	}
}

func (p *pipe) reset() { // does end, since it does something after
	p.drain()
	p.out = make(chan []byte)
	p.closed = false
}

// The only implementation of an unexported interface is known, that of an
// exported one is not.
type saver interface {
	save() // want save:"sink .*"
}

type Saver interface {
	SaveAll()
}

type disk struct{ store Store }

func (d disk) save()    { direct(d.store) } // want save:"sink .*"
func (d disk) SaveAll() { direct(d.store) } // want SaveAll:"sink .*"

func byInterface(s saver) { s.save() } // want byInterface:"sink .*"

func byExported(s Saver) { s.SaveAll() }

// A context that several implementations of an interface only wait for, and one
// that none of them does, which others may.
type sender interface {
	Send(ctx context.Context, id string) bool // want Send:"inert:1"
	Close(ctx context.Context)
	Watch(ctx context.Context) // want Watch:"ends:1"
}

type unbuffered struct{ ids chan string }

func (c unbuffered) Send(ctx context.Context, id string) bool { // want Send:"inert:1"
	select {
	case c.ids <- id:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c unbuffered) Close(ctx context.Context) {} // want Close:"inert:1"

func (c unbuffered) Watch(ctx context.Context) { context.AfterFunc(ctx, func() {}) } // want Watch:"inert:1 ends:1"

type discard struct{}

func (discard) Send(ctx context.Context, id string) bool { return ctx.Err() == nil } // want Send:"inert:1"

func (discard) Close(ctx context.Context) {} // want Close:"inert:1"

func (discard) Watch(ctx context.Context) {} // want Watch:"inert:1"

func sends(ctx context.Context, s sender) { s.Send(ctx, "a") } // want sends:"inert:1"

func closes(ctx context.Context, s sender) { s.Close(ctx) }

// A generic type with methods of the same names, and others than the interface's:
// fewer parameters, a context where none is, none where one is.
type link[T any] struct{ last T }

func (l *link[T]) Send() bool { return true }

func (l *link[T]) Close(name string) {}

func (l *link[T]) Watch(ctx context.Context) error { return l.Ping(ctx) } // want Watch:"inert:1"

func (l *link[T]) Ping(ctx context.Context) error { return ctx.Err() } // want Ping:"inert:1"

// One with the same methods is one of them, whatever it is made of.
type queue[T any] interface {
	Put(ctx context.Context, v T) bool // want Put:"inert:1"
}

type full[T any] struct{}

func (full[T]) Put(ctx context.Context, v T) bool { return false } // want Put:"inert:1"

type bounded[T any] struct{ values chan T }

func (q bounded[T]) Put(ctx context.Context, v T) bool { // want Put:"inert:1"
	select {
	case q.values <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

func puts(ctx context.Context, q queue[int]) { q.Put(ctx, 1) } // want puts:"inert:1"

// Tasks that are not joined on every path.

func mayLeave(ctx context.Context, wg *sync.WaitGroup, s Store) { // want mayLeave:"outlives:1"
	wg.Go(func() { s.Save(ctx, "a") })
}

// Literals that lead back to each other.

type again struct {
	do, other func(ctx context.Context, n int)
}

func (a *again) setDo(s Store) {
	a.do = func(ctx context.Context, n int) {
		if n > 0 {
			a.other(ctx, n-1)
		}
		s.Save(ctx, "a")
	}
}

func (a *again) setOther() {
	a.other = func(ctx context.Context, n int) { a.do(ctx, n) }
}

func (a *again) run(ctx context.Context) { a.do(ctx, 3) }

func leavesBelow(n int, ctx context.Context, wg *sync.WaitGroup, s Store) { // want leavesBelow:"outlives:10"
	mayLeave(ctx, wg, s)
}

func leavesByValue(ctx context.Context, wg *sync.WaitGroup, s Store) { // want leavesByValue:"outlives:1"
	f := mayLeave
	f(ctx, wg, s)
}

func leavesByField(ctx context.Context, wg *sync.WaitGroup, s Store) { // want leavesByField:"outlives:1"
	f := struct {
		do func(context.Context, *sync.WaitGroup, Store)
	}{do: mayLeave}
	f.do(ctx, wg, s)
}

func leavesByEither(ctx context.Context, wg *sync.WaitGroup, s Store) { // want leavesByEither:"outlives:1"
	f := func(context.Context, *sync.WaitGroup, Store) {}
	if s != nil {
		f = mayLeave
	}
	f(ctx, wg, s)
}

func leavesOwn(ctx context.Context, wg *sync.WaitGroup, s Store) { // its own cancel ends the task
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	mayLeave(ctx, wg, s)
}

// The contexts that a function gives may follow one of those that it is given.

func copyValue(from, to context.Context) context.Context { // want copyValue:"follows:10"
	return context.WithValue(to, "k", from.Value("k"))
}

func firstOf(a, b context.Context) context.Context { // want firstOf:"inert:11 follows:1"
	return a
}

func eitherOf(a, b context.Context, which bool) context.Context { // want eitherOf:"inert:11"
	if which {
		return b
	}
	return a
}

// One that is heard of ends it as well.
func endedByBoth(ctx, stop context.Context) context.Context { // want endedByBoth:"inert:11 ends:10"
	ctx, cancel := context.WithCancel(ctx)
	context.AfterFunc(stop, cancel)
	return ctx
}

func endedByTask(ctx, stop context.Context) context.Context { // want endedByTask:"inert:11"
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-stop.Done()
		cancel()
	}()
	return ctx
}
