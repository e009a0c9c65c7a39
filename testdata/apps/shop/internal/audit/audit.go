// Package audit records what happened to orders. Like log/slog it has one
// destination for the whole process.
package audit

import (
	"context"
	"log/slog"

	"example.com/shop/internal/later"
	"example.com/shop/internal/store"
)

var (
	events *store.Store
	work   *later.Work
)

// Open sets the destination. It is to be called before any other function.
func Open(s *store.Store, w *later.Work) { events, work = s, w }

// Begin returns an event that is to be recorded. The shop does not end before
// it has been.
func Begin(kind string, order int64) store.Event {
	work.Add()
	return store.Event{Kind: kind, Order: order}
}

// Record is [RecordContext] for callers without a context.
func Record(e store.Event) {
	defer work.Done()
	work.Quiet()
	if err := events.InsertEvent(e); err != nil {
		slog.Error("record event", "kind", e.Kind, "order", e.Order, "err", err)
	}
}

// RecordContext stores an event when the shop has a quiet moment.
func RecordContext(ctx context.Context, e store.Event) {
	defer work.Done()
	work.Quiet()
	if err := events.InsertEventContext(ctx, e); err != nil {
		slog.ErrorContext(ctx, "record event", "kind", e.Kind, "order", e.Order, "err", err)
	}
}
