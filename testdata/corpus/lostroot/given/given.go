// Package given has roots that are given the caller's trace by metadata, segments and options,
// or look so.
package given

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"

	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
	"example.com/corpus/lostspan/tracers"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type service struct{ store Store }

type metadata map[string][]string

func (m metadata) copied() metadata { return m }

type key struct{}

func incoming(ctx context.Context) (metadata, bool) {
	m, ok := ctx.Value(key{}).(metadata)
	return m, ok
}

func outgoing(ctx context.Context, m metadata) context.Context {
	return context.WithValue(ctx, key{}, m)
}

func join(ms ...metadata) metadata { return ms[0] }

// The metadata of the request.

func (s *service) copies(ctx context.Context) error {
	m, _ := incoming(ctx)
	return s.store.Save(outgoing(context.Background(), m.copied()), "a")
}

func (s *service) joins(ctx context.Context) error {
	m, ok := incoming(ctx)
	if !ok {
		m = metadata{}
	}
	more := join(m, metadata{"id": nil})
	return s.store.Save(outgoing(context.Background(), more), "a")
}

func (s *service) tokens(ctx context.Context) error {
	return s.store.Save(outgoing(context.Background(), metadata{"token": nil}), "a") // want `context.Background\(\) loses ctx`
}

// A segment is a part of a trace, though it ends by Close.

func detach(ctx context.Context) context.Context {
	return context.WithValue(context.Background(), key{}, tracers.PartOf(ctx))
}

func (s *service) segments(ctx context.Context) error { return s.store.Save(detach(ctx), "a") }

// What a propagator writes to is not the caller's trace.

type carrier interface {
	Get(key string) string
	Set(key, value string)
	Keys() []string
}

type headers http.Header

func (h headers) Get(key string) string { return "" }
func (h headers) Set(key, value string) {}
func (h headers) Keys() []string        { return nil }

type propagator interface {
	Inject(ctx context.Context, c carrier)
	Extract(ctx context.Context, c carrier) context.Context
}

func (s *service) injects(ctx context.Context, p propagator, h http.Header) {
	p.Inject(context.Background(), headers(h)) // want `context.Background\(\) loses ctx`
}

func (s *service) extracts(ctx context.Context, p propagator, h http.Header) error {
	return s.store.Save(p.Extract(context.Background(), headers(h)), "a")
}

// The handler of a stream: what comes before its loop is for whoever opened it.

type stream interface {
	Context() context.Context
	SendMsg(m any) error
	RecvMsg(m any) error
}

func (s *service) stream(in stream) error {
	s.store.Save(context.Background(), "opened") // want `context.Background\(\) loses in.Context\(\)`
	for {
		var m string
		if err := in.RecvMsg(&m); err != nil {
			return err
		}
		s.store.Save(context.Background(), m)
	}
}

// Of a context that has been canceled on every path, the clean-up can only have the values.

func (s *service) unsubscribes(ctx context.Context, stop chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.store.Save(ctx, "subscribe"); err != nil {
		return err
	}
	<-stop
	cancel()
	return s.store.Save(context.TODO(), "unsubscribe") // want `context.TODO\(\) loses ctx: .*; pass context.WithoutCancel\(ctx\) to keep its values`
}

func (s *service) resubscribes(ctx context.Context, again bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !again {
		cancel()
		return nil
	}
	return s.store.Save(context.TODO(), "subscribe") // want `context.TODO\(\) loses ctx: .*; pass ctx`
}

// A tracer that is made when it is first asked for is everybody's.

type exporter struct{ addr string }

func connect(ctx context.Context, s Store, addr string) (*exporter, error) {
	return &exporter{addr}, s.Save(ctx, addr)
}

var (
	once   sync.Once
	shared *exporter
	last   *exporter
)

func setUp(ctx context.Context, s Store, addr string) (err error) {
	once.Do(func() { shared, err = connect(ctx, s, addr) })
	return err
}

func remember(ctx context.Context, s Store, addr string) (err error) {
	last, err = connect(ctx, s, addr)
	return err
}

func exporterFor(s Store) *exporter {
	if shared == nil {
		if err := setUp(context.Background(), s, "default"); err != nil {
			panic(err)
		}
	}
	return shared
}

func (s *service) exports(ctx context.Context) string {
	if shared == nil {
		if err := setUp(context.Background(), s.store, "other"); err != nil {
			return ""
		}
	}
	if last == nil {
		_ = remember(context.Background(), s.store, "other") // want `context.Background\(\) loses ctx`
	}
	return exporterFor(s.store).addr
}

// What a handler does when it has made a connection of the request is for that.

func (s *service) socket(w http.ResponseWriter, r *http.Request) {
	_ = s.store.Save(context.Background(), "asked") // want `context.Background\(\) loses r.Context\(\)`
	c, err := web.Accept(w, r)
	if err != nil {
		return
	}
	defer c.Close()
	_ = s.store.Save(context.Background(), "connected")
	id, _ := c.ReadMessage()
	_ = s.store.Save(context.Background(), id)
}

func (s *service) hijacked(w http.ResponseWriter, r *http.Request) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	go s.store.Save(context.Background(), "connected")
	_ = s.store.Save(context.Background(), "connected")
}

func takeOver(w http.ResponseWriter) (net.Conn, error) {
	c, _, err := w.(http.Hijacker).Hijack()
	return c, err
}

func (s *service) takenOver(w http.ResponseWriter, r *http.Request) {
	c, err := takeOver(w)
	if err != nil {
		return
	}
	defer c.Close()
	_ = s.store.Save(context.Background(), "connected")
}

// What listens for signals is the main part of a program, and so is what only that calls.

func run(ctx context.Context, s *service) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if err := s.prepareAll(ctx); err != nil {
		return err
	}
	return s.store.Save(context.Background(), "started")
}

func (s *service) prepareAll(ctx context.Context) error {
	go s.store.Save(context.Background(), "warm")
	return s.store.Save(context.Background(), "prepared")
}

// A thing that is made and kept has a life of its own.

type drivers struct {
	store Store
	of    map[string]web.Driver
}

func (d *drivers) add(ctx context.Context, id string) error {
	made := web.NewDriver(id)
	made.Run(context.Background())
	made.Once(context.Background()) // want `context.Background\(\) loses ctx`
	d.of[id] = made
	return d.store.Save(ctx, id)
}

// After a span has ended, its parent's context is the one to hand on.
func (s *service) afterSpan(ctx context.Context, t trace.Tracer) error {
	first, span := t.Start(ctx, "first")
	err := s.store.Save(first, "a")
	span.End()
	if err != nil {
		return err
	}
	return s.store.Save(context.Background(), "b") // want `context.Background\(\) loses ctx: .*; pass context.WithoutCancel\(ctx\) to keep its values`
}
