// Package seeds has what the oracle has found.
package seeds

import (
	"context"
	"sync"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type note struct{ ctx context.Context }

var notes = sync.Pool{New: func() any { return new(note) }}

// In a literal that a variable of the package is set to.
var Note = func(ctx context.Context, s Store, set bool) {
	n := notes.Get().(*note)
	if set {
		n.ctx = ctx
	}
	s.Save(n.ctx, "a")
	notes.Put(n) // want `n is returned to the pool with its ctx field still set`
}
