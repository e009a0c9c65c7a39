// Command onctxrun is the other program, written with package ctxrun: executors in the
// place of the pools, and its functions in the place of go and of wrappers without a context.
package main

import (
	"context"
	"sync"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"

	"github.com/lostctx/lostctx/testdata/instrumented/tracing"
)

func main() {
	s := make(server)
	for _, way := range []string{"ants", "pond", "conc/pool", "own pool"} {
		s[way] = ctxrun.New(ctxrun.WithMaxWorkers(tracing.Workers))
	}
	tracing.Load(s.answer)
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
			tracing.Do(ctx, way, n)
		}
	}
	ctxrun.Go(ctx, task("go"))
	time.AfterFunc(tracing.Effort, ctxrun.Bind(ctx, task("time.AfterFunc")))
	for way, ex := range s {
		ex.Go(ctx, task(way))
	}
	wg.Wait()

	wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) { tracing.Do(ctx, "conc.WaitGroup", n) }))
	wg.Wait()
	tracing.Do(ctx, "the same goroutine", n)
}
