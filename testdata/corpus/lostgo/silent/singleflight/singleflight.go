// Package singleflight is like x/sync's, with types.
package singleflight

type Group[K comparable, V any] struct{ flights map[K]chan V }

func (g *Group[K, V]) DoChan(key K, fn func() V) <-chan V {
	if ch, ok := g.flights[key]; ok {
		return ch
	}
	ch := make(chan V, 1)
	g.flights[key] = ch
	go func() { ch <- fn() }()
	return ch
}
