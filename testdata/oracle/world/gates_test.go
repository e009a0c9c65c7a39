package world

import "testing"

func TestIsRound(t *testing.T) {
	for _, test := range []struct {
		n, of int
		want  bool
	}{
		{1, 1, true},
		{Iter(1, 0), 1, true},
		{Iter(1, 3), 1, true},
		{Iter(Iter(2, 1), 2), 2, true},
		{Iter(Iter(2, 1), 2), Iter(2, 1), true},
		{Iter(Iter(2, 1), 2), Iter(2, 0), false},
		{Iter(1, 0), 2, false},
		{1, Iter(1, 0), false},
	} {
		if got := isRound(test.n, test.of); got != test.want {
			t.Errorf("isRound(%d, %d) = %t", test.n, test.of, got)
		}
	}
}

func TestGates(t *testing.T) {
	open := func(g *gates, n int) bool {
		select {
		case <-g.of("t", n):
			return true
		default:
			return false
		}
	}
	g := newGates()
	g.start("t", Iter(0, 0))
	g.open("u", 0)
	if open(g, Iter(0, 0)) {
		t.Error("open for another strand")
	}
	g.open("t", 0)
	if !open(g, Iter(0, 0)) {
		t.Error("not open")
	}
	g.start("t", Iter(0, 1))
	if open(g, Iter(0, 1)) {
		t.Error("one that is started later is open")
	}
}
