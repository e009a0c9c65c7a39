package pool

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// A futures submits n times fn and, when all are submitted, takes each result.
// It returns their sum. The list of the futures is a part of it, as it is of any
// caller.
//
// Not all have a future a task: conc and errgroup have one for all of a request.
type futures func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int)

var futureLibraries = []struct {
	name string
	open func(workers int) (run futures, stop func())
}{
	{"ctxrun.Submit", ctxrunFutures},
	{"go+chan", goChanFutures},
	{"errgroup", errgroupFutures},
	{"conc", concFutures},
	{"ants+chan", antsFutures},
	{"pond.Submit", pondFutures},
	{"pond.ResultPool", pondResults},
}

// BenchmarkFuture is BenchmarkTrivial with a result for each task.
func BenchmarkFuture(b *testing.B) {
	for _, workers := range []int{2, 16} {
		for _, submitters := range []int{1, 8} {
			for _, lib := range futureLibraries {
				b.Run(fmt.Sprintf("lib=%s/workers=%d/submitters=%d", lib.name, workers, submitters), func(b *testing.B) {
					run, stop := lib.open(workers)
					defer stop()
					resultsOfAll(b.Context(), run, submitters, warmUp)
					measure(b, func() { resultsOfAll(b.Context(), run, submitters, b.N) })
				})
			}
		}
	}
}

func one(context.Context) (int, error) { return 1, nil }

// resultsOfAll has n futures made by as many requests as there are submitters,
// each of which takes its own results.
func resultsOfAll(ctx context.Context, run futures, submitters, n int) {
	var requests sync.WaitGroup
	for i := range submitters {
		requests.Go(func() {
			request(ctx, i, func(ctx context.Context) {
				share := n*(i+1)/submitters - n*i/submitters
				if sum := run(ctx, share, one); sum != share {
					panic(fmt.Sprintf("%d of %d results", sum, share))
				}
			})
		})
	}
	requests.Wait()
}
