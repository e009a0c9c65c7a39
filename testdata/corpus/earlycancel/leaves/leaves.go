// Package leaves has spawners that return before their task has ended, in forms of their own,
// and others that wait; and tasks that get their context in a struct.
package leaves

import (
	"context"
	"log"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type app struct {
	store Store
	wg    sync.WaitGroup
	tasks chan func()
	room  sync.Cond
	quit  chan struct{}
}

func (a *app) serve() {
	for task := range a.tasks {
		task()
	}
}

func (a *app) background(name string, fn func()) {
	a.wg.Add(1)
	go func() {
		defer a.wg.Done()
		defer func() {
			if err := recover(); err != nil {
				log.Print(name, err)
			}
		}()
		fn()
	}()
}

func (a *app) later(name string, fn func()) error {
	for {
		select {
		case a.tasks <- fn:
			return nil
		case <-a.quit:
			return http.ErrServerClosed
		}
	}
}

func (a *app) whenThereIsRoom(fn func(), priority int) {
	a.room.Wait()
	a.tasks <- fn
}

func (a *app) run(name string, fn func()) {
	done := make(chan struct{})
	a.tasks <- func() {
		defer close(done)
		fn()
	}
	<-done
}

func (a *app) drain() { a.wg.Wait() }

type promise struct{ done chan struct{} }

func (p *promise) wait() { <-p.done }

func async(name string, fn func()) *promise {
	p := &promise{make(chan struct{})}
	go func() {
		defer close(p.done)
		fn()
	}()
	return p
}

func spawn(wg *sync.WaitGroup, name string, fn func()) {
	wg.Add(1)
	go func() {
		defer wg.Done()
		fn()
	}()
}

func both(first, second func()) {
	go first()
	second()
}

func (a *app) leave(w http.ResponseWriter, r *http.Request) {
	a.background("a", func() { a.store.Save(r.Context(), "a") })           // want `task of leaves.\(\*app\).background keeps r.Context\(\)`
	_ = a.later("b", func() { a.store.Save(r.Context(), "b") })            // want `task of leaves.\(\*app\).later keeps r.Context\(\)`
	a.whenThereIsRoom(func() { a.store.Save(r.Context(), "c") }, 10)       // want `keeps r.Context\(\)`
	_ = async("d", func() { a.store.Save(r.Context(), "d") })              // want `task of leaves.async keeps r.Context\(\)`
	time.AfterFunc(time.Second, func() { a.store.Save(r.Context(), "e") }) // want `keeps r.Context\(\)`
}

func (a *app) waits(w http.ResponseWriter, r *http.Request) {
	a.run("a", func() { a.store.Save(r.Context(), "a") })
	async("b", func() { a.store.Save(r.Context(), "b") }).wait()
	p := async("c", func() { a.store.Save(r.Context(), "c") })
	defer p.wait()
	var wg sync.WaitGroup
	spawn(&wg, "d", func() { a.store.Save(r.Context(), "d") })
	wg.Wait()
	done := make(chan struct{})
	both(func() { a.store.Save(r.Context(), "e"); close(done) }, func() { <-done })
}

func (a *app) waitsByOwner(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	a.background("a", func() { a.store.Save(ctx, "a") })
	a.drain()
}

func (a *app) leavesToOwner(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	a.background("a", func() { a.store.Save(ctx, "a") }) // want `keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
}

// A context in a struct, whose method the task is, or that it is given.

type visit struct {
	ctx   context.Context
	store Store
}

func (v *visit) file() { v.inner() }

func (v *visit) inner() { v.store.Save(v.ctx, "visit") }

type waited struct {
	ctx   context.Context
	store Store
	done  chan struct{}
}

func (v *waited) signal() {
	defer close(v.done)
	v.store.Save(v.ctx, "visit")
}

func (v *visit) poll() {
	for {
		select {
		case <-v.ctx.Done():
			return
		case <-time.After(time.Second):
			v.store.Save(v.ctx, "poll")
		}
	}
}

func file(v *visit) { v.store.Save(v.ctx, "visit") }

func (a *app) visits(w http.ResponseWriter, r *http.Request) {
	v := &visit{ctx: r.Context(), store: a.store}
	go v.file() // want `goroutine keeps r.Context\(\), which is canceled`
	t := visit{r.Context(), a.store}
	go func() { // want `goroutine keeps r.Context\(\), which is canceled`
		t.file()
	}()
	a.background("a", v.file) // want `keeps r.Context\(\), which is canceled`
}

func (a *app) visitSetLater(w http.ResponseWriter, r *http.Request) {
	v := &visit{store: a.store}
	v.ctx = r.Context()
	go file(v) // want `goroutine keeps r.Context\(\), which is canceled`
}

func (a *app) visitsRight(w http.ResponseWriter, r *http.Request) {
	v := &visit{ctx: context.WithoutCancel(r.Context()), store: a.store}
	go v.file()
	u := &waited{ctx: r.Context(), store: a.store, done: make(chan struct{})}
	go u.signal()
	<-u.done
	p := &visit{ctx: r.Context(), store: a.store}
	go p.poll() // it goes on until the request ends, on purpose
}

// What a framework takes back must not be asked for anything later.
func (a *app) takenBack(c *web.ServedFiber) {
	go func() { // want `goroutine keeps c.UserContext\(\), which the server reuses for another request`
		a.store.Save(c.UserContext(), "a")
	}()
	ctx := c.UserContext()
	go func() { a.store.Save(ctx, "b") }()
}

// The server of an RPC cancels the context when its interceptors have returned.
func (a *app) intercept(ctx context.Context, req any, method *string, handler func(context.Context, any) (any, error)) (any, error) {
	go a.store.Save(ctx, *method) // want `the RPC server cancels it`
	return handler(ctx, req)
}
