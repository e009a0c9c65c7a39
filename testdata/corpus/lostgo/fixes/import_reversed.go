package fixes

import (
	"example.com/corpus/lostgo/errgroup"

	"context"
)

func importReversed(ctx context.Context, s Store) error {
	var g errgroup.Group
	g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx`
		return s.Save(context.Background(), "a")
	})
	return g.Wait()
}
