package pool

import (
	"context"

	"github.com/sourcegraph/conc/iter"
	concpool "github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
)

func concGo(workers int) (func(*task), func()) {
	p := concpool.New().WithMaxGoroutines(workers)
	return func(t *task) { p.Go(t.closure) }, p.Wait
}

// concFutures and concCall have a pool a request: its Wait, which ends it, is
// what returns the results.

func concFutures(workers int) (futures, func()) {
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		closure := concClosure(ctx, fn)
		p := concpool.NewWithResults[int]().WithMaxGoroutines(workers)
		for range n {
			p.Go(closure)
		}
		for _, r := range p.Wait() {
			sum += r
		}
		return sum
	}, func() {}
}

func concCall(workers int) (call, func()) {
	return func(ctx context.Context, fn func(context.Context) (int, error)) func() int {
		closure := concClosure(ctx, fn)
		return func() int {
			p := concpool.NewWithResults[int]().WithMaxGoroutines(workers)
			p.Go(closure)
			return p.Wait()[0]
		}
	}, func() {}
}

func concClosure(ctx context.Context, fn func(context.Context) (int, error)) func() int {
	return func() int {
		r, err := fn(ctx)
		must(err)
		return r
	}
}

func concStream(workers int) (mapping, func()) {
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		s := stream.New().WithMaxGoroutines(workers)
		for _, item := range items {
			s.Go(func() stream.Callback {
				r, err := fn(ctx, item)
				must(err)
				return func() { out(r) }
			})
		}
		s.Wait()
	}, func() {}
}

func concIter(workers int) (mapping, func()) {
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		m := iter.Mapper[int, int]{MaxGoroutines: workers}
		results, err := m.MapErr(items, func(item *int) (int, error) { return fn(ctx, *item) })
		must(err)
		for _, r := range results {
			out(r)
		}
	}, func() {}
}
