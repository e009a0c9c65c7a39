package traced_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// spanHooks gives each task two spans: "queued" until it starts, and below that
// "run" until it is done. Whichever is the last has the task's error.
func spanHooks(tracer trace.Tracer) ctxrun.Hooks {
	start := func(ctx context.Context, what string) context.Context {
		ctx, _ = tracer.Start(ctx, nameOf(ctx)+" "+what)
		return ctx
	}
	return ctxrun.Hooks{
		OnSubmit: func(ctx context.Context) context.Context { return start(ctx, "queued") },
		OnStart: func(ctx context.Context) context.Context {
			trace.SpanFromContext(ctx).End()
			return start(ctx, "run")
		},
		OnDone: func(ctx context.Context, err error) {
			span := trace.SpanFromContext(ctx)
			if err != nil {
				span.RecordError(err)
				span.SetStatus(codes.Error, err.Error())
			}
			span.End()
		},
	}
}

type nameKey struct{}

func named(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, nameKey{}, name)
}

func nameOf(ctx context.Context) string { return ctx.Value(nameKey{}).(string) }

// hookTest runs fn with an executor of one worker that has the hooks, and a
// context that has the span "top" and names a task "task". It returns the spans.
func hookTest(t *testing.T, fn func(context.Context, *ctxrun.Executor), opts ...ctxrun.Option) map[string]sdktrace.ReadOnlySpan {
	tracer, rec := record()
	opts = append(opts,
		ctxrun.WithMaxWorkers(1),
		ctxrun.WithHooks(spanHooks(tracer)),
		ctxrun.WithPanicHandler(func(context.Context, *ctxrun.PanicError) {}))
	ex := ctxrun.New(opts...)
	ctx, top := tracer.Start(named(t.Context(), "task"), "top")
	fn(ctx, ex)
	top.End()
	if err := ex.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	return ended(t, rec)
}

// busy occupies the executor's only worker for a second.
func busy(ctx context.Context, ex *ctxrun.Executor) {
	must(ex.Go(named(ctx, "busy"), func(context.Context) { time.Sleep(time.Second) }))
	synctest.Wait()
}

var (
	errTask = errors.New("task failed")
	errStop = errors.New("stopped")
)

// TestHooks is about tasks that run, after a second in the queue.
func TestHooks(t *testing.T) {
	type task = func(context.Context) (string, error)
	one := func(yield func(int) bool) { yield(1) }
	means := []struct {
		name string
		run  func(ctx context.Context, ex *ctxrun.Executor, fn task)
	}{
		{"Submit", func(ctx context.Context, ex *ctxrun.Executor, fn task) { ctxrun.Submit(ctx, ex, fn) }},
		{"SubmitAll", func(ctx context.Context, ex *ctxrun.Executor, fn task) {
			ctxrun.SubmitAll(ctx, ex, one, func(ctx context.Context, _ int) (string, error) { return fn(ctx) })
		}},
		{"Map", func(ctx context.Context, ex *ctxrun.Executor, fn task) {
			drain(ctxrun.Map(ctx, ex, one, func(ctx context.Context, _ int) (string, error) { return fn(ctx) }))
		}},
		{"MapSlice", func(ctx context.Context, ex *ctxrun.Executor, fn task) {
			_, _ = ctxrun.MapSlice(ctx, ex, []int{1}, func(ctx context.Context, _ int) (string, error) { return fn(ctx) })
		}},
		{"Executor.Go", func(ctx context.Context, ex *ctxrun.Executor, fn task) {
			must(ex.Go(ctx, func(ctx context.Context) { _, _ = fn(ctx) }))
		}},
	}
	endings := []struct {
		name string
		end  func() error
		want string
	}{
		{"ok", func() error { return nil }, ""},
		{"error", func() error { return errTask }, errTask.Error()},
		{"panic", func() error { panic("boom") }, "ctxrun: function panicked: boom"},
		{"Goexit", func() error { runtime.Goexit(); return nil }, ctxrun.ErrGoexit.Error()},
	}
	for _, m := range means {
		for _, e := range endings {
			if m.name == "Executor.Go" && e.name == "error" {
				continue // its functions return none
			}
			t.Run(m.name+"/"+e.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					spans := hookTest(t, func(ctx context.Context, ex *ctxrun.Executor) {
						busy(ctx, ex)
						m.run(ctx, ex, func(ctx context.Context) (string, error) {
							_, span := trace.SpanFromContext(ctx).TracerProvider().Tracer("").Start(ctx, "work")
							span.End()
							return "", e.end()
						})
					})
					queued := checkHooked(t, spans, "task queued", "top", "")
					checkHooked(t, spans, "task run", "task queued", e.want)
					checkHooked(t, spans, "work", "task run", "")
					if queued == nil {
						return
					}
					if d := queued.EndTime().Sub(queued.StartTime()); d != time.Second {
						t.Errorf("span task queued lasts %v, want 1s", d)
					}
				})
			})
		}
	}
}

