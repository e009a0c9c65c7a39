package pool

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Where a pool is needed, the go statement and WaitGroup.Go have a semaphore.

func goBare(int) (func(*task), func()) {
	return func(t *task) { go t.closure() }, func() {}
}

func goChan(workers int) (func(*task), func()) {
	slots := make(chan struct{}, workers)
	return func(t *task) {
		slots <- struct{}{}
		go func() {
			t.closure()
			<-slots
		}()
	}, func() {}
}

// goQueue takes the slot in the goroutine: submitters do not wait.
func goQueue(workers int) (func(*task), func()) {
	slots := make(chan struct{}, workers)
	return func(t *task) {
		go func() {
			slots <- struct{}{}
			t.closure()
			<-slots
		}()
	}, func() {}
}

func waitGroupGo(workers int) (func(*task), func()) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	return func(t *task) {
		slots <- struct{}{}
		wg.Go(func() {
			t.closure()
			<-slots
		})
	}, wg.Wait
}

func errgroupGo(workers int) (func(*task), func()) {
	var g errgroup.Group
	g.SetLimit(workers)
	return func(t *task) {
		g.Go(func() error {
			t.closure()
			return nil
		})
	}, func() { must(g.Wait()) }
}

func goChanFutures(workers int) (futures, func()) {
	slots := make(chan struct{}, workers)
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		results := make([]chan int, n)
		for i := range results {
			result := make(chan int, 1)
			results[i] = result
			slots <- struct{}{}
			go func() {
				r, err := fn(ctx)
				must(err)
				result <- r
				<-slots
			}()
		}
		for _, result := range results {
			sum += <-result
		}
		return sum
	}, func() {}
}

// errgroupFutures has one group a request: its Wait is the wait for the results.
func errgroupFutures(workers int) (futures, func()) {
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		var g errgroup.Group
		g.SetLimit(workers)
		results := make([]int, n)
		for i := range results {
			g.Go(func() (err error) {
				results[i], err = fn(ctx)
				return err
			})
		}
		must(g.Wait())
		for _, r := range results {
			sum += r
		}
		return sum
	}, func() {}
}

func goChanCall(int) (call, func()) {
	return func(ctx context.Context, fn func(context.Context) (int, error)) func() int {
		return func() int {
			result := make(chan int, 1)
			go func() {
				r, err := fn(ctx)
				must(err)
				result <- r
			}()
			return <-result
		}
	}, func() {}
}

func errgroupCall(int) (call, func()) {
	return func(ctx context.Context, fn func(context.Context) (int, error)) func() int {
		return func() (r int) {
			var g errgroup.Group
			g.Go(func() (err error) {
				r, err = fn(ctx)
				return err
			})
			must(g.Wait())
			return r
		}
	}, func() {}
}
