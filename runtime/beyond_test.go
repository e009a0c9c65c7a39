//go:build go1.25

package ctxrun_test

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// What other pools for Go fail at, and what an executor does.

func TestSubmitHonoursItsContextWhileItWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, room := range []int{0, 2} {
			ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithQueue(room))
			g := fill(t, ex, 1+room)
			if err := ex.TryGo(t.Context(), nothing); err != ctxrun.ErrQueueFull {
				t.Errorf("TryGo with a full queue of %d = %v", room, err)
			}
			gone := errors.New("gone")
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, gone)
			defer cancel()
			if err := ex.Go(ctx, nothing); err != gone {
				t.Errorf("Go = %v, want the cause of its context", err)
			}
			f := ctxrun.Submit(ctx, ex, value(1))
			if err := f.Wait(t.Context()); err != gone || f.State() != ctxrun.StateCanceled {
				t.Errorf("Submit: %v, %v", err, f.State())
			}
			// Those who wait are let in in their order, or refused by a shutdown.
			var got []int
			errs := make(chan error, 3)
			for i := range 3 {
				go func() { errs <- ex.Go(t.Context(), func(context.Context) { got = append(got, i) }) }()
				synctest.Wait()
			}
			close(g)
			for range 3 {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			synctest.Wait()
			if fmt.Sprint(got) != "[0 1 2]" {
				t.Errorf("tasks ran in order %v", got)
			}
			g = fill(t, ex, 1+room)
			go func() { errs <- ex.Go(t.Context(), nothing) }()
			synctest.Wait()
			//lostctx:ignore Close belongs to the executor, not to the test's context
			go ex.Close()
			if err := <-errs; err != ctxrun.ErrShutdown {
				t.Errorf("Go that waits at the shutdown = %v", err)
			}
			close(g)
			synctest.Wait()
		}
	})
}

func TestDoneContextIsRefused(t *testing.T) {
	ex := ctxrun.New()
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if err := ex.Go(ctx, nothing); err != gone {
		t.Errorf("Go with a context that is done = %v", err)
	}
}

func TestQueuedTaskWhoseContextIsDoneIsNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := fill(t, ex, 1)
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		var ran atomic.Int32
		f := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { ran.Add(1); return 1, nil })
		ex.Go(ctx, func(context.Context) { ran.Add(1) })
		cancel(gone)
		close(g)
		if err := f.Wait(t.Context()); err != gone || f.State() != ctxrun.StateCanceled {
			t.Errorf("the future: %v, %v", err, f.State())
		}
		ex.Close()
		if s := ex.Stats(); ran.Load() != 0 || s.Canceled != 2 {
			t.Errorf("%d tasks were run, %+v", ran.Load(), s)
		}
	})
}

