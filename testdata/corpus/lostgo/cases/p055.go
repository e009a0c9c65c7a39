package cases

import (
	"context"
	"errors"
	"sync"
)

type p055Job struct {
	run  func(part any) error
	part any
	wg   *sync.WaitGroup
}

// p055Pool is a pool whose jobs take no context.
type p055Pool struct {
	queue chan *p055Job
	quit  chan struct{}
}

// RunJobs queues a job for each part and waits for them.
func (p *p055Pool) RunJobs(parts []any, run func(part any) error) error {
	var wg sync.WaitGroup
	for _, part := range parts {
		wg.Add(1)
		select {
		case p.queue <- &p055Job{run: run, part: part, wg: &wg}:
		default:
			wg.Done()
			return errors.New("queue is full")
		}
	}
	wg.Wait()
	return nil
}

func (p *p055Pool) work() {
	for {
		select {
		case <-p.quit:
			return
		case j := <-p.queue:
			_ = j.run(j.part)
			j.wg.Done()
		}
	}
}

type P055 struct {
	pool   *p055Pool
	blocks interface {
		Read(ctx context.Context, id string) ([]byte, error)
	}
}

// Find reads blocks in the pool. Its jobs are called with data, which Find gives too.
func (p *P055) Find(ctx context.Context, ids []any) error {
	return p.pool.RunJobs(ids, func(id any) error { // want `task of cases.\(\*p055Pool\).RunJobs loses ctx: context.Background\(\) is passed to p.blocks.Read`
		_, err := p.blocks.Read(context.Background(), id.(string))
		return err
	})
}
