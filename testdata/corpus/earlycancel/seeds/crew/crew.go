// Package crew is a pool of workers.
package crew

import "context"

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