// Contexts that were canceled before anybody asked for Done have the same
// channel, and nothing else in common.
func TestCanceledContextsAreToldApart(t *testing.T) {
	ex := ctxrun.New()
	run := func(ctx context.Context, fn func(context.Context)) {
		done := make(chan struct{})
		ex.Go(ctx, func(ctx context.Context) { defer close(done); fn(ctx) })
		<-done
	}
	for _, cause := range []error{errors.New("first"), errors.New("second")} {
		ctx, cancel := context.WithCancelCause(t.Context())
		run(ctx, func(ctx context.Context) {
			cancel(cause)
			<-ctx.Done()
			if got := context.Cause(ctx); got != cause {
				t.Errorf("cause %v, want %v", got, cause)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	run(ctx, func(outer context.Context) {
		inner, cancelInner := context.WithCancel(context.WithoutCancel(outer))
		run(inner, func(ctx context.Context) { cancelInner(); <-ctx.Done() })
		cancel()
		<-outer.Done()
		if outer.Value("no such key") != nil { // once a stack overflow
			t.Error("a value out of nothing")
		}
	})
}

// countingContext counts how often it is asked for the value of key{}.
type countingContext struct {
	context.Context
	asked *atomic.Int32
}

func (c countingContext) Value(k any) any {
	if k == (key{}) {
		c.asked.Add(1)
	}
	return c.Context.Value(k)
}

func TestValueAsksEachContextOnce(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int32
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	var nest func(ctx context.Context, n int)
	nest = func(ctx context.Context, n int) {
		ctx.Done() // has a frame with a joint at each level
		before := asked.Load()
		ctx.Value(key{})
		if got := asked.Load() - before; got != 1 {
			t.Errorf("level %d: the first context was asked %d times", 10-n, got)
		}
		if n > 0 {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			done := make(chan struct{})
			th := ctxrun.NewThread(ctx, func(context.Context) error { <-done; return nil })
			th.Start()
			ex.Go(ctx, func(ctx context.Context) { defer close(done); nest(ctx, n-1) })
			th.Join(ctx)
		}
	}
	ctxrun.Submit(countingContext{parent, &asked}, ex, func(ctx context.Context) (int, error) { nest(ctx, 10); return 0, nil }).Wait(t.Context())
}

// countdown waits for itself with one less, by each of the ways to wait.
func countdown(ex *ctxrun.Executor, way func(context.Context, func(context.Context) error) error, n int) func(context.Context) error {
	return func(ctx context.Context) error {
		if n == 0 {
			return nil
		}
		return way(ctx, countdown(ex, way, n-1))
	}
}

func TestNestedWaitsNeverDeadlock(t *testing.T) {
	submit := func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) *ctxrun.Future[int] {
		return ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { return 0, fn(ctx) })
	}
	item := func(fn func(context.Context) error) func(context.Context, int) (int, error) {
		return func(ctx context.Context, _ int) (int, error) { return 0, fn(ctx) }
	}
	for name, way := range map[string]func(context.Context, *ctxrun.Executor, func(context.Context) error) error{
		"Result": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) error {
			_, err := submit(ctx, ex, fn).Result(ctx)
			return err
		},
		"Wait": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) error {
			_, _, err := ctxrun.Wait(ctx, ctxrun.FirstDone, submit(ctx, ex, fn))
			return err
		},
		"WaitAll": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) error {
			_, err := ctxrun.WaitAll(ctx, submit(ctx, ex, fn))
			return err
		},
		"AsCompleted": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) (err error) {
			for _, err = range ctxrun.AsCompleted(ctx, submit(ctx, ex, fn)) {
			}
			return err
		},
		"Map": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) (err error) {
			for _, err = range ctxrun.Map(ctx, ex, upTo(2), item(fn)) {
			}
			return err
		},
		"MapSlice": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) error {
			_, err := ctxrun.MapSlice(ctx, ex, []int{1, 2}, item(fn))
			return err
		},
		"Join": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) error {
			th := ctxrun.NewThread(ctx, func(ctx context.Context) error { return submit(ctx, ex, fn).Wait(ctx) })
			th.Start()
			return th.Join(ctx)
		},
		"a plain goroutine": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context) error) error {
			err := make(chan error)
			go func() { err <- submit(ctx, ex, fn).Wait(ctx) }()
			return <-err
		},
	} {
		for _, room := range []int{-1, 0, 1} {
			t.Run(fmt.Sprint(name, " room ", room), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithQueue(room))
					w := func(ctx context.Context, fn func(context.Context) error) error { return way(ctx, ex, fn) }
					f := submit(t.Context(), ex, countdown(ex, w, 4))
					if err := f.Wait(t.Context()); err != nil {
						t.Error(err)
					}
					if err := ex.Close(); err != nil {
						t.Error(err)
					}
					if s := ex.Stats(); s.Waiting != 0 || s.Running != 0 || s.Submitted != s.Completed {
						t.Errorf("%+v", s)
					}
				})
			})
		}
	}
}

// The limit holds for tasks that wait: they take their slot back first.
func TestLimitHoldsWithNestedWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 2
		ex := ctxrun.New(ctxrun.WithMaxWorkers(limit))
		var running, most atomic.Int32
		busy := func() {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Second)
			running.Add(-1)
		}
		var resumed atomic.Int32
		for range 3 {
			ex.Go(t.Context(), func(ctx context.Context) {
				busy()
				ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { busy(); return 0, nil }).Wait(ctx)
				resumed.Add(1)
				busy()
			})
		}
		for range 5 {
			ex.Go(t.Context(), func(context.Context) { busy() })
		}
		time.Sleep(time.Minute) // a task cannot submit after Close
		ex.Close()
		if got := most.Load(); got != limit {
			t.Errorf("%d tasks ran at a time, limit %d", got, limit)
		}
		if s := ex.Stats(); s.Completed != 11 || resumed.Load() != 3 {
			t.Errorf("%+v", s)
		}
	})
}

func TestATaskThatWaitedIsResumedBeforeTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		var order []string
		add := func(s string) { order = append(order, s) }
		ex.Go(t.Context(), func(ctx context.Context) {
			f := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { add("child"); return 0, nil })
			for i := range 3 {
				ex.Go(t.Context(), func(context.Context) { add(fmt.Sprint("queued ", i)); time.Sleep(time.Second) })
			}
			f.Wait(ctx)
			add("resumed")
		})
		synctest.Wait()
		ex.Close()
		// The worker of the child may have turned to the next task before it
		// hears of the one that wants its slot back, but not to a second one.
		if at := strings.Index(strings.Join(order, ","), "resumed"); at > len("child,queued 0,") {
			t.Errorf("order %q", order)
		}
	})
}

