// Package silent has roots that are right, or of which nobody can tell.
package silent

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
	Watch(ctx context.Context) <-chan string
}

// No context, no loss.
func none(s Store) { s.Save(context.Background(), "a") }

func guard(ctx context.Context, s Store) {
	if ctx == nil {
		ctx = context.Background()
	}
	s.Save(ctx, "a")
}

// What a task loses, lostgo reports.
func task(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a")
	go func() {
		s.Save(context.Background(), "b")
	}()
}

// Labels are taken away with a context that has none.
func unlabel(ctx context.Context, s Store) {
	pprof.SetGoroutineLabels(ctx)
	defer pprof.SetGoroutineLabels(context.Background())
	s.Save(ctx, "a")
}

func unlabelBelow(ctx context.Context, s Store) {
	pprof.SetGoroutineLabels(ctx)
	defer clearLabels()
	s.Save(ctx, "a")
}

func clearLabels() { pprof.SetGoroutineLabels(context.Background()) }

// Only the end is waited for.
func waits(ctx context.Context) {
	exec.CommandContext(context.Background(), "true").Run()
	<-context.Background().Done()
}

func logs(ctx context.Context) { slog.InfoContext(context.Background(), "placed") }

// The caller's span goes along, or is linked to.
func span(ctx context.Context, s Store) {
	s.Save(trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx)), "a")
}

func link(ctx context.Context, t trace.Tracer, s Store) {
	own, span := t.Start(context.Background(), "save", trace.WithLinks(trace.LinkFromContext(ctx)))
	defer span.End()
	s.Save(own, "a")
}

func detach(ctx context.Context) context.Context {
	return trace.ContextWithSpanContext(context.Background(), trace.SpanContextFromContext(ctx))
}

func detached(ctx context.Context, s Store) { s.Save(detach(ctx), "a") }

// After the end of the context there is only cleaning up.
func serve(ctx context.Context, s Store) {
	<-ctx.Done()
	s.Save(context.Background(), "last")
}

func shutdown(ctx context.Context, srv *http.Server) {
	<-ctx.Done()
	short, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	srv.Shutdown(short)
}

// Each round is work of its own.
func loop(ctx context.Context, s Store) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.Save(context.Background(), "tick")
		}
	}
}

// What is watched goes on when the request is over.
func watch(ctx context.Context, s Store) <-chan string { return s.Watch(context.Background()) }

// A constructor's context is not that of what it makes.
type Service struct {
	s    Store
	once sync.Once
}

func NewService(ctx context.Context, s Store) (*Service, error) {
	return &Service{s: s}, s.Save(context.Background(), "made")
}

func (s *Service) Start(ctx context.Context) error { return s.s.Save(context.Background(), "start") }
func (s *Service) Stop(ctx context.Context) error  { return s.s.Save(context.Background(), "stop") }
func (s *Service) Run(ctx context.Context) error   { return s.s.Save(context.Background(), "run") }

type client struct{ ctx context.Context }

func NewClient(ctx context.Context) *client { return &client{ctx} }

func (c *client) Call(s Store) error { return s.Save(c.ctx, "call") }

// The client keeps the context that it is made with.
func makes(ctx context.Context, s Store) { NewClient(context.Background()).Call(s) }

// The first one works for all.
func (s *Service) Prepare(ctx context.Context) {
	s.once.Do(func() { s.s.Save(context.Background(), "once") })
}

type group struct{ results map[string]any }

func (g *group) Do(key string, f func() (any, error)) (any, error) {
	v, err := f()
	g.results[key] = v
	return v, err
}

// So does a batch, and a cache that loads what it lacks.
func (s *Service) Get(ctx context.Context, g *group, id string) (any, error) {
	return g.Do("get:"+id, func() (any, error) {
		return s.s.Load(context.Background())
	})
}

// What only such a function calls works for all as well.
func (s *Service) Find(ctx context.Context, g *group, id string) (any, error) {
	return g.Do("find:"+id, func() (any, error) {
		return s.find(ctx)
	})
}

