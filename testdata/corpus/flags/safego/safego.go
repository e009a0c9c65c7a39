// Package safego is what a team has in the place of ctxrun.Go.
package safego

import "context"

func Go(ctx context.Context, f func(ctx context.Context)) { go f(ctx) }
