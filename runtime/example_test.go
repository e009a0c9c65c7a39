package ctxrun_test

import (
	"context"
	"errors"
	"fmt"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// traceKey stands for what a tracer keeps in the context.
type traceKey struct{}

func traceID(ctx context.Context) any { return ctx.Value(traceKey{}) }

// The mail is sent after the handler has returned and its context has been
// canceled, but it is still part of the request's trace.
func ExampleGo() {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), traceKey{}, "4bf92f35"))

	sent := make(chan string)
	ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) {
		sent <- fmt.Sprintf("mail sent in trace %v, err %v", traceID(ctx), ctx.Err())
	})
	cancel()
	fmt.Println(<-sent)
	// Output: mail sent in trace 4bf92f35, err <nil>
}

// An errgroup takes a func() error.
func ExampleBindErr() {
	ctx := context.WithValue(context.Background(), traceKey{}, "4bf92f35")

	task := ctxrun.BindErr(ctx, func(ctx context.Context) error {
		return fmt.Errorf("trace %v: %w", traceID(ctx), errors.ErrUnsupported)
	})
	fmt.Println(task())
	// Output: trace 4bf92f35: unsupported operation
}

// A cache or a future takes a func() (T, error).
func ExampleBindResult() {
	ctx := context.WithValue(context.Background(), traceKey{}, "4bf92f35")

	load := ctxrun.BindResult(ctx, func(ctx context.Context) (string, error) {
		return fmt.Sprint("loaded in trace ", traceID(ctx)), nil
	})
	fmt.Println(load())
	// Output: loaded in trace 4bf92f35 <nil>
}
