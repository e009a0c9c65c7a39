// Package owntypes has contexts of types of its own, as parameters.
package owntypes

import (
	"context"
	"net/http"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// Call embeds a context, beside what else a call has.
type Call struct {
	context.Context
	user string
}

func newCall(ctx context.Context, user string) *Call { return &Call{ctx, user} }

func blank() *Call { return &Call{Context: context.Background()} }

func (c *Call) detach() *Call { return &Call{context.WithoutCancel(c.Context), c.user} }

// Visit has more of it.
type Visit struct {
	*Call
	at time.Time
}

// Scope is what the functions are given that do not want to know.
type Scope interface {
	context.Context
	Name() string
}

// Note has a context, and is none.
type Note struct {
	ctx  context.Context
	text string
}

type ledger struct {
	store Store
	last  Note
}

func (l *ledger) book(c *Call, id string) error   { return l.store.Save(c, id) }
func (l *ledger) visit(v Visit, id string) error  { return l.store.Save(v, id) }
func (l *ledger) scoped(s Scope, id string) error { return l.store.Save(s, id) }
func (l *ledger) waits(c *Call, ch chan int)      { <-c.Done(); close(ch) }
func (l *ledger) note(n Note) error               { return l.store.Save(n.ctx, n.text) }
func generic[C context.Context](l *ledger, c C)   { _ = l.store.Save(c, "a") }
func (l *ledger) named(c *Call) error             { return l.store.Save(context.Background(), c.user) } // want `context.Background\(\) loses c: `
func (l *ledger) hidden(v Visit) error            { return l.store.Save(context.TODO(), "a") }          // want `context.TODO\(\) loses v: `
func (l *ledger) behind(s Scope) error            { return l.store.Save(context.TODO(), s.Name()) }     // want `context.TODO\(\) loses s: `
func either[C context.Context](l *ledger, c C)    { _ = l.store.Save(context.TODO(), "a") }             // want `context.TODO\(\) loses c: `

func (l *ledger) move(c *Call, from, to string) error {
	if err := l.book(c, from); err != nil {
		return err
	}
	if err := l.book(blank(), to); err != nil { // want `owntypes.blank\(\) loses c: it is passed to owntypes.\(\*ledger\).book`
		return err
	}
	return l.book(c.detach(), to)
}

func (l *ledger) moveAll(c *Call, ids []string) {
	all := newCall(context.Background(), c.user) // want `context.Background\(\) loses c: `
	for _, id := range ids {
		_ = l.book(all, id)
	}
	own := newCall(c, "all")
	_ = l.book(own, "all")
}

func (l *ledger) visits(c *Call, ch chan int) {
	_ = l.visit(Visit{Call: c}, "a")
	_ = l.visit(Visit{Call: blank()}, "a") // want `owntypes.blank\(\) loses c: `
	l.waits(blank(), ch)
	generic(l, c)
	generic(l, blank()) // want `owntypes.blank\(\) loses c: `
}

func (l *ledger) serve(w http.ResponseWriter, r *http.Request) {
	c := newCall(r.Context(), r.FormValue("user"))
	if err := l.move(c, "a", "b"); err != nil {
		w.WriteHeader(http.StatusConflict)
		return
	}
	_ = l.note(Note{ctx: r.Context()})
}

// A tool has no caller.

func (l *ledger) tool(ids []string) {
	for _, id := range ids {
		_ = l.book(blank(), id)
	}
}

// A context in a struct that is written where a function is given it.

func (l *ledger) notes(c *Call, ch chan Note) error {
	_ = l.note(Note{ctx: c, text: "a"})
	if err := l.note(Note{ctx: context.Background(), text: "b"}); err != nil { // want `context.Background\(\) loses c: it is passed to owntypes.\(\*ledger\).note`
		return err
	}
	ch <- Note{ctx: context.Background()}
	l.keep(Note{ctx: context.Background()})
	return l.point(&Note{ctx: context.TODO()}) // want `context.TODO\(\) loses c: `
}

func (l *ledger) point(n *Note) error { return l.store.Save(n.ctx, n.text) }

func (l *ledger) keep(n Note) { l.last = n }
