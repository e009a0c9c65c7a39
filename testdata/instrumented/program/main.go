// Command program answers requests. Each starts work in seven ways, all of which lose the
// request's context, and waits for it.
package main

import (
	"context"
	"flag"
	"log"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	concpool "github.com/sourcegraph/conc/pool"

	"github.com/lostctx/lostctx/testdata/instrumented/tracing"
)

func main() {
	flag.BoolVar(&tracing.KeepEnded, "keep-ended", false, "let spans that have ended be parents")
	flag.Parse()
	s, err := newServer()
	if err != nil {
		log.Fatal(err)
	}
	tracing.Load(s.answer)
}

// A server has the pools that its requests share.
type server struct {
	ants  *ants.Pool
	pond  pond.Pool
	conc  *concpool.Pool
	tasks chan func()
}

func newServer() (*server, error) {
	a, err := ants.NewPool(tracing.Workers)
	if err != nil {
		return nil, err
	}
	s := &server{ants: a, pond: pond.NewPool(tracing.Workers), conc: concpool.New().WithMaxGoroutines(tracing.Workers), tasks: make(chan func())}
	for range tracing.Workers {
		go s.work()
	}
	return s, nil
}

// work is a worker of the server's own pool.
func (s *server) work() {
	for task := range s.tasks {
		task()
	}
}

// answer answers a request.
func (s *server) answer(ctx context.Context, n int) {
	ctx, span := tracing.Start(ctx, "", n)
	defer span.End()

	var wg sync.WaitGroup
	wg.Add(6)
	go func() {
		defer wg.Done()
		tracing.Do(context.Background(), "go", n)
	}()
	time.AfterFunc(tracing.Effort, func() {
		defer wg.Done()
		tracing.Do(context.Background(), "time.AfterFunc", n)
	})
	if err := s.ants.Submit(func() {
		defer wg.Done()
		tracing.Do(context.Background(), "ants", n)
	}); err != nil {
		log.Fatal(err)
	}
	s.pond.Submit(func() {
		defer wg.Done()
		tracing.Do(context.Background(), "pond", n)
	})
	s.conc.Go(func() {
		defer wg.Done()
		tracing.Do(context.Background(), "conc/pool", n)
	})
	s.tasks <- func() {
		defer wg.Done()
		tracing.Do(context.Background(), "own pool", n)
	}
	wg.Wait()

	var group conc.WaitGroup
	group.Go(func() { tracing.Do(context.Background(), "conc.WaitGroup", n) })
	group.Wait()
	tracing.Do(ctx, "the same goroutine", n)
}
