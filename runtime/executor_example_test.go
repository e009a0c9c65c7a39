package ctxrun_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// requestContext stands for the context of a request, with its trace.
func requestContext(id string) context.Context {
	return context.WithValue(context.Background(), traceKey{}, id)
}

// Two requests share an executor. Each task runs in its own request's trace.
func ExampleExecutor() {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	defer ex.Close()

	price := func(ctx context.Context) (string, error) {
		return fmt.Sprintf("price looked up in trace %v", traceID(ctx)), nil
	}
	a := ctxrun.Submit(requestContext("aaaa"), ex, price)
	b := ctxrun.Submit(requestContext("bbbb"), ex, price)
	fmt.Println(a.Result(context.Background()))
	fmt.Println(b.Result(context.Background()))
	// Output:
	// price looked up in trace aaaa <nil>
	// price looked up in trace bbbb <nil>
}

func ExampleNew() {
	ex := ctxrun.New(
		ctxrun.WithMaxWorkers(8),      // at most 8 tasks at a time
		ctxrun.WithQueue(100),         // submitters wait when 100 tasks do
		ctxrun.WithNamePrefix("mail"), // workers are mail_0, mail_1, ... in profiles
	)
	defer ex.Close()
	fmt.Println(ex.Stats().MaxWorkers)
	// Output: 8
}

// For tasks with deep stacks, workers with something to set up, and programs
// that take no CPU profiles.
func ExampleWithIdleTimeout() {
	workers := 0
	ex := ctxrun.New(
		ctxrun.WithMaxWorkers(1),
		ctxrun.WithIdleTimeout(time.Minute),
		ctxrun.WithInitializer(func() error { workers++; return nil }),
		ctxrun.WithoutLabels(),
	)
	defer ex.Close()
	for range 3 {
		ctxrun.Submit(context.Background(), ex, func(context.Context) (int, error) { return 1, nil }).Wait(context.Background())
	}
	fmt.Println(workers)
	// Output: 1
}

// Without a future: the go statement with a limit.
func ExampleExecutor_Go() {
	ex := ctxrun.New()
	var wg sync.WaitGroup
	wg.Add(1)
	err := ex.Go(requestContext("4bf92f35"), func(ctx context.Context) {
		defer wg.Done()
		fmt.Println("audit record in trace", traceID(ctx))
	})
	if err != nil {
		fmt.Println("not accepted:", err)
		return
	}
	wg.Wait()
	// Output: audit record in trace 4bf92f35
}

func ExampleExecutor_TryGo() {
	ctx := context.Background()
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithQueue(0))
	defer ex.Close()

	busy := make(chan struct{})
	defer close(busy)
	fmt.Println(ex.TryGo(ctx, func(context.Context) { <-busy }))
	fmt.Println(ex.TryGo(ctx, func(context.Context) {}))
	// Output:
	// <nil>
	// ctxrun: queue is full
}

// At the end of a service: give what runs five seconds, then ask it to stop.
func ExampleExecutor_Shutdown() {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	started := make(chan struct{})
	report := ctxrun.Submit(context.Background(), ex, func(ctx context.Context) (string, error) {
		close(started)
		<-ctx.Done()
		return "", context.Cause(ctx)
	})
	<-started

	grace, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := ex.Shutdown(grace, ctxrun.CancelQueued()); err != nil {
		fmt.Println("still running:", err)
		ex.Shutdown(context.Background(), ctxrun.CancelRunning(errors.New("the service stops")))
	}
	fmt.Println(report.Wait(context.Background()))
	// Output:
	// still running: context deadline exceeded
	// the service stops
}

func ExampleExecutor_Close() {
	ex := ctxrun.New()
	defer ex.Close() // waits for the tasks

	ctxrun.Submit(context.Background(), ex, func(context.Context) (int, error) { return 1, nil })
}

func ExampleExecutor_Resize() {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(4))
	ex.Resize(16)
	fmt.Println(ex.Stats().MaxWorkers)
	// Output: 16
}

func ExampleExecutor_Stats() {
	ex := ctxrun.New()
	for range 3 {
		ex.Go(context.Background(), func(context.Context) {})
	}
	ex.Close()
	s := ex.Stats()
	fmt.Println(s.Submitted, "submitted,", s.Completed, "completed,", s.Workers, "workers left")
	// Output: 3 submitted, 3 completed, 0 workers left
}

func ExampleExecutor_Err() {
	ex := ctxrun.New()
	fmt.Println(ex.Err())
	ex.Close()
	fmt.Println(ex.Err())
	// Output:
	// <nil>
	// ctxrun: executor is shut down
}

