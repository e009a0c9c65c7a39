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
