package cases

import (
	"context"
	"fmt"
	"log/slog"
)

type p011Build struct{ id, node string }

type P011 struct {
	db interface {
		Builds(ctx context.Context, image string) ([]p011Build, error)
		Delete(ctx context.Context, image string) error
	}
	builder interface {
		Delete(ctx context.Context, ids []string) error
	}
	cache map[string]bool
}

// DeleteImage deletes the builds in the background, under a span that begins
// at a root: an orphan.
func (p *P011) DeleteImage(ctx context.Context, image string) error {
	builds, err := p.db.Builds(ctx, image)
	if err != nil {
		return err
	}
	if err := p.db.Delete(ctx, image); err != nil {
		return fmt.Errorf("delete image: %w", err)
	}
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to trace.Tracer.Start`
		deleteCtx, span := tracer.Start(context.Background(), "delete-builds")
		defer span.End()
		span.SetAttribute("image", image)
		var ids []string
		for _, b := range builds {
			ids = append(ids, b.node+"/"+b.id)
		}
		if len(ids) == 0 {
			return
		}
		if err := p.builder.Delete(deleteCtx, ids); err != nil {
			slog.ErrorContext(deleteCtx, "delete builds", "image", image, "err", err)
		}
	}()
	delete(p.cache, image)
	return nil
}
