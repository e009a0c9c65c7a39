// Package units has units of work, which are put into queues with the context of whoever asks
// for them, and things that only look so.
package units

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

var store Store

// A job has methods, and is a unit of work nevertheless.
type job struct {
	ctx context.Context
	id  string
}

func (j *job) name() string { return j.id }

func (j *job) run() error {
	return store.Save(context.Background(), j.id) // want `context.Background\(\) loses j.ctx`
}

type Pool struct {
	jobs    chan *job
	workers chan *worker
	clients map[*client]bool
	joining chan *client
}

func (p *Pool) Submit(ctx context.Context, id string) { p.jobs <- &job{ctx, id} }

func (p *Pool) loop() {
	for j := range p.jobs {
		if err := j.run(); err != nil {
			p.report(j)
		}
	}
}

func (p *Pool) report(j *job) {
	store.Save(context.TODO(), "failed: "+j.name()) // want `context.TODO\(\) loses j.ctx`
}

// Its context is that of the pool's life.
type worker struct {
	ctx context.Context
	id  string
}

func (p *Pool) Start(ctx context.Context) {
	p.workers <- &worker{ctx, "first"}
	go p.spawn()
}

func (p *Pool) spawn() {
	for w := range p.workers {
		w.round()
	}
}

func (w *worker) round() { store.Save(context.Background(), w.id) }

// It is kept: a connection.
type client struct {
	ctx context.Context
	id  string
}

func (p *Pool) Join(ctx context.Context, id string) { p.joining <- &client{ctx, id} }

func (p *Pool) serve() {
	for c := range p.joining {
		p.clients[c] = true
	}
}

func (c *client) receive(msg string) { store.Save(context.Background(), msg) }

// It may have none: there is nothing to write then.
type note struct {
	ctx context.Context
	id  string
}

type Notes struct{ in chan *note }

func (n *Notes) Put(ctx context.Context, id string) { n.in <- &note{ctx, id} }

func (n *Notes) Bare(id string) { n.in <- &note{id: id} }

func (n *Notes) loop() {
	for got := range n.in {
		got.save()
	}
}

func (n *note) save() {
	store.Save(context.Background(), n.id) // want `context.Background\(\) loses n.ctx`
}
