package cases

import (
	"context"
	"log/slog"
)

type p025Exit struct{ code int }

type P025 struct {
	start func(ctx context.Context, id string) (interface {
		Wait(ctx context.Context, id string) (p025Exit, error)
	}, error)
	backlog map[string]p025Exit
}

// Start waits in the background for the end of what it has started. The root
// lacks a value (the namespace) without which Wait fails.
func (p *P025) Start(ctx context.Context, id string) error {
	ctl, err := p.start(ctx, id)
	if err != nil {
		return err
	}
	// Start the watch after the start.
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to ctl.Wait`
		exit, err := ctl.Wait(context.Background(), id)
		if err != nil {
			slog.ErrorContext(ctx, "wait", "err", err)
			return
		}
		p.backlog[id] = exit
	}()
	return nil
}
