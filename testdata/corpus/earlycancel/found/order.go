package found

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// The order in which things are done decides.

// The last deferred call is made first.
func (s *Server) cancelBeforeWait(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	wg.Go(func() { s.store.Save(ctx, "a") }) // want `task of sync.\(\*WaitGroup\).Go keeps ctx, .*\(cancel is deferred\)`
	s.store.Save(ctx, "b")
}

func (s *Server) cancelBeforeReceive(ctx context.Context) {
	done := make(chan struct{})
	defer func() { <-done }()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	go func() { // want `goroutine keeps ctx, .*\(cancel is deferred\)`
		defer close(done)
		s.store.Save(ctx, "a")
	}()
	s.store.Save(ctx, "b")
}

func (s *Server) cancelInOneLiteral(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(ctx, "a") }) // want `task of sync.\(\*WaitGroup\).Go keeps ctx, .*\(cancel is called\)`
	cancel()
	if s.store != nil {
		wg.Wait()
	}
}

func (s *Server) cancelBeside(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx, .*\(cancel is called\)`
	s.store.Save(ctx, "b")
	cancel()
}

// The wait is not on every path.

func (s *Server) deferredBelowCondition(w http.ResponseWriter, r *http.Request, wait bool) {
	var wg sync.WaitGroup
	if wait {
		defer wg.Wait()
	}
	wg.Go(func() { s.store.Save(r.Context(), "a") }) // want `task of sync.\(\*WaitGroup\).Go keeps r.Context\(\)`
}

func (s *Server) jumpedOver(w http.ResponseWriter, r *http.Request, quick bool) {
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(r.Context(), "a") }) // want `task of sync.\(\*WaitGroup\).Go keeps r.Context\(\)`
	if quick {
		return
	}
	wg.Wait()
}

func (s *Server) jumpedOverByBreak(w http.ResponseWriter, r *http.Request, ids []string) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Add(1)
		go func() { // want `goroutine keeps r.Context\(\)`
			defer wg.Done()
			s.store.Save(r.Context(), id)
		}()
		if id == "" {
			break
		}
		wg.Wait()
	}
}

func (s *Server) jumpedOverByGoto(w http.ResponseWriter, r *http.Request, quick bool) {
	done := make(chan struct{})
	go func() { // want `goroutine keeps r.Context\(\)`
		defer close(done)
		s.store.Save(r.Context(), "a")
	}()
	if quick {
		goto end
	}
	<-done
end:
	w.WriteHeader(http.StatusOK)
}

func (s *Server) inOneCase(w http.ResponseWriter, r *http.Request, how string) {
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(r.Context(), "a") }) // want `task of sync.\(\*WaitGroup\).Go keeps r.Context\(\)`
	switch how {
	case "wait":
		wg.Wait()
	case "quick":
	}
}

func (s *Server) givenUp(w http.ResponseWriter, r *http.Request) {
	done := make(chan struct{})
	go func() { // want `goroutine keeps r.Context\(\)`
		defer close(done)
		s.store.Save(r.Context(), "a")
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
	}
}

// The signal is given before the work.
func (s *Server) signalFirst(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	return s.store.Save(ctx, "b")
}
