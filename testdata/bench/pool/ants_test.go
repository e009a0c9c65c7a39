package pool

import (
	"context"

	"github.com/panjf2000/ants/v2"
)

func newAnts(workers int) *ants.Pool {
	p, err := ants.NewPool(workers)
	must(err)
	return p
}

func antsSubmit(workers int) (func(*task), func()) {
	p := newAnts(workers)
	return func(t *task) { must(p.Submit(t.closure)) }, p.Release
}

func antsFutures(workers int) (futures, func()) {
	p := newAnts(workers)
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		results := make([]chan int, n)
		for i := range results {
			result := make(chan int, 1)
			results[i] = result
			must(p.Submit(func() {
				r, err := fn(ctx)
				must(err)
				result <- r
			}))
		}
		for _, result := range results {
			sum += <-result
		}
		return sum
	}, p.Release
}

func antsCall(workers int) (call, func()) {
	p := newAnts(workers)
	return func(ctx context.Context, fn func(context.Context) (int, error)) func() int {
		return func() int {
			result := make(chan int, 1)
			must(p.Submit(func() {
				r, err := fn(ctx)
				must(err)
				result <- r
			}))
			return <-result
		}
	}, p.Release
}
