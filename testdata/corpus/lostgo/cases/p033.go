package cases

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

type P033 struct {
	store interface {
		Insert(ctx context.Context, rows []string) error
	}
	handler interface {
		Flushed(ctx context.Context, rows []string) error
	}
	timeout time.Duration
}

// Flush tells a handler in the background, if there is one.
func (p *P033) Flush(ctx context.Context, rows []string) error {
	if err := p.store.Insert(ctx, rows); err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	if p.handler != nil {
		go func() { // want `goroutine loses ctx: context.Background\(\) is passed to p.handler.Flushed`
			ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
			defer cancel()

			err := p.handler.Flushed(ctx, rows)
			if err != nil {
				slog.ErrorContext(ctx, "flush handler", "err", err)
			}
		}()
	}
	return nil
}
