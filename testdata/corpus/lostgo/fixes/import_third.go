package fixes

import (
	"context"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

func importThird(ctx context.Context, s Store) error {
	time.Sleep(1)
	var g errgroup.Group
	g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx`
		return s.Save(context.Background(), "a")
	})
	return g.Wait()
}
