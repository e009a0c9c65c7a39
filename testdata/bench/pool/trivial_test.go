package pool

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

var spawners = []library{
	{"ctxrun.Go", ctxrunGo},
	{"go+chan", goChan},
	{"WaitGroup.Go", waitGroupGo},
	{"errgroup", errgroupGo},
	{"conc", concGo},
	{"ants", antsSubmit},
	{"pond.Go", pondGo},
	{"workerpool", workerpoolDo},
}

// BenchmarkTrivial submits tasks that do one atomic add, by which their request
// learns that all have run. Nobody wants a result.
func BenchmarkTrivial(b *testing.B) {
	for _, workers := range []int{2, 16} {
		for _, submitters := range []int{1, 8} {
			for _, lib := range spawners {
				b.Run(fmt.Sprintf("lib=%s/workers=%d/submitters=%d", lib.name, workers, submitters), func(b *testing.B) {
					spawn, stop := lib.open(workers)
					defer stop()
					submitAll(b.Context(), spawn, submitters, warmUp)
					measure(b, func() { submitAll(b.Context(), spawn, submitters, b.N) })
				})
			}
		}
	}
}

// warmUp is the number of operations before the timed ones.
const warmUp = 1000

// submitAll has n tasks submitted by as many requests as there are submitters,
// each of which waits for its own.
func submitAll(ctx context.Context, spawn func(*task), submitters, n int) {
	var requests sync.WaitGroup
	for i := range submitters {
		requests.Go(func() {
			request(ctx, i, func(ctx context.Context) {
				var tasks sync.WaitGroup
				t := newTask(ctx, func(context.Context) { tasks.Done() })
				share := n*(i+1)/submitters - n*i/submitters
				tasks.Add(share)
				for range share {
					spawn(t)
				}
				tasks.Wait()
			})
		})
	}
	requests.Wait()
}
