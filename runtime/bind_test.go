package ctxrun_test

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

type key struct{}

// labels returns the pprof labels of the calling goroutine as the goroutine
// profile prints them, "" for none. marker must be a function on the
// goroutine's stack and on no other's.
func labels(t *testing.T, marker string) string {
	t.Helper()
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, 1); err != nil {
		t.Fatal(err)
	}
	for group := range strings.SplitSeq(buf.String(), "\n\n") {
		if strings.Contains(group, marker) {
			m := regexp.MustCompile(`# labels: (.*)`).FindStringSubmatch(group)
			if m == nil {
				return ""
			}
			return m[1]
		}
	}
	t.Fatalf("no goroutine in %s:\n%s", marker, buf.String())
	return ""
}

// request returns the context of a request, with a value and a label "a".
func request() context.Context {
	ctx := context.WithValue(context.Background(), key{}, "a")
	return pprof.WithLabels(ctx, pprof.Labels("request", "a"))
}

func TestGoCarriesValuesAndLabels(t *testing.T) {
	// The submitter has labels of its own: the goroutine must not have them.
	pprof.Do(context.Background(), pprof.Labels("submitter", "yes"), func(context.Context) {
		done := make(chan struct{})
		ctxrun.Go(request(), func(ctx context.Context) {
			defer close(done)
			if got := ctx.Value(key{}); got != "a" {
				t.Errorf("ctx.Value = %v, want a", got)
			}
			if got, want := labels(t, "TestGoCarriesValuesAndLabels.func1.1"), `{"request":"a"}`; got != want {
				t.Errorf("labels = %s, want %s", got, want)
			}
		})
		<-done
	})
}

func TestGoClearsInheritedLabels(t *testing.T) {
	pprof.Do(context.Background(), pprof.Labels("submitter", "yes"), func(context.Context) {
		done := make(chan struct{})
		ctxrun.Go(context.Background(), func(context.Context) {
			defer close(done)
			if got := labels(t, "TestGoClearsInheritedLabels.func1.1"); got != "" {
				t.Errorf("labels = %s, want none", got)
			}
		})
		<-done
	})
}

// worker is a pool of one goroutine, so that what one task leaves behind is
// seen by the next.
func worker(tasks ...func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, task := range tasks {
			task()
		}
	}()
	<-done
}

func TestBindLabels(t *testing.T) {
	var during, after string
	worker(
		ctxrun.Bind(request(), func(context.Context) { during = labels(t, "TestBindLabels.func1") }),
		func() { after = labels(t, "TestBindLabels.func2") },
	)
	if want := `{"request":"a"}`; during != want || after != "" {
		t.Errorf("labels = %s during and %q after, want %s and none", during, after, want)
	}
}

func TestBindClearsLabelsAfterPanic(t *testing.T) {
	var after string
	worker(
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recover = %v, want boom", got)
				}
			}()
			ctxrun.Bind(request(), func(context.Context) { panic("boom") })()
		},
		func() { after = labels(t, "TestBindClearsLabelsAfterPanic.func2") },
	)
	if after != "" {
		t.Errorf("labels = %s after a panic, want none", after)
	}
}

func TestBindRunsAgain(t *testing.T) {
	n := 0
	task := ctxrun.Bind(request(), func(ctx context.Context) {
		if ctx.Value(key{}) == "a" {
			n++
		}
	})
	worker(task, task)
	if n != 2 {
		t.Errorf("ran %d times with the context, want 2", n)
	}
}

func TestBindErrAndBindResult(t *testing.T) {
	boom := errors.New("boom")
	worker(func() {
		if err := ctxrun.BindErr(request(), func(context.Context) error { return boom })(); err != boom {
			t.Errorf("BindErr: err = %v, want boom", err)
		}
		v, err := ctxrun.BindResult(request(), func(ctx context.Context) (any, error) {
			return ctx.Value(key{}), boom
		})()
		if v != "a" || err != boom {
			t.Errorf("BindResult = %v, %v, want a, boom", v, err)
		}
	})
}

func TestGoexitEndsTask(t *testing.T) {
	ran := false
	worker(ctxrun.Bind(request(), func(context.Context) {
		ran = true
		runtime.Goexit()
	}))
	if !ran {
		t.Error("task did not run")
	}
}

// TestRegions checks that an execution trace names the regions. That each is
// in its submitter's task needs the trace parser of x/exp, which the runtime
// does not depend on.
func TestRegions(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("an execution trace is being recorded already (go test -trace), and there can be only one")
	}
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Fatal(err)
	}
	ctx, task := trace.NewTask(context.Background(), "request")
	done := make(chan struct{})
	ctxrun.Go(ctx, func(context.Context) { close(done) })
	<-done
	worker(ctxrun.Bind(ctx, func(context.Context) {}))
	task.End()
	trace.Stop()
	for _, name := range []string{"ctxrun.Go", "ctxrun.Bind"} {
		if !bytes.Contains(buf.Bytes(), []byte(name)) {
			t.Errorf("no region %q in the execution trace", name)
		}
	}
}

func TestNilArgumentsPanicInTheCaller(t *testing.T) {
	var nilCtx context.Context
	for want, call := range map[string]func(){
		"ctxrun.Go: nil context":         func() { ctxrun.Go(nilCtx, func(context.Context) {}) },
		"ctxrun.Go: nil function":        func() { ctxrun.Go(t.Context(), nil) },
		"ctxrun.Bind: nil context":       func() { ctxrun.Bind(nilCtx, func(context.Context) {}) },
		"ctxrun.BindErr: nil function":   func() { ctxrun.BindErr(t.Context(), nil) },
		"ctxrun.BindResult: nil context": func() { ctxrun.BindResult(nilCtx, func(context.Context) (int, error) { return 0, nil }) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic = %v, want %q", got, want)
				}
			}()
			call()
		}()
	}
}

func TestAllocations(t *testing.T) {
	ctx, fn := request(), func(context.Context) {}
	done := make(chan struct{})
	tell := func(context.Context) { done <- struct{}{} }
	if got := testing.AllocsPerRun(1000, func() { ctxrun.Go(ctx, tell); <-done }); got != 0 {
		t.Errorf("Go allocates %v times, want 0", got)
	}
	bound := ctxrun.Bind(ctx, fn)
	if got := testing.AllocsPerRun(100, bound); got != 0 {
		t.Errorf("a bound function allocates %v times, want 0", got)
	}
	if got := testing.AllocsPerRun(100, func() { _ = ctxrun.Bind(ctx, fn) }); got > 1 {
		t.Errorf("Bind allocates %v times, want at most 1", got)
	}
}

func BenchmarkGo(b *testing.B) {
	ctx := request()
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		var wg sync.WaitGroup
		for b.Loop() {
			wg.Add(1)
			go func(context.Context) { wg.Done() }(ctx)
		}
		wg.Wait()
	})
	b.Run("ctxrun", func(b *testing.B) {
		b.ReportAllocs()
		var wg sync.WaitGroup
		done := func(context.Context) { wg.Done() }
		for b.Loop() {
			wg.Add(1)
			ctxrun.Go(ctx, done)
		}
		wg.Wait()
	})
}
