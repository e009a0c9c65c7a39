// Package crew is a pool of workers.
package crew

import (
	"context"

	"example.com/corpus/lostgo/trace"
)

type Crew struct{ tasks chan func() }

func New() *Crew {
	c := &Crew{tasks: make(chan func())}
	go func() {
		for t := range c.tasks {
			t()
		}
	}()
	return c
}

func (c *Crew) Submit(f func()) { c.tasks <- f }

// The is everybody's.
var The = New()

// AtEnd saves, and once more when ctx has ended.
func AtEnd(ctx context.Context, save func(context.Context, string) error) {
	save(ctx, "a")
	context.AfterFunc(ctx, func() { save(context.WithoutCancel(ctx), "b") })
}

// Save works under its span.
func Save(ctx context.Context, t trace.Tracer, s Store) {
	_, span := t.Start(ctx, "save")
	defer span.End()
	s.Save(ctx, "a")
}

type Store interface {
	Save(ctx context.Context, id string) error
}

// Linked keeps a link to its caller's span.
func Linked(ctx context.Context, t trace.Tracer, s Store) {
	ctx, span := t.Start(context.Background(), "linked", trace.WithLinks(trace.LinkFromContext(ctx)))
	defer span.End()
	s.Save(ctx, "a")
}
