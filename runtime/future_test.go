//go:build go1.25

package ctxrun_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// after returns v, and err, after n seconds.
func after[T any](n int, v T, err error) func(context.Context) (T, error) {
	return func(context.Context) (T, error) {
		time.Sleep(time.Duration(n) * time.Second)
		return v, err
	}
}

func TestResultWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		f := ctxrun.Submit(t.Context(), ex, after(2, 7, nil))
		gone := errors.New("gone")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, gone)
		defer cancel()
		if v, err := f.Result(ctx); v != 0 || err != gone {
			t.Errorf("Result = %d, %v, want the cause of its context", v, err)
		}
		// The next one still gets the result, also with a context that is done.
		if v, err := f.Result(t.Context()); v != 7 || err != nil {
			t.Errorf("Result = %d, %v", v, err)
		}
		if v, err := f.Result(ctx); v != 7 || err != nil {
			t.Errorf("Result of a future that is done = %d, %v", v, err)
		}
	})
}

func TestFutureStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := make(gate)
		running := ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { <-g; return 1, nil })
		synctest.Wait()
		pending, canceled := ctxrun.Submit(t.Context(), ex, value(2)), ctxrun.Submit(t.Context(), ex, value(3))
		for range 2 {
			if !canceled.Cancel() {
				t.Error("a pending task cannot be canceled, or not twice")
			}
		}
		if running.Cancel() {
			t.Error("a running task was canceled")
		}
		states := func() string { return fmt.Sprint(running.State(), pending.State(), canceled.State()) }
		if got, want := states(), "running pending canceled"; got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		select {
		case <-canceled.Done():
		default:
			t.Error("Done of a canceled future is not closed")
		}
		select {
		case <-running.Done():
			t.Error("Done of a running future is closed")
		default:
		}
		close(g)
		ex.Close()
		if got, want := states(), "done done canceled"; got != want {
			t.Errorf("states %s, want %s", got, want)
		}
		<-running.Done()
		<-pending.Done()
		if running.Cancel() || running.Stop(nil) || !canceled.Cancel() || canceled.Stop(nil) {
			t.Error("what is over was canceled or stopped")
		}
		if err := canceled.Wait(t.Context()); err != ctxrun.ErrCanceled {
			t.Errorf("error of a canceled task: %v", err)
		}
	})
}

func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
		why := errors.New("why")
		wait := func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) }
		poll := func(ctx context.Context) (int, error) {
			for ctx.Err() == nil {
				time.Sleep(time.Second)
			}
			return 0, context.Cause(ctx)
		}
		waits, polls := ctxrun.Submit(t.Context(), ex, wait), ctxrun.Submit(t.Context(), ex, poll)
		synctest.Wait()
		queued, nilCause := ctxrun.Submit(t.Context(), ex, wait), ctxrun.Submit(t.Context(), ex, wait)
		for _, f := range []*ctxrun.Future[int]{waits, polls, queued} {
			if !f.Stop(why) {
				t.Errorf("a %v task was not stopped", f.State())
			}
			if err := f.Wait(t.Context()); err != why {
				t.Errorf("a stopped task ended with %v", err)
			}
		}
		synctest.Wait()
		nilCause.Stop(nil)
		if err := nilCause.Wait(t.Context()); err != context.Canceled {
			t.Errorf("a task that was stopped without a cause ended with %v", err)
		}
	})
}

// A task's own context ends with it, and with no other's end.
func TestContextOfAFutureEndsWithTheTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "a"))
		defer cancel()
		for name, touch := range map[string]func(context.Context){
			"Done used":     func(ctx context.Context) { ctx.Done() },
			"Done not used": func(context.Context) {},
		} {
			inner, _ := ctxrun.Submit(ctx, ex, func(ctx context.Context) (context.Context, error) {
				touch(ctx)
				if ctx.Err() != nil {
					t.Errorf("%s: done while the task runs", name)
				}
				return ctx, nil
			}).Result(ctx)
			<-inner.Done()
			if inner.Err() != context.Canceled || inner.Value(key{}) != "a" {
				t.Errorf("%s: afterwards: %v, value %v", name, inner.Err(), inner.Value(key{}))
			}
			if cause := context.Cause(inner); cause == context.Canceled || !errors.Is(cause, context.Canceled) {
				t.Errorf("%s: the cause does not say why: %v", name, cause)
			}
		}
		if ctx.Err() != nil {
			t.Error("the submitter's context is done")
		}
	})
}

