package fixes

import (
	"context"

	tasks "github.com/lostctx/lostctx/runtime"
)

func importThereRenamed(ctx context.Context, s Store) {
	tasks.Go(ctx, func(ctx context.Context) { s.Save(ctx, "a") })
	go s.Save(context.Background(), "b") // want `goroutine loses ctx`
}
