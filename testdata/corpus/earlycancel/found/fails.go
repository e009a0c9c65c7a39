package found

import (
	"context"
	"errors"
	"time"
)

// A function that fails on every path waits for nobody either.

func (s *Server) search(ctx context.Context, q string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	hits, err := s.find(ctx, q)
	if err != nil {
		go s.store.Save(ctx, "failed") // want `goroutine keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
		return nil, err
	}
	if len(hits) == 0 {
		go s.store.Save(ctx, "missed") // want `goroutine keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
		return nil, errors.New("nothing found")
	}
	return hits, nil
}

func (s *Server) find(ctx context.Context, q string) ([]string, error) {
	id, err := s.store.Load(ctx)
	return []string{id}, err
}

// It is waited for, but where the function fails.
func (s *Server) both(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.store.Save(ctx, "a") }()
	if _, err := s.store.Load(ctx); err != nil {
		return err
	}
	return <-done
}

// A loop without a condition is left behind the task.
func (s *Server) announce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		id, err := s.store.Load(ctx)
		if err == nil && id == "a" {
			go s.store.Save(ctx, "announced") // want `goroutine keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// And here it goes on.
func (s *Server) serve(ctx context.Context, ids chan string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		select {
		case id := <-ids:
			go s.store.Save(ctx, id)
		case <-ctx.Done():
			return
		}
	}
}
