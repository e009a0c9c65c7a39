package found

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

// What is only given back tells its caller, when the context has ended.

func (s *Server) givesChannel(ctx context.Context) <-chan error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := make(chan error, 1)
	go func() { out <- s.store.Save(ctx, "a") }() // want `goroutine keeps ctx, which is canceled when the function returns \(cancel is deferred\)`
	return out
}

func (s *Server) givesGroup(ctx context.Context, ids []string) (*errgroup.Group, error) {
	if len(ids) == 0 {
		return nil, errors.New("nothing to do")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	g := new(errgroup.Group)
	for _, id := range ids {
		g.Go(func() error { return s.store.Save(ctx, id) }) // want `task of errgroup.\(\*Group\).Go keeps ctx`
	}
	return g, nil
}

func (s *Server) givesClosed(ctx context.Context, ids []string) chan struct{} {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() { // want `goroutine keeps ctx`
			defer wg.Done()
			s.store.Save(ctx, id)
		}()
	}
	go func() {
		wg.Wait()
		close(done)
	}()
	return done
}

func (s *Server) givesLater(ctx context.Context) <-chan error {
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan error, 1)
	go func() {
		defer cancel()
		out <- s.store.Save(ctx, "a")
	}()
	return out
}

func (s *Server) waitsAndGives(ctx context.Context) <-chan error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := make(chan error, 2)
	go func() { out <- s.store.Save(ctx, "a") }()
	out <- <-out
	return out
}

func (s *Server) givesForCaller(ctx context.Context) <-chan error {
	out := make(chan error, 1)
	go func() { out <- s.store.Save(ctx, "a") }()
	return out
}

// Who gives up, and says that all is well, does not know what becomes of the task.

func (s *Server) givesUp(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.store.Save(ctx, id) }() // want `goroutine keeps ctx`
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return nil
	}
}

func (s *Server) givesUpAndSaysSo(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.store.Save(ctx, id) }()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		return context.DeadlineExceeded
	}
}

func (s *Server) firstSuccess(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, len(ids))
	for _, id := range ids {
		go func() { done <- s.store.Save(ctx, id) }()
	}
	for range ids {
		if err := <-done; err == nil {
			return nil
		}
	}
	return errors.New("none")
}

func (s *Server) eitherOf(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 2)
	go func() { done <- s.store.Save(ctx, "a") }()
	go func() { done <- s.store.Save(ctx, "b") }()
	return <-done
}