func (s *Service) find(ctx context.Context) (string, error) { return s.s.Load(context.Background()) }

// A command line's context is that of the process.
func command(cmd *web.Command, s Store) {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	s.Load(ctx)
	s.Save(context.Background(), "a")
}

// A function value is known not to need one.
func option(ctx context.Context, f func(context.Context) string) string { return f(nil) }

// A literal that is stored runs for somebody else.
type hooks struct{ done func(id string) }

func stores(ctx context.Context, s Store) hooks {
	return hooks{done: func(id string) { s.Save(context.Background(), id) }}
}

func ignored(ctx context.Context, s Store) {
	s.Save(context.Background(), "a") //lostctx:ignore the audit trail has traces of its own
}

// Only who leaves the name out needs a context.
func (s *Service) named(ctx context.Context, name string) string {
	if name == "" {
		name, _ = s.s.Load(ctx)
	}
	return name
}

func names(ctx context.Context, s *Service) string { return s.named(context.Background(), "a") }

// What only a constructor calls is a start-up as well.
func NewRestored(ctx context.Context, s Store) *Service {
	v := &Service{s: s}
	v.restore(ctx)
	return v
}

func (s *Service) restore(ctx context.Context) { s.s.Save(context.Background(), "restored") }

// The context of the literal comes from a root.
func locked(ctx context.Context, f func(ctx context.Context)) { f(ctx) }

func underLock(s Store) {
	locked(context.TODO(), func(ctx context.Context) {
		s.Save(context.TODO(), "a")
	})
}

// A literal that is given a context and has no use for it.
func optionFor(s Store) func(context.Context) {
	return func(_ context.Context) { s.Save(context.Background(), "a") }
}

// What a function returns to be called later runs for whoever calls that, by whatever
// name it has until then.
func (s *Service) partition(ctx context.Context) (cleanup func() error, err error) {
	if err := s.s.Save(ctx, "a"); err != nil {
		return nil, err
	}
	cleanup = func() error { return s.s.Save(context.Background(), "b") }
	release := func() error { return s.s.Save(context.Background(), "c") }
	if s.s == nil {
		return cleanup, nil
	}
	return release, nil
}

// A context whose cancel is kept is the life of what keeps it.
type watcher struct {
	s    Store
	stop context.CancelFunc
}

func (s *Service) watch(ctx context.Context) *watcher {
	life, cancel := context.WithCancel(context.Background())
	s.s.Save(life, "a")
	return &watcher{s.s, cancel}
}

func (w *watcher) restart(ctx context.Context) {
	life, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.s.Save(life, "a")
}

// One that is canceled here is not, nor is one with a limit.
func (s *Service) bounded(ctx context.Context) context.CancelFunc {
	life, cancel := context.WithCancel(context.Background()) // want `context.Background\(\) loses ctx`
	defer cancel()
	s.s.Save(life, "a")
	short, stop := context.WithTimeout(context.Background(), time.Second) // want `context.Background\(\) loses ctx`
	s.s.Save(short, "b")
	return stop
}

// Who asks whether there is a context does without one.
func validate(s Store, id string) error { return validateWith(nil, s, id) }

func validateWith(ctx context.Context, s Store, id string) error {
	if ctx == nil {
		return nil
	}
	return s.Save(ctx, id)
}

func validates(ctx context.Context, s Store) error { return validateWith(nil, s, "a") }

// Who makes a root of it does not.
func saveWith(ctx context.Context, s Store) error {
	if ctx == nil {
		ctx = context.Background()
	}
	return s.Save(ctx, "a")
}

func savesWith(ctx context.Context, s Store) error {
	return saveWith(nil, s) // want `nil loses ctx`
}

// A context that is nil is none.
type query struct{ ctx context.Context }