// The contexts of tasks must not pile up in a parent that lasts.
func TestContextsLeaveNothingInTheParent(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	task := func(ctx context.Context) { ctx.Done() }
	measure := func() uint64 {
		for range 20_000 {
			// A context of its own for each, as requests have, with the
			// same parent.
			ctx := context.WithValue(ctx, key{}, "a")
			ex.Go(ctx, task)
			ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { task(ctx); return 0, nil })
		}
		f := ctxrun.Submit(ctx, ex, value(1))
		f.Wait(ctx)
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	first := measure()
	if last := measure(); last > first+200_000 { // 40,000 of the smallest contexts are 4 MB
		t.Errorf("heap grew from %d to %d bytes", first, last)
	}
}

func TestDerivedContextsNeedNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(t.Context())
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
		check := func(ctx context.Context) (int, error) {
			before := runtime.NumGoroutine()
			for range 100 {
				child, cancel := context.WithCancel(context.WithValue(ctx, key{}, 1))
				defer cancel()
				child.Done()
			}
			return runtime.NumGoroutine() - before, nil
		}
		if n, _ := ctxrun.Submit(parent, ex, check).Result(t.Context()); n > 0 {
			t.Errorf("Submit: %d goroutines for 100 contexts", n)
		}
		ex.Go(parent, func(ctx context.Context) {
			if n, _ := check(ctx); n > 0 {
				t.Errorf("Go: %d goroutines for 100 contexts", n)
			}
		})
		synctest.Wait()
		// And they are canceled with the parent.
		ctxrun.Submit(parent, ex, func(ctx context.Context) (int, error) {
			child, free := context.WithCancel(ctx)
			defer free()
			cancel()
			<-child.Done()
			return 0, nil
		}).Wait(t.Context())
	})
}

func TestOnDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		ctx := context.WithValue(t.Context(), key{}, "a")
		var mu sync.Mutex
		var got []string
		calls := func() int { mu.Lock(); defer mu.Unlock(); return len(got) }
		call := func(name string) func(context.Context, *ctxrun.Future[int]) {
			return func(ctx context.Context, f *ctxrun.Future[int]) {
				time.Sleep(time.Second)
				v, err := f.Result(ctx)
				mu.Lock()
				defer mu.Unlock()
				got = append(got, fmt.Sprint(name, v, err, ctx.Value(key{}), ctx.Err()))
			}
		}
		f := ctxrun.Submit(ctx, ex, after(1, 7, nil))
		f.OnDone(call("first"))
		f.OnDone(call("second"))
		if err := f.Wait(ctx); err != nil {
			t.Error(err)
		}
		f.OnDone(call("third")) // while the first runs
		if n := calls(); n != 0 {
			t.Errorf("%d functions were called before the result was there, or by OnDone", n)
		}
		ex.Close()
		synctest.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		f.OnDone(call("fourth")) // when nobody runs
		if n := calls(); n != 3 {
			t.Errorf("OnDone waits for the function: %d calls", n)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"first7 <nil>a<nil>", "second7 <nil>a<nil>", "third7 <nil>a<nil>", "fourth7 <nil>a<nil>"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("calls %q, want %q", got, want)
		}
	})
}

// The function's context is not the task's, which is over.
func TestOnDoneHasAContextThatLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(t.Context())
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		f := ctxrun.Submit(parent, ex, func(ctx context.Context) (context.Context, error) {
			ctx.Done()
			return ctx, nil
		})
		calls := 0
		f.OnDone(func(ctx context.Context, _ *ctxrun.Future[context.Context]) {
			calls++
			child, free := context.WithCancel(ctx)
			defer free()
			if child.Err() != nil {
				t.Errorf("the context is done: %v", context.Cause(child))
			}
			// It has the task's slot, and gives it up while it waits.
			if err := ctxrun.Submit(ctx, ex, value(1)).Wait(ctx); err != nil {
				t.Error(err)
			}
			cancel()
			<-child.Done()
		})
		inner, err := f.Result(t.Context())
		if err != nil || inner.Err() == nil {
			t.Errorf("Result: %v; the task's own context: %v", err, inner.Err())
		}
		synctest.Wait()
		ex.Close()
		if calls != 1 {
			t.Errorf("%d calls", calls)
		}
	})
}

