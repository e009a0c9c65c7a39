package cases

import (
	"context"
	"log"
	"time"
)

type P054 struct {
	store interface {
		Insert(ctx context.Context, rows []string) error
	}
	rows  []string
	timer *time.Timer
}

// SetTimer flushes after a while, by a function value that calls a method that
// makes a root. Silent: it takes no context, only the callers have one: for
// lostcall.
func (p *P054) SetTimer(wait time.Duration) {
	flush := func() {
		if err := p.flush(); err != nil {
			log.Printf("flush: %v", err)
		}
	}
	p.timer = time.AfterFunc(wait, flush)
}

func (p *P054) flush() error {
	ctx := context.TODO()
	return p.store.Insert(ctx, p.rows)
}
