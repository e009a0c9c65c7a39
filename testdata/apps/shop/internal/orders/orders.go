// Package orders takes orders and sees to what follows from them.
package orders

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"

	"example.com/shop/internal/audit"
	"example.com/shop/internal/carrier"
	"example.com/shop/internal/later"
	"example.com/shop/internal/mail"
	"example.com/shop/internal/stock"
	"example.com/shop/internal/store"
)

const (
	priceTimeout = 2 * time.Second
	slipTimeout  = 10 * time.Second

	// settleDelay is how long the payment provider takes to settle.
	settleDelay = 5 * time.Millisecond
)

var tracer = otel.Tracer("example.com/shop/internal/orders")

// Hook is told about orders.
type Hook interface {
	OrderPlaced(context.Context, store.Order)
}

// Service takes orders. All fields are needed.
type Service struct {
	Store   *store.Store
	Stock   *stock.Stock
	Mailer  *mail.Mailer
	Mails   *mail.Queue
	Carrier *carrier.Client
	Hook    Hook
	Work    *later.Work

	receipts atomic.Int64
}

// Payment is a paid order and the number of receipts issued so far.
type Payment struct {
	store.Order
	Receipts int64 `json:"receipts"`
}

// Place takes an order if everything is in stock.
func (s *Service) Place(ctx context.Context, customer string, lines []store.Line) (store.Order, error) {
	ctx, span := tracer.Start(ctx, "orders.place")
	defer span.End()
	o := store.Order{Customer: customer, Status: "placed", Lines: lines}
	var err error
	if o.Total, err = s.quote(ctx, lines); err != nil {
		return o, err
	}
	if err := s.reserve(ctx, lines); err != nil {
		return o, err
	}
	if err := s.Store.InsertOrder(ctx, &o); err != nil {
		return o, err
	}
	s.confirm(ctx, o)
	s.Hook.OrderPlaced(ctx, o)
	s.Work.Add()
	go func() {
		defer s.Work.Done()
		s.Work.Quiet()
		ctx, cancel := context.WithTimeout(context.Background(), slipTimeout)
		defer cancel()
		if err := s.printSlip(ctx, o.ID); err != nil {
			slog.ErrorContext(ctx, "print packing slip", "order", o.ID, "err", err)
		}
	}()
	return o, nil
}

// Pay marks an order as paid.
func (s *Service) Pay(ctx context.Context, id int64) (Payment, error) {
	ctx, span := tracer.Start(ctx, "orders.pay")
	defer span.End()
	o, err := s.advance(ctx, id, "placed", "paid")
	if err != nil {
		return Payment{}, err
	}
	s.Work.Add()
	go s.sendReceipt(context.Background(), o, s.nextReceiptNo())
	s.settleLater(ctx, o.ID)
	s.Carrier.Announce(ctx, o.ID)
	return Payment{Order: o, Receipts: s.receipts.Load()}, nil
}

// Cancel cancels an order that was not paid.
func (s *Service) Cancel(ctx context.Context, id int64) (store.Order, error) {
	ctx, span := tracer.Start(ctx, "orders.cancel")
	defer span.End()
	o, err := s.advance(ctx, id, "placed", "cancelled")
	if err != nil {
		return o, err
	}
	event := audit.Begin("cancelled", o.ID)
	go audit.Record(event)
	s.Work.Add()
	go s.restock(context.WithoutCancel(ctx), o)
	return o, nil
}

// Report sums up what was sold.
func (s *Service) Report(ctx context.Context) error {
	ctx, span := tracer.Start(ctx, "orders.report")
	defer span.End()
	sum, err := s.Store.Turnover(ctx)
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "turnover", "sum", sum)
	return nil
}

func (s *Service) advance(ctx context.Context, id int64, from, to string) (store.Order, error) {
	o, err := s.Store.Order(ctx, id)
	if err != nil {
		return o, err
	}
	o.Status = to
	return o, s.Store.Advance(ctx, id, from, to)
}
