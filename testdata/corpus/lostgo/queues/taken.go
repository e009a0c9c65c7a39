package queues

import (
	"container/heap"
	"container/list"
	"context"
	"log/slog"
	"sync"
	"time"
)

// Items are taken out of lists, too.

type letter struct {
	ctx context.Context
	to  string
}

type Post struct {
	store Store
	mu    sync.Mutex
	box   []letter
	wake  chan struct{}
}

func (p *Post) Add(ctx context.Context, to string) {
	p.mu.Lock()
	p.box = append(p.box, letter{ctx, to})
	p.mu.Unlock()
	p.wake <- struct{}{}
}

func (p *Post) deliver() {
	for range p.wake {
		p.mu.Lock()
		next := p.box[0]
		p.box = p.box[1:]
		p.mu.Unlock()
		p.store.Save(context.Background(), next.to) // want `worker loses the context of next: context.Background\(\) is passed to p.store.Save; use next.ctx`
	}
}

func (p *Post) flush() {
	p.mu.Lock()
	box := p.box
	p.box = nil
	p.mu.Unlock()
	for _, next := range box {
		p.store.Save(context.Background(), next.to) // want `worker loses the context of next: context.Background\(\) is passed to p.store.Save; use next.ctx`
	}
}

func (p *Post) run() {
	for range time.Tick(time.Second) {
		p.flush()
	}
}

type parcel struct {
	ctx context.Context
	to  string
}

type Depot struct {
	store   Store
	parcels list.List
}

func (d *Depot) Add(ctx context.Context, to string) { d.parcels.PushBack(&parcel{ctx, to}) }

func (d *Depot) next() *parcel {
	first := d.parcels.Front()
	if first == nil {
		return nil
	}
	return d.parcels.Remove(first).(*parcel)
}

func (d *Depot) run() {
	for {
		next := d.next()
		if next == nil {
			time.Sleep(time.Second)
			continue
		}
		d.store.Save(context.Background(), next.to) // want `use next.ctx`
	}
}

type due struct {
	ctx context.Context
	at  time.Time
	to  string
}

type dues []*due

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(*due)) }

func (d *dues) Pop() any {
	old := *d
	last := old[len(old)-1]
	*d = old[:len(old)-1]
	return last
}

type Timer struct {
	store Store
	dues  dues
}

func (t *Timer) Add(ctx context.Context, at time.Time, to string) {
	heap.Push(&t.dues, &due{ctx, at, to})
}

func (t *Timer) run() {
	for range time.Tick(time.Second) {
		next := heap.Pop(&t.dues).(*due)
		go t.store.Save(context.Background(), next.to) // want `use next.ctx`
	}
}

// All of a batch are saved at once, and belong to no one of them.
func (p *Post) flushAll() {
	box := p.box
	p.box = nil
	var all string
	for _, next := range box {
		all += next.to
	}
	p.store.Save(context.Background(), all)
}

// What is kept is a thing, with a life.

type session struct {
	ctx context.Context
	id  string
}

type Sessions struct {
	store Store
	open  []*session
}

func (s *Sessions) Add(ctx context.Context, id string) *session {
	got := &session{ctx, id}
	s.open = append(s.open, got)
	return got
}

func (s *Sessions) Remove(id string) {
	for i, o := range s.open {
		if o.id == id {
			s.open = append(s.open[:i], s.open[i+1:]...)
			s.store.Save(context.Background(), o.id)
		}
	}
}

func (s *Sessions) ping() {
	for range time.Tick(time.Second) {
		for _, o := range s.open {
			s.store.Save(context.Background(), o.id)
		}
	}
}

// To log with the context of an item is not to work with it.

type message struct {
	ctx context.Context
	to  string
}

type Messages struct {
	store Store
	log   *slog.Logger
	in    chan message
}

func (m *Messages) Add(ctx context.Context, to string) { m.in <- message{ctx, to} }

func (m *Messages) run() {
	for next := range m.in {
		if err := m.store.Save(context.Background(), next.to); err != nil { // want `use next.ctx`
			m.log.ErrorContext(next.ctx, "not sent", "err", err)
		}
	}
}
