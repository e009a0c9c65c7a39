package pool

import (
	"context"
	"testing"
)

// A call returns a function that has a library run fn, and returns the result.
// What can be shared by all runs, such as a closure over the context, is made
// before the first.
type call func(ctx context.Context, fn func(context.Context) (int, error)) (do func() int)

var callers = []struct {
	name string
	open func(workers int) (prepare call, stop func())
}{
	{"ctxrun.Submit", ctxrunCall},
	{"go+chan", goChanCall},
	{"errgroup", errgroupCall},
	{"conc", concCall},
	{"ants+chan", antsCall},
	{"pond.ResultPool", pondCall},
}

// BenchmarkRoundTrip has one task submitted and its result taken, again and
// again.
func BenchmarkRoundTrip(b *testing.B) {
	for _, lib := range callers {
		b.Run("lib="+lib.name, func(b *testing.B) {
			prepare, stop := lib.open(2)
			defer stop()
			request(b.Context(), 0, func(ctx context.Context) {
				do := prepare(ctx, one)
				calls := func(n int) {
					for range n {
						do()
					}
				}
				calls(warmUp)
				measure(b, func() { calls(b.N) })
			})
		})
	}
}
