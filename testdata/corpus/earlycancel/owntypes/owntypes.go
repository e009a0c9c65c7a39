// Package owntypes has tasks that keep contexts of types of its own.
package owntypes

import (
	"context"
	"net/http"
	"sync"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Call struct {
	context.Context
	user string
}

func (c *Call) with(d time.Duration) (*Call, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(c.Context, d)
	return &Call{ctx, c.user}, cancel
}

func (c *Call) detach() *Call { return &Call{context.WithoutCancel(c.Context), c.user} }

type ledger struct{ store Store }

func (l *ledger) book(c *Call, id string) { _ = l.store.Save(c, id) }

func (l *ledger) brief(c *Call, id string) {
	short, cancel := c.with(time.Second)
	defer cancel()
	go l.book(short, id) // want `goroutine keeps short, which is canceled when the function returns \(cancel is deferred\)`
	go l.book(short.detach(), id)
}

func (l *ledger) joined(c *Call, ids []string) {
	short, cancel := c.with(time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() { l.book(short, id) })
	}
	wg.Wait()
}

func (l *ledger) handle(w http.ResponseWriter, r *http.Request) {
	c := &Call{r.Context(), "a"}
	go l.book(c, "a") // want `goroutine keeps c, which is canceled when the function returns \(the server cancels it\)`
	go l.book(c.detach(), "b")
	go l.book(&Call{context.WithoutCancel(r.Context()), "a"}, "c")
}

// One that is made of a request ends with that.

func callOf(r *http.Request) *Call { return &Call{r.Context(), r.FormValue("user")} }

func (l *ledger) handleMade(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	go l.book(c, "a") // want `goroutine keeps c, which is canceled when the function returns \(the server cancels it\)`
	go l.book(c.detach(), "b")
}
