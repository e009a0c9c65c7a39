package spawners

import (
	"context"
	"time"
)

// A variable that only tests set to something else is the function that it is declared to be.

var afterFunc = time.AfterFunc

func delayed(ctx context.Context, d time.Duration, s Store) {
	afterFunc(d, func() { s.Save(context.Background(), "a") }) // want `task of time.AfterFunc loses ctx`
}

var startLater = time.AfterFunc

func init() {
	startLater = func(d time.Duration, f func()) *time.Timer { return time.NewTimer(d) }
}

func never(ctx context.Context, d time.Duration) {
	startLater(d, func() { println("a") })
}

// Results that are collected while a task of the function hands out the work, and closes.

type pool[R any] struct {
	tasks   chan func() R
	results chan R
}

func newPool[R any](n int) *pool[R] {
	p := &pool[R]{tasks: make(chan func() R), results: make(chan R, n)}
	for range n {
		go func() {
			for task := range p.tasks {
				p.results <- task()
			}
		}()
	}
	return p
}

func (p *pool[R]) Submit(task func() R) { p.tasks <- task }

func (p *pool[R]) Close() {
	close(p.tasks)
	close(p.results)
}

func gather(ctx context.Context, s Store, ids []string) (failed []error) {
	p := newPool[error](2)
	go func() {
		defer p.Close()
		for _, id := range ids {
			p.Submit(func() error { return s.Save(context.Background(), id) }) // want `loses ctx`
		}
	}()
	for err := range p.results {
		failed = append(failed, err)
	}
	return failed
}
