//go:build go1.25

package ctxrun_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// What an executor does with tasks, row by row of Python's ThreadPoolExecutor.
// Futures, maps and waits have files of their own.

// gate is a channel that tasks wait on until a test lets them go.
type gate chan struct{}

func (g gate) task(context.Context) { <-g }

// fill occupies n workers until the gate is closed.
func fill(t *testing.T, ex *ctxrun.Executor, n int) gate {
	t.Helper()
	g := make(gate)
	for range n {
		if err := ex.Go(t.Context(), g.task); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Wait()
	return g
}

// value is a task that returns v.
func value[T any](v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, nil }
}

func nothing(context.Context) {}

func TestSubmitRunsInTheSubmittersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		see := func(ctx context.Context) (string, error) {
			return fmt.Sprint(ctx.Value(key{}), " ", labels(t, "TestSubmitRunsInTheSubmittersContext.func1.1+")), nil
		}
		a := pprof.WithLabels(context.WithValue(t.Context(), key{}, "a"), pprof.Labels("request", "a"))
		b := pprof.WithLabels(context.WithValue(t.Context(), key{}, "b"), pprof.Labels("request", "b"))
		g := fill(t, ex, 1)
		fa, fb, none := ctxrun.Submit(a, ex, see), ctxrun.Submit(b, ex, see), ctxrun.Submit(t.Context(), ex, see)
		close(g)
		for f, want := range map[*ctxrun.Future[string]]string{
			fa: `a {"request":"a"}`, fb: `b {"request":"b"}`, none: "<nil> ",
		} {
			if got, err := f.Result(t.Context()); got != want || err != nil {
				t.Errorf("task saw %q, %v, want %q", got, err, want)
			}
		}
	})
}

func TestATaskChangesNoOthersLabels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, opt := range map[string]ctxrun.Option{
			"next task":     ctxrun.WithMaxWorkers(1),
			"parked worker": ctxrun.WithIdleTimeout(time.Hour),
		} {
			ex := ctxrun.New(ctxrun.WithMaxWorkers(1), opt)
			spoil := func(context.Context) (string, error) {
				pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("spoilt", "yes")))
				return "", nil
			}
			see := func(context.Context) (string, error) {
				return labels(t, "TestATaskChangesNoOthersLabels.func1.2+"), nil
			}
			first := ctxrun.Submit(t.Context(), ex, spoil)
			if name == "parked worker" {
				synctest.Wait()
				if got := labels(t, "(*worker).park"); got != "" {
					t.Errorf("labels of a parked worker: %s", got)
				}
			}
			if got, _ := ctxrun.Submit(t.Context(), ex, see).Result(t.Context()); got != "" {
				t.Errorf("%s: labels %s", name, got)
			}
			if err := first.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			ex.Close()
		}
	})
}

func TestWithoutLabels(t *testing.T) {
	ex := ctxrun.New(ctxrun.WithoutLabels())
	see := func(context.Context) (string, error) { return labels(t, "TestWithoutLabels.func1+"), nil }
	if got, _ := ctxrun.Submit(request(), ex, see).Result(t.Context()); got != "" {
		t.Errorf("labels = %s, want none", got)
	}
}

func TestMaxWorkersDefault(t *testing.T) {
	want := min(32, runtime.GOMAXPROCS(0)+4)
	var zero, other ctxrun.Executor
	if got, err := ctxrun.MapSlice(t.Context(), &other, []int{1}, fails); len(got) != 1 || err == nil {
		t.Errorf("MapSlice by a zero executor = %v, %v", got, err)
	}
	if err := zero.Go(t.Context(), nothing); err != nil {
		t.Errorf("the zero executor refuses: %v", err)
	}
	for _, ex := range []*ctxrun.Executor{ctxrun.New(), &zero} {
		if got := ex.Stats().MaxWorkers; got != want {
			t.Errorf("MaxWorkers = %d, want %d", got, want)
		}
	}
}

func TestWorkersOnDemandAndLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(3))
		for n, want := range []int{1, 2, 3, 3, 3} {
			defer close(fill(t, ex, 1))
			if s := ex.Stats(); s.Workers != want || s.Running != want || s.Queued != n+1-want {
				t.Errorf("after %d tasks: %+v, want %d workers", n+1, s, want)
			}
		}
	})
}

func TestTasksStartInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := fill(t, ex, 1)
		var got []int
		const n = 1000 // several blocks of the queue
		for i := range n {
			ex.Go(t.Context(), func(context.Context) { got = append(got, i) })
		}
		close(g)
		ex.Close()
		for i := range n {
			if got[i] != i {
				t.Fatalf("task %d was started as number %d", got[i], i)
			}
		}
	})
}

