package silent

import (
	"context"

	"example.com/corpus/lostgo/meta"
)

// What is only given to who makes a thing is the thing's own work, and so are its tasks. Tests
// may call it too.

type checks struct{ store Store }

func newChecks(s Store) *meta.Rounds {
	c := &checks{s}
	return meta.NewRounds(c.iteration)
}

func (c *checks) iteration(ctx context.Context) error {
	for _, id := range []string{"a", "b"} {
		go c.store.Save(context.Background(), id)
	}
	return ctx.Err()
}

// What is called when something starts, or when it stops, is called for no request.

type hook struct {
	OnStart func(context.Context) error
	OnStop  func(context.Context) error
}

func hooks(s Store) []*hook {
	return []*hook{{
		OnStart: func(_ context.Context) error {
			go func() {
				s.Save(context.Background(), "started")
			}()
			return nil
		},
		OnStop: func(ctx context.Context) error {
			go s.Save(context.Background(), "stopped")
			return ctx.Err()
		},
	}}
}
