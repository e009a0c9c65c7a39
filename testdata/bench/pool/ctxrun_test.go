package pool

import (
	"context"
	"slices"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// newExecutor returns an executor and its Close, whose error would be a task's
// panic.
func newExecutor(workers int, opts ...ctxrun.Option) (*ctxrun.Executor, func()) {
	ex := ctxrun.New(append(opts, ctxrun.WithMaxWorkers(workers))...)
	return ex, func() { must(ex.Close()) }
}

func ctxrunGoFunc(int) (func(*task), func()) {
	return func(t *task) { ctxrun.Go(t.ctx, t.fn) }, func() {}
}

func ctxrunGo(workers int) (func(*task), func()) {
	ex, stop := newExecutor(workers)
	return func(t *task) { must(ex.Go(t.ctx, t.fn)) }, stop
}

// ctxrunGoIdle keeps its workers for a while.
func ctxrunGoIdle(workers int) (func(*task), func()) {
	ex, stop := newExecutor(workers, ctxrun.WithIdleTimeout(time.Second))
	return func(t *task) { must(ex.Go(t.ctx, t.fn)) }, stop
}

func ctxrunSubmit(workers int) (func(*task), func()) {
	ex, stop := newExecutor(workers)
	return func(t *task) { ctxrun.Submit(t.ctx, ex, t.result) }, stop
}

func ctxrunFutures(workers int) (futures, func()) {
	ex, stop := newExecutor(workers)
	return func(ctx context.Context, n int, fn func(context.Context) (int, error)) (sum int) {
		results := make([]*ctxrun.Future[int], n)
		for i := range results {
			results[i] = ctxrun.Submit(ctx, ex, fn)
		}
		for _, result := range results {
			r, err := result.Result(ctx)
			must(err)
			sum += r
		}
		return sum
	}, stop
}

func ctxrunCall(workers int) (call, func()) {
	ex, stop := newExecutor(workers)
	return func(ctx context.Context, fn func(context.Context) (int, error)) func() int {
		return func() int {
			r, err := ctxrun.Submit(ctx, ex, fn).Result(ctx)
			must(err)
			return r
		}
	}, stop
}

func ctxrunMapChunk(n int) func(int) (mapping, func()) { return ctxrunMap(ctxrun.MapChunk(n)) }

func ctxrunMap(opts ...ctxrun.MapOption) func(workers int) (mapping, func()) {
	return func(workers int) (mapping, func()) {
		ex, stop := newExecutor(workers)
		return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
			for r, err := range ctxrun.Map(ctx, ex, slices.Values(items), fn, opts...) {
				must(err)
				out(r)
			}
		}, stop
	}
}

func ctxrunMapSlice(workers int) (mapping, func()) {
	ex, stop := newExecutor(workers)
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		results, err := ctxrun.MapSlice(ctx, ex, items, fn)
		must(err)
		for _, r := range results {
			out(r)
		}
	}, stop
}
