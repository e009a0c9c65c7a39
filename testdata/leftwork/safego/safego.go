// Package safego starts goroutines as a team does that has a wrapper of its own.
package safego

import "context"

// Go runs fn on a goroutine of its own.
func Go(ctx context.Context, fn func(context.Context)) { go fn(ctx) }