func ExampleSubmit() {
	ctx := requestContext("4bf92f35")
	ex := ctxrun.New()
	stock := ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { return 12, nil })
	price := ctxrun.Submit(ctx, ex, func(ctx context.Context) (float64, error) { return 0, errors.New("no price") })

	n, err := stock.Result(ctx)
	fmt.Println(n, err)
	p, err := price.Result(ctx)
	fmt.Println(p, err)
	// Output:
	// 12 <nil>
	// 0 no price
}

func ExampleSubmitAll() {
	ctx := context.Background()
	ex := ctxrun.New()
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	fs := ctxrun.SubmitAll(ctx, ex, slices.Values([]int{1, 2, 3}), square)
	fmt.Println(ctxrun.WaitAll(ctx, fs...))
	// Output: [1 4 9] <nil>
}

func ExampleFuture() {
	ctx := context.Background()
	ex := ctxrun.New()
	f := ctxrun.Submit(ctx, ex, func(context.Context) (string, error) { return "done", nil })

	// A wait that gives up changes nothing for the next one.
	impatient, cancel := context.WithCancel(ctx)
	cancel()
	f.Result(impatient)

	fmt.Println(f.Result(ctx))
	fmt.Println(f.State())
	// Output:
	// done <nil>
	// done
}

func ExampleFuture_Cancel() {
	ctx := context.Background()
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	defer ex.Close()
	busy := make(chan struct{})
	defer close(busy)
	ex.Go(ctx, func(context.Context) { <-busy })

	f := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 1, nil })
	fmt.Println(f.Cancel(), f.State(), f.Wait(ctx))
	// Output: true canceled ctxrun: task was canceled before it started
}

func ExampleFuture_Stop() {
	ctx := context.Background()
	ex := ctxrun.New()
	f := ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	f.Stop(errors.New("the user went away"))
	fmt.Println(f.Wait(ctx))
	// Output: the user went away
}

func ExampleFuture_OnDone() {
	ctx := requestContext("4bf92f35")
	ex := ctxrun.New()
	f := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 7, nil })
	f.OnDone(func(ctx context.Context, f *ctxrun.Future[int]) {
		n, _ := f.Result(ctx)
		fmt.Println("got", n, "in trace", traceID(ctx))
	})
	ex.Close()
	// Output: got 7 in trace 4bf92f35
}

func ExampleState() {
	fmt.Println(ctxrun.StatePending, ctxrun.StateRunning, ctxrun.StateCanceled, ctxrun.StateDone)
	// Output: pending running canceled done
}

// The first of several replicas to answer wins.
func ExampleWait() {
	ctx := context.Background()
	ex := ctxrun.New()
	fast := ctxrun.Submit(ctx, ex, func(context.Context) (string, error) { return "fast", nil })
	slow := ctxrun.Submit(ctx, ex, func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() })

	done, pending, err := ctxrun.Wait(ctx, ctxrun.FirstDone, fast, slow)
	fmt.Println(len(done), len(pending), err)
	slow.Stop(nil)
	// Output: 1 1 <nil>
}

func ExampleWaiter() {
	ctx := context.Background()
	ex := ctxrun.New()
	th := ctxrun.NewThread(ctx, func(context.Context) error { return nil })
	th.Start()
	// Futures of different types, and threads.
	all := []ctxrun.Waiter{
		ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 1, nil }),
		ctxrun.Submit(ctx, ex, func(context.Context) (string, error) { return "", errors.New("failed") }),
		th,
	}
	_, _, err := ctxrun.Wait(ctx, ctxrun.AllDone, all...)
	fmt.Println(err)
	// Output: failed
}

func ExampleWaitMode() {
	ctx := context.Background()
	ex := ctxrun.New()
	ok := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 1, nil })
	bad := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 0, errors.New("failed") })
	_, _, err := ctxrun.Wait(ctx, ctxrun.FirstError, ok, bad)
	fmt.Println(err)
	// Output: failed
}

func ExampleWaitAll() {
	ctx := context.Background()
	ex := ctxrun.New()
	half := func(_ context.Context, n int) (int, error) {
		if n%2 != 0 {
			return 0, fmt.Errorf("%d is odd", n)
		}
		return n / 2, nil
	}
	vals, err := ctxrun.WaitAll(ctx, ctxrun.SubmitAll(ctx, ex, slices.Values([]int{2, 3, 4, 5}), half)...)
	fmt.Println(vals)
	fmt.Println(err) // every error, not the first
	// Output:
	// [1 0 2 0]
	// 3 is odd
	// 5 is odd
}

