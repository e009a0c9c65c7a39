package roots

import "context"

type message struct {
	headers headers
	body    string
}

type headers map[string]string

func (h headers) Get(key string) string { return h[key] }
func (h headers) Set(key, value string) { h[key] = value }
func (h headers) Keys() []string        { return nil }

// A textMap is what a propagator asks.
type textMap interface {
	Get(key string) string
	Set(key, value string)
	Keys() []string
}

type propagator struct{}

func (propagator) Extract(ctx context.Context, m textMap) context.Context { return ctx }

// The context of whoever has sent a message is in scope, and a task leaves it aside.
func received(p propagator, m message, s Store) {
	ctx := p.Extract(context.Background(), m.headers)
	s.Save(ctx, m.body)
	go s.Save(context.Background(), m.body) // want `goroutine loses ctx: context.Background\(\) is passed to roots.Store.Save`
}
