// Package queues has workers that take items out of queues.
package queues

import (
	"context"
	"log/slog"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type element struct {
	ctx context.Context
	id  string
}

type Service struct {
	store  Store
	tracer trace.Tracer
	queue  interface {
		Read(ctx context.Context) (context.Context, string, bool)
	}
	jobs    chan *job
	batches chan batch
	plain   chan string
	beats   chan struct{}
	closed  chan struct{}
}

// The element has a context, and the worker does not use it.
func (s *Service) root(ctx context.Context, elements chan element) {
	go func() {
		for e := range elements {
			s.store.Save(context.Background(), e.id) // want `worker loses the context of e: context.Background\(\) is passed to s.store.Save; use e.ctx`
		}
	}()
}

// The worker uses its own context instead of the element's.
func (s *Service) own(ctx context.Context, elements chan element) {
	go func() {
		for e := range elements {
			s.store.Save(ctx, e.id) // want `worker loses the context of e: ctx is passed to s.store.Save; use e.ctx`
		}
	}()
}

func (s *Service) selects(ctx context.Context, elements chan element) {
	for {
		select {
		case e := <-elements:
			s.store.Save(ctx, e.id) // want `worker loses the context of e: ctx is passed to s.store.Save; use e.ctx`
		case <-ctx.Done():
			return
		}
	}
}

// The read gives the item's context, and it is dropped.
func (s *Service) dropped() {
	go func() {
		for {
			_, id, ok := s.queue.Read(context.Background())
			if !ok {
				return
			}
			s.store.Save(context.Background(), id) // want `worker loses the context of id: context.Background\(\) is passed to s.store.Save; use the context that s.queue.Read returns`
		}
	}()
}

func (s *Service) used() {
	go func() {
		for {
			ctx, id, ok := s.queue.Read(context.Background())
			if !ok {
				return
			}
			s.store.Save(ctx, id)
		}
	}()
}

func (s *Service) usesElements(elements chan element) {
	for e := range elements {
		s.store.Save(e.ctx, e.id)
	}
}

// The element's span is linked to: a decision.
func (s *Service) links(ctx context.Context, elements chan element) {
	for e := range elements {
		ctx, span := s.tracer.Start(ctx, "element", trace.WithLinks(trace.LinkFromContext(e.ctx)))
		s.store.Save(ctx, e.id)
		span.End()
	}
}

// Who is given the whole element has its context too.
func (s *Service) whole(ctx context.Context, elements chan element) {
	for e := range elements {
		s.handle(ctx, e)
	}
}

func (s *Service) handle(ctx context.Context, e element) { s.store.Save(e.ctx, e.id) }

// A job could bring a context: there is one wherever jobs are sent.
type job struct{ id string }

func (s *Service) Enqueue(ctx context.Context, id string) {
	slog.InfoContext(ctx, "queued")
	s.jobs <- &job{id}
}

func (s *Service) work() {
	for j := range s.jobs {
		s.store.Save(context.Background(), j.id) // want `worker loses the context that sent j: context.Background\(\) is passed to s.store.Save; store context.WithoutCancel\(ctx\) in the item`
	}
}

// What is left in the queue at the end is another place of the same loss.
func (s *Service) drain() {
	for j := range s.jobs {
		s.store.Save(context.Background(), j.id)
	}
}

// What is done with an item starts its own root.
type note struct{ id string }

type Notes struct {
	s     Store
	notes chan note
}

func (n *Notes) Add(ctx context.Context, id string) { n.notes <- note{id} }

func (n *Notes) work() {
	for x := range n.notes {
		n.save(x) // want `worker loses the context that sent x: n.save creates its own context.TODO\(\); store context.WithoutCancel\(ctx\) in the item`
	}
}

func (n *Notes) save(x note) { n.s.Save(context.TODO(), x.id) }

// Not every batch is sent by somebody who has a context.
type batch struct{ ids []string }

func (s *Service) Add(ctx context.Context, b batch) { s.batches <- b }
func (s *Service) Flush()                           { s.batches <- batch{} }

func (s *Service) flushes() {
	for b := range s.batches {
		s.store.Save(context.Background(), b.ids[0])
	}
}

// A beat is nobody's work.
func (s *Service) Beat(ctx context.Context) { s.beats <- struct{}{} }

func (s *Service) beat() {
	for range s.beats {
		s.store.Save(context.Background(), "beat")
	}
}

// A function in an item is called for whoever has sent that.

type command struct {
	ctx   context.Context
	apply func(ctx context.Context, r *room) error
	reply chan error
}

type room struct {
	cmds  chan command
	store Store
}

func (r *room) loop(quit chan struct{}) {
	for {
		select {
		case <-quit:
			return
		case c := <-r.cmds:
			c.reply <- c.apply(context.Background(), r) // want `worker loses the context of c: context.Background\(\) is passed to c.apply; use c.ctx`
		}
	}
}

func (r *room) do(ctx context.Context, apply func(context.Context, *room) error) error {
	c := command{ctx: ctx, apply: apply, reply: make(chan error, 1)}
	r.cmds <- c
	return <-c.reply
}
