package pool

import (
	"context"

	"github.com/alitto/pond/v2"
)

func pondGo(workers int) (func(*task), func()) {
	p := pond.NewPool(workers)
	return func(t *task) { must(p.Go(t.closure)) }, p.StopAndWait
}

func pondSubmit(workers int) (func(*task), func()) {
	p := pond.NewPool(workers)
	return func(t *task) { p.Submit(t.closure) }, p.StopAndWait
}

// pondFutures has futures that are errors only; the results are written by the
// tasks.
func pondFutures(workers int) (futures, func()) {
	p := pond.NewPool(workers)
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		results := make([]int, n)
		tasks := make([]pond.Task, n)
		for i := range tasks {
			tasks[i] = p.SubmitErr(func() (err error) {
				results[i], err = fn(ctx)
				return err
			})
		}
		for i, task := range tasks {
			must(task.Wait())
			sum += results[i]
		}
		return sum
	}, p.StopAndWait
}

func pondResults(workers int) (futures, func()) {
	p := pond.NewResultPool[int](workers)
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		closure := func() (int, error) { return fn(ctx) }
		tasks := make([]pond.ResultTask[int], n)
		for i := range tasks {
			tasks[i] = p.SubmitErr(closure)
		}
		for _, task := range tasks {
			r, err := task.Wait()
			must(err)
			sum += r
		}
		return sum
	}, p.StopAndWait
}

func pondCall(workers int) (call, func()) {
	p := pond.NewResultPool[int](workers)
	return func(ctx context.Context, fn func(context.Context) (int, error)) func() int {
		closure := func() (int, error) { return fn(ctx) }
		return func() int {
			r, err := p.SubmitErr(closure).Wait()
			must(err)
			return r
		}
	}, p.StopAndWait
}

func pondGroup(workers int) (mapping, func()) {
	p := pond.NewResultPool[int](workers)
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		group := p.NewGroup()
		for _, item := range items {
			group.SubmitErr(func() (int, error) { return fn(ctx, item) })
		}
		results, err := group.Wait()
		must(err)
		for _, r := range results {
			out(r)
		}
	}, p.StopAndWait
}
