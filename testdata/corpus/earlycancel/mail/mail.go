// Package mail starts tasks with the contexts of its callers.
package mail

import (
	"context"
	"sync"

	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Mailer struct {
	store Store
	wg    sync.WaitGroup
}

// Later starts a task that nobody waits for.
func (m *Mailer) Later(ctx context.Context, id string) {
	go m.Send(ctx, id)
}

// Indirect does so in another function.
func (m *Mailer) Indirect(ctx context.Context, id string) { m.Later(ctx, id) }

// Derived does so with a context of its own.
func (m *Mailer) Derived(ctx context.Context, id string) {
	type key struct{}
	ctx = context.WithValue(ctx, key{}, id)
	go func() { m.store.Save(ctx, id) }()
}

// Send works on the caller's goroutine.
func (m *Mailer) Send(ctx context.Context, id string) error { return m.store.Save(ctx, id) }

// Detached keeps the values only.
func (m *Mailer) Detached(ctx context.Context, id string) {
	ctx = context.WithoutCancel(ctx)
	go m.Send(ctx, id)
}

// SendDetached is a task that detaches first thing.
func (m *Mailer) SendDetached(ctx context.Context, id string) error {
	ctx = context.WithoutCancel(ctx)
	return m.store.Save(ctx, id)
}

type idKey struct{}

// CopyID takes over one value.
func CopyID(from, to context.Context) context.Context {
	return context.WithValue(to, idKey{}, from.Value(idKey{}))
}

// Either gives one of two contexts.
func Either(a, b context.Context) context.Context {
	if a.Err() != nil {
		return b
	}
	return a
}

// Detach is a helper.
func Detach(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// SendUnder takes only the span out of ctx: nothing ends with that.
func (m *Mailer) SendUnder(ctx context.Context, id string) error {
	return m.store.Save(trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx)), id)
}

// Both waits.
func (m *Mailer) Both(ctx context.Context, a, b string) {
	var wg sync.WaitGroup
	wg.Go(func() { m.store.Save(ctx, a) })
	wg.Go(func() { m.store.Save(ctx, b) })
	wg.Wait()
}

// Async says what it did.
func (m *Mailer) Async(ctx context.Context, id string) <-chan error {
	done := make(chan error, 1)
	go func() { done <- m.store.Save(ctx, id) }()
	return done
}

// Watch goes on until the end of ctx.
func (m *Mailer) Watch(ctx context.Context, ids <-chan string) {
	for {
		select {
		case id := <-ids:
			m.store.Save(ctx, id)
		case <-ctx.Done():
			return
		}
	}
}