func ExampleAsCompleted() {
	ctx := context.Background()
	ex := ctxrun.New()
	seen := make(chan struct{})
	fast := ctxrun.Submit(ctx, ex, func(context.Context) (string, error) { return "fast", nil })
	slow := ctxrun.Submit(ctx, ex, func(context.Context) (string, error) {
		<-seen
		return "slow", nil
	})
	for f, err := range ctxrun.AsCompleted(ctx, slow, fast) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(f.Result(ctx))
		if f == fast {
			close(seen)
		}
	}
	// Output:
	// fast <nil>
	// slow <nil>
}

// A map over an input without an end: no more is taken from it than needed.
func ExampleMap() {
	ctx := requestContext("4bf92f35")
	ex := ctxrun.New()
	numbers := func(yield func(int) bool) {
		for n := 1; yield(n); n++ {
		}
	}
	square := func(ctx context.Context, n int) (int, error) { return n * n, nil }
	for sq, err := range ctxrun.Map(ctx, ex, numbers, square) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		if sq > 20 {
			break
		}
		fmt.Println(sq)
	}
	// Output:
	// 1
	// 4
	// 9
	// 16
}

func ExampleMapOption() {
	ctx := context.Background()
	ex := ctxrun.New()
	parse := func(_ context.Context, s string) (int, error) { return strconv.Atoi(s) }
	for n, err := range ctxrun.Map(ctx, ex, slices.Values([]string{"1", "x", "3"}), parse,
		ctxrun.MapTimeout(time.Minute), // for all of it
		ctxrun.MapBuffer(2),            // two chunks under way at most
		ctxrun.MapChunk(1),             // an item a task
		ctxrun.MapStopOnError(),
	) {
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 0 strconv.Atoi: parsing "x": invalid syntax
}

// The order does not matter, only that each is seen.
func ExampleMapUnordered() {
	ctx := context.Background()
	ex := ctxrun.New()
	sum := 0
	double := func(_ context.Context, n int) (int, error) { return 2 * n, nil }
	for n := range ctxrun.Map(ctx, ex, slices.Values([]int{1, 2, 3}), double, ctxrun.MapUnordered()) {
		sum += n
	}
	fmt.Println(sum)
	// Output: 12
}

func ExampleMap2() {
	ctx := context.Background()
	ex := ctxrun.New()
	names, counts := []string{"apple", "pear", "fig"}, []int{3, 2}
	line := func(_ context.Context, name string, n int) (string, error) { return fmt.Sprint(n, " ", name), nil }
	for s := range ctxrun.Map2(ctx, ex, slices.Values(names), slices.Values(counts), line) {
		fmt.Println(s)
	}
	// Output:
	// 3 apple
	// 2 pear
}

func ExampleMapSlice() {
	ctx := context.Background()
	ex := ctxrun.New()
	length := func(_ context.Context, s string) (int, error) { return len(s), nil }
	fmt.Println(ctxrun.MapSlice(ctx, ex, []string{"a", "bb", "ccc"}, length))
	// Output: [1 2 3] <nil>
}

func ExampleThread() {
	ctx := requestContext("4bf92f35")
	th := ctxrun.NewThread(ctx, func(ctx context.Context) error {
		fmt.Println(ctxrun.CurrentThread(ctx).Name(), "runs in trace", traceID(ctx))
		return nil
	}, ctxrun.ThreadName("importer"))
	th.Start()
	fmt.Println(th.Join(ctx), th.Alive())
	// Output:
	// importer runs in trace 4bf92f35
	// <nil> false
}

func ExampleNewThread() {
	th := ctxrun.NewThread(context.Background(), func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}, ctxrun.ThreadName("poller"), ctxrun.ThreadDaemon())
	th.Start()
	th.Stop(errors.New("enough"))
	fmt.Println(th.Join(context.Background()))
	// Output: enough
}

func ExampleCurrentThread() {
	th := ctxrun.NewThread(context.Background(), func(ctx context.Context) error {
		ctxrun.CurrentThread(ctx).SetName("renamed")
		return nil
	})
	th.Start()
	th.Join(context.Background())
	fmt.Println(th.Name(), ctxrun.CurrentThread(context.Background()))
	// Output: renamed <nil>
}

func ExampleThreads() {
	stop := make(chan struct{})
	th := ctxrun.NewThread(context.Background(), func(context.Context) error { <-stop; return nil }, ctxrun.ThreadName("watcher"))
	th.Start()
	for th := range ctxrun.Threads() {
		fmt.Println(th.Name(), th.Alive())
	}
	close(stop)
	th.Join(context.Background())
	// Output: watcher true
}

