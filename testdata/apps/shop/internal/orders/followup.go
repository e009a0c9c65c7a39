package orders

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"example.com/shop/internal/mail"
	"example.com/shop/internal/store"
)

// confirm queues the mail that confirms an order.
func (s *Service) confirm(ctx context.Context, o store.Order) {
	msg := mail.Message{To: o.Customer, Subject: fmt.Sprintf("Your order %d", o.ID)}
	s.Mails.Submit(func() {
		if err := s.Mailer.Deliver(context.Background(), msg); err != nil {
			slog.Error("confirm order", "order", o.ID, "err", err)
		}
	})
	trace.SpanFromContext(ctx).AddEvent("confirmation queued")
}

// settleLater has an order settled when the payment provider has had time.
func (s *Service) settleLater(ctx context.Context, id int64) {
	s.Work.Add()
	time.AfterFunc(settleDelay, func() {
		defer s.Work.Done()
		s.Work.Quiet()
		if err := s.settle(context.Background(), id); err != nil {
			slog.Error("settle order", "order", id, "err", err)
		}
	})
	trace.SpanFromContext(ctx).AddEvent("settlement scheduled")
}

func (s *Service) settle(ctx context.Context, id int64) error {
	ctx, span := tracer.Start(ctx, "orders.settle")
	defer span.End()
	return s.Store.Settle(ctx, id)
}

func (s *Service) printSlip(ctx context.Context, id int64) error {
	ctx, span := tracer.Start(ctx, "orders.slip")
	defer span.End()
	return s.Store.InsertDocument(ctx, "slip", id, 0)
}

// nextReceiptNo returns the number of a new receipt. Numbers have no gaps and
// follow the order of the payments.
func (s *Service) nextReceiptNo() int64 { return s.receipts.Add(1) }

// sendReceipt is a piece of work of its own, announced by the caller.
func (s *Service) sendReceipt(ctx context.Context, o store.Order, number int64) {
	defer s.Work.Done()
	s.Work.Quiet()
	ctx, span := tracer.Start(ctx, "orders.receipt")
	defer span.End()
	if err := s.Store.InsertDocument(ctx, "receipt", o.ID, number); err != nil {
		slog.ErrorContext(ctx, "send receipt", "order", o.ID, "err", err)
	}
}

// restock puts a cancelled order back. It is a piece of work of its own,
// announced by the caller.
func (s *Service) restock(ctx context.Context, o store.Order) {
	defer s.Work.Done()
	s.Work.Quiet()
	ctx, span := tracer.Start(ctx, "orders.restock")
	defer span.End()
	for _, l := range o.Lines {
		if err := s.Stock.Release(ctx, l); err != nil {
			slog.ErrorContext(ctx, "restock", "order", o.ID, "sku", l.SKU, "err", err)
		}
	}
}
