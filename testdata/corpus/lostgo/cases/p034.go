package cases

import (
	"context"
	"log/slog"
	"os/exec"
	"time"
)

type p034Procs interface {
	Exists(ctx context.Context, pid int) (bool, error)
}

type P034 struct {
	procs  p034Procs
	cancel context.CancelFunc
}

// Run watches a process for the life of it, with a context of its own that is
// cancelled through a field. Silent, although the maintainers wanted the
// values: the watch is a service loop.
func (p *P034) Run(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, path)
	if err := cmd.Start(); err != nil {
		return err
	}
	var watchCtx context.Context
	watchCtx, p.cancel = context.WithCancel(context.Background())
	go p.watch(watchCtx, cmd.Process.Pid)
	return nil
}

func (p *P034) watch(ctx context.Context, pid int) {
	slog.DebugContext(ctx, "watch", "pid", pid)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		exists, err := p.procs.Exists(ctx, pid)
		if err != nil {
			slog.ErrorContext(ctx, "watch", "err", err)
		} else if !exists {
			slog.ErrorContext(ctx, "ended", "pid", pid)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
