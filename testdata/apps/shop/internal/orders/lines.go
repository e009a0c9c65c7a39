package orders

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/errgroup"

	"example.com/shop/internal/store"
)

// quote returns what the lines cost together.
func (s *Service) quote(ctx context.Context, lines []store.Line) (int64, error) {
	prices := make([]int64, len(lines))
	errs := make([]error, len(lines))
	var wg sync.WaitGroup
	for i, l := range lines {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), priceTimeout)
			defer cancel()
			prices[i], errs[i] = s.Stock.Price(ctx, l.SKU)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	var total int64
	for i, l := range lines {
		total += prices[i] * l.Quantity
	}
	trace.SpanFromContext(ctx).SetAttributes(attribute.Int64("order.total", total))
	return total, nil
}

// reserve takes the products out of the stock, all or none. It tries all
// lines even if one fails, so the group has no context.
func (s *Service) reserve(ctx context.Context, lines []store.Line) error {
	reserved := make([]bool, len(lines))
	var g errgroup.Group
	for i, l := range lines {
		g.Go(func() error {
			if err := s.Stock.Reserve(context.Background(), l); err != nil {
				return fmt.Errorf("reserve %s: %w", l.SKU, err)
			}
			reserved[i] = true
			return nil
		})
	}
	err := g.Wait()
	if err == nil {
		return nil
	}
	for i, l := range lines {
		if reserved[i] {
			err = errors.Join(err, s.Stock.Release(ctx, l))
		}
	}
	return err
}