// TestHooksNotRun is about tasks that are submitted and never run: "queued" has
// the reason, and there is no "run".
func TestHooksNotRun(t *testing.T) {
	never := func(context.Context) (string, error) { panic("runs") }
	neverGo := func(context.Context) { panic("runs") }
	tests := []struct {
		name string
		run  func(ctx context.Context, ex *ctxrun.Executor)
		want error
		opts []ctxrun.Option
	}{
		{name: "Cancel", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctxrun.Submit(ctx, ex, never).Cancel()
		}, want: ctxrun.ErrCanceled},
		{name: "Stop", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctxrun.Submit(ctx, ex, never).Stop(errStop)
		}, want: errStop},
		{name: "context of Submit", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctx, cancel := context.WithCancelCause(ctx)
			ctxrun.Submit(ctx, ex, never)
			cancel(errStop)
		}, want: errStop},
		{name: "context of Go", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctx, cancel := context.WithCancelCause(ctx)
			must(ex.Go(ctx, neverGo))
			cancel(errStop)
		}, want: errStop},
		{name: "context of Submit, before", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctxrun.Submit(stopped(ctx), ex, never)
		}, want: errStop},
		{name: "context of Go, before", run: func(ctx context.Context, ex *ctxrun.Executor) {
			_ = ex.Go(stopped(ctx), neverGo)
		}, want: errStop},
		{name: "CancelQueued and Submit", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctxrun.Submit(ctx, ex, never)
			must(ex.Shutdown(ctx, ctxrun.CancelQueued()))
		}, want: ctxrun.ErrCanceled},
		{name: "CancelQueued and Go", run: func(ctx context.Context, ex *ctxrun.Executor) {
			must(ex.Go(ctx, neverGo))
			must(ex.Shutdown(ctx, ctxrun.CancelQueued()))
		}, want: ctxrun.ErrCanceled},
		{name: "refused Submit", run: func(ctx context.Context, ex *ctxrun.Executor) {
			must(ex.Close())
			ctxrun.Submit(ctx, ex, never)
		}, want: ctxrun.ErrShutdown},
		{name: "refused Go", run: func(ctx context.Context, ex *ctxrun.Executor) {
			must(ex.Close())
			_ = ex.Go(ctx, neverGo)
		}, want: ctxrun.ErrShutdown},
		{name: "no room for TryGo", run: func(ctx context.Context, ex *ctxrun.Executor) {
			_ = ex.TryGo(ctx, neverGo)
		}, want: ctxrun.ErrQueueFull, opts: []ctxrun.Option{ctxrun.WithQueue(0)}},
		{name: "no room for Submit", run: func(ctx context.Context, ex *ctxrun.Executor) {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Millisecond, errStop)
			defer cancel()
			ctxrun.Submit(ctx, ex, never)
		}, want: errStop, opts: []ctxrun.Option{ctxrun.WithQueue(0)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				spans := hookTest(t, func(ctx context.Context, ex *ctxrun.Executor) {
					busy(ctx, ex)
					tt.run(ctx, ex)
				}, tt.opts...)
				checkHooked(t, spans, "task queued", "top", tt.want.Error())
				if spans["task run"] != nil {
					t.Error("the task has a span run")
				}
			})
		})
	}
}

// TestHooksBroken is about a task whose worker's initializer fails.
func TestHooksBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans := hookTest(t, func(ctx context.Context, ex *ctxrun.Executor) {
			must(ex.Go(ctx, func(context.Context) { t.Error("runs") }))
		}, ctxrun.WithInitializer(func() error { return errStop }))
		checkHooked(t, spans, "task queued", "top", (&ctxrun.BrokenError{Cause: errStop}).Error())
	})
}