// An executor that is not closed: the bubble ends only if it has no goroutine.
func TestIdleExecutorOwnsNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		for range 100 {
			ex.Go(t.Context(), nothing)
		}
		synctest.Wait()
		if s := ex.Stats(); s.Workers != 0 || s.Completed != 100 {
			t.Errorf("idle: %+v", s)
		}
	})
}

func TestIdleTimeoutKeepsAndReusesWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2), ctxrun.WithIdleTimeout(time.Second))
		g := fill(t, ex, 2)
		close(g)
		for i := range 10 {
			// The worker that was idle last is used again and again, the
			// other goes after a second.
			want := 2
			if i >= 4 {
				want = 1
			}
			synctest.Wait()
			if got := ex.Stats().Workers; got != want {
				t.Errorf("%d workers are kept after %d times 300 ms, want %d", got, i, want)
			}
			// At a time that is no multiple of a second: when its time is
			// up, the other may find the task in the queue and take it.
			time.Sleep(300 * time.Millisecond)
			ex.Go(t.Context(), nothing)
		}
		synctest.Wait()
		time.Sleep(time.Second + 1)
		synctest.Wait()
		if got := ex.Stats().Workers; got != 0 {
			t.Errorf("%d workers are kept after the timeout", got)
		}
	})
}

// An executor of a package may be used by one test in a bubble and then by
// another.
func TestExecutorOutlivesABubble(t *testing.T) {
	ex := ctxrun.New(ctxrun.WithIdleTimeout(time.Millisecond))
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			for range 3 {
				ctxrun.Submit(t.Context(), ex, value(1)).Wait(t.Context())
				synctest.Wait() // the worker is parked
			}
			time.Sleep(time.Second)
		})
	}
}

func TestShutdownReleasesKeptWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithIdleTimeout(time.Hour))
		close(fill(t, ex, 3))
		synctest.Wait()
		start := time.Now()
		if err := ex.Close(); err != nil || time.Since(start) != 0 || ex.Stats().Workers != 0 {
			t.Errorf("Close = %v after %v, %+v", err, time.Since(start), ex.Stats())
		}
	})
}

func TestNamePrefix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2), ctxrun.WithNamePrefix("mail"))
		see := func(context.Context) (string, error) { return labels(t, "TestNamePrefix.func1.1+"), nil }
		ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", "a"))
		g := fill(t, ex, 1)
		for range 3 {
			got, _ := ctxrun.Submit(ctx, ex, see).Result(t.Context())
			if want := `{"request":"a", "worker":"mail_1"}`; got != want {
				t.Errorf("labels = %s, want %s", got, want)
			}
		}
		close(g)
	})
}

func TestInitializerRunsOncePerWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inits, early atomic.Int32
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2), ctxrun.WithIdleTimeout(time.Hour), ctxrun.WithInitializer(func() error {
			time.Sleep(time.Second)
			inits.Add(1)
			return nil
		}))
		start := time.Now()
		for range 10 {
			ex.Go(t.Context(), func(context.Context) {
				if inits.Load() == 0 {
					early.Add(1)
				}
				time.Sleep(time.Minute)
			})
		}
		synctest.Wait()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := ex.Stats().Running; got != 2 {
			t.Errorf("%d workers run after %v: one waits for the other's initializer", got, time.Since(start))
		}
		ex.Close()
		if inits.Load() != 2 || early.Load() != 0 {
			t.Errorf("initializer was called %d times, %d tasks came before it", inits.Load(), early.Load())
		}
	})
}

func TestInitializerThatFailsBreaksTheExecutor(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		init  func() error
		cause func(error) bool
	}{
		"error":  {func() error { return boom }, func(err error) bool { return err == boom }},
		"panic":  {func() error { panic(boom) }, func(err error) bool { p := new(ctxrun.PanicError); return errors.As(err, &p) && p.Value == boom }},
		"goexit": {func() error { runtime.Goexit(); return nil }, func(err error) bool { return err == ctxrun.ErrGoexit }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := make(chan struct{})
				ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithInitializer(func() error { <-start; return c.init() }))
				pending := []*ctxrun.Future[int]{
					ctxrun.Submit(t.Context(), ex, value(1)), ctxrun.Submit(t.Context(), ex, value(2)),
				}
				close(start)
				synctest.Wait()
				for _, f := range append(pending, ctxrun.Submit(t.Context(), ex, value(3))) {
					var broken *ctxrun.BrokenError
					if err := f.Wait(t.Context()); !errors.As(err, &broken) || !c.cause(broken.Cause) {
						t.Errorf("error of a task: %v", err)
					}
					if f.State() != ctxrun.StateCanceled {
						t.Errorf("state of a task: %v", f.State())
					}
				}
				var broken *ctxrun.BrokenError
				if !errors.As(ex.Go(t.Context(), nothing), &broken) || !errors.As(ex.Err(), &broken) {
					t.Errorf("the executor is not broken: %v", ex.Err())
				}
				if err := ex.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		})
	}
}

func TestShutdownWaitsForAllTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := fill(t, ex, 1)
		queued := ctxrun.Submit(t.Context(), ex, value(1))
		short, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("too long"))
		defer cancel()
		if err := ex.Shutdown(short); err == nil || err.Error() != "too long" {
			t.Errorf("Shutdown = %v while a task runs, want the cause of its context", err)
		}
		if err := ex.Go(t.Context(), nothing); err != ctxrun.ErrShutdown {
			t.Errorf("Go after Shutdown = %v", err)
		}
		if err := ctxrun.Submit(t.Context(), ex, value(1)).Wait(t.Context()); err != ctxrun.ErrShutdown || ex.Err() != err {
			t.Errorf("Submit after Shutdown: %v, Err: %v", err, ex.Err())
		}
		close(g)
		for range 2 { // it is idempotent
			if err := ex.Close(); err != nil {
				t.Errorf("Close = %v", err)
			}
		}
		if queued.State() != ctxrun.StateDone || ex.Stats().Workers != 0 {
			t.Errorf("after Close: queued task %v, %+v", queued.State(), ex.Stats())
		}
	})
}

func TestCancelQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		var ran atomic.Bool
		started := ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { time.Sleep(time.Second); return 1, nil })
		synctest.Wait()
		queued := ctxrun.Submit(t.Context(), ex, value(2))
		ex.Go(t.Context(), func(context.Context) { ran.Store(true) })
		if err := ex.Shutdown(t.Context(), ctxrun.CancelQueued()); err != nil {
			t.Error(err)
		}
		if err := queued.Wait(t.Context()); err != ctxrun.ErrCanceled || queued.State() != ctxrun.StateCanceled || ran.Load() {
			t.Errorf("queued task: %v, %v, ran: %v", err, queued.State(), ran.Load())
		}
		if v, err := started.Result(t.Context()); v != 1 || err != nil {
			t.Errorf("task that ran: %d, %v", v, err)
		}
		if s := ex.Stats(); s.Submitted != 3 || s.Completed != 1 || s.Canceled != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestCancelRunning(t *testing.T) {
	stop := errors.New("stop")
	cause := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
	for name, parent := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancellable":   context.WithCancel,
		"uncancellable": func(context.Context) (context.Context, context.CancelFunc) { return context.Background(), func() {} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := parent(t.Context())
				defer cancel()
				ex := ctxrun.New(ctxrun.WithMaxWorkers(4))
				errs := make(chan error, 4)
				submitted := ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { return 0, cause(ctx) })
				for range 2 {
					ex.Go(ctx, func(ctx context.Context) { errs <- cause(ctx) })
				}
				late := make(chan struct{}) // asks for Done only afterwards
				other, free := context.WithCancel(ctx)
				defer free()
				ex.Go(other, func(ctx context.Context) { <-late; errs <- errors.Join(ctx.Err(), context.Cause(ctx)) })
				synctest.Wait()
				shut, end := context.WithCancel(t.Context())
				end()
				ex.Shutdown(shut, ctxrun.CancelRunning(stop))
				close(late)
				if err := ex.Close(); err != nil {
					t.Error(err)
				}
				for range 3 {
					if err := <-errs; !errors.Is(err, stop) {
						t.Errorf("cause in a task of Go: %v", err)
					}
				}
				if err := submitted.Wait(t.Context()); err != stop {
					t.Errorf("cause in a task of Submit: %v", err)
				}
				if ctx.Err() != nil {
					t.Error("the submitter's context was canceled")
				}
			})
		})
	}
}

func TestShutdownFromOwnTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		f := ctxrun.Submit(t.Context(), ex, func(ctx context.Context) (int, error) { return 0, ex.Shutdown(ctx) })
		if err := f.Wait(t.Context()); err != ctxrun.ErrSelfJoin {
			t.Errorf("Shutdown by a task of the executor = %v", err)
		}
		if err := ex.Go(t.Context(), nothing); err != ctxrun.ErrShutdown {
			t.Errorf("Go = %v: it was not shut down", err)
		}
	})
}

