package pool

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
)

// A mapping calls out with fn of each of the items, in their order.
type mapping func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int))

// Of the mappers, some are given the items one by one and give out a result as
// soon as it is the next one; others (slices) take and return a whole slice.
var mappers = []struct {
	name string
	open func(workers int) (run mapping, stop func())
}{
	{"ctxrun.Map", ctxrunMap()},
	{"ctxrun.Map,chunk16", ctxrunMapChunk(16)},
	{"ctxrun.MapSlice,slices", ctxrunMapSlice},
	{"loop", loopMap},
	{"loops", loopsMap},
	{"conc.stream", concStream},
	{"conc.iter,slices", concIter},
	{"lo.parallel,slices", loMap},
	{"pond.group,slices", pondGroup},
}

// mapItems is the number of items in one mapping: enough that starting it costs
// nothing an item, and few enough that a library with a goroutine an item is not
// measured by the memory of a million.
const mapItems = 10_000

// BenchmarkOrderedMap maps items, of about a microsecond of work each, in order.
// The library "loop" is the plain loop, measured like the others; it shows how
// exact the overhead is. The library "loops" is one plain loop a core, which is
// what the work itself takes more when all cores are busy.
func BenchmarkOrderedMap(b *testing.B) {
	for _, lib := range mappers {
		b.Run("lib="+lib.name, func(b *testing.B) {
			run, stop := lib.open(runtime.GOMAXPROCS(0))
			defer stop()
			request(b.Context(), 0, func(ctx context.Context) {
				measureMapping(ctx, b, run)
			})
		})
	}
}

// measureMapping reports, beside what [measure] does, overhead-ns/op: the CPU
// time an item without that of the plain loop, which takes its turn after each
// mapping so that the machine is as fast, or slow, for the one as for the other.
func measureMapping(ctx context.Context, b *testing.B, run mapping) {
	items := make([]int, mapItems)
	for i := range items {
		items[i] = i
	}
	sum := 0
	out := func(r int) { sum += r }
	plain, _ := loopMap(1)
	run(ctx, items[:warmUp], work, out)

	var total, loop time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for left := b.N; left > 0; left -= mapItems {
		items := items[:min(left, mapItems)]
		total += cpuOf(func() { run(ctx, items, work, out) })
		b.StopTimer()
		loop += cpuOf(func() { plain(ctx, items, work, out) })
		b.StartTimer()
	}
	b.StopTimer()
	b.ReportMetric(perOp(b, total), "cpu-ns/op")
	b.ReportMetric(perOp(b, total-loop), "overhead-ns/op")
}

// work takes about a microsecond. Each step waits for the one before, so that
// two threads of one core hardly slow each other down.
func work(_ context.Context, item int) (int, error) {
	x := uint64(item)
	for range 800 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return int(x >> 33), nil
}

func loopMap(int) (mapping, func()) {
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		for _, item := range items {
			r, err := fn(ctx, item)
			must(err)
			out(r)
		}
	}, func() {}
}

// loopsMap has each worker do every workers'th item.
func loopsMap(workers int) (mapping, func()) {
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		results := make([]int, len(items))
		var wg sync.WaitGroup
		for first := range workers {
			wg.Go(func() {
				for i := first; i < len(items); i += workers {
					r, err := fn(ctx, items[i])
					must(err)
					results[i] = r
				}
			})
		}
		wg.Wait()
		for _, r := range results {
			out(r)
		}
	}, func() {}
}
