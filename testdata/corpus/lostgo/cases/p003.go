package cases

import (
	"context"
	"sync"
)

type p003Rows interface {
	Next(ctx context.Context) (string, bool)
	Close()
}

// P003 is an iterator that keeps what it has read for a cache.
type P003 struct {
	mu   sync.Mutex
	wg   sync.WaitGroup
	rows p003Rows
	seen []string
}

// Close reads the rest of the rows in the background. Contested; silent: no
// context is at hand, only whoever made the iterator had one.
func (p *P003) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		defer p.rows.Close()
		ctx := context.Background()
		for {
			row, ok := p.rows.Next(ctx)
			if !ok {
				return
			}
			p.seen = append(p.seen, row)
		}
	}()
}