// TestHooksMap is about maps that end before all that they have submitted has
// been run. However they end, each chunk that has a span "queued" is run once
// or has an error, and no span is left open.
func TestHooksMap(t *testing.T) {
	type run = func(ctx context.Context, ex *ctxrun.Executor, results iter.Seq2[int, error])
	toEnd := func(_ context.Context, _ *ctxrun.Executor, results iter.Seq2[int, error]) { drain(results) }
	breaks := func(_ context.Context, _ *ctxrun.Executor, results iter.Seq2[int, error]) {
		for range results {
			break
		}
	}
	tests := []struct {
		name string
		run  run
		opts []ctxrun.MapOption
	}{
		{"all", toEnd, nil},
		{"MapChunk", toEnd, []ctxrun.MapOption{ctxrun.MapChunk(3)}},
		{"break", breaks, nil},
		{"MapUnordered and break", breaks, []ctxrun.MapOption{ctxrun.MapUnordered()}},
		{"MapStopOnError", toEnd, []ctxrun.MapOption{ctxrun.MapStopOnError()}},
		{"MapTimeout", toEnd, []ctxrun.MapOption{ctxrun.MapTimeout(1500 * time.Millisecond)}},
		{"refused", func(_ context.Context, ex *ctxrun.Executor, results iter.Seq2[int, error]) {
			must(ex.Close())
			drain(results)
		}, nil},
		{"CancelQueued", func(ctx context.Context, ex *ctxrun.Executor, results iter.Seq2[int, error]) {
			busy(ctx, ex)
			ctxrun.Go(ctx, func(ctx context.Context) { must(ex.Shutdown(ctx, ctxrun.CancelQueued())) })
			drain(results)
		}, nil},
	}
	fn := func(_ context.Context, v int) (int, error) {
		time.Sleep(time.Duration(v) * time.Second)
		switch v {
		case 1:
			panic("boom")
		case 2:
			return 0, errTask
		}
		return v, nil
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tracer, rec := record()
				ex := ctxrun.New(ctxrun.WithMaxWorkers(1), ctxrun.WithHooks(spanHooks(tracer)))
				ctx := named(t.Context(), "task")
				tt.run(ctx, ex, ctxrun.Map(ctx, ex, slices.Values([]int{0, 1, 2, 3, 4, 5}), fn, tt.opts...))
				must(ex.Close())
				checkHooksMap(t, rec.Started())
			})
		})
	}
}

func checkHooksMap(t *testing.T, spans []sdktrace.ReadWriteSpan) {
	t.Helper()
	queued, open := 0, 0
	runs := make(map[trace.SpanID]int) // by their parent
	for _, s := range spans {
		if s.EndTime().IsZero() {
			open++
		}
		if strings.HasSuffix(s.Name(), "run") {
			runs[s.Parent().SpanID()]++
		}
	}
	for _, s := range spans {
		if !strings.HasSuffix(s.Name(), "queued") {
			continue
		}
		queued++
		switch n := runs[s.SpanContext().SpanID()]; {
		case n > 1:
			t.Errorf("%s has %d spans run", s.Name(), n)
		case n == 0 && !s.EndTime().IsZero() && s.Status().Code != codes.Error:
			t.Errorf("%s was not run and has no error", s.Name())
		}
	}
	if queued == 0 || open > 0 {
		t.Errorf("%d spans queued, and %d spans were not ended", queued, open)
	}
}

// drain ranges over a map to its end.
func drain[R any](results iter.Seq2[R, error]) {
	for range results {
	}
}

// stopped returns a context that is done.
func stopped(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errStop)
	return ctx
}

// checkHooked checks that a span is below another one, and has failed with an
// error, or not if that is "".
func checkHooked(t *testing.T, spans map[string]sdktrace.ReadOnlySpan, name, parent, want string) sdktrace.ReadOnlySpan {
	t.Helper()
	span := spans[name]
	if span == nil || spans[parent] == nil {
		t.Errorf("spans %s and %s: %v, %v", name, parent, span, spans[parent])
		return nil
	}
	checkParent(t, span, spans[parent])
	status, exceptions := span.Status(), 0
	for _, ev := range span.Events() {
		if ev.Name == "exception" {
			exceptions++
		}
	}
	if status.Description != want || (status.Code == codes.Error) != (want != "") || (exceptions == 1) != (want != "") {
		t.Errorf("span %s has the status %v and %d exceptions, want %q", name, status, exceptions, want)
	}
	return span
}
