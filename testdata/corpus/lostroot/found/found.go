// Package found has roots that lose the caller's context on its own goroutine.
package found

import (
	"context"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
}

func background(ctx context.Context, s Store) {
	s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: it is passed to found.Store.Save; pass context.WithoutCancel\(ctx\) to keep its values`
}

func todo(ctx context.Context, s Store) {
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx: `
}

func null(ctx context.Context, s Store) {
	s.Save(nil, "a") // want `nil loses ctx: `
}

func withTimeout(ctx context.Context, s Store) {
	short, cancel := context.WithTimeout(context.Background(), time.Second) // want `context.Background\(\) loses ctx: it is passed to found.Store.Save`
	defer cancel()
	s.Save(short, "a")
}

// One root is one finding.
func twice(ctx context.Context, s Store) {
	detached := context.Background() // want `context.Background\(\) loses ctx: it is passed to found.Store.Save`
	s.Save(detached, "a")
	s.Load(detached)
}

func deferred(ctx context.Context, s Store) {
	defer s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: `
	s.Load(ctx)
}

func deferredLiteral(ctx context.Context, s Store) (err error) {
	defer func() {
		if err != nil {
			s.Save(context.Background(), "rollback") // want `context.Background\(\) loses ctx: `
		}
	}()
	_, err = s.Load(ctx)
	return err
}

func blank(_ context.Context, s Store) {
	s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: `
}

func request(w http.ResponseWriter, r *http.Request, s Store) {
	s.Save(context.Background(), r.URL.Path) // want `context.Background\(\) loses r.Context\(\): `
}

func hidden(ctx context.Context, client *http.Client, req *http.Request) {
	client.Do(req.WithContext(context.Background())) // want `context.Background\(\) loses ctx: it is passed to http.\(\*Request\).WithContext`
}

// The root of an own helper.
func fresh() context.Context { return context.Background() }

func helper(ctx context.Context, s Store) {
	s.Save(fresh(), "a") // want `found.fresh\(\) loses ctx: `
}

var everybody = context.Background()

func packageVariable(ctx context.Context, s Store) {
	s.Save(everybody, "a") // want `everybody loses ctx: `
}

type userKey struct{}

// A plain value is no trace.
func withValue(ctx context.Context, s Store) {
	s.Save(context.WithValue(context.Background(), userKey{}, "u"), "a") // want `context.Background\(\) loses ctx: `
}

// Nor is a span that starts here.
func startsSpan(ctx context.Context, t trace.Tracer, s Store) {
	own, span := t.Start(context.Background(), "save") // want `context.Background\(\) loses ctx: it is passed to trace.Tracer.Start`
	defer span.End()
	s.Save(own, "a")
}

// The parameter is replaced for all that follows.
func replaced(ctx context.Context, s Store) {
	ctx = context.Background() // want `context.Background\(\) loses ctx, which it replaces from here on; pass context.WithoutCancel\(ctx\) to keep its values`
	s.Save(ctx, "a")
	s.Load(ctx)
}

func replacedWithTimeout(ctx context.Context, s Store) {
	ctx, cancel := context.WithTimeout(context.TODO(), time.Second) // want `context.TODO\(\) loses ctx, which it replaces`
	defer cancel()
	s.Save(ctx, "a")
}

// A callee looks at its parameter, and so its caller's is lost.
func save(ctx context.Context, s Store) error { return s.Save(ctx, "a") }

func callee(ctx context.Context, s Store) {
	save(context.Background(), s) // want `context.Background\(\) loses ctx: it is passed to found.save`
}

// A literal in place runs for the function around it.
func inPlace(ctx context.Context, s Store) {
	func() {
		s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: `
	}()
	each(func() {
		s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: `
	})
}

func each(f func()) { f() }

// A task with a context of its own loses that.
func ownContext(run func(func(ctx context.Context)), s Store) {
	run(func(ctx context.Context) {
		s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: `
	})
}

// A method of that name does work, unlike a constructor.
type bucket struct{ s Store }

type reader struct{ id string }

func (b *bucket) NewReader(ctx context.Context, id string) (*reader, error) {
	return &reader{id}, b.s.Save(ctx, id)
}

func reads(ctx context.Context, b *bucket) {
	b.NewReader(context.Background(), "a") // want `context.Background\(\) loses ctx: it is passed to found.\(\*bucket\).NewReader`
}

// A handler that waits for the end of its request is one of that.
func (h *pollHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	h.s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
	<-ctx.Done()
}

type pollHandler struct{ s Store }

// Who waits beside other work for another context is no daemon.
func (h *pollHandler) both(ctx, life context.Context) {
	h.s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
	<-life.Done()
}

// What is loaded under a lock is loaded for the caller, unless it is kept where it was looked for.

type Loader interface {
	Load(ctx context.Context, key string) (string, error)
}

type loads struct {
	mu     sync.Mutex
	closed bool
	last   string
	seen   map[string]int
	l      Loader
}

func (l *loads) notKept(ctx context.Context, key string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return "", nil
	}
	return l.l.Load(context.Background(), key) // want `context.Background\(\) loses ctx`
}

func (l *loads) notAsked(ctx context.Context, key string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return "", nil
	}
	v, err := l.l.Load(context.Background(), key) // want `context.Background\(\) loses ctx`
	l.last = v
	return v, err
}

func (l *loads) counted(ctx context.Context, key string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[key] > 10 {
		return "", nil
	}
	v, err := l.l.Load(context.Background(), key) // want `context.Background\(\) loses ctx`
	l.seen[v]++
	return v, err
}

type once struct {
	value string
	l     Loader
}

// Without a lock it is the caller's own.
func (o *once) load(ctx context.Context) (string, error) {
	if o.value != "" {
		return o.value, nil
	}
	v, err := o.l.Load(context.Background(), "a") // want `context.Background\(\) loses ctx`
	o.value = v
	return v, err
}

// A variable of the package is one root in a function, however often that uses it.
var noContext = context.Background()

func details(ctx context.Context, s Store) {
	s.Save(noContext, "a") // want `noContext loses ctx`
	s.Save(noContext, "b")
	func() { s.Save(noContext, "c") }()
}

func moreDetails(ctx context.Context, s Store) {
	s.Save(noContext, "a") // want `noContext loses ctx`
}

// A chain of look-ups in one repository keeps nothing, and an error that comes back is none of
// what was looked for.

type repo struct {
	mu sync.Mutex
	by Loader
}

func (r *repo) Order(ctx context.Context, id string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	customer, err := r.by.Load(ctx, id)
	if err != nil {
		return "", err
	}
	address, err := r.by.Load(context.Background(), customer) // want `context.Background\(\) loses ctx`
	if err != nil {
		return "", err
	}
	return r.by.Load(ctx, address)
}