// A task that asks whether it is canceled must not end the others.
func TestCancelRunningReachesEachTaskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("stop")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ex := ctxrun.New()
		g := make(gate)
		var fs []*ctxrun.Future[int]
		for range 3 {
			fs = append(fs, ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) {
				<-g
				if ctx.Err() == nil { // asks before it asks for Done
					return 0, nil
				}
				<-ctx.Done()
				return 0, context.Cause(ctx)
			}))
		}
		synctest.Wait()
		done, end := context.WithCancel(t.Context())
		end()
		ex.Shutdown(done, ctxrun.CancelRunning(stop))
		close(g)
		for _, f := range fs {
			if err := f.Wait(t.Context()); err != stop {
				t.Errorf("a task ended with %v", err)
			}
		}
	})
}

func TestOnDoneOfWhatDidNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		g := fill(t, ex, 1)
		var calls atomic.Int32
		for _, fn := range []func(context.Context) (int, error){
			func(context.Context) (int, error) { panic(1) },
			func(context.Context) (int, error) { runtime.Goexit(); return 0, nil },
			value(1),
		} {
			f := ctxrun.Submit(t.Context(), ex, fn)
			f.OnDone(func(context.Context, *ctxrun.Future[int]) { calls.Add(1); runtime.Goexit() })
			f.OnDone(func(ctx context.Context, f *ctxrun.Future[int]) { calls.Add(1); f.Wait(ctx) })
		}
		close(g)
		ex.Close()
		if got := calls.Load(); got != 6 {
			t.Errorf("%d functions were called, want 6", got)
		}
	})
}

func TestOnDoneHasTheLabelsOfTheContext(t *testing.T) {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	spoil := func() {
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("spoilt", "yes")))
	}
	var got []string
	see := func(context.Context, *ctxrun.Future[int]) {
		got = append(got, labels(t, "TestOnDoneHasTheLabelsOfTheContext.func2+"))
		spoil()
	}
	g := make(gate)
	f := ctxrun.Submit(request(), ex, func(context.Context) (int, error) { <-g; spoil(); return 0, nil })
	f.OnDone(see)
	f.OnDone(see)
	close(g)
	f.Wait(t.Context())
	f.OnDone(see)
	ex.Close()
	expect(t, got, slices.Repeat([]string{`{"request":"a"}`}, 3)...)
}

func TestWaitModes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e1, e3 := errors.New("one"), errors.New("three")
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for name, c := range map[string]struct {
			mode ctxrun.WaitMode
			ctx  context.Context
			tail string
			took time.Duration
		}{
			"all":   {ctxrun.AllDone, t.Context(), "done [0 1 2 3] pending [] one\nthree", 3 * time.Second},
			"first": {ctxrun.FirstDone, t.Context(), "done [0] pending [1 2 3] ", 0},
			"error": {ctxrun.FirstError, t.Context(), "done [0 1] pending [2 3] one", time.Second},
		} {
			ex := ctxrun.New()
			th := ctxrun.NewThread(t.Context(), func(context.Context) error { time.Sleep(2 * time.Second); return nil })
			ws := []ctxrun.Waiter{
				ctxrun.Submit(t.Context(), ex, after(0, 1, nil)),
				ctxrun.Submit(t.Context(), ex, after(1, "", e1)),
				th,
				ctxrun.Submit(t.Context(), ex, after(3, 1.5, e3)),
			}
			th.Start()
			start := time.Now()
			done, pending, err := ctxrun.Wait(c.ctx, c.mode, ws...)
			index := func(of []ctxrun.Waiter) (is []int) {
				for _, w := range of {
					is = append(is, slices.Index(ws, w))
				}
				return is
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if got := fmt.Sprint("done ", index(done), " pending ", index(pending), " ", text); got != c.tail {
				t.Errorf("%s: %s, want %s", name, got, c.tail)
			}
			if took := time.Since(start); took != c.took {
				t.Errorf("%s: took %v, want %v", name, took, c.took)
			}
			ex.Close()
			th.Join(t.Context())
		}
		ex := ctxrun.New()
		slow := ctxrun.Submit(t.Context(), ex, after(100, 1, nil))
		if _, pending, err := ctxrun.Wait(ctx, ctxrun.AllDone, slow, slow); len(pending) != 2 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that its context ends: %v, %v", pending, err)
		}
		ex.Close()
		if done, pending, err := ctxrun.Wait(t.Context(), ctxrun.FirstDone); done != nil || pending != nil || err != nil {
			t.Errorf("a wait for nothing: %v, %v, %v", done, pending, err)
		}
	})
}

