//go:build go1.25

package ctxrun_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

func one[T any](v T) iter.Seq[T] { return slices.Values([]T{v}) }

func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// results renders what a map yields.
func results[R any](seq iter.Seq2[R, error]) []string {
	var got []string
	for r, err := range seq {
		if err != nil {
			got = append(got, err.Error())
		} else {
			got = append(got, fmt.Sprint(r))
		}
	}
	return got
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// backwards takes longer for earlier items, so that they end in reverse.
func backwards(_ context.Context, i int) (int, error) {
	time.Sleep(time.Duration(10-i) * time.Second)
	return i, nil
}

func TestMapYieldsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(8))
		expect(t, results(ctxrun.Map(t.Context(), ex, upTo(5), backwards)), "0", "1", "2", "3", "4")
		expect(t, results(ctxrun.Map(t.Context(), ex, upTo(5), backwards, ctxrun.MapChunk(2))), "0", "1", "2", "3", "4")
		expect(t, results(ctxrun.Map(t.Context(), ex, upTo(5), backwards, ctxrun.MapBuffer(2))), "0", "1", "2", "3", "4")
		expect(t, results(ctxrun.Map(t.Context(), ex, upTo(5), backwards, ctxrun.MapUnordered())), "4", "3", "2", "1", "0")
		expect(t, results(ctxrun.Map(t.Context(), ex, upTo(0), backwards)))
		got, err := ctxrun.MapSlice(t.Context(), ex, []int{0, 1, 2, 3, 4}, backwards)
		if !slices.Equal(got, []int{0, 1, 2, 3, 4}) || err != nil {
			t.Errorf("MapSlice = %v, %v", got, err)
		}
		if got, err := ctxrun.MapSlice(t.Context(), ex, nil, backwards); len(got) != 0 || err != nil {
			t.Errorf("MapSlice of nothing = %v, %v", got, err)
		}
	})
}

func TestMapRunsEachItemInTheContext(t *testing.T) {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
	see := func(ctx context.Context, _ int) (string, error) {
		return fmt.Sprint(ctx.Value(key{}), labels(t, "TestMapRunsEachItemInTheContext.func1+")), nil
	}
	want := slices.Repeat([]string{`a{"request":"a"}`}, 3)
	// One worker, so that one goroutine has the marker on its stack.
	ex.Resize(1)
	expect(t, results(ctxrun.Map(request(), ex, upTo(3), see)), want...)
	got, _ := ctxrun.MapSlice(request(), ex, make([]int, 3), see)
	expect(t, got, want...)
}

func TestMapItemsLeaveNoLabels(t *testing.T) {
	ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
	spoil := func(ctx context.Context, i int) (string, error) {
		defer pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("spoilt", "yes")))
		return labels(t, "TestMapItemsLeaveNoLabels.func1+"), nil
	}
	expect(t, results(ctxrun.Map(request(), ex, upTo(2), spoil)), `{"request":"a"}`, `{"request":"a"}`)
	got, _ := ctxrun.MapSlice(request(), ex, make([]int, 2), spoil)
	expect(t, got, `{"request":"a"}`, `{"request":"a"}`)
}

func TestMap2EndsWithTheShorter(t *testing.T) {
	ex := ctxrun.New()
	pair := func(_ context.Context, a int, b string) (string, error) { return fmt.Sprint(a, b), nil }
	letters := []string{"a", "b", "c"}
	expect(t, results(ctxrun.Map2(t.Context(), ex, upTo(2), slices.Values(letters), pair)), "0a", "1b")
	expect(t, results(ctxrun.Map2(t.Context(), ex, upTo(9), slices.Values(letters), pair)), "0a", "1b", "2c")
	expect(t, results(ctxrun.Map2(t.Context(), ex, upTo(0), slices.Values(letters), pair)))
}

func TestMapIsLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
		taken, yielded, ahead := 0, 0, 0
		endless := func(yield func(int) bool) {
			for i := 0; ; i++ {
				taken++
				ahead = max(ahead, taken-yielded)
				if !yield(i) {
					return
				}
			}
		}
		seq := ctxrun.Map(t.Context(), ex, endless, func(_ context.Context, i int) (int, error) { return i, nil }, ctxrun.MapBuffer(5))
		if taken != 0 {
			t.Error("items were taken before the map was ranged over")
		}
		for r := range seq {
			if r != yielded {
				t.Fatalf("result %d is %d", yielded, r)
			}
			if yielded++; yielded == 100_000 {
				break
			}
		}
		if ahead > 5 {
			t.Errorf("%d items were taken ahead, want at most 5", ahead)
		}
		ex.Close()
	})
}

func TestMapTimeoutCountsFromTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		var started atomic.Int32
		slow := func(_ context.Context, i int) (int, error) {
			started.Add(1)
			time.Sleep(1500 * time.Millisecond)
			return i, nil
		}
		seq := ctxrun.Map(t.Context(), ex, upTo(10), slow, ctxrun.MapTimeout(5*time.Second))
		time.Sleep(time.Second)
		start := time.Now()
		expect(t, results(seq), "0", "1", ctxrun.ErrTimeout.Error())
		if d := time.Since(start); d != 4*time.Second {
			t.Errorf("it ended after %v", d)
		}
		ex.Close()
		if got := started.Load(); got != 3 {
			t.Errorf("%d items were started, want 3", got)
		}
		if !errors.Is(ctxrun.ErrTimeout, context.DeadlineExceeded) {
			t.Error("ErrTimeout is not context.DeadlineExceeded")
		}

		ex = ctxrun.New(ctxrun.WithMaxWorkers(1))
		got, err := ctxrun.MapSlice(t.Context(), ex, make([]int, 5), func(_ context.Context, _ int) (int, error) {
			time.Sleep(2 * time.Second)
			return 1, nil
		}, ctxrun.MapTimeout(5*time.Second))
		if !slices.Equal(got, []int{1, 1, 0, 0, 0}) || err.Error() != ctxrun.ErrTimeout.Error() {
			t.Errorf("MapSlice = %v, %v", got, err)
		}
		ex.Close()
	})
}

// fails returns an item's number, or an error, a panic or Goexit for some.
func fails(_ context.Context, i int) (int, error) {
	switch i {
	case 1:
		return 0, errors.New("failed")
	case 2:
		panic("boom")
	case 3:
		runtime.Goexit()
	}
	return i, nil
}

func TestMapYieldsErrorsInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := []string{"0", "failed", "ctxrun: function panicked: boom", ctxrun.ErrGoexit.Error(), "4"}
		for _, chunk := range []int{1, 2, 3, 5, 9} {
			ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
			expect(t, results(ctxrun.Map(t.Context(), ex, upTo(5), fails, ctxrun.MapChunk(chunk))), want...)
			got, err := ctxrun.MapSlice(t.Context(), ex, []int{0, 1, 2, 3, 4}, fails, ctxrun.MapChunk(chunk))
			if !slices.Equal(got, []int{0, 0, 0, 0, 4}) {
				t.Errorf("MapSlice = %v", got)
			}
			expect(t, []string{err.Error()}, want[1]+"\n"+want[2]+"\n"+want[3])
			if err := ex.Close(); err != nil {
				t.Errorf("Close = %v: the panics have been yielded", err)
			}
		}
	})
}

func TestMapStopOnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		var started atomic.Int32
		count := func(ctx context.Context, i int) (int, error) {
			started.Add(1)
			return fails(ctx, i)
		}
		expect(t, results(ctxrun.Map(t.Context(), ex, upTo(100), count, ctxrun.MapBuffer(1), ctxrun.MapStopOnError())), "0", "failed")
		got, err := ctxrun.MapSlice(t.Context(), ex, make([]int, 100), func(ctx context.Context, _ int) (int, error) {
			return 0, errors.New(fmt.Sprint("number ", started.Add(1)))
		}, ctxrun.MapStopOnError())
		if len(got) != 100 || err.Error() != "number 3" {
			t.Errorf("MapSlice = %v, %v", got, err)
		}
		ex.Close()
		if got := started.Load(); got != 3 {
			t.Errorf("%d items were started, want 3", got)
		}
	})
}

func TestMapBreakCancelsWhatHasNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(2))
		var started atomic.Int32
		for range ctxrun.Map(t.Context(), ex, upTo(100), func(_ context.Context, i int) (int, error) {
			started.Add(1)
			time.Sleep(time.Duration(i) * time.Second)
			return i, nil
		}) {
			break
		}
		ex.Close()
		if got := started.Load(); got > 3 {
			t.Errorf("%d items were started, want no more than run when the first has ended", got)
		}
	})
}

func TestMapChunkIsOneTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, run := range map[string]func(*ctxrun.Executor, func(context.Context, int) (int, error)){
			"Map": func(ex *ctxrun.Executor, fn func(context.Context, int) (int, error)) {
				results(ctxrun.Map(t.Context(), ex, upTo(10), fn, ctxrun.MapChunk(4)))
			},
			"MapSlice": func(ex *ctxrun.Executor, fn func(context.Context, int) (int, error)) {
				ctxrun.MapSlice(t.Context(), ex, make([]int, 10), fn, ctxrun.MapChunk(4))
			},
		} {
			ex := ctxrun.New(ctxrun.WithMaxWorkers(10))
			var running, most atomic.Int32
			run(ex, func(context.Context, int) (int, error) {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
				return 0, nil
			})
			ex.Close()
			if s := ex.Stats(); s.Submitted != 3 || s.Completed != 3 || most.Load() != 3 {
				t.Errorf("%s: %+v, %d items at a time; want 3 of each", name, s, most.Load())
			}
		}
	})
}

func TestMapEndsOnceWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		defer ex.Close() // waits for the item that the map does not wait for
		fn := func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Second)
			return i, nil
		}
		// While the fourth item runs: an item that ended its own map would race
		// with it for the consumer.
		time.AfterFunc(3500*time.Millisecond, func() { cancel(gone) })
		expect(t, results(ctxrun.Map(ctx, ex, upTo(10), fn)), "0", "1", "2", "gone")
		got, err := ctxrun.MapSlice(ctx, ex, make([]int, 10), fn)
		if len(got) != 10 || err.Error() != "gone" {
			t.Errorf("MapSlice = %v, %v", got, err)
		}
	})
}

func TestMapEndsWithTheExecutor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		ex.Close()
		got := results(ctxrun.Map(t.Context(), ex, upTo(3), fails))
		expect(t, got, ctxrun.ErrShutdown.Error())
		if _, err := ctxrun.MapSlice(t.Context(), ex, make([]int, 3), fails); err.Error() != ctxrun.ErrShutdown.Error() {
			t.Errorf("MapSlice: %v", err)
		}

		ex = ctxrun.New(ctxrun.WithMaxWorkers(1))
		i := 0
		for _, err := range ctxrun.Map(t.Context(), ex, upTo(1000), func(_ context.Context, i int) (int, error) { time.Sleep(time.Second); return i, nil }) {
			if i++; i == 3 {
				go ex.Close()
				synctest.Wait()
			}
			if err != nil {
				got = []string{err.Error()}
			}
		}
		expect(t, got, ctxrun.ErrShutdown.Error())
		if i > 80 {
			t.Errorf("%d items were yielded: the map took more items after the shutdown", i)
		}
	})
}

// A map must not keep other tasks from running for longer than an item.
func TestMapTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		go results(ctxrun.Map(t.Context(), ex, upTo(100), func(context.Context, int) (int, error) { time.Sleep(time.Second); return 0, nil }))
		synctest.Wait()
		start := time.Now()
		if err := ctxrun.Submit(t.Context(), ex, value(1)).Wait(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("a task waited for %v, %v", time.Since(start), err)
		}
		ex.Close()
	})
}

// eachMap runs during while a map of items that take a second each runs: a
// Map, and a MapSlice.
func eachMap(t *testing.T, workers, items int, during func(*testing.T, *ctxrun.Executor, *atomic.Int32)) {
	for name, run := range map[string]func(context.Context, *ctxrun.Executor, func(context.Context, int) (int, error)){
		"Map": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context, int) (int, error)) {
			results(ctxrun.Map(ctx, ex, upTo(items), fn))
		},
		"MapSlice": func(ctx context.Context, ex *ctxrun.Executor, fn func(context.Context, int) (int, error)) {
			ctxrun.MapSlice(ctx, ex, make([]int, items), fn)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ex := ctxrun.New(ctxrun.WithMaxWorkers(workers))
				var started atomic.Int32
				go run(t.Context(), ex, func(context.Context, int) (int, error) {
					started.Add(1)
					time.Sleep(time.Second)
					return 0, nil
				})
				time.Sleep(time.Second / 2)
				during(t, ex, &started)
				ex.Close()
			})
		})
	}
}

func TestResizeReachesAMap(t *testing.T) {
	running := func(t *testing.T, ex *ctxrun.Executor, want int) {
		t.Helper()
		time.Sleep(2 * time.Second)
		if got := ex.Stats().Running; got != want {
			t.Errorf("%d items run, want %d", got, want)
		}
	}
	eachMap(t, 3, 30, func(t *testing.T, ex *ctxrun.Executor, _ *atomic.Int32) {
		running(t, ex, 3)
		ex.Resize(1)
		running(t, ex, 1)
		ex.Resize(4)
		running(t, ex, 4)
	})
}

func TestCancelQueuedReachesAMap(t *testing.T) {
	eachMap(t, 3, 30, func(t *testing.T, ex *ctxrun.Executor, started *atomic.Int32) {
		ex.Shutdown(t.Context(), ctxrun.CancelQueued())
		if n := started.Load(); n != 3 {
			t.Errorf("%d items were started, want 3", n)
		}
	})
}

func TestSubmitAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex := ctxrun.New(ctxrun.WithMaxWorkers(1))
		fs := ctxrun.SubmitAll(t.Context(), ex, upTo(5), fails)
		if n := ex.Stats().Submitted; n != 5 {
			t.Errorf("%d tasks were submitted at once, want 5", n)
		}
		var got []string
		for _, f := range fs {
			v, err := f.Result(t.Context())
			got = append(got, fmt.Sprint(v, " ", err))
		}
		want := []string{"0 <nil>", "0 failed", "0 ctxrun: function panicked: boom", "0 " + ctxrun.ErrGoexit.Error(), "4 <nil>"}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
