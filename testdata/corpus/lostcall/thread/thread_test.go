package thread

import "testing"

func TestVisit(t *testing.T) {
	s := &service{}
	s.tested("a")
	t.Cleanup(func() { s.tested("b") })
	go s.tested("c")
	t.Run("part", func(t *testing.T) { s.tested("d") })
	helps(t, s)
}

func BenchmarkVisit(b *testing.B) {
	s := &service{}
	for b.Loop() {
		s.tested("a")
	}
}

func FuzzVisit(f *testing.F) {
	s := &service{}
	f.Fuzz(func(_ *testing.T, id string) { s.tested(id) })
	f.Fuzz(func(t *testing.T, id string) {
		func(t string) { s.tested(t) }(id)
	})
}

// A helper may be called by a cleanup, too.
func helps(t *testing.T, s *service) { s.tested("e") }
