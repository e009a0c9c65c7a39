// Package pool has a pool that gives its tasks a context.
package pool

import (
	"context"
	"sync"
)

type Pool struct {
	ctx context.Context
	wg  sync.WaitGroup
}

func (p *Pool) WithContext(ctx context.Context) *Pool { return &Pool{ctx: ctx} }

func (p *Pool) Go(f func(context.Context)) { p.wg.Go(func() { f(p.ctx) }) }

func (p *Pool) Wait() { p.wg.Wait() }
