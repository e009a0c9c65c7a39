// Package each has functions that start tasks: some may go on when their function has
// returned.
package each

import (
	"context"
	"sync"
	"time"

	"example.com/corpus/lostroot/seeds/each/save"
)

// Each does not wait where it leaves the loop.
func Each(ctx context.Context, s save.Store) {
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Add(1)
		go save.Save(ctx, &wg, s)
		if i == 0 {
			break
		}
		wg.Wait()
	}
}

func Below(ctx context.Context, s save.Store) { Each(ctx, s) }

// A Saver has Each behind an interface.
type Saver interface {
	SaveAll(ctx context.Context, s save.Store)
}

type saver struct{}

func (saver) SaveAll(ctx context.Context, s save.Store) { Each(ctx, s) }

func New() Saver { return saver{} }

// Chosen starts one of two functions.
func Chosen(ctx context.Context, wg *sync.WaitGroup, s save.Store, now bool) {
	f := save.Save
	if now {
		f = func(ctx context.Context, wg *sync.WaitGroup, s save.Store) {
			defer wg.Done()
			s.Save(ctx, "now")
		}
	}
	wg.Add(1)
	go f(ctx, wg, s)
}

// Joined waits on every path.
func Joined(ctx context.Context, s save.Store) {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { s.Save(ctx, "a") })
	}
	wg.Wait()
}

// Bounded ends the context of its tasks itself.
func Bounded(ctx context.Context, s save.Store) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Add(1)
		go save.Save(ctx, &wg, s)
		if i == 0 {
			break
		}
		wg.Wait()
	}
}

// Kept has the values of its context only.
func Kept(ctx context.Context, wg *sync.WaitGroup, s save.Store) {
	wg.Add(1)
	go save.Save(context.WithoutCancel(ctx), wg, s)
}

type item struct {
	ctx context.Context
	id  string
}

var items = make(chan item, 64)

func init() {
	go func() {
		for it := range items {
			it.ctx.Value(it.id)
		}
	}()
}

// Queue leaves its context to a worker.
func Queue(ctx context.Context, id string) { items <- item{ctx, id} }

// A Request has the context that it was made with, for who sends it.
type Request struct{ ctx context.Context }

func Order(ctx context.Context) *Request { return &Request{ctx: ctx} }

func (r *Request) Send(s save.Store) { s.Save(r.ctx, "a") }

var last *Request

// Keep has a request for others.
func Keep(ctx context.Context, r *Request) {
	r.ctx = ctx
	last = r
}

var steps []func()

// Later has a function for who runs the steps.
func Later(ctx context.Context, s save.Store) {
	steps = append(steps, func() { s.Save(ctx, "a") })
}

func Register(f func()) { steps = append(steps, f) }

func ByName(ctx context.Context, s save.Store) {
	Register(func() { s.Save(ctx, "a") })
}

func Step(ctx context.Context, s save.Store) func() {
	return func() { s.Save(ctx, "a") }
}