// Two goroutines of a task wait with its context, and so does the task. The
// first to be done must not take the slot from the others.
func TestSeveralGoroutinesOfATaskWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		f := ctxrun.Submit(t.Context(), ex, func(ctx context.Context) (int, error) {
			var last *ctxrun.Thread
			for _, n := range []int{1, 1, 0} {
				last = ctxrun.NewThread(ctx, func(ctx context.Context) error {
					return ctxrun.Submit(ctx, ex, after(n, 0, nil)).Wait(ctx)
				})
				last.Start()
				synctest.Wait()
			}
			return 0, last.Join(ctx)
		})
		if err := f.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		ex.Close()
	})
}

// A worker that panics or exits while it waits for others has no slot to lose.
func TestTaskThatLeavesAWaiterBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := make(gate)
		th := ctxrun.NewThread(t.Context(), func(context.Context) error { <-g; return nil })
		th.Start()
		for range 3 {
			// Tasks of Go with the same context are not told apart.
			ex.Go(context.WithValue(t.Context(), key{}, 1), func(ctx context.Context) {
				go th.Join(ctx) // gives up the slot of a task that is about to end
				time.Sleep(time.Second)
			})
		}
		var most, running atomic.Int32
		for range 10 {
			ex.Go(t.Context(), func(context.Context) {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
			})
		}
		time.Sleep(time.Minute)
		close(g)
		ex.Close()
		if s := ex.Stats(); s.Completed != 13 || s.Waiting != 0 || s.Running != 0 {
			t.Errorf("%+v", s)
		}
		if got := most.Load(); got > 1 {
			t.Errorf("%d tasks ran at a time", got)
		}
	})
}

// Executors that nobody closes, in a bubble that must be able to end.
func TestUnclosedExecutorIsNoLeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, opts := range [][]ctxrun.Option{
			nil,
			{ctxrun.WithIdleTimeout(time.Hour)},
			{ctxrun.WithQueue(0), ctxrun.WithMaxWorkers(1)},
		} {
			ex := ctxrun.New(opts...)
			ctxrun.Submit(t.Context(), ex, value(1)).Wait(t.Context())
			for range ctxrun.Map(t.Context(), ex, upTo(10), fails) {
			}
			for range ctxrun.Map(t.Context(), ex, upTo(10), fails) {
				break
			}
		}
		time.Sleep(time.Hour) // the workers that are kept go by themselves
	})
}

// A panic of Executor.Go ends the program, with the task's stack, and so do
// those of a thread and of a callback. Each runs in a process of its own.
func TestPanicEndsTheProgram(t *testing.T) {
	crash := map[string]func(){
		"Go": func() {
			ex := ctxrun.New()
			ex.Go(context.Background(), func(context.Context) { crashHere() })
			ex.Close()
		},
		"callback": func() {
			ex := ctxrun.New()
			ctxrun.Submit(context.Background(), ex, func(context.Context) (int, error) { runtime.Gosched(); return 0, nil }).
				OnDone(func(context.Context, *ctxrun.Future[int]) { crashHere() })
			ex.Close()
		},
		"late callback": func() {
			ex := ctxrun.New()
			f := ctxrun.Submit(context.Background(), ex, value(1))
			f.Wait(context.Background())
			f.OnDone(func(context.Context, *ctxrun.Future[int]) { crashHere() })
			ex.Close()
		},
		"thread": func() {
			th := ctxrun.NewThread(context.Background(), func(context.Context) error { crashHere(); return nil })
			th.Start()
			th.Join(context.Background())
		},
	}
	if name := os.Getenv("CTXRUN_CRASH"); name != "" {
		crash[name]()
		return
	}
	for name := range crash {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanicEndsTheProgram$")
		cmd.Env = append(os.Environ(), "CTXRUN_CRASH="+name)
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "panic: boom") || !strings.Contains(string(out), "crashHere(") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

//go:noinline
func crashHere() { panic("boom") }

// The package and its tests import the standard library only, and its module
// asks nothing of a program that requires it but the Go release that has package weak.
func TestStandardLibraryOnly(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if want := "module github.com/lostctx/lostctx/runtime\n\ngo 1.24\n"; err != nil || string(mod) != want {
		t.Errorf("go.mod is %q, %v, want %q", mod, err, want)
	}
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, imports := range [][]string{pkg.Imports, pkg.TestImports, pkg.XTestImports} {
		for _, path := range imports {
			first, _, _ := strings.Cut(path, "/")
			if strings.Contains(first, ".") && path != "github.com/lostctx/lostctx/runtime" {
				t.Errorf("imports %s", path)
			}
			if path == "unsafe" {
				t.Error("imports unsafe")
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"go:link" + "name", "SetFin" + "alizer", "Add" + "Cleanup"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s has %s", name, word)
			}
		}
	}
}
