package found

import (
	"context"
	"time"

	"example.com/corpus/lostcall/mail"
)

// A variable that has a function is no name of it: there the sibling cannot be called.

var ping = mail.Ping

type pinger struct{ ping func(url string) error }

func byValue(ctx context.Context) {
	f := mail.Ping
	_ = f("a")           // want `call loses ctx: mail.Ping creates its own context.Background\(\)`
	_ = (mail.Ping)("b") // want `call loses ctx`
	p := pinger{mail.Ping}
	_ = p.ping("c") // want `call loses ctx`
	_ = ping("d")   // want `call loses ctx`
}

// A name may be hidden.

func put(id string) error { return putContext(context.Background(), id) }

func putContext(ctx context.Context, id string) error { return mail.PingContext(ctx, id) }

func hidden(ctx context.Context, id string) error {
	putContext := func(id string) {}
	putContext(id)
	return put(id) // want `call loses ctx`
}

// What an embedded type has is no sibling of what its owner does itself.

type inner struct{}

func (inner) Put(id string) error { return put(id) }

func (inner) PutContext(ctx context.Context, id string) error { return putContext(ctx, id) }

type outer struct {
	inner
	n int
}

func (o *outer) Put(id string) error {
	o.n++
	return o.inner.Put(id)
}

func embedded(ctx context.Context, o *outer, i struct{ inner }) {
	_ = o.Put("a") // want `call loses ctx: found.\(\*outer\).Put creates its own context.Background\(\) .*; add a context parameter`
	_ = i.Put("b") // want `call loses ctx: .*; call found.inner.PutContext with ctx`
}

// What keeps the context must not be given one that ends before it.

func session(ctx context.Context, c *mail.Client) *mail.Session {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return c.Open("a") // want `call loses ctx: .*; call mail.\(\*Client\).OpenContext with context.WithoutCancel\(ctx\)`
}

func sessionHere(ctx context.Context, c *mail.Client) error {
	return c.Open("a").Say("b") // want `call loses ctx: .*; call mail.\(\*Client\).OpenContext with ctx`
}

// Nor must those who are told of something, and of whom nothing comes back.

func tell(ctx context.Context, b *mail.Bus) {
	b.Emit("a") // want `call loses ctx: .*; call mail.\(\*Bus\).EmitContext with context.WithoutCancel\(ctx\)`
	b.Push("b") // want `call loses ctx: .*; call mail.\(\*Bus\).PushContext with context.WithoutCancel\(ctx\)`
}

// A sibling of the package that does less, or otherwise, is nothing that a fix may call.

type client struct{ c *mail.Client }

func (c client) Add(url string) error {
	if url == "" {
		return nil
	}
	return c.AddContext(context.Background(), url)
}

func (c client) AddContext(ctx context.Context, url string) error { return mail.PingContext(ctx, url) }

func (c client) Try(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return c.TryContext(ctx, url)
}

func (c client) TryContext(ctx context.Context, url string) error { return mail.PingContext(ctx, url) }

func (c client) Later(url string) { go mail.Ping(url) }

func (c client) LaterContext(ctx context.Context, url string) { _ = mail.PingContext(ctx, url) }

func (c client) Lower(url string) error { return c.LowerContext(context.Background(), url+"/") }

func (c client) LowerContext(ctx context.Context, url string) error {
	return mail.PingContext(ctx, url)
}

func (c client) Same(url string) error {
	ctx := context.Background()
	return c.SameContext(ctx, url)
}

func (c client) SameContext(ctx context.Context, url string) error { return mail.PingContext(ctx, url) }

func (c client) Beside(url string) error { return mail.Ping(url) }

func (c client) BesideContext(ctx context.Context, url string) error {
	return mail.PingContext(ctx, url)
}

func otherwise(ctx context.Context, c client) {
	_ = c.Add("a")    // want `call loses ctx`
	_ = c.Try("b")    // want `call loses ctx`
	c.Later("c")      // want `call loses ctx`
	_ = c.Lower("d")  // want `call loses ctx`
	_ = c.Same("e")   // want `call loses ctx`
	_ = c.Beside("f") // want `call loses ctx`
}

// A sibling that needs an address, or another type of context, cannot be called everywhere.

type addressed struct{}

func (a addressed) Put(id string) error { return mail.Ping(id) }

func (a *addressed) PutContext(ctx context.Context, id string) error {
	return mail.PingContext(ctx, id)
}

func unaddressed(ctx context.Context, byID map[string]addressed, one addressed) {
	_ = byID["a"].Put("a")      // want `call loses ctx`
	_ = addressed{}.Put("b")    // want `call loses ctx`
	_ = (&addressed{}).Put("c") // want `call loses ctx`
	_ = one.Put("d")            // want `call loses ctx`
}

type ownCtx struct{ context.Context }

func ownly(id string) error { return ownlyContext(ownCtx{context.Background()}, id) }

func ownlyContext(ctx ownCtx, id string) error { return mail.PingContext(ctx, id) }

func otherContext(ctx context.Context) error {
	return ownly("a") // want `call loses ctx`
}
