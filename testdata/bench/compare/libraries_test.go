package compare

import (
	"context"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// A library makes pools, used the way that tells their owner most.
type library struct {
	name string
	open func(workers int) *opened
	// takes is the function that gives a task most.
	takes any
	// futures says that each task can be waited for by itself.
	futures bool
	// packages are where it could have what a row asks for.
	packages []string
}

// An opened pool.
type opened struct {
	// submit has f run for the request of ctx. It may block. The function that it
	// returns waits for the outcome as far as the library lets one: wait is nil if
	// it does not.
	submit func(ctx context.Context, f func(context.Context) error) (wait func() error, err error)
	// shut is how its owner is to end with it.
	shut func() error
}

var libraries = []library{
	{"errgroup", openErrgroup, (*errgroup.Group).Go, false, []string{"golang.org/x/sync/errgroup"}},
	{"conc", openConc, (*pool.ContextPool).Go, false, []string{"github.com/sourcegraph/conc/pool", "github.com/sourcegraph/conc/stream", "github.com/sourcegraph/conc/iter"}},
	{"ants", openAnts, (*ants.Pool).Submit, false, []string{"github.com/panjf2000/ants/v2"}},
	{"pond", openPond, pond.Pool.SubmitErr, true, []string{"github.com/alitto/pond/v2"}},
	{"workerpool", openWorkerpool, (*workerpool.WorkerPool).Submit, false, []string{"github.com/gammazero/workerpool"}},
	{"ctxrun", openCtxrun, ctxrun.Submit[int], true, []string{"github.com/lostctx/lostctx/runtime"}},
}

func openErrgroup(workers int) *opened {
	var g errgroup.Group
	g.SetLimit(workers)
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			g.Go(func() error { return f(ctx) })
			return g.Wait, nil
		},
		shut: g.Wait,
	}
}

func openConc(workers int) *opened {
	p := pool.New().WithErrors().WithMaxGoroutines(workers)
	wait := sync.OnceValue(p.Wait) // a second one panics
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			p.Go(func() error { return f(ctx) })
			return wait, nil
		},
		shut: wait,
	}
}

func openAnts(workers int) *opened {
	p, err := ants.NewPool(workers)
	if err != nil {
		panic(err)
	}
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			return nil, p.Submit(func() { _ = f(ctx) })
		},
		shut: func() error { return p.ReleaseTimeout(time.Minute) },
	}
}

func openPond(workers int) *opened {
	p := pond.NewPool(workers)
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			return p.SubmitErr(func() error { return f(ctx) }).Wait, nil
		},
		shut: func() error { p.StopAndWait(); return nil },
	}
}

// openPondGroup makes a group of each task, with its context.
func openPondGroup() *opened {
	p := pond.NewPool(1)
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			return p.NewGroupContext(ctx).SubmitErr(func() error { return f(ctx) }).Wait, nil
		},
		shut: func() error { p.StopAndWait(); return nil },
	}
}

func openWorkerpool(workers int) *opened {
	p := workerpool.New(workers)
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			p.Submit(func() { _ = f(ctx) })
			return nil, nil
		},
		shut: func() error { p.StopWait(); return nil },
	}
}

func openCtxrun(workers int) *opened {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(workers))
	return &opened{
		submit: func(ctx context.Context, f func(context.Context) error) (func() error, error) {
			future := ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { return 1, f(ctx) })
			if future.State() == ctxrun.StateCanceled {
				return nil, future.Wait(ctx)
			}
			return func() error { return future.Wait(ctx) }, nil
		},
		shut: ex.Close,
	}
}