// In main, where the end of the program would cut the threads off.
func ExampleWaitThreads() {
	ctx := context.Background()
	defer ctxrun.WaitThreads(ctx)

	ctxrun.NewThread(ctx, func(context.Context) error {
		fmt.Println("written")
		return nil
	}).Start()
	// Output: written
}

func ExampleThreadPanicHandler() {
	th := ctxrun.NewThread(requestContext("4bf92f35"), func(context.Context) error { panic("boom") },
		ctxrun.ThreadName("importer"),
		ctxrun.ThreadPanicHandler(func(ctx context.Context, p *ctxrun.PanicError) {
			fmt.Println(ctxrun.CurrentThread(ctx).Name(), "in trace", traceID(ctx), "panicked:", p.Value)
		}))
	th.Start()
	th.Join(context.Background())
	// Output: importer in trace 4bf92f35 panicked: boom
}

func ExamplePanicError() {
	ctx := context.Background()
	ex := ctxrun.New()
	f := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { panic(errors.New("boom")) })
	var p *ctxrun.PanicError
	if errors.As(f.Wait(ctx), &p) {
		fmt.Println(p.Value, len(p.Stack()) > 0)
	}
	// Output: boom true
}

func ExampleBrokenError() {
	ctx := context.Background()
	ex := ctxrun.New(ctxrun.WithInitializer(func() error { return errors.New("no licence") }))
	err := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 1, nil }).Wait(ctx)
	var broken *ctxrun.BrokenError
	fmt.Println(errors.As(err, &broken), broken.Cause)
	// Output: true no licence
}

// With a tracer, OnSubmit would start a span for the wait in the queue and
// OnStart one for the run.
func ExampleHooks() {
	type enqueued struct{}
	ex := ctxrun.New(ctxrun.WithHooks(ctxrun.Hooks{
		OnSubmit: func(ctx context.Context) context.Context {
			return context.WithValue(ctx, enqueued{}, time.Now())
		},
		OnStart: func(ctx context.Context) context.Context {
			waited := time.Since(ctx.Value(enqueued{}).(time.Time))
			fmt.Println("waited for less than a minute:", waited < time.Minute)
			return ctx
		},
		OnDone: func(ctx context.Context, err error) {
			fmt.Println("done in trace", traceID(ctx), err)
		},
	}))
	ex.Go(requestContext("4bf92f35"), func(context.Context) {})
	ex.Close()
	// Output:
	// waited for less than a minute: true
	// done in trace 4bf92f35 <nil>
}

func ExampleOption() {
	ex := ctxrun.New(
		ctxrun.WithIdleTimeout(time.Second), // keep workers and their stacks for a second
		ctxrun.WithPanicHandler(func(ctx context.Context, p *ctxrun.PanicError) {
			fmt.Println("trace", traceID(ctx), "panicked:", p.Value)
		}),
	)
	defer ex.Close()
	ex.Go(requestContext("4bf92f35"), func(context.Context) { panic("boom") })
	// Output: trace 4bf92f35 panicked: boom
}

func ExampleShutdownOption() {
	ctx := context.Background()
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	busy, started := make(chan struct{}), make(chan struct{})
	ex.Go(ctx, func(context.Context) { close(started); <-busy })
	<-started
	queued := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { return 1, nil })
	queued.OnDone(func(context.Context, *ctxrun.Future[int]) { close(busy) })

	ex.Shutdown(ctx, ctxrun.CancelQueued())
	fmt.Println(queued.Wait(ctx))
	// Output: ctxrun: task was canceled before it started
}

func ExampleStats() {
	var s ctxrun.Stats
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	ctxrun.Submit(context.Background(), ex, func(ctx context.Context) (int, error) {
		f := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) {
			s = ex.Stats()
			return 0, nil
		})
		return f.Result(ctx) // gives up the slot while it waits
	}).Wait(context.Background())
	fmt.Println(s.Running, "runs and", s.Waiting, "waits, of at most", s.MaxWorkers)
	// Output: 1 runs and 1 waits, of at most 1
}

// A goroutine locked to its operating system thread, for a C library that
// keeps state there.
func ExampleThreadOption() {
	th := ctxrun.NewThread(context.Background(), func(context.Context) error { return nil }, ctxrun.ThreadLocked())
	th.Start()
	th.Join(context.Background())
	_, ok := th.NativeID()
	fmt.Println(ok == (runtime.GOOS == "linux"))
	// Output: true
}
