package traced_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// A means has children run.
type means struct {
	name    string
	worst   ending // that this means bears
	handled bool   // it bears a panic only where the executor has a panic handler

	// start returns what waits for the children with ctx and checks what
	// came of them. It is nil if nobody waits: then ctx, which ends with
	// the submitter, is not theirs.
	start func(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) (wait func())
}

var allMeans []means

func init() { // a variable would be initialized with itself
	allMeans = []means{
		{name: "call", worst: fails, start: call},
		{name: "Executor.Go", worst: panics, handled: true, start: executorGo},
		{name: "Executor.Go, left", worst: panics, handled: true, start: executorGoLeft},
		{name: "Executor.TryGo, left", worst: panics, handled: true, start: executorTryGo},
		{name: "Submit", worst: panics, start: submit},
		{name: "Submit, left", worst: panics, handled: true, start: submitLeft},
		{name: "SubmitAll and WaitAll", worst: panics, start: submitAll},
		{name: "SubmitAll and AsCompleted", worst: panics, start: asCompleted},
		{name: "Submit and Wait", worst: panics, start: waitFirst},
		{name: "Map", worst: panics, start: mapWith()},
		{name: "Map with a buffer", worst: panics, start: mapWith(ctxrun.MapBuffer(1))},
		{name: "Map in chunks", worst: panics, start: mapWith(ctxrun.MapChunk(2))},
		{name: "Map unordered", worst: panics, start: mapWith(ctxrun.MapUnordered())},
		{name: "Map unordered in chunks", worst: panics, start: mapWith(ctxrun.MapUnordered(), ctxrun.MapChunk(2))},
		{name: "Map2", worst: panics, start: map2},
		{name: "MapSlice", worst: panics, start: mapSliceWith()},
		{name: "MapSlice in chunks", worst: panics, start: mapSliceWith(ctxrun.MapChunk(2))},
		{name: "OnDone", worst: panics, handled: true, start: onDone},
		{name: "OnDone, late", worst: panics, handled: true, start: onDoneLate},
		{name: "OnDone, canceled", worst: panics, handled: true, start: onDoneCanceled},
		{name: "Thread", worst: panics, start: thread},
		{name: "Thread, left", worst: panics, start: threadLeft},
		{name: "Go", worst: exits, start: goroutine},
		{name: "Go, left", worst: exits, start: goroutineLeft},
		{name: "Bind and WaitGroup", worst: exits, start: waitGroup},
		{name: "BindErr and errgroup", worst: exits, start: errGroup},
	}
}

func exit() { runtime.Goexit() }

// task returns a node as a function for Submit.
func (tr *tree) task(n *node) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return tr.visit(ctx, n) }
}

// join waits for something that is none of ctxrun's. A thread does that, because
// to join it gives up the slot of the task that ctx belongs to: what is waited
// for may need it.
func (tr *tree) join(ctx context.Context, wait func()) {
	th := ctxrun.NewThread(ctx, func(context.Context) error { wait(); return nil })
	err := errors.Join(th.Start(), th.Join(ctx))
	if err != nil {
		tr.t.Errorf("cannot join: %v", err)
	}
}

func call(tr *tree, ctx context.Context, _ *ctxrun.Executor, kids []*node) func() {
	for _, kid := range kids {
		val, err := tr.visit(ctx, kid)
		tr.check(kid, val, err)
	}
	return nil
}

func executorGo(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	var wg sync.WaitGroup
	for _, kid := range kids {
		wg.Add(1)
		err := ex.Go(ctx, func(ctx context.Context) {
			defer wg.Done()
			_, _ = tr.visit(ctx, kid)
		})
		if err != nil {
			tr.t.Errorf("%s: %v", kid.name, err)
		}
	}
	return func() { tr.join(ctx, wg.Wait) }
}

func executorGoLeft(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	executorGo(tr, context.WithoutCancel(ctx), ex, kids)
	return nil
}

func executorTryGo(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	for _, kid := range kids {
		fn := func(ctx context.Context) { _, _ = tr.visit(ctx, kid) }
		err := ex.TryGo(context.WithoutCancel(ctx), fn)
		if errors.Is(err, ctxrun.ErrQueueFull) {
			err = ex.Go(context.WithoutCancel(ctx), fn)
		}
		if err != nil {
			tr.t.Errorf("%s: %v", kid.name, err)
		}
	}
	return nil
}

func submit(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	var fs []*ctxrun.Future[string]
	for _, kid := range kids {
		fs = append(fs, ctxrun.Submit(ctx, ex, tr.task(kid)))
	}
	return func() {
		for i, f := range fs {
			val, err := f.Result(ctx)
			tr.check(kids[i], val, err)
		}
	}
}

func submitLeft(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	submit(tr, context.WithoutCancel(ctx), ex, kids)
	return nil
}

func submitAll(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	fs := ctxrun.SubmitAll(ctx, ex, slices.Values(kids), tr.visit)
	return func() {
		vals, _ := ctxrun.WaitAll(ctx, fs...)
		for i, f := range fs {
			tr.check(kids[i], vals[i], f.Wait(ctx))
		}
	}
}

func asCompleted(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	fs := ctxrun.SubmitAll(ctx, ex, slices.Values(kids), tr.visit)
	return func() {
		for f, err := range ctxrun.AsCompleted(ctx, fs...) {
			val, _ := f.Result(ctx)
			tr.check(kids[slices.Index(fs, f)], val, err)
		}
	}
}

