package cases

import (
	"context"
	"log/slog"
)

type P035 struct {
	dial func(ctx context.Context, addr string) (interface {
		Sync(ctx context.Context) error
	}, error)
	addr   string
	cancel context.CancelFunc
}

// Configure restarts the synchronization. Silent: it takes no context, only
// the callers have one: for lostcall.
func (p *P035) Configure(addr string) {
	if addr == p.addr {
		return
	}
	p.addr = addr
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
	ctx := context.Background()
	ctx, p.cancel = context.WithCancel(ctx)
	conn, err := p.dial(ctx, addr)
	if err != nil {
		slog.ErrorContext(ctx, "dial", "err", err)
		return
	}
	go func() {
		slog.DebugContext(ctx, "synchronize", "addr", addr)
		_ = conn.Sync(ctx)
	}()
}
