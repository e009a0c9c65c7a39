// Command program answers requests. Each starts work in seven ways, all of which lose the
// request's context, and waits for it.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc"
	concpool "github.com/sourcegraph/conc/pool"

	"github.com/lostctx/lostctx/testdata/instrumented/tracing"
)

// Of the load: how many requests are answered at a time, how many one after the other,
// how many workers a pool has, and how long each piece of work takes.
const (
	clients  = 4
	requests = 25
	workers  = 2
	effort   = time.Millisecond
)

func main() {
	flag.BoolVar(&tracing.KeepEnded, "keep-ended", false, "let spans that have ended be parents")
	flag.Parse()
	s, err := newServer()
	if err != nil {
		log.Fatal(err)
	}
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for n := range requests {
				s.answer(context.Background(), c*requests+n)
			}
		})
	}
	wg.Wait()
	if err := tracing.Write(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// A server has the pools that its requests share.
type server struct {
	ants  *ants.Pool
	pond  pond.Pool
	conc  *concpool.Pool
	tasks chan func()
}

func newServer() (*server, error) {
	a, err := ants.NewPool(workers)
	if err != nil {
		return nil, err
	}
	s := &server{ants: a, pond: pond.NewPool(workers), conc: concpool.New().WithMaxGoroutines(workers), tasks: make(chan func())}
	for range workers {
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
		do(context.Background(), "go", n)
	}()
	time.AfterFunc(effort, func() {
		defer wg.Done()
		do(context.Background(), "time.AfterFunc", n)
	})
	if err := s.ants.Submit(func() {
		defer wg.Done()
		do(context.Background(), "ants", n)
	}); err != nil {
		log.Fatal(err)
	}
	s.pond.Submit(func() {
		defer wg.Done()
		do(context.Background(), "pond", n)
	})
	s.conc.Go(func() {
		defer wg.Done()
		do(context.Background(), "conc/pool", n)
	})
	s.tasks <- func() {
		defer wg.Done()
		do(context.Background(), "own pool", n)
	}
	wg.Wait()

	var group conc.WaitGroup
	group.Go(func() { do(context.Background(), "conc.WaitGroup", n) })
	group.Wait()
	do(ctx, "the same goroutine", n)
}

// do is some work for a request.
func do(ctx context.Context, way string, request int) {
	_, span := tracing.Start(ctx, way, request)
	defer span.End()
	span.Count()
	time.Sleep(effort)
}
