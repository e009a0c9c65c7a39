package found

import (
	"context"
	"errors"
)

// Types that hand a context on to the same interface say nothing of what reads it, whatever else
// they ask of it.

type Bucket interface {
	Upload(ctx context.Context, name string) error
}

type inMemory map[string]bool

func (m inMemory) Upload(_ context.Context, name string) error {
	m[name] = true
	return nil
}

type prefixed struct{ Bucket }

func (p prefixed) Upload(ctx context.Context, name string) error {
	return p.Bucket.Upload(ctx, "p/"+name)
}

type counted struct {
	Bucket
	failed int
}

func (c *counted) Upload(ctx context.Context, name string) error {
	err := c.Bucket.Upload(ctx, name)
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		c.failed++
	}
	return err
}

func mark(ctx context.Context, b Bucket, name string) error { return b.Upload(ctx, name+".mark") }

func repair(ctx context.Context, b Bucket, name string) error {
	return mark(context.Background(), b, name) // want `context.Background\(\) loses ctx`
}

// One that waits itself does.

type Gate interface {
	Start(ctx context.Context) error
}

type room chan struct{}

func (g room) Start(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type countedGate struct {
	Gate
	failed int
}

func (c *countedGate) Start(ctx context.Context) error {
	err := c.Gate.Start(ctx)
	if err != nil && ctx.Err() != nil {
		c.failed++
	}
	return err
}

func enter(ctx context.Context, g Gate) error { return g.Start(context.Background()) }
