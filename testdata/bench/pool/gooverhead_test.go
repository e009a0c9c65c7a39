package pool

import (
	"context"
	"sync"
	"testing"
)

var goStatements = []library{
	{"go", goBare},
	{"ctxrun.Go", ctxrunGoFunc},
}

// BenchmarkGoOverhead starts goroutines that do one atomic add. It waits for
// them now and then: a million at a time would measure their memory.
func BenchmarkGoOverhead(b *testing.B) {
	for _, lib := range goStatements {
		b.Run("lib="+lib.name, func(b *testing.B) {
			spawn, stop := lib.open(0)
			defer stop()
			request(b.Context(), 0, func(ctx context.Context) {
				var wg sync.WaitGroup
				t := newTask(ctx, func(context.Context) { wg.Done() })
				start := func(n int) {
					for i := range n {
						wg.Add(1)
						spawn(t)
						if i%1000 == 999 {
							wg.Wait()
						}
					}
					wg.Wait()
				}
				start(warmUp)
				measure(b, func() { start(b.N) })
			})
		})
	}
}
