package cases

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

type p001Pricer interface {
	Price(ctx context.Context, sku string) (int, error)
}

type P001 struct {
	live, candidate p001Pricer
	timeout         time.Duration
	running         *sync.WaitGroup
}

// Price compares a candidate with the live pricer in the background. The
// comparison may outlive the request, so it has a timeout of its own, on a
// root.
func (p P001) Price(ctx context.Context, sku string) (int, error) {
	price, err := p.live.Price(ctx, sku)
	if err != nil {
		return 0, err
	}
	p.running.Add(1)
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to cases.p001Pricer.Price`
		defer p.running.Done()
		ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
		defer cancel()
		other, err := p.candidate.Price(ctx, sku)
		if err != nil {
			slog.WarnContext(ctx, "candidate failed", "sku", sku, "err", err)
			return
		}
		if other != price {
			slog.InfoContext(ctx, "candidate differs", "sku", sku)
		}
	}()
	return price, nil
}
