// Package asked has roots in functions that are given a context where they are called, or
// that give what their caller asked for later.
package asked

import (
	"context"
	"iter"
	"sync"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context, id string) (string, error)
}

// What a function is given is what it loses, and not what is in scope where it is kept.

type undo func(ctx context.Context) error

type saga struct{ steps []undo }

func (s *saga) add(u undo) { s.steps = append(s.steps, u) }

func (s *saga) back(ctx context.Context) (err error) {
	for _, u := range s.steps {
		err = u(ctx)
	}
	return err
}

func book(ctx context.Context, s Store, id string) error {
	saga := new(saga)
	saga.add(func(ctx context.Context) error { return s.Save(ctx, "undo "+id) })
	saga.add(func(ctx context.Context) error {
		late, cancel := context.WithTimeout(context.TODO(), time.Minute) // want `context.TODO\(\) loses ctx`
		defer cancel()
		return s.Save(late, "undo "+id)
	})
	return saga.back(ctx)
}

// An iterator works for whoever has asked for it.

func items(ctx context.Context, s Store, ids []string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, id := range ids {
			if !yield(s.Load(context.Background(), id)) { // want `context.Background\(\) loses ctx`
				return
			}
		}
	}
}

// A function that is returned otherwise may be called by anybody.
func later(ctx context.Context, s Store) func(id string) error {
	return func(id string) error { return s.Save(context.Background(), id) }
}

// Who takes all that comes from a channel waits for what sends it.

func search(ctx context.Context, s Store, ids ...string) <-chan error {
	out := make(chan error)
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() { out <- s.Save(ctx, id) })
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func all(ctx context.Context, s Store) (err error) {
	for e := range search(ctx, s, "a") {
		err = e
	}
	for e := range search(context.TODO(), s, "b") { // want `context.TODO\(\) loses ctx`
		err = e
	}
	found := search(context.TODO(), s, "c") // want `context.TODO\(\) loses ctx`
	for e := range found {
		err = e
	}
	return err
}

func watch(ctx context.Context, s Store) <-chan error { return search(context.Background(), s, "d") }

// What is handed back at once is kept for nobody.

type cache struct {
	mu   sync.Mutex
	vals map[string]string
}

func (c *cache) get(key string, load func() (string, error)) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, err := load()
	c.vals[key] = v
	return v, err
}

func (c *cache) peek(key string, load func() (string, error)) (string, error) {
	c.mu.Lock()
	v, hit := c.vals[key]
	c.mu.Unlock()
	if hit {
		return v, nil
	}
	return load()
}

func rate(ctx context.Context, c *cache, s Store, pair string) (string, error) {
	return c.get("rate/"+pair, func() (string, error) { return s.Load(context.Background(), pair) })
}

func past(ctx context.Context, c *cache, s Store, pair string) (string, error) {
	return c.peek("past/"+pair, func() (string, error) {
		return s.Load(context.Background(), pair) // want `context.Background\(\) loses ctx`
	})
}
