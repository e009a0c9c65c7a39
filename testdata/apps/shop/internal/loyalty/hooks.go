// Package loyalty rewards customers who order.
package loyalty

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel"

	"example.com/shop/internal/later"
	"example.com/shop/internal/store"
)

// perPoint is how many cents earn a point.
const perPoint = 100

var tracer = otel.Tracer("example.com/shop/internal/loyalty")

// Hooks is told about orders.
type Hooks struct {
	store *store.Store
	work  *later.Work
}

// NewHooks returns hooks that credit points.
func NewHooks(s *store.Store, w *later.Work) *Hooks { return &Hooks{store: s, work: w} }

// OrderPlaced credits the points for an order. The customer gets them even if
// the page was closed meanwhile.
func (h *Hooks) OrderPlaced(_ context.Context, o store.Order) {
	h.work.Add()
	go func() {
		defer h.work.Done()
		h.work.Quiet()
		if err := h.credit(context.Background(), o); err != nil {
			slog.Error("credit points", "order", o.ID, "err", err)
		}
	}()
}

func (h *Hooks) credit(ctx context.Context, o store.Order) error {
	ctx, span := tracer.Start(ctx, "loyalty.credit")
	defer span.End()
	return h.store.AddPoints(ctx, o.Customer, o.Total/perPoint)
}
