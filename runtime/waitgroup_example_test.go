//go:build go1.25

package ctxrun_test

import (
	"context"
	"fmt"
	"sync"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// A WaitGroup starts the function; the function has the context.
func ExampleBind() {
	ctx := context.WithValue(context.Background(), traceKey{}, "4bf92f35")

	var wg sync.WaitGroup
	wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) {
		fmt.Println("trace", traceID(ctx))
	}))
	wg.Wait()
	// Output: trace 4bf92f35
}
