// Package twice has what takes two runs of the fixes: one is in the other's way.
package twice

import "context"

type Store interface {
	Save(ctx context.Context, id string) error
}

// One fix takes the parameter away that another would hand on.
func takenAway(parent context.Context, s Store) {
	go func(ctx context.Context, id string) { // want `goroutine loses parent`
		s.Save(context.Background(), id)
		func() {
			later(func() { // want `task of twice.later loses ctx: twice.saveLater creates its own context.Background`
				saveLater(s)
			})
		}()
	}(parent, "a")
}

func saveLater(s Store) {
	s.Save(context.Background(), "later")
}

func later(f func()) { go f() }
