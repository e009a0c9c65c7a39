package cases

import (
	"context"
	"log/slog"
)

type P030 struct {
	repos interface {
		Get(ctx context.Context, name string) (string, error)
		Copy(ctx context.Context, repo, from string) error
	}
}

// Import imports in the background. The function that does it takes no context
// and makes a root; only the logger comes from the caller's context.
func (p *P030) Import(ctx context.Context, name, from string) (string, error) {
	repo, err := p.repos.Get(ctx, name)
	if err != nil {
		return "", err
	}
	id := name + "/" + from
	go func() { // want `goroutine loses ctx: cases.\(\*P030\).importAsync creates its own context.Background\(\) \(p030.go:[0-9]+\)`
		logger := p030Logger(ctx).With("import", id)
		if err := p.importAsync(repo, from, logger); err != nil {
			logger.Error("import", "err", err)
		}
	}()
	return id, nil
}

func (p *P030) importAsync(repo, from string, logger *slog.Logger) error {
	ctx, cancel := context.WithCancel(context.Background()) // for the work in the background
	defer cancel()
	logger.Info("import", "from", from)
	return p.repos.Copy(ctx, repo, from)
}

func p030Logger(ctx context.Context) *slog.Logger { return slog.Default() }
