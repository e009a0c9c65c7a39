// Command onctxrun is the other program, written with package ctxrun: executors in the
// place of the pools, and its functions in the place of go and of wrappers without a context.
package main

import (
	"context"
	"log"
	"os"
	"sync"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"

	"github.com/lostctx/lostctx/testdata/instrumented/tracing"
)

// The load is that of the other program.
const (
	clients  = 4
	requests = 25
	workers  = 2
	effort   = time.Millisecond
)

func main() {
	s := make(server)
	for _, way := range []string{"ants", "pond", "conc/pool", "own pool"} {
		s[way] = ctxrun.New(ctxrun.WithMaxWorkers(workers))
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

// A server has the executors that its requests share, by what they stand for.
type server map[string]*ctxrun.Executor

// answer answers a request.
func (s server) answer(ctx context.Context, n int) {
	ctx, span := tracing.Start(ctx, "", n)
	defer span.End()

	var wg sync.WaitGroup
	task := func(way string) func(context.Context) {
		wg.Add(1)
		return func(ctx context.Context) {
			defer wg.Done()
			do(ctx, way, n)
		}
	}
	ctxrun.Go(ctx, task("go"))
	time.AfterFunc(effort, ctxrun.Bind(ctx, task("time.AfterFunc")))
	for way, ex := range s {
		ex.Go(ctx, task(way))
	}
	wg.Wait()

	wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) { do(ctx, "conc.WaitGroup", n) }))
	wg.Wait()
	do(ctx, "the same goroutine", n)
}

// do is some work for a request.
func do(ctx context.Context, way string, request int) {
	_, span := tracing.Start(ctx, way, request)
	defer span.End()
	span.Count()
	time.Sleep(effort)
}
