package world

import "sync"

// gates hold tasks back until somebody waits for them.
type gates struct {
	mu   sync.Mutex
	next map[gate]chan struct{}
	done map[gate]bool // it is open
}

// A gate is that of a task of a strand.
type gate struct {
	strand string
	n      int
}

func newGates() *gates {
	return &gates{next: make(map[gate]chan struct{}), done: make(map[gate]bool)}
}

func (g *gates) start(strand string, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := gate{strand, n}
	if g.next[at] == nil || g.done[at] {
		g.next[at], g.done[at] = make(chan struct{}), false
	}
}

func (g *gates) of(strand string, n int) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.next[gate{strand, n}]
}

// open opens the gates of n and of its rounds, as Iter numbers them.
func (g *gates) open(strand string, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for at, ch := range g.next {
		if at.strand == strand && isRound(at.n, n) && !g.done[at] {
			g.done[at] = true
			close(ch)
		}
	}
}

// isRound reports whether n is of, or a round of it.
func isRound(n, of int) bool {
	for {
		switch {
		case n == of:
			return true
		case n < 10:
			return false
		}
		n = (n/10-1)/4*10 + n%10
	}
}
