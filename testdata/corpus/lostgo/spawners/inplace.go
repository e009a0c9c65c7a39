package spawners

import (
	"context"
	"time"
)

// A CallerRuns is a pool whose callers run the task themselves when it is full. A bound
// function would leave their goroutine without labels.
type CallerRuns struct{ tasks chan func() }

func (p *CallerRuns) Offer(f func()) {
	select {
	case p.tasks <- f:
	default:
		f()
	}
}

func (p *CallerRuns) work() {
	for f := range p.tasks {
		f()
	}
}

// Guarded hands the task on.
func (p *CallerRuns) Guarded(f func()) {
	p.Offer(func() {
		defer func() { _ = recover() }()
		f()
	})
}

func (s *Service) fullPool(ctx context.Context, p *CallerRuns) {
	go p.work()
	p.Offer(func() { // want `task of spawners.\(\*CallerRuns\).Offer loses ctx`
		s.store.Save(context.Background(), "a")
	})
	p.Guarded(func() { // want `task of spawners.\(\*CallerRuns\).Guarded loses ctx`
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.store.Save(short, "b")
	})
}
