//go:build go1.25

package ctxrun_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

func TestThreadRunsInTheContextOfItsConstruction(t *testing.T) {
	var value any
	var lab string
	var inner context.Context
	th := ctxrun.NewThread(request(), func(ctx context.Context) error {
		inner = ctx
		value, lab = ctx.Value(key{}), labels(t, "TestThreadRunsInTheContextOfItsConstruction.func1+")
		return nil
	})
	pprof.Do(context.Background(), pprof.Labels("starter", "yes"), func(context.Context) {
		if err := th.Start(); err != nil {
			t.Error(err)
		}
	})
	if err := th.Join(t.Context()); err != nil || value != "a" || lab != `{"request":"a"}` {
		t.Errorf("Join = %v, value %v, labels %s", err, value, lab)
	}
	if inner.Err() != context.Canceled || inner.Value(key{}) != "a" {
		t.Errorf("the thread's context afterwards: %v, value %v", inner.Err(), inner.Value(key{}))
	}
}

func TestThreadStartsOnceAndIsJoinedByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := errors.New("failed")
		var th *ctxrun.Thread
		th = ctxrun.NewThread(t.Context(), func(ctx context.Context) error {
			if err := th.Join(ctx); err != ctxrun.ErrSelfJoin {
				t.Errorf("Join of itself = %v", err)
			}
			time.Sleep(time.Second)
			return failed
		})
		if err := th.Join(t.Context()); err != ctxrun.ErrNotStarted || th.JoinTimeout(time.Hour) || th.Alive() {
			t.Errorf("before the start: Join = %v, alive: %v", err, th.Alive())
		}
		if err := th.Start(); err != nil || !th.Alive() {
			t.Errorf("Start = %v, alive: %v", err, th.Alive())
		}
		if err := th.Start(); err != ctxrun.ErrStarted {
			t.Errorf("second Start = %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := th.Join(ctx); err != context.DeadlineExceeded || th.JoinTimeout(time.Millisecond) {
			t.Errorf("Join = %v: it should not have ended", err)
		}
		errs := make(chan error)
		for range 3 {
			go func() { errs <- th.Join(t.Context()) }()
		}
		for range 3 {
			if err := <-errs; err != failed {
				t.Errorf("Join = %v, want the thread's error", err)
			}
		}
		<-th.Done()
		if !th.JoinTimeout(0) || th.Alive() || th.Start() != ctxrun.ErrStarted {
			t.Error("after the end: it is alive, or can be started again")
		}
	})
}

func TestThreadNameAndNumbers(t *testing.T) {
	one := ctxrun.NewThread(t.Context(), func(context.Context) error { return nil }, ctxrun.ThreadName("one"))
	type ids struct {
		id     uint64
		native int
		ok     bool
	}
	seen := make(chan ids, 2)
	see := func(ctx context.Context) error {
		th := ctxrun.CurrentThread(ctx)
		n, ok := th.NativeID()
		seen <- ids{th.ID(), n, ok}
		return nil
	}
	other := ctxrun.NewThread(t.Context(), see, ctxrun.ThreadLocked())
	if one.Name() != "one" || other.Name() == "" || other.Name() == one.Name() {
		t.Errorf("names %q and %q", one.Name(), other.Name())
	}
	if one.SetName("two"); one.Name() != "two" {
		t.Errorf("name %q after SetName", one.Name())
	}
	if one.ID() != 0 {
		t.Errorf("ID %d before the start", one.ID())
	}
	for _, th := range []*ctxrun.Thread{one, other} {
		th.Start()
		th.Join(t.Context())
	}
	got := <-seen
	if one.ID() == 0 || one.ID() == other.ID() || other.ID() != got.id {
		t.Errorf("IDs %d and %d, %d while it ran", one.ID(), other.ID(), got.id)
	}
	if got.ok != (runtime.GOOS == "linux") || got.ok && got.native == 0 {
		t.Errorf("NativeID of a locked thread = %d, %v", got.native, got.ok)
	}
	if _, ok := one.NativeID(); ok {
		t.Error("a thread that is not locked has a NativeID")
	}
	if ctxrun.CurrentThread(t.Context()) != nil {
		t.Error("CurrentThread outside of threads is not nil")
	}
}

func TestThreadStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("why")
		wait := func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }
		running, early := ctxrun.NewThread(t.Context(), wait), ctxrun.NewThread(t.Context(), wait)
		early.Stop(why)
		early.Start()
		running.Start()
		synctest.Wait()
		running.Stop(why)
		if a, b := early.Join(t.Context()), running.Join(t.Context()); a != why || b != why {
			t.Errorf("stopped threads ended with %v and %v", a, b)
		}
	})
}

func TestThreadsAndWaitThreads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := func() (names []string) {
			for th := range ctxrun.Threads() {
				names = append(names, th.Name())
			}
			return names
		}
		sleep := func(n int) func(context.Context) error {
			return func(context.Context) error { time.Sleep(time.Duration(n) * time.Second); return nil }
		}
		ctx, cancel := context.WithCancel(t.Context())
		daemon := ctxrun.NewThread(ctx, func(ctx context.Context) error { <-ctx.Done(); return nil }, ctxrun.ThreadName("daemon"), ctxrun.ThreadDaemon())
		parent := ctxrun.NewThread(ctx, func(ctx context.Context) error {
			time.Sleep(time.Second)
			return ctxrun.NewThread(ctx, sleep(5), ctxrun.ThreadName("late")).Start()
		}, ctxrun.ThreadName("parent"))
		daemon.Start()
		parent.Start()
		if got := names(); !slices.Equal(got, []string{"daemon", "parent"}) || !daemon.Daemon() || parent.Daemon() {
			t.Errorf("Threads = %q", got)
		}
		short, done := context.WithTimeout(ctx, 2*time.Second)
		defer done()
		if err := ctxrun.WaitThreads(short); err != context.DeadlineExceeded {
			t.Errorf("WaitThreads = %v, want the end of its context", err)
		}
		self := ctxrun.NewThread(ctx, ctxrun.WaitThreads) // waits for all but itself
		self.Start()
		start := time.Now()
		if err := ctxrun.WaitThreads(ctx); err != nil || time.Since(start) != 4*time.Second {
			t.Errorf("WaitThreads = %v after %v, want the end of the late thread after 4s", err, time.Since(start))
		}
		if got := names(); !slices.Equal(got, []string{"daemon"}) {
			t.Errorf("Threads = %q", got)
		}
		cancel()
		daemon.Join(t.Context())
	})
}

func TestThreadPanicHandler(t *testing.T) {
	var got string
	handler := ctxrun.ThreadPanicHandler(func(ctx context.Context, p *ctxrun.PanicError) {
		got = fmt.Sprint(ctx.Value(key{}), ctxrun.CurrentThread(ctx).Name(), p.Value)
	})
	th := ctxrun.NewThread(request(), func(context.Context) error { panic("boom") }, ctxrun.ThreadName("one"), handler)
	th.Start()
	var p *ctxrun.PanicError
	if err := th.Join(t.Context()); !errors.As(err, &p) || p.Value != "boom" || got != "aoneboom" {
		t.Errorf("Join = %v, the handler got %s", err, got)
	}
	th = ctxrun.NewThread(t.Context(), func(context.Context) error { runtime.Goexit(); return nil }, handler)
	th.Start()
	if err := th.Join(t.Context()); err != ctxrun.ErrGoexit {
		t.Errorf("Join = %v after Goexit", err)
	}
}
