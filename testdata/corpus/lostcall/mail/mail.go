// Package mail is another package of the module, whose functions take no
// context.
package mail

import (
	"context"
	"database/sql"
	"net/http"
)

type Sender interface {
	Send(ctx context.Context, to string) error
}

type Client struct{ sender Sender }

// Notify starts its own root.
func (c *Client) Notify(to string) error { return c.sender.Send(context.Background(), to) }

// NotifyAll reaches it by way of another one.
func (c *Client) NotifyAll(tos []string) {
	for _, to := range tos {
		c.Notify(to)
	}
}

// Later starts a goroutine that does.
func (c *Client) Later(to string) { go c.sender.Send(context.Background(), to) }

// Known reaches one in the standard library.
func Known(db *sql.DB, to string) error { return db.QueryRow("select 1 where to = ?", to).Err() }

// Ping can be called with a context too.
func Ping(url string) error { return PingContext(context.Background(), url) }

func PingContext(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// NewClient makes a client: its root is that of the thing.
func NewClient(s Sender) (*Client, error) { return &Client{s}, s.Send(context.Background(), "hello") }

func (c *Client) Close() error { return c.sender.Send(context.Background(), "bye") }

// A Validate runs functions that are registered with it. Those of its own are made of
// functions that take no context.
type Validate struct{ funcs map[string]CheckCtx }

type (
	Check    func(value any) bool
	CheckCtx func(ctx context.Context, value any) bool
)

func (v *Validate) Register(tag string, check Check) {
	v.RegisterCtx(tag, func(_ context.Context, value any) bool { return check(value) })
}

func (v *Validate) RegisterCtx(tag string, check CheckCtx) { v.funcs[tag] = check }

func (v *Validate) Struct(value any) bool { return v.StructCtx(context.Background(), value) }

func (v *Validate) StructCtx(ctx context.Context, value any) bool {
	for _, check := range v.funcs {
		if !check(ctx, value) {
			return false
		}
	}
	return true
}

// A Mux does the same, and has a function of its own that reads from the context.
type Mux struct{ handlers map[string]HandlerCtx }

type (
	Handler    func(to string) error
	HandlerCtx func(ctx context.Context, to string) error
)

func NewMux(s Sender) *Mux {
	return &Mux{map[string]HandlerCtx{"send": func(ctx context.Context, to string) error { return s.Send(ctx, to) }}}
}

func (m *Mux) Handle(name string, h Handler) {
	m.HandleCtx(name, func(_ context.Context, to string) error { return h(to) })
}

func (m *Mux) HandleCtx(name string, h HandlerCtx) { m.handlers[name] = h }

func (m *Mux) Serve(name, to string) error { return m.ServeCtx(context.Background(), name, to) }

func (m *Mux) ServeCtx(ctx context.Context, name, to string) error { return m.handlers[name](ctx, to) }

// A Hooks is run with functions of which nothing is known.
type Hooks struct{ hooks []HookCtx }

type HookCtx func(ctx context.Context, to string) error

func (h *Hooks) Add(hook HookCtx) { h.hooks = append(h.hooks, hook) }

func (h *Hooks) Run(to string) error { return h.RunCtx(context.Background(), to) }

func (h *Hooks) RunCtx(ctx context.Context, to string) error {
	for _, hook := range h.hooks {
		if err := hook(ctx, to); err != nil {
			return err
		}
	}
	return nil
}

// A Pool looks whether there is somebody when it is made.
type Pool struct{ url string }

func NewPool(url string) (*Pool, error) {
	if err := PingContext(context.Background(), url); err != nil {
		return nil, err
	}
	return &Pool{url}, nil
}

func (p *Pool) Close() error { return nil }

// An Office has a pool.
type Office struct{ Pool *Pool }

func NewOffice(o Office) *Office { return &o }

// A Session works later with the context that it was opened with.
type Session struct {
	ctx    context.Context
	sender Sender
}

func (c *Client) Open(to string) *Session { return c.OpenContext(context.Background(), to) }

func (c *Client) OpenContext(ctx context.Context, to string) *Session {
	_ = c.sender.Send(ctx, to)
	return &Session{ctx, c.sender}
}

func (s *Session) Say(what string) error { return s.sender.Send(s.ctx, what) }

// A Bus tells its subscribers, who may go on for longer.
type Bus struct {
	subscribers []func(ctx context.Context, event string)
	Default     interface {
		Push(ctx context.Context, event string)
	}
}

func (b *Bus) Emit(event string) { b.EmitContext(context.Background(), event) }

func (b *Bus) EmitContext(ctx context.Context, event string) {
	for _, f := range b.subscribers {
		f(ctx, event)
	}
}

func (b *Bus) Push(event string) { b.PushContext(context.Background(), event) }

func (b *Bus) PushContext(ctx context.Context, event string) { b.Default.Push(ctx, event) }
