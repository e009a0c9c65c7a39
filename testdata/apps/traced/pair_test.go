package traced_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// TestPair is the acceptance test of the Python pair that ctxrun is modelled
// on, for each mapper. Three traced functions call each other, a calls b calls
// c, for each of 12 values: 36 calls. The values are split three ways:
//
//	0 to 3   plainly, in a loop                      4 roots, each an a
//	4 to 6   by the mapper, where there is no span   3 roots, each an a
//	7 to 11  by the mapper, inside a traced function 1 root, which is the 37th call
//
// That is 37 calls and 8 roots. A mapper that loses the context leaves 13.
func TestPair(t *testing.T) {
	for _, m := range mappers {
		t.Run(m.name, func(t *testing.T) {
			spans := runPair(t, m)
			if calls, roots := len(spans), countRoots(spans); calls != 37 || roots != 8 {
				t.Fatalf("%d calls and %d roots, want 37 and 8", calls, roots)
			}
			checkPair(t, spans)
		})
	}
	t.Run("no context", func(t *testing.T) { // does the count see a loss at all?
		spans := runPair(t, mapper{run: func(_ context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
			for _, v := range values {
				fn(context.Background(), v)
			}
		}})
		if calls, roots := len(spans), countRoots(spans); calls != 37 || roots != 13 {
			t.Errorf("%d calls and %d roots, want 37 and 13", calls, roots)
		}
	})
}

func runPair(t *testing.T, m mapper) map[string]sdktrace.ReadOnlySpan {
	t.Helper()
	tracer, rec := record()
	ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
	defer ex.Close()
	p := pair{tracer}
	values := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	ctx := t.Context()
	for _, v := range values[:4] {
		p.a(ctx, v)
	}
	m.run(ctx, ex, values[4:7], p.a)
	p.call(ctx, "outer", func(ctx context.Context) { m.run(ctx, ex, values[7:], p.a) })
	return ended(t, rec)
}

func countRoots(spans map[string]sdktrace.ReadOnlySpan) int {
	roots := 0
	for _, s := range spans {
		if !s.Parent().IsValid() {
			roots++
		}
	}
	return roots
}

func checkPair(t *testing.T, spans map[string]sdktrace.ReadOnlySpan) {
	t.Helper()
	for v := range 12 {
		a, b, c := spans[fmt.Sprint("a ", v)], spans[fmt.Sprint("b ", v)], spans[fmt.Sprint("c ", v)]
		if v < 7 {
			checkParent(t, a, nil)
		} else {
			checkParent(t, a, spans["outer"])
		}
		checkParent(t, b, a)
		checkParent(t, c, b)
	}
}

// pair are the traced functions.
type pair struct{ tracer trace.Tracer }

func (p pair) call(ctx context.Context, name string, fn func(context.Context)) {
	ctx, span := p.tracer.Start(ctx, name)
	defer span.End()
	fn(ctx)
}

func (p pair) a(ctx context.Context, v int) {
	p.call(ctx, fmt.Sprint("a ", v), func(ctx context.Context) { p.b(ctx, v) })
}

func (p pair) b(ctx context.Context, v int) {
	p.call(ctx, fmt.Sprint("b ", v), func(ctx context.Context) { p.c(ctx, v) })
}

func (p pair) c(ctx context.Context, v int) {
	p.call(ctx, fmt.Sprint("c ", v), func(context.Context) {})
}

// A mapper calls fn with ctx for each value, and returns when all calls have
// returned.
type mapper struct {
	name   string
	region string // of an execution trace that the calls are in
	run    func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int))
}

// None of the mappers may fail: a panic ends the test.
var mappers = []mapper{
	{"Executor.Go", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		var wg sync.WaitGroup
		for _, v := range values {
			wg.Add(1)
			must(ex.Go(ctx, func(ctx context.Context) { defer wg.Done(); fn(ctx, v) }))
		}
		wg.Wait()
	}},
	{"Submit", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		var fs []*ctxrun.Future[int]
		for _, v := range values {
			fs = append(fs, ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { return result(fn)(ctx, v) }))
		}
		must2(ctxrun.WaitAll(ctx, fs...))
	}},
	{"SubmitAll", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		must2(ctxrun.WaitAll(ctx, ctxrun.SubmitAll(ctx, ex, slices.Values(values), result(fn))...))
	}},
	{"Map", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		for _, err := range ctxrun.Map(ctx, ex, slices.Values(values), result(fn)) {
			must(err)
		}
	}},
	{"Map unordered in chunks", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		for _, err := range ctxrun.Map(ctx, ex, slices.Values(values), result(fn), ctxrun.MapUnordered(), ctxrun.MapChunk(2)) {
			must(err)
		}
	}},
	{"MapSlice", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		must2(ctxrun.MapSlice(ctx, ex, values, result(fn)))
	}},
	{"Thread", `our thread`, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		var ths []ctxrun.Waiter
		for _, v := range values {
			th := ctxrun.NewThread(ctx, func(ctx context.Context) error { fn(ctx, v); return nil }, ctxrun.ThreadName("our thread"))
			must(th.Start())
			ths = append(ths, th)
		}
		_, _, err := ctxrun.Wait(ctx, ctxrun.AllDone, ths...)
		must(err)
	}},
	{"Go", `ctxrun\.Go`, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		var wg sync.WaitGroup
		for _, v := range values {
			wg.Add(1)
			ctxrun.Go(ctx, func(ctx context.Context) { defer wg.Done(); fn(ctx, v) })
		}
		wg.Wait()
	}},
	{"Bind and WaitGroup", bindRegion, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		var wg sync.WaitGroup
		for _, v := range values {
			wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) { fn(ctx, v) }))
		}
		wg.Wait()
	}},
	{"Bind and conc", bindRegion, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		p := pool.New().WithMaxGoroutines(2)
		for _, v := range values {
			p.Go(ctxrun.Bind(ctx, func(ctx context.Context) { fn(ctx, v) }))
		}
		p.Wait()
	}},
	{"Bind and ants", bindRegion, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		p, err := ants.NewPool(2)
		must(err)
		defer p.Release()
		var wg sync.WaitGroup
		for _, v := range values {
			wg.Add(1)
			must(p.Submit(ctxrun.Bind(ctx, func(ctx context.Context) { defer wg.Done(); fn(ctx, v) })))
		}
		wg.Wait()
	}},
	{"BindErr and errgroup", bindRegion, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		var eg errgroup.Group
		eg.SetLimit(2)
		for _, v := range values {
			eg.Go(ctxrun.BindErr(ctx, func(ctx context.Context) error { fn(ctx, v); return nil }))
		}
		must(eg.Wait())
	}},
	{"BindResult and pond", bindRegion, func(ctx context.Context, _ *ctxrun.Executor, values []int, fn func(context.Context, int)) {
		p := pond.NewResultPool[int](2)
		defer p.StopAndWait()
		for _, v := range values {
			p.SubmitErr(ctxrun.BindResult(ctx, func(ctx context.Context) (int, error) { return result(fn)(ctx, v) }))
		}
	}},
}

const (
	executorRegion = `ctxrun\.Executor`
	bindRegion     = `ctxrun\.Bind`
)

// result gives a function the signature that the executor's functions want.
func result(fn func(context.Context, int)) func(context.Context, int) (int, error) {
	return func(ctx context.Context, v int) (int, error) { fn(ctx, v); return v, nil }
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must2[T any](_ T, err error) { must(err) }
