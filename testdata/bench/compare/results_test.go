package compare

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"

	"golang.org/x/sync/errgroup"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// results has two tasks, of which the second ends first.
func results(l library) string {
	slow := func() (int, error) { time.Sleep(50 * time.Millisecond); return 1, nil }
	quick := func() (int, error) { return 2, nil }
	switch l.name {
	case "conc":
		p := pool.NewWithResults[int]().WithErrors()
		p.Go(slow)
		p.Go(quick)
		got, err := p.Wait()
		must(err)
		if slices.Equal(got, []int{2, 1}) {
			return "all at the end, in no order"
		}
		return fmt.Sprint("all at the end: ", got)
	case "pond":
		p := pond.NewResultPool[int](2)
		late, early := p.SubmitErr(slow), p.SubmitErr(quick)
		return each(early.Wait, late.Wait) + ", of the pool's type"
	case "ctxrun":
		ex, ctx := ctxrun.New(), context.Background()
		with := func(f func() (int, error)) func(context.Context) (int, error) {
			return func(context.Context) (int, error) { return f() }
		}
		late, early := ctxrun.Submit(ctx, ex, with(slow)), ctxrun.Submit(ctx, ex, with(quick))
		return each(func() (int, error) { return early.Result(ctx) }, func() (int, error) { return late.Result(ctx) }) + ", of any type"
	}
	for i := range reflect.TypeOf(l.takes).NumIn() {
		in := reflect.TypeOf(l.takes).In(i)
		if in.Kind() == reflect.Func && in.NumOut() > 0 && in.Out(0) != reflect.TypeFor[error]() {
			return "some"
		}
	}
	return "none"
}

// each waits for the one that ends early before the other has.
func each(early, late func() (int, error)) string {
	start := time.Now()
	got, err := early()
	must(err)
	took := time.Since(start)
	other, err := late()
	must(err)
	if got == 2 && other == 1 && took < 40*time.Millisecond {
		return "each when it is there"
	}
	return fmt.Sprint(got, other, took)
}

// concStreams reports whether conc's stream gives a result while a later task runs.
func concStreams() bool {
	gate, first := make(chan struct{}), make(chan struct{})
	s := stream.New().WithMaxGoroutines(2)
	s.Go(func() stream.Callback { return func() { close(first) } })
	s.Go(func() stream.Callback { <-gate; return func() {} })
	ok := within(func() { <-first })
	close(gate)
	s.Wait()
	return ok
}

// ctxrunStreams reports the same of Map.
func ctxrunStreams() bool {
	gate := make(chan struct{})
	ok := true
	for i := range ctxrun.Map(context.Background(), ctxrun.New(ctxrun.WithMaxWorkers(2)), slices.Values([]int{0, 1}), func(_ context.Context, i int) (int, error) {
		if i == 1 {
			<-gate
		}
		return i, nil
	}) {
		if i == 0 {
			close(gate) // with the second still running, or this would never end
		}
	}
	return ok
}

// allocations counts those of a task without a result, in the form for which the
// library has the fewest, closures left out.
func allocations(l library) string {
	var wg sync.WaitGroup
	ctx := context.Background()
	task := func() { wg.Done() }
	var submit func()
	switch l.name {
	case "errgroup":
		var g errgroup.Group
		g.SetLimit(2)
		closure := func() error { wg.Done(); return nil }
		submit = func() { g.Go(closure) }
	case "conc":
		p := pool.New().WithMaxGoroutines(2)
		submit = func() { p.Go(task) }
	case "ants":
		p, err := ants.NewPool(2)
		must(err)
		submit = func() { must(p.Submit(task)) }
	case "pond":
		p := pond.NewPool(2)
		submit = func() { must(p.Go(task)) }
	case "workerpool":
		p := workerpool.New(2)
		submit = func() { p.Submit(task) }
	case "ctxrun":
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
		fn := func(context.Context) { wg.Done() }
		submit = func() { must(ex.Go(ctx, fn)) }
	}
	const n = 1000
	per := testing.AllocsPerRun(20, func() {
		wg.Add(n)
		for range n {
			submit()
		}
		wg.Wait()
	})
	return strconv.FormatFloat(per/n, 'f', 0, 64)
}
