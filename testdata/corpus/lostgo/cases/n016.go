package cases

import (
	"context"
	"log/slog"
	"time"
)

type n016Namespace struct{}

// n016Namespaced returns a root that has only the namespace.
func n016Namespaced() context.Context {
	return context.WithValue(context.Background(), n016Namespace{}, "pods")
}

type N016 struct {
	boot   func(ctx context.Context, id string) (exited <-chan int, err error)
	events interface {
		Exited(ctx context.Context, id string, code int) error
	}
}

// Start watches what it has started for the life of it. Silent: the exit
// belongs to nobody's request, and the root was given what it needs.
func (n *N016) Start(ctx context.Context, id string) error {
	exited, err := n.boot(ctx, id)
	if err != nil {
		return err
	}
	go func() {
		if err := n.waitExit(n016Namespaced(), id, exited); err != nil {
			slog.WarnContext(context.Background(), "wait for exit", "err", err)
		}
	}()
	return nil
}

func (n *N016) waitExit(ctx context.Context, id string, exited <-chan int) error {
	select {
	case code := <-exited:
		eventCtx, cancel := context.WithTimeout(n016Namespaced(), time.Second)
		defer cancel()
		slog.InfoContext(ctx, "exited", "id", id)
		return n.events.Exited(eventCtx, id, code)
	case <-ctx.Done():
		return ctx.Err()
	}
}
