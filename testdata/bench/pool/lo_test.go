package pool

import (
	"context"

	"github.com/samber/lo/parallel"
)

// loMap has a goroutine an item: lo has no limit.
func loMap(int) (mapping, func()) {
	return func(ctx context.Context, items []int, fn func(context.Context, int) (int, error), out func(int)) {
		results := parallel.Map(items, func(item, _ int) int {
			r, err := fn(ctx, item)
			must(err)
			return r
		})
		for _, r := range results {
			out(r)
		}
	}, func() {}
}
