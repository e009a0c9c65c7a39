package found

import (
	"context"
	"sync"
)

// A batch is of all who have put something into it, whoever fills it; what has only been
// counted is of the last.

type item struct{ id string }

type batch struct {
	mu    sync.Mutex
	s     Store
	max   int
	items []item
	sent  int
}

func (b *batch) flush() {
	b.mu.Lock()
	items := b.items
	b.items = nil
	b.mu.Unlock()
	for _, i := range items {
		b.s.Save(context.Background(), i.id)
	}
}

func (b *batch) report() { b.s.Save(context.Background(), "sent") }

func (b *batch) add(ctx context.Context, i item) {
	b.mu.Lock()
	b.items = append(b.items, i)
	full := len(b.items) >= b.max
	b.mu.Unlock()
	if full {
		b.flush()
	}
}

func (b *batch) addNow(ctx context.Context, i item) {
	b.items = append(b.items, i)
	if len(b.items) >= b.max {
		b.flush()
	}
	b.sent++
	if b.sent > 1 {
		b.report() // want `call loses ctx`
	}
}

func (b *batch) addOthers(ctx context.Context, urgent bool) {
	b.items = append(b.items, item{})
	if urgent {
		b.flush() // want `call loses ctx`
	}
}

// It may be emptied by another method.

func (b *batch) reset() { b.items = nil }

func (b *batch) flushAll() {
	for _, i := range b.items {
		b.s.Save(context.Background(), i.id)
	}
	b.reset()
}

func (b *batch) addAll(ctx context.Context, items ...item) {
	b.items = append(b.items, items...)
	if len(b.items) >= b.max {
		b.flushAll()
	}
}
