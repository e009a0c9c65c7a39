package silent

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/silent/singleflight"
)

// What a service also does in its rounds is for nobody in particular, whoever asks for it.

type archive struct {
	store  Store
	flight singleflight.Group[string, error]
}

func (a *archive) run() {
	for range time.Tick(time.Hour) {
		a.round()
	}
}

func (a *archive) round() { a.prune() }

func (a *archive) prune() { a.store.Save(context.Background(), "old") }

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	go a.prune()
}

// A flight under any import path.
func (a *archive) health(ctx context.Context) error {
	return <-a.flight.DoChan("", func() error {
		return a.store.Save(context.Background(), "health")
	})
}

// What a constructor starts too, without any data, is the service's own, as what is throttled
// for all who ask.

type collector struct {
	store     Store
	throttled func()
}

func newCollector(s Store) *collector {
	c := &collector{store: s}
	c.throttled = throttle(c.collect)
	defer time.AfterFunc(time.Second, c.throttled)
	go c.warm()
	return c
}

func (c *collector) collect() { c.store.Save(context.Background(), "collected") }

func (c *collector) warm() { c.store.Save(context.Background(), "warm") }

func (c *collector) solve(ctx context.Context) {
	defer func() { time.AfterFunc(time.Second, c.throttled) }()
	go c.warm()
	c.store.Save(ctx, "solved")
}

func throttle(f func()) func() {
	var mu sync.Mutex
	var asked bool
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if asked {
			return
		}
		asked = true
		time.AfterFunc(time.Minute, f)
	}
}

// With data it is for whoever gives that.

type auditor struct{ store Store }

func newAuditor(s Store) *auditor {
	a := &auditor{s}
	go a.note("started")
	return a
}

func (a *auditor) note(what string) { a.store.Save(context.Background(), what) }

func (a *auditor) place(ctx context.Context, id string) {
	go a.note("placed " + id) // want `goroutine loses ctx`
}

// Who is refused since there is something under the key shares nothing with who came first.

type holds struct {
	mu     sync.Mutex
	bySeat map[string]bool
	store  Store
}

func (h *holds) hold(ctx context.Context, seat string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bySeat[seat] {
		return errors.New("taken")
	}
	h.bySeat[seat] = true
	time.AfterFunc(time.Minute, func() { h.store.Save(context.Background(), seat) }) // want `task of time.AfterFunc loses ctx`
	return nil
}

func (h *holds) once(ctx context.Context, seat string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bySeat[seat] {
		return nil
	}
	h.bySeat[seat] = true
	time.AfterFunc(time.Minute, func() { h.store.Save(context.Background(), seat) })
	return nil
}
