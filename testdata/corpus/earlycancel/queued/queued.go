// Package queued has contexts that are sent to workers in the elements of a queue.
package queued

import (
	"context"
	"net/http"
	"sync"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// Found: the worker works with it when the request is over.

type event struct {
	ctx  context.Context
	name string
	hook func(ctx context.Context, name string) error
}

type Gateway struct {
	events chan event
	s      Store
	wg     sync.WaitGroup
}

func NewGateway() *Gateway {
	g := &Gateway{events: make(chan event, 10)}
	g.wg.Go(g.run)
	return g
}

func (g *Gateway) Close() {
	close(g.events)
	g.wg.Wait()
}

func (g *Gateway) run() {
	for e := range g.events {
		e.hook(e.ctx, e.name)
		g.s.Save(e.ctx, e.name)
	}
}

func (g *Gateway) publish(ctx context.Context, name string) { g.events <- event{ctx: ctx, name: name} }

func (g *Gateway) try(ctx context.Context, name string) {
	select {
	case g.events <- event{ctx: ctx, name: name}:
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

func (g *Gateway) detached(ctx context.Context, name string) {
	e := event{name: name}
	e.ctx = context.WithoutCancel(ctx)
	g.events <- e
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.publish(r.Context(), "a") // want `a goroutine that queued.\(\*Gateway\).publish starts keeps r.Context\(\), which is canceled when the function returns \(the server cancels it\)`
	g.try(r.Context(), "b")     // want `a goroutine that queued.\(\*Gateway\).try starts keeps r.Context\(\)`
	g.detached(r.Context(), "c")
	g.events <- event{ctx: r.Context(), name: "d"} // want `item sent to g.events keeps r.Context\(\), which is canceled when the function returns \(the server cancels it\); pass context.WithoutCancel\(r.Context\(\)\) to keep its values`
	e := event{name: "e"}
	e.ctx = r.Context() // want `item sent to g.events keeps r.Context\(\)`
	g.events <- e
}

func (g *Gateway) withTimeout(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	g.events <- event{ctx: ctx} // want `item sent to g.events keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
}

type mail struct {
	ctx context.Context
	to  string
}

var (
	mails = make(chan *mail, 100)
	store Store
)

func init() {
	go func() {
		for {
			select {
			case m := <-mails:
				send(m)
			}
		}
	}()
}

func send(m *mail) { store.Save(m.ctx, m.to) }

func signUp(w http.ResponseWriter, r *http.Request) {
	mails <- &mail{ctx: r.Context(), to: r.FormValue("to")} // want `item sent to mails keeps r.Context\(\)`
	w.WriteHeader(http.StatusAccepted)
}

func signUpDetached(w http.ResponseWriter, r *http.Request) {
	mails <- &mail{ctx: context.WithoutCancel(r.Context()), to: r.FormValue("to")}
}

// Silent: the sender waits for the answer.

type call struct {
	ctx  context.Context
	done chan error
}

type Server struct {
	calls chan call
	s     Store
}

func (s *Server) loop() {
	for c := range s.calls {
		c.done <- s.s.Save(c.ctx, "a")
	}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{r.Context(), make(chan error, 1)}
	s.calls <- c
	<-c.done
}

type rpc struct {
	ctx context.Context
	id  int
}

type Client struct {
	out     chan rpc
	pending map[int]chan error
	s       Store
}

func (c *Client) loop() {
	for r := range c.out {
		c.pending[r.id] <- c.s.Save(r.ctx, "rpc")
	}
}

func (c *Client) send(ctx context.Context, id int) { c.out <- rpc{ctx, id} }

func (c *Client) await(id int) error { return <-c.pending[id] }

func (c *Client) call(ctx context.Context, id int) error {
	c.out <- rpc{ctx, id}
	return c.await(id)
}

func (c *Client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.send(r.Context(), 1)
	c.await(1)
	c.call(r.Context(), 2)
}

// The worker asks whether anybody still waits.

type query struct {
	ctx context.Context
	id  string
}

type Asker struct {
	queries chan query
	s       Store
}

func (a *Asker) loop() {
	for q := range a.queries {
		if q.ctx.Err() == nil {
			a.s.Save(q.ctx, q.id)
		}
	}
}

func (a *Asker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.queries <- query{r.Context(), "a"}
}

// The worker detaches.

type job struct {
	ctx context.Context
	id  string
}

type Detacher struct {
	jobs chan *job
	s    Store
}

func (d *Detacher) loop() {
	for j := range d.jobs {
		d.s.Save(context.WithoutCancel(j.ctx), j.id)
	}
}

func (d *Detacher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.jobs <- &job{r.Context(), "a"}
}

// The workers are those of one request, which waits for them.

type step struct {
	ctx context.Context
	id  string
}

type batch struct {
	steps chan step
	wg    sync.WaitGroup
	s     Store
}

func (b *batch) loop() {
	for s := range b.steps {
		b.s.Save(s.ctx, s.id)
		b.wg.Done()
	}
}

func (b *batch) add(ctx context.Context, id string) {
	b.wg.Add(1)
	b.steps <- step{ctx, id}
}

func (b *batch) wait() { b.wg.Wait() }

func handle(w http.ResponseWriter, r *http.Request) {
	b := &batch{steps: make(chan step)}
	go b.loop()
	b.add(r.Context(), "a")
	b.add(r.Context(), "b")
	b.wait()
}

// Where nobody hears what is sent back, the worker is not waited for.

type answered struct {
	ctx  context.Context
	id   string
	done chan<- error
}

type counter struct {
	in chan answered
	s  Store
}

func openCounter() *counter {
	c := &counter{in: make(chan answered)}
	go c.serve()
	return c
}

func (c *counter) serve() {
	for a := range c.in {
		a.done <- c.s.Save(a.ctx, a.id)
	}
}

func (c *counter) waits(w http.ResponseWriter, r *http.Request) {
	done := make(chan error, 1)
	c.in <- answered{r.Context(), r.URL.Path, done}
	if err := <-done; err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

func (c *counter) leaves(w http.ResponseWriter, r *http.Request) {
	done := make(chan error, 1)
	c.in <- answered{r.Context(), r.URL.Path, done} // want `item sent to c.in keeps r.Context\(\), which is canceled when the function returns`
}

func (c *counter) hands(w http.ResponseWriter, r *http.Request) {
	done := make(chan error, 1)
	c.in <- answered{r.Context(), r.URL.Path, done}
	hear(done)
}

func hear(done <-chan error) { <-done }
