// Package tasks waits for an executor's tasks. With the context of a task, a wait gives
// up the task's slot; with a root it holds the slot, which with a single worker is the
// one that the other task needs.
package tasks

import (
	"context"
	"sync"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Shop struct {
	ex    *ctxrun.Executor
	store Store
}

func price(ctx context.Context) (int, error) { return 1, ctx.Err() }

func (s *Shop) nested(ctx context.Context) *ctxrun.Future[int] {
	return ctxrun.Submit(ctx, s.ex, func(ctx context.Context) (int, error) {
		return ctxrun.Submit(ctx, s.ex, price).Result(context.Background()) // want `context.Background\(\) loses ctx: it is passed to ctxrun.\(\*Future\).Result`
	})
}

func (s *Shop) inMap(ctx context.Context, items []int) ([]int, error) {
	return ctxrun.MapSlice(ctx, s.ex, items, func(ctx context.Context, _ int) (int, error) {
		f := ctxrun.Submit(ctx, s.ex, price)
		return 0, f.Wait(context.TODO()) // want `context.TODO\(\) loses ctx: it is passed to ctxrun.\(\*Future\).Wait`
	})
}

func (s *Shop) several(ctx context.Context) error {
	return s.ex.Go(ctx, func(ctx context.Context) {
		f := ctxrun.Submit(ctx, s.ex, price)
		ctxrun.WaitAll(context.Background(), f) // want `context.Background\(\) loses ctx: it is passed to ctxrun.WaitAll`
	})
}

// The task's context has no name: it is the one that is given beside the task, so the
// task can have it.
func (s *Shop) unnamed(ctx context.Context, f *ctxrun.Future[int]) error {
	return s.ex.Go(ctx, func(context.Context) {
		f.Result(context.Background()) // want `context.Background\(\) loses ctx: it is passed to ctxrun.\(\*Future\).Result`
	})
}

func (s *Shop) blank(ctx context.Context, f *ctxrun.Future[int]) error {
	return s.ex.Go(ctx, func(_ context.Context) {
		f.Wait(context.Background()) // want `context.Background\(\) loses ctx`
	})
}

// So it is where no executor is.
func withLock(ctx context.Context, f func(context.Context) error) error { return f(ctx) }

func (s *Shop) locked(ctx context.Context) error {
	return withLock(ctx, func(_ context.Context) error {
		return s.store.Save(context.Background(), "a") // want `context.Background\(\) loses ctx: it is passed to tasks.Store.Save`
	})
}

// Silent: the task's context, or one that keeps its values; a task of nobody's.
func (s *Shop) right(ctx context.Context) error {
	return s.ex.Go(ctx, func(ctx context.Context) {
		f := ctxrun.Submit(ctx, s.ex, price)
		f.Wait(ctx)
		f.Wait(context.WithoutCancel(ctx))
	})
}

func (s *Shop) nobodys(f *ctxrun.Future[int]) error {
	return s.ex.Go(context.Background(), func(_ context.Context) { f.Wait(context.Background()) })
}

// A WaitGroup has no context to give: it holds the slot, and only the documentation says so.
func (s *Shop) group(ctx context.Context) error {
	return s.ex.Go(ctx, func(ctx context.Context) {
		var wg sync.WaitGroup
		wg.Add(1)
		s.ex.Go(ctx, func(context.Context) { wg.Done() })
		wg.Wait()
	})
}
