package ctxrun

import (
	"context"
	"fmt"
	"time"
)

// An Option sets up an [Executor]. See [New].
type Option interface{ setUp(*Executor) }

type executorOption struct{ set func(*Executor) }

func (o executorOption) setUp(e *Executor) { o.set(e) }

// WithMaxWorkers limits the executor to n tasks at a time. The default is
// GOMAXPROCS + 4, at most 32. New panics if n is less than 1.
func WithMaxWorkers(n int) Option {
	mustBeWorkers("WithMaxWorkers", n)
	return executorOption{func(e *Executor) { e.max = n }}
}

func mustBeWorkers(name string, n int) {
	if n < 1 {
		panic(fmt.Sprintf("ctxrun.%s(%d): an executor needs at least 1 worker", name, n))
	}
}

// WithQueue limits the tasks that wait for a worker to n. When n tasks wait,
// [Executor.Go], [Submit] and the maps wait for room, and [Executor.TryGo]
// returns [ErrQueueFull]. With n = 0 a task is accepted when a worker is free
// to take it. A negative n, the default, is no limit.
func WithQueue(n int) Option {
	return executorOption{func(e *Executor) { e.bounded, e.room = n >= 0, n }}
}

// WithNamePrefix names the workers prefix_0, prefix_1 and so on. A name is
// used again when its worker has gone. While a worker runs a task, its name
// is the value of the pprof label "worker" and the type of the task's trace
// region.
//
// The label costs about three allocations a task.
func WithNamePrefix(prefix string) Option {
	return executorOption{func(e *Executor) { e.prefix = prefix }}
}

// WithIdleTimeout keeps a worker that has nothing to do for d, rather than
// letting it go at once. A kept worker has a stack that has grown already,
// which pays where tasks need deep ones, and needs no new run of the
// initializer. Kept workers are goroutines: until d has passed or the
// executor is shut down, an idle executor is not free of them. In a synctest
// bubble, where time stands still at the end, shut it down.
func WithIdleTimeout(d time.Duration) Option {
	return executorOption{func(e *Executor) { e.keep = d }}
}

// WithInitializer has each worker call f when it starts, before its first
// task. If f returns an error, panics or calls [runtime.Goexit], the executor
// is broken: queued tasks fail and later ones are refused, with a
// *[BrokenError]. Workers go when there is nothing to do: see
// [WithIdleTimeout] for an f that is dear.
func WithInitializer(f func() error) Option {
	return executorOption{func(e *Executor) { e.initializer = f }}
}

// WithHooks sets the executor's hooks.
func WithHooks(h Hooks) Option {
	return executorOption{func(e *Executor) { e.hooks = &h }}
}

// WithPanicHandler has f called for each panic of a task, with the task's
// context, on its worker. With a handler, a panic in a task of [Executor.Go]
// does not end the program. f must not panic.
func WithPanicHandler(f func(ctx context.Context, p *PanicError)) Option {
	return executorOption{func(e *Executor) { e.onPanic = f }}
}

// WithoutLabels leaves the pprof labels of the workers alone. It saves a few
// nanoseconds a task, and makes CPU profiles useless for telling requests
// apart.
func WithoutLabels() Option {
	return executorOption{func(e *Executor) { e.noLabels = true }}
}
