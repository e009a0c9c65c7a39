// Package others has work that belongs to all who come, or to a connection.
package others

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"example.com/corpus/lostgo/meta"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type shard struct{ id string }

type lazy struct {
	mu     sync.Mutex
	loaded bool
	shard  *shard
	s      Store
}

func open(ctx context.Context, s Store) (*shard, error) { return &shard{}, s.Save(ctx, "open") }

func (l *lazy) Load(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.loaded {
		return nil
	}
	sh, err := open(ctx, l.s)
	if err != nil {
		return err
	}
	l.shard = sh
	l.loaded = true
	return nil
}

func (l *lazy) mustLoad() { l.mustLoadWith(context.Background()) }

func (l *lazy) mustLoadWith(ctx context.Context) {
	if err := l.Load(ctx); err != nil {
		panic(err)
	}
}

func (l *lazy) Store() string { l.mustLoad(); return l.shard.id }

// What is loaded once is for all who ask later, though it is asked for by a context that is not theirs.
func use(ctx context.Context, l *lazy) string { return l.Store() }

type domains struct {
	mu   sync.Mutex
	all  atomic.Value
	last time.Time
	s    Store
}

func (d *domains) Get(name string) (string, error) {
	if v, ok := d.all.Load().(map[string]string)[name]; ok {
		return v, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.refreshLocked(); err != nil {
		return "", err
	}
	return d.all.Load().(map[string]string)[name], nil
}

func (d *domains) refreshLocked() error {
	now := time.Now()
	if now.Sub(d.last) < time.Second {
		return nil
	}
	m := map[string]string{}
	if err := d.s.Save(context.Background(), "list"); err != nil {
		return err
	}
	d.all.Store(m)
	d.last = now
	return nil
}

func find(ctx context.Context, d *domains) (string, error) { return d.Get("x") }

type order struct {
	mu   sync.Mutex
	sent bool
	s    Store
}

func (o *order) Send() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent {
		return nil
	}
	if err := o.s.Save(context.Background(), "sent"); err != nil {
		return err
	}
	o.sent = true
	return nil
}

// That something is done once, and noted, is no more than that.
func send(ctx context.Context, o *order) error { return o.Send() } // want `call loses ctx: others.\(\*order\).Send creates its own`

// A wait that stands in a function of its own.

type worker struct {
	s     Store
	every time.Duration
}

func (w *worker) serve(ctx context.Context, done chan struct{}) {
	for {
		if err := w.s.Save(ctx, "acquire"); err != nil {
			if !sleep(ctx, done, w.every) {
				return
			}
			continue
		}
		w.release()
		if !sleep(ctx, done, w.every) {
			return
		}
	}
}

func (w *worker) release() { w.s.Save(context.Background(), "release") }

func sleep(ctx context.Context, done chan struct{}, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-done:
		return false
	case <-time.After(d):
		return true
	}
}

// One that does something beside does not only wait.
func (w *worker) tries(ctx context.Context, done chan struct{}) {
	for {
		if w.attempt(ctx, done) {
			return
		}
		w.release() // want `call loses ctx`
	}
}

func (w *worker) attempt(ctx context.Context, done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return w.s.Save(ctx, "attempt") == nil
	}
}

// A loop over a connection, by a flag.

func (w *worker) handle(ctx context.Context, conn net.Conn) {
	for ok := true; ok; {
		ok = w.dispatch(conn)
	}
	w.release()
}

func (w *worker) dispatch(conn net.Conn) bool {
	b := make([]byte, 1)
	_, err := conn.Read(b)
	if err == nil {
		w.s.Save(context.Background(), string(b))
	}
	return err == nil
}

// A registry keeps what it is given as a value of any type.

type registry interface{ Register(name string, fn any) }

func (w *worker) jobs(r registry) {
	r.Register("save", func(id string) error { return w.s.Save(context.Background(), id) })
}

func begin(ctx context.Context, w *worker, r registry) { w.jobs(r) }

// What is only given to who makes a thing is the thing's own work.

func begun(w *worker) *meta.Rounds { return meta.NewRounds(w.round) }

func (w *worker) round(ctx context.Context) error {
	w.release()
	return w.s.Save(ctx, "round")
}

func retried(ctx context.Context, w *worker) error { return meta.Retry(ctx, w.once) }

func (w *worker) once(ctx context.Context) error {
	w.note() // want `call loses ctx`
	return w.s.Save(ctx, "once")
}

func (w *worker) note() { w.s.Save(context.Background(), "note") }

// Functions for a request are no hooks of anybody's life, with or without one that is.

type filter struct {
	OnStart    func(context.Context) error
	OnStop     func(context.Context) error
	OnRequest  func(context.Context) error
	OnResponse func(context.Context) error
}

func filters(w *worker) filter {
	return filter{OnRequest: func(ctx context.Context) error {
		w.mark() // want `call loses ctx`
		return w.s.Save(ctx, "request")
	}}
}

func (w *worker) mark() { w.s.Save(context.Background(), "mark") }

type visit struct {
	OnStart func(context.Context) error
	OnLeave func(context.Context) error
}

func visits(w *worker) visit {
	return visit{OnStart: func(ctx context.Context) error {
		w.greet() // want `call loses ctx`
		return w.s.Save(ctx, "start")
	}}
}

func (w *worker) greet() { w.s.Save(context.Background(), "greet") }

// What is looked for, and filled in, may be so by methods of the cache itself.

type entry struct{ id string }

type names struct {
	mu     sync.Mutex
	lock   sync.RWMutex
	byName map[string]*entry
	s      Store
}

func (r *names) get(name string) (*entry, bool) {
	r.lock.RLock()
	defer r.lock.RUnlock()
	n, ok := r.byName[name]
	return n, ok
}

func (r *names) update(n *entry) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.byName[n.id] = n
}

func (r *names) read(name string) (*entry, error) {
	return &entry{name}, r.s.Save(context.Background(), name)
}

func (r *names) readThrough(name string) (*entry, error) {
	if n, ok := r.get(name); ok {
		return n, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n, ok := r.get(name); ok {
		return n, nil
	}
	n, err := r.read(name)
	if err != nil {
		return nil, err
	}
	r.update(n)
	return n, nil
}

func (r *names) reload(name string) error {
	n, err := r.read(name)
	if err == nil {
		r.update(n)
	}
	return err
}

func byName(ctx context.Context, r *names, name string) (*entry, error) {
	if name == "" {
		return nil, r.reload(name) // want `call loses ctx`
	}
	return r.readThrough(name)
}

// A promise is kept by whoever comes first.

type promise struct {
	done chan struct{}
	err  error
}

type promises struct {
	byKey sync.Map
	s     Store
}

func (p *promises) first(key string, load func() error) *promise {
	mine := &promise{done: make(chan struct{})}
	got, loaded := p.byKey.LoadOrStore(key, mine)
	if !loaded {
		mine.err = load()
		close(mine.done)
	}
	return got.(*promise)
}

func (p *promises) load(key string) *promise {
	load := func() error { return p.s.Save(context.Background(), key) }
	return p.first(key, load)
}

func (p *promises) each(key string, load func() error) *promise {
	got, loaded := p.byKey.LoadOrStore(key, &promise{err: load()})
	if loaded {
		return got.(*promise)
	}
	return nil
}

func (p *promises) loadEach(key string) *promise {
	load := func() error { return p.s.Save(context.Background(), key) }
	return p.each(key, load)
}

func promised(ctx context.Context, p *promises, key string) error {
	p.loadEach(key) // want `call loses ctx`
	got := p.load(key)
	select {
	case <-got.done:
		return got.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