func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		gates := []gate{fill(t, ex, 1)}
		for range 4 {
			gates = append(gates, fill(t, ex, 1))
		}
		running := func(step string, want int) {
			t.Helper()
			synctest.Wait()
			if s := ex.Stats(); s.Running != want {
				t.Errorf("%s: %+v, want %d running", step, s, want)
			}
		}
		ex.Resize(3)
		running("up", 3)
		ex.Resize(2)
		running("down: nothing is stopped", 3)
		close(gates[0])
		running("the first to end is not followed by another", 2)
		close(gates[1])
		running("the next is", 2)
		for _, g := range gates[2:] {
			close(g)
		}
		if err := ex.Close(); err != nil || ex.Stats().Completed != 5 {
			t.Errorf("Close = %v, %+v", err, ex.Stats())
		}
	})
}

func TestResizeResumesATaskThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := make(gate)
		f := ctxrun.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
			child := ctxrun.Submit(ctx, ex, value(1))
			ex.Go(t.Context(), g.task) // has the slot when the child is done
			return child.Result(ctx)
		})
		synctest.Wait()
		ex.Resize(2)
		if v, err := f.Result(t.Context()); v != 1 || err != nil {
			t.Errorf("Result = %d, %v", v, err)
		}
		close(g)
		ex.Close()
	})
}

// An executor keeps nothing of a task that is over, neither when it is idle
// nor while others are queued.
func TestExecutorKeepsNothingOfATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, next := range map[string]gate{"idle": nil, "others queued": make(gate)} {
			ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
			g := make(gate)
			ex.Go(t.Context(), g.task)
			closure, value := submitBig(t.Context(), ex)
			if next != nil {
				for i := range 10 { // other contexts, as other requests have
					ex.Go(context.WithValue(t.Context(), key{}, i), next.task)
				}
			}
			close(g)
			synctest.Wait()
			runtime.GC()
			if closure.Value() != nil || value.Value() != nil {
				t.Errorf("%s: keeps the closure: %v, the context: %v", name, closure.Value() != nil, value.Value() != nil)
			}
			if next != nil {
				close(next)
			}
			ex.Close()
		}
	})
}

// submitBig submits a task with something big in its closure and another in
// its context.
func submitBig(ctx context.Context, ex *ctxrun.Executor) (closure, value weak.Pointer[[1 << 20]byte]) {
	a, b := new([1 << 20]byte), new([1 << 20]byte)
	ex.Go(context.WithValue(ctx, key{}, b), func(context.Context) { a[0] = 1 })
	return weak.Make(a), weak.Make(b)
}

func TestPanicAndGoexitLoseNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := fill(t, ex, 1)
		panics := ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { panic(boom) })
		exits := ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		ex.Go(t.Context(), func(context.Context) { runtime.Goexit() })
		last := ctxrun.Submit(t.Context(), ex, value(1))
		close(g)
		if v, err := last.Result(t.Context()); v != 1 || err != nil {
			t.Errorf("the task after them: %d, %v", v, err)
		}
		var p *ctxrun.PanicError
		err := panics.Wait(t.Context())
		if !errors.As(err, &p) || p.Value != boom || !errors.Is(err, boom) {
			t.Fatalf("panic: %v", err)
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(p.Stack(), "runtime.gopanic\n"), "pool_test.go")
		if !strings.Contains(first, "TestPanicAndGoexitLoseNoWorker.func1.1") {
			t.Errorf("the stack does not begin where it panicked:\n%s", p.Stack())
		}
		if err := exits.Wait(t.Context()); err != ctxrun.ErrGoexit {
			t.Errorf("Goexit: %v", err)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
		if s := ex.Stats(); s.Completed != 5 || s.Panicked != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type stage struct{}
		var mu sync.Mutex
		var log []string
		add := func(ctx context.Context, format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, fmt.Sprint(ctx.Value(key{}), " ", ctx.Value(stage{}), " ", fmt.Sprintf(format, args...)))
		}
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithHooks(ctxrun.Hooks{
			OnSubmit: func(ctx context.Context) context.Context {
				add(ctx, "submit")
				return context.WithValue(ctx, stage{}, "queued")
			},
			OnStart: func(ctx context.Context) context.Context {
				add(ctx, "start")
				return context.WithValue(ctx, stage{}, "running")
			},
			OnDone: func(ctx context.Context, err error) { add(ctx, "done %v", err) },
		}))
		as := func(name string) context.Context { return context.WithValue(t.Context(), key{}, name) }
		run := func(name string, f func(ctx context.Context) (int, error)) {
			fut := ctxrun.Submit(as(name), ex, f)
			synctest.Wait()
			if name == "fails" && fut.Wait(t.Context()) == nil {
				t.Error("no error")
			}
		}
		ex.Go(as("go"), func(ctx context.Context) { add(ctx, "task") })
		synctest.Wait()
		run("submit", func(ctx context.Context) (int, error) { add(ctx, "task"); return 0, nil })
		run("fails", func(context.Context) (int, error) { return 0, errors.New("failed") })
		run("exits", func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		for range ctxrun.Map(as("map"), ex, one(1), func(ctx context.Context, _ int) (int, error) { add(ctx, "task"); return 0, nil }) {
		}
		g := make(gate)
		ex.Go(as("block"), g.task)
		synctest.Wait()
		queued := ctxrun.Submit(as("canceled"), ex, value(1))
		queued.Cancel()
		close(g)
		ex.Close()
		ex.Go(as("refused"), nothing)
		want := strings.Split(`go <nil> submit
go queued start
go running task
go running done <nil>
submit <nil> submit
submit queued start
submit running task
submit running done <nil>
fails <nil> submit
fails queued start
fails running done failed
exits <nil> submit
exits queued start
exits running done ctxrun: function called runtime.Goexit
map <nil> submit
map queued start
map running task
map running done <nil>
block <nil> submit
block queued start
canceled <nil> submit
canceled queued done ctxrun: task was canceled before it started
block running done <nil>
refused <nil> submit
refused queued done ctxrun: executor is shut down`, "\n")
		if !reflect.DeepEqual(log, want) {
			t.Errorf("hooks were called as\n%s\nwant\n%s", strings.Join(log, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestPanicHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithPanicHandler(func(ctx context.Context, p *ctxrun.PanicError) {
			got = append(got, fmt.Sprint(ctx.Value(key{}), " ", p.Value))
		}))
		as := func(name string) context.Context { return context.WithValue(t.Context(), key{}, name) }
		ex.Go(as("go"), func(context.Context) { panic(1) })
		ctxrun.Submit(as("submit"), ex, func(context.Context) (int, error) { panic(2) })
		ctxrun.MapSlice(as("map"), ex, []int{0}, func(context.Context, int) (int, error) { panic(3) })
		ctxrun.Submit(as("callback"), ex, value(1)).OnDone(func(context.Context, *ctxrun.Future[int]) { panic(4) })
		if err := ex.Close(); err != nil {
			t.Errorf("Close = %v: the handler has seen the panics", err)
		}
		if want := []string{"go 1", "submit 2", "map 3", "callback 4"}; !reflect.DeepEqual(got, want) {
			t.Errorf("handler saw %q, want %q", got, want)
		}
	})
}

func TestBadOptions(t *testing.T) {
	ctx, ex := t.Context(), ctxrun.New()
	var none context.Context
	for want, f := range map[string]func(){
		"ctxrun.WithMaxWorkers(0): an executor needs at least 1 worker":   func() { ctxrun.WithMaxWorkers(0) },
		"ctxrun.Executor.Resize(-1): an executor needs at least 1 worker": func() { ex.Resize(-1) },
		"ctxrun.MapBuffer(0): want at least 1":                            func() { ctxrun.MapBuffer(0) },
		"ctxrun.MapChunk(-1): want at least 1":                            func() { ctxrun.MapChunk(-1) },
		"ctxrun.Executor.Go: nil context":                                 func() { ex.Go(none, nothing) },
		"ctxrun.Executor.TryGo: nil function":                             func() { ex.TryGo(ctx, nil) },
		"ctxrun.Submit: nil executor":                                     func() { ctxrun.Submit(ctx, nil, value(1)) },
		"ctxrun.Submit: nil function":                                     func() { ctxrun.Submit[int](ctx, ex, nil) },
		"ctxrun.Map: nil sequence":                                        func() { ctxrun.Map(ctx, ex, nil, func(context.Context, int) (int, error) { return 0, nil }) },
		"ctxrun.NewThread: nil function":                                  func() { ctxrun.NewThread(ctx, nil) },
		"ctxrun.Future.OnDone: nil function":                              func() { ctxrun.Submit(ctx, ex, value(1)).OnDone(nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic(%v), want %q", got, want)
				}
			}()
			f()
		}()
	}
}
