package silent

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
)

// What a client falls back to where nobody has given it a context.

type client struct{ ctx context.Context }

func (c *client) with(ctx context.Context) *client { return &client{ctx} }

func (c *client) request(url string) (*http.Request, error) {
	if c.ctx != nil {
		return http.NewRequestWithContext(c.ctx, "GET", url, nil)
	}
	return http.NewRequest("GET", url, nil)
}

func (c *client) get(url string) error {
	var req *http.Request
	if c.ctx == nil {
		req, _ = http.NewRequest("GET", url, nil)
	} else {
		req, _ = http.NewRequestWithContext(c.ctx, "GET", url, nil)
	}
	_, err := http.DefaultClient.Do(req)
	return err
}

func fetch(ctx context.Context, c *client) error {
	req, err := c.with(ctx).request("http://a")
	if err != nil {
		return err
	}
	http.DefaultClient.Do(req)
	return c.get("http://b")
}

// What tells of an error, and gives nothing back.

type event struct {
	db interface {
		ExecContext(context.Context, string) error
	}
}

func (e *event) write(ctx context.Context, err error) { e.db.ExecContext(ctx, err.Error()) }

func (e *event) invalid(field string) error {
	err := errors.New(field)
	if other := check(field); other != nil {
		e.write(context.TODO(), other)
	}
	return err
}

func check(field string) error { return nil }

func named(ctx context.Context, e *event) error { return e.invalid("name") }

// What a function calls with a root is what it is given: here it reads nothing.

type process struct{ done chan struct{} }

func (p *process) closeAsync(next func(context.Context) error) error {
	go func() {
		close(p.done)
		_ = next(context.TODO())
	}()
	return nil
}

func release(ctx context.Context, id string) (*process, error) {
	p := &process{make(chan struct{})}
	remove := func(ctx context.Context) error { return exec.CommandContext(ctx, "rm", id).Run() }
	return p, p.closeAsync(remove)
}

func releaseSaving(ctx context.Context, e *event, id string) (*process, error) {
	p := &process{make(chan struct{})}
	save := func(ctx context.Context) error { return e.db.ExecContext(ctx, id) }
	return p, p.closeAsync(save) // want `call loses ctx: silent.\(\*process\).closeAsync creates its own context.TODO\(\)`
}

func releaseGiven(ctx context.Context, p *process, remove func(context.Context) error) error {
	return p.closeAsync(remove) // told beside that
}