func waitFirst(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	var fs []*ctxrun.Future[string]
	var pending []ctxrun.Waiter
	for _, kid := range kids {
		fs = append(fs, ctxrun.Submit(ctx, ex, tr.task(kid)))
		pending = append(pending, fs[len(fs)-1])
	}
	return func() {
		for len(pending) > 0 {
			_, pending, _ = ctxrun.Wait(ctx, ctxrun.FirstDone, pending...)
		}
		for i, f := range fs {
			val, err := f.Result(ctx)
			tr.check(kids[i], val, err)
		}
	}
}

func mapWith(opts ...ctxrun.MapOption) func(*tree, context.Context, *ctxrun.Executor, []*node) func() {
	return func(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
		results := ctxrun.Map(ctx, ex, slices.Values(kids), tr.visit, opts...)
		return func() {
			i := 0
			for val, err := range results {
				if len(opts) == 0 { // with another order or errors there is no telling which
					tr.check(kids[i], val, err)
				}
				i++
			}
			if i != len(kids) {
				tr.t.Errorf("%d results, want %d", i, len(kids))
			}
		}
	}
}

func map2(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	endless := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
	visit := func(ctx context.Context, _ int, kid *node) (string, error) { return tr.visit(ctx, kid) }
	return func() {
		i := 0
		for val, err := range ctxrun.Map2(ctx, ex, endless, slices.Values(kids), visit) {
			tr.check(kids[i], val, err)
			i++
		}
	}
}

func mapSliceWith(opts ...ctxrun.MapOption) func(*tree, context.Context, *ctxrun.Executor, []*node) func() {
	return func(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
		return func() {
			vals, err := ctxrun.MapSlice(ctx, ex, kids, tr.visit, opts...)
			for i, val := range vals {
				if kids[i].end == returns {
					tr.check(kids[i], val, nil)
				}
			}
			failed := slices.ContainsFunc(kids, func(n *node) bool { return n.end != returns })
			if failed != (err != nil) {
				tr.t.Errorf("MapSlice: %v", err)
			}
		}
	}
}

func nothing(context.Context) (string, error) { return "", nil }

func onDone(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	return tr.callBack(ctx, ctxrun.Submit(ctx, ex, nothing), kids)
}

func onDoneLate(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	f := ctxrun.Submit(ctx, ex, nothing)
	if err := f.Wait(ctx); err != nil {
		tr.t.Error(err)
	}
	return tr.callBack(ctx, f, kids)
}

func onDoneCanceled(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	f := ctxrun.Submit(ctx, ex, nothing)
	wait := tr.callBack(ctx, f, kids)
	f.Cancel()
	return wait
}

// callBack runs nodes when a future is done.
func (tr *tree) callBack(ctx context.Context, f *ctxrun.Future[string], kids []*node) func() {
	var wg sync.WaitGroup
	for _, kid := range kids {
		wg.Add(1)
		f.OnDone(func(ctx context.Context, _ *ctxrun.Future[string]) {
			defer wg.Done()
			_, _ = tr.visit(ctx, kid)
		})
	}
	return func() { tr.join(ctx, wg.Wait) }
}

func thread(tr *tree, ctx context.Context, _ *ctxrun.Executor, kids []*node) func() {
	var ths []*ctxrun.Thread
	for _, kid := range kids {
		th := ctxrun.NewThread(ctx, func(ctx context.Context) error {
			_, err := tr.visit(ctx, kid)
			return err
		}, ctxrun.ThreadPanicHandler(func(context.Context, *ctxrun.PanicError) {}))
		ths = append(ths, th)
		if err := th.Start(); err != nil {
			tr.t.Error(err)
		}
	}
	return func() {
		for i, th := range ths {
			tr.check(kids[i], kids[i].name, th.Join(ctx))
		}
	}
}

func threadLeft(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	thread(tr, context.WithoutCancel(ctx), ex, kids)
	return nil
}

func goroutine(tr *tree, ctx context.Context, _ *ctxrun.Executor, kids []*node) func() {
	var wg sync.WaitGroup
	for _, kid := range kids {
		wg.Add(1)
		ctxrun.Go(ctx, func(ctx context.Context) {
			defer wg.Done()
			_, _ = tr.visit(ctx, kid)
		})
	}
	return wg.Wait
}

func goroutineLeft(tr *tree, ctx context.Context, ex *ctxrun.Executor, kids []*node) func() {
	goroutine(tr, context.WithoutCancel(ctx), ex, kids)
	return nil
}

func waitGroup(tr *tree, ctx context.Context, _ *ctxrun.Executor, kids []*node) func() {
	var wg sync.WaitGroup
	for _, kid := range kids {
		wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) { _, _ = tr.visit(ctx, kid) }))
	}
	return wg.Wait
}

func errGroup(tr *tree, ctx context.Context, _ *ctxrun.Executor, kids []*node) func() {
	var eg errgroup.Group
	for _, kid := range kids {
		eg.Go(ctxrun.BindErr(ctx, func(ctx context.Context) error {
			_, err := tr.visit(ctx, kid)
			return err
		}))
	}
	return func() {
		failed := slices.ContainsFunc(kids, func(n *node) bool { return n.end == fails })
		if err := eg.Wait(); failed != (err != nil) {
			tr.t.Errorf("errgroup: %v", err)
		}
	}
}
