package pool

import (
	"context"
	"runtime"
	"sync"
	"testing"
)

// Libraries whose submitter does not wait for a worker.
var queues = []library{
	{"ctxrun.Go", ctxrunGo},
	{"ctxrun.Submit", ctxrunSubmit},
	{"go", goQueue},
	{"pond.Go", pondGo},
	{"pond.Submit", pondSubmit},
	{"workerpool", workerpoolDo},
}

// BenchmarkQueued submits tasks while all workers are blocked, and reports by
// how much each has made the heap and the stacks grow, as B/task. All are the
// same closure, so that only the library's bytes are counted; futures are not
// kept by the caller.
//
// The figure is that of a million tasks: use -benchtime 1000000x. With a few
// only, it is that of what a queue starts with.
func BenchmarkQueued(b *testing.B) {
	for _, lib := range queues {
		b.Run("lib="+lib.name, func(b *testing.B) {
			const workers = 2
			spawn, stop := lib.open(workers)
			defer stop()
			request(b.Context(), 0, func(ctx context.Context) {
				unblock := block(ctx, spawn, workers)
				var queued sync.WaitGroup
				queued.Add(b.N)
				t := newTask(ctx, func(context.Context) { queued.Done() })
				before := memory()
				measure(b, func() {
					for range b.N {
						spawn(t)
					}
				})
				b.ReportMetric((memory()-before)/float64(b.N), "B/task")
				unblock()
				queued.Wait()
			})
		})
	}
}

// block gives each worker a task that waits for unblock, and returns when all
// have begun.
func block(ctx context.Context, spawn func(*task), workers int) (unblock func()) {
	gate := make(chan struct{})
	var begun sync.WaitGroup
	begun.Add(workers)
	t := newTask(ctx, func(context.Context) {
		begun.Done()
		<-gate
	})
	for range workers {
		spawn(t)
	}
	begun.Wait()
	return func() { close(gate) }
}

// memory returns the bytes in use by the heap and the stacks.
func memory() float64 {
	// What is in a sync.Pool outlives one collection.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}
