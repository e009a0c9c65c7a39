// Package strictwrapper starts goroutines past the team's own wrapper and through
// it, for -lostgo.strict with -fix.wrapper.
package strictwrapper

import (
	"context"
	"sync"

	"example.com/corpus/flags/safego"
	ctxrun "github.com/lostctx/lostctx/runtime"
)

func count() {}

func bare(ctx context.Context, wg *sync.WaitGroup) {
	go count()   // want `goroutine is started without ctxrun although ctx is in scope; start it with safego.Go\(ctx, ..\)`
	wg.Go(count) // want `task of sync.\(\*WaitGroup\).Go is started without ctxrun although ctx is in scope; start it with ctxrun.Bind\(ctx, ..\)`
	safego.Go(ctx, func(ctx context.Context) {})
	ctxrun.Go(ctx, func(ctx context.Context) {})
}
