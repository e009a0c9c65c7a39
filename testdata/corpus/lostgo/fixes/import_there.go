package fixes

import (
	"context"

	"github.com/lostctx/lostctx/runtime"
)

func importThere(ctx context.Context, s Store) {
	ctxrun.Go(ctx, func(ctx context.Context) { s.Save(ctx, "a") })
	go s.Save(context.Background(), "b") // want `goroutine loses ctx`
}
