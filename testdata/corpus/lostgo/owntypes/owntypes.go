// Package owntypes has tasks that are given contexts of types of its own.
package owntypes

import (
	"context"
	"net/http"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Call struct {
	context.Context
	user string
}

func newCall(ctx context.Context, user string) *Call { return &Call{ctx, user} }

func blank() *Call { return &Call{Context: context.Background()} }

func (c *Call) detach() *Call { return newCall(context.WithoutCancel(c.Context), c.user) }

type ledger struct{ store Store }

func (l *ledger) book(c *Call, id string) { _ = l.store.Save(c, id) }

func (l *ledger) later(c *Call, id string) {
	go l.book(blank(), id) // want `goroutine loses c: owntypes.blank\(\) is passed to owntypes.\(\*ledger\).book`
	go l.book(c.detach(), id)
	go func() { // want `goroutine loses c: context.Background\(\) is passed to owntypes.\(\*ledger\).book`
		l.book(newCall(context.Background(), "log"), id)
	}()
	go func() {
		l.book(newCall(context.WithoutCancel(c), "log"), id)
	}()
}

func (l *ledger) handle(w http.ResponseWriter, r *http.Request) {
	c := newCall(r.Context(), "a")
	l.later(c, "a")
	go func(c *Call) { l.book(c, "b") }(blank()) // want `goroutine loses c: owntypes.blank\(\) is passed to owntypes.\(\*ledger\).book`
}
