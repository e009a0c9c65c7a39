// Package stock knows what the shop has and what it costs.
package stock

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"

	"example.com/shop/internal/later"
	"example.com/shop/internal/store"
)

// scarce is the quantity below which a product is to be ordered.
const scarce = 5

var tracer = otel.Tracer("example.com/shop/internal/stock")

// Stock is the stock, with the prices cached.
type Stock struct {
	store *store.Store
	work  *later.Work
	stop  chan struct{}
	ended chan struct{}

	mu     sync.Mutex
	prices map[string]int64
}

// New returns a stock that nobody watches yet.
func New(s *store.Store, w *later.Work) *Stock {
	return &Stock{
		store:  s,
		work:   w,
		stop:   make(chan struct{}),
		ended:  make(chan struct{}),
		prices: make(map[string]int64),
	}
}

// Watch looks for scarce products, now and after every period, until Close is
// called.
func (s *Stock) Watch(period time.Duration) {
	defer close(s.ended)
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		s.sweep(context.Background())
		select {
		case <-tick.C:
		case <-s.stop:
			return
		}
	}
}

// Close ends Watch and waits for it.
func (s *Stock) Close() {
	close(s.stop)
	<-s.ended
}

func (s *Stock) sweep(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "stock.sweep")
	defer span.End()
	products, err := s.store.Scarce(ctx, scarce)
	if err != nil {
		slog.ErrorContext(ctx, "look for scarce products", "err", err)
		return
	}
	slog.InfoContext(ctx, "sweep", "scarce", products)
}

// Price returns what a product costs.
func (s *Stock) Price(ctx context.Context, sku string) (int64, error) {
	ctx, span := tracer.Start(ctx, "stock.price")
	defer span.End()
	s.mu.Lock()
	price, ok := s.prices[sku]
	s.mu.Unlock()
	if ok {
		return price, nil
	}
	return s.load(ctx, sku)
}

// Refresh brings the price of a product up to date. It is a piece of work of
// its own, announced by the caller.
func (s *Stock) Refresh(ctx context.Context, sku string) {
	defer s.work.Done()
	s.work.Quiet()
	ctx, span := tracer.Start(ctx, "stock.refresh")
	defer span.End()
	if _, err := s.load(ctx, sku); err != nil {
		slog.ErrorContext(ctx, "refresh price", "sku", sku, "err", err)
	}
}

func (s *Stock) load(ctx context.Context, sku string) (int64, error) {
	p, err := s.store.Product(ctx, sku)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.prices[sku] = p.Price
	s.mu.Unlock()
	return p.Price, nil
}

// Reserve takes the products of a line out of the stock.
func (s *Stock) Reserve(ctx context.Context, l store.Line) error {
	ctx, span := tracer.Start(ctx, "stock.reserve")
	defer span.End()
	return s.store.Take(ctx, l.SKU, l.Quantity)
}

// Release puts the products of a line back.
func (s *Stock) Release(ctx context.Context, l store.Line) error {
	ctx, span := tracer.Start(ctx, "stock.release")
	defer span.End()
	return s.store.Return(ctx, l.SKU, l.Quantity)
}

// CountView counts one look at a product.
func (s *Stock) CountView(ctx context.Context, sku string) error {
	ctx, span := tracer.Start(ctx, "stock.count_view")
	defer span.End()
	return s.store.CountView(ctx, sku)
}

// Index makes a product findable as it is now.
func (s *Stock) Index(ctx context.Context, sku string) error {
	ctx, span := tracer.Start(ctx, "stock.index")
	defer span.End()
	return s.store.Index(ctx, sku)
}
