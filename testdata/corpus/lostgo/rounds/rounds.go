// Package rounds has loops that serve, those that only look as if they did, and stages of
// pipelines.
package rounds

import (
	"context"
	"errors"
	"net"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context, id string) (string, error)
}

type Stream interface {
	Recv(into *Item) error
}

type Item struct{ ID string }

type Agent struct {
	store  Store
	stream Stream
	period time.Duration
	poll   func(ctx context.Context) (Item, error)
	tasks  map[string]func(ctx context.Context, id string) error
}

// A loop is left when what has it was started anew: that is no end of its work.

func (a *Agent) beginAll(ctx context.Context) error {
	a.beats(ctx)
	return a.listens(ctx)
}

func (a *Agent) beats(ctx context.Context) {
	t := time.NewTicker(a.period)
	go func() {
		for range t.C {
			again, err := a.recover(a.store.Save(ctx, "beat"))
			if again {
				return
			}
			if err != nil {
				continue
			}
		}
	}()
}

func (a *Agent) recover(err error) (bool, error) {
	var lost *net.OpError
	if !errors.As(err, &lost) {
		return false, err
	}
	return true, a.beginAll(context.Background())
}

// What comes from a stream is read for as long as there is one: other errors go on.
func (a *Agent) listens(ctx context.Context) error {
	go func() {
		for {
			item := Item{}
			err := a.stream.Recv(&item)
			if isOver(err) || isDropped(err) {
				return
			}
			again, err := a.recover(err)
			if again {
				return
			}
			if err != nil {
				time.Sleep(time.Second)
				continue
			}
			a.store.Save(context.Background(), item.ID)
		}
	}()
	return nil
}

func isOver(err error) bool    { return errors.Is(err, net.ErrClosed) }
func isDropped(err error) bool { return err != nil && err.Error() == "dropped" }

// What tries until it works does so for its caller, whatever kind of error ends it.
func (a *Agent) tries(ctx context.Context, id string) {
	go func() { // want `goroutine loses ctx`
		for {
			err := a.store.Save(context.Background(), id)
			if !isDropped(err) {
				return
			}
			<-time.After(time.Second)
		}
	}()
}

// So does what asks until something is done, or fails.
func (a *Agent) awaits(ctx context.Context, id string) {
	go func() { // want `goroutine loses ctx`
		t := time.NewTicker(a.period)
		defer t.Stop()
		for {
			state, err := a.store.Load(context.Background(), id)
			if state == "done" || err != nil {
				return
			}
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// An empty item is the end of a source, as an error is.
func (a *Agent) drains(ctx context.Context, in chan *Item) {
	go func() {
		for {
			item, ok := <-in
			if !ok || item == nil {
				return
			}
			a.store.Save(context.Background(), item.ID)
		}
	}()
}

// A function in a field that gives the next item.
func (a *Agent) works(ctx context.Context) error {
	for {
		item, err := a.poll(ctx)
		if err != nil {
			return err
		}
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			a.tasks[item.ID](ctx, item.ID)
		}()
	}
}

// What gives something that it has started a loop of makes what lasts.

type Hub struct {
	in    chan Item
	store Store
}

func (h *Hub) passes() {
	for item := range h.in {
		h.store.Save(context.Background(), item.ID)
	}
}

func Make(ctx context.Context, store Store) *Hub {
	h := &Hub{in: make(chan Item), store: store}
	go h.passes()
	go func() { h.store.Save(context.Background(), "warm") }()
	return h
}

// A stage of a pipeline works for whoever reads what it gives.

func stage[A, B any](in <-chan A, f func(A) B) <-chan B {
	out := make(chan B)
	go func() {
		defer close(out)
		for a := range in {
			out <- f(a)
		}
	}()
	return out
}

func (a *Agent) translate(ctx context.Context, ids <-chan string) []string {
	texts := stage(ids, func(id string) string { // want `task of rounds.stage loses ctx`
		text, _ := a.store.Load(context.Background(), id)
		return text
	})
	sizes := stage(texts, func(s string) int { return len(s) })
	var got []string
	for n := range sizes {
		got = append(got, string(rune(n)))
	}
	return got
}