func (q *query) Context() context.Context        { return q.ctx }
func (q *query) WithContext(ctx context.Context) { q.ctx = ctx }
func (q *query) run(s Store) error               { return s.Save(q.ctx, "a") }

func limited(q *query, op func() error) error {
	if q.Context() == nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer func() {
			cancel()
			q.WithContext(nil)
		}()
		q.WithContext(ctx)
	}
	return op()
}

// The context beside a command is that of the command.
func runs(ctx context.Context, cmd *web.Command, s Store) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	inner := context.WithValue(ctx, query{}, "a")
	if inner.Err() != nil {
		return nil
	}
	return s.Save(context.Background(), "a")
}

// So is the one that commands alone give to what does their work.
type cli struct{ s Store }

func (c *cli) command(cmd *web.Command) error { return c.dump(cmd.Context()) }

func (c *cli) dump(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.s.Save(context.Background(), "a")
}

// A function that waits for the end of its context runs for as long as its caller says, and
// so does what then waits by it.
type daemon struct {
	s       Store
	closers []func()
}

func (d *daemon) wait(ctx context.Context) {
	<-ctx.Done()
	for _, c := range d.closers {
		c()
	}
}

func (d *daemon) up(ctx context.Context) {
	d.s.Save(context.Background(), "up")
	d.wait(ctx)
}

// The context of a handshake is that of a connection: no request has begun.
func certificate(s Store) *tls.Config {
	return &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return nil, s.Save(context.Background(), hello.ServerName)
	}}
}

// A cache that loads what it lacks works for all who ask later.

type Loader interface {
	Load(ctx context.Context, key string) (string, error)
}

type tokens struct {
	mu      sync.RWMutex
	byKey   map[string]string
	token   string
	expires time.Time
	scheme  *string
	l       Loader
}

func (t *tokens) get(ctx context.Context, key string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, ok := t.byKey[key]; ok {
		return v, nil
	}
	v, err := t.l.Load(context.Background(), key)
	if err != nil {
		return "", err
	}
	t.byKey[key] = v
	return v, nil
}

func (t *tokens) current(ctx context.Context) string {
	t.mu.RLock()
	token, expires := t.token, t.expires
	t.mu.RUnlock()
	if time.Until(expires) > time.Minute {
		return token
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, _ = t.l.Load(context.Background(), "token")
	t.expires = time.Now().Add(time.Hour)
	return t.token
}

// By way of functions that take no context, and under the caller's lock.
func (t *tokens) modify(ctx context.Context, host string) error {
	if t.scheme == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.init(host)
	}
	return nil
}

func (t *tokens) init(host string) error {
	if t.scheme != nil {
		return nil
	}
	answer, err := t.l.Load(context.Background(), host)
	if err != nil {
		return err
	}
	scheme := "Bearer " + answer
	t.scheme = &scheme
	return nil
}

type shelf struct{ byKey sync.Map }

func (s *shelf) get(key string) (string, bool) {
	v, ok := s.byKey.Load(key)
	if !ok {
		return "", false
	}
	return v.(string), true
}

func (s *shelf) set(key, value string) { s.byKey.Store(key, value) }

type shelved struct {
	shelf *shelf
	l     Loader
}

func (s *shelved) get(ctx context.Context, key string) (string, error) {
	if v, ok := s.shelf.get(key); ok {
		return v, nil
	}
	v, err := s.l.Load(context.Background(), key)
	if err != nil {
		return "", err
	}
	s.shelf.set(key, v)
	return v, nil
}

// What the garbage collector runs, it runs for nobody.
func leaks(ctx context.Context, s Store, ids []string) any {
	v := &table{}
	runtime.SetFinalizer(v, func(t *table) {
		each(ids, func(id string) { s.Save(context.TODO(), id) })
	})
	runtime.AddCleanup(v, func(id string) { s.Save(context.TODO(), id) }, "a")
	return v
}

func each(ids []string, do func(id string)) {
	for _, id := range ids {
		do(id)
	}
}
