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

// An own function may take it out, or begin a trace for the message.

func contextOf(p propagator, m *message) context.Context {
	if m.headers == nil {
		return context.Background()
	}
	return p.Extract(context.Background(), m.headers)
}

func consumeBatch(p propagator, s Store, batch []*message) {
	for _, m := range batch {
		ctx := contextOf(p, m)
		if err := s.Save(ctx, m.body); err == nil {
			continue
		}
		go func() { s.Save(context.Background(), m.body) }() // want `goroutine loses ctx`
	}
}

func rooted() context.Context { return context.Background() }

func consumeFresh(s Store, m *message) {
	ctx := rooted()
	s.Save(ctx, m.body)
	go func() { s.Save(context.Background(), m.body) }()
}
