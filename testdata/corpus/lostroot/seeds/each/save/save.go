// Package save has a task that tells its end to a group.
package save

import (
	"context"
	"sync"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func Save(ctx context.Context, wg *sync.WaitGroup, s Store) {
	defer wg.Done()
	s.Save(ctx, "a")
}