func TestWaitAllReturnsEveryError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
		e1, e2 := errors.New("one"), errors.New("two")
		vals, err := ctxrun.WaitAll(t.Context(),
			ctxrun.Submit(t.Context(), ex, after(3, 1, nil)),
			ctxrun.Submit(t.Context(), ex, after(2, 2, e1)),
			ctxrun.Submit(t.Context(), ex, after(1, 3, e2)),
			ctxrun.Submit(t.Context(), ex, after(0, 4, nil)))
		if !slices.Equal(vals, []int{1, 2, 3, 4}) || err.Error() != "one\ntwo" || !errors.Is(err, e1) || !errors.Is(err, e2) {
			t.Errorf("WaitAll = %v, %v", vals, err)
		}
		if vals, err := ctxrun.WaitAll[int](t.Context()); len(vals) != 0 || err != nil {
			t.Errorf("WaitAll of nothing = %v, %v", vals, err)
		}
	})
}

func TestAsCompleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		failed := errors.New("failed")
		fs := []*ctxrun.Future[int]{
			ctxrun.Submit(t.Context(), ex, after(3, 3, nil)),
			ctxrun.Submit(t.Context(), ex, after(1, 1, failed)),
			ctxrun.Submit(t.Context(), ex, after(20, 20, nil)),
			ctxrun.Submit(t.Context(), ex, after(2, 2, nil)),
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var got []string
		for f, err := range ctxrun.AsCompleted(ctx, fs...) {
			if f == nil {
				got = append(got, err.Error())
				continue
			}
			v, _ := f.Result(ctx)
			got = append(got, fmt.Sprint(v, " ", err))
		}
		expect(t, got, "1 failed", "2 <nil>", "3 <nil>", context.DeadlineExceeded.Error())
		for range ctxrun.AsCompleted(t.Context(), fs...) {
			break
		}
		ex.Close()
	})
}

// Waiting again and again for something that lasts must not add to it.
func TestWaitLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New()
		g := make(gate)
		f := ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { <-g; return 0, nil })
		quick := ctxrun.Submit(t.Context(), ex, value(1))
		quick.Wait(t.Context())
		heap := func() uint64 {
			for range 10_000 {
				ctxrun.Wait(t.Context(), ctxrun.FirstDone, f, quick)
			}
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		first := heap()
		if last := heap(); last > first+100_000 {
			t.Errorf("heap grew from %d to %d", first, last)
		}
		close(g)
		ex.Close()
	})
}

func TestPanicNobodyLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		boom := func(v int) *ctxrun.Future[int] {
			return ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { panic(v) })
		}
		seen := boom(1)
		boom(2)
		if seen.Wait(t.Context()) == nil {
			t.Error("no error")
		}
		for range 100 {
			boom(3)
		}
		err := ex.Close()
		var p *ctxrun.PanicError
		if !errors.As(err, &p) || p.Value != 2 {
			t.Errorf("Close = %v, want the panics that nobody has seen, the first first", err)
		}
		if n := strings.Count(err.Error(), "panicked"); n != 16 {
			t.Errorf("Close returned %d panics, want 16", n)
		}
		if err := ex.Close(); err != nil {
			t.Errorf("Close returned a panic again: %v", err)
		}
	})
}

// What is done before a task is submitted can be seen by it, and what it does
// by who waits for it; with -race this fails if it is not so.
func TestHappensBefore(t *testing.T) {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(4))
	for range 100 {
		a, b := 1, 0
		f := ctxrun.Submit(t.Context(), ex, func(context.Context) (int, error) { b = a; return 0, nil })
		if f.Wait(t.Context()); b != 1 {
			t.Fatal("what the task did is not seen")
		}
	}
	c := 0
	for range 100 {
		for range ctxrun.Map(t.Context(), ex, one(c), func(context.Context, int) (int, error) { c++; return 0, nil }) {
		}
	}
	ctxrun.Submit(t.Context(), ex, value(1)).OnDone(func(context.Context, *ctxrun.Future[int]) { c++ })
	if ex.Close(); c != 101 {
		t.Errorf("c = %d: what a callback did is not seen after Close", c)
	}
}

// A long queue is what its tasks take: 16 bytes each, and a future.
func TestFutureTakesNoMoreThan112Bytes(t *testing.T) {
	if size := reflect.TypeFor[ctxrun.Future[int]]().Size(); size > 112 {
		t.Errorf("a Future[int] takes %d bytes", size)
	}
}
