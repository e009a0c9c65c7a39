// Package chains has tasks that work with handles which could be given a context.
package chains

import (
	"context"
	"sync"

	"example.com/corpus/lostgo/web"
)

type accounts struct{ db *web.DB }

func open() (*accounts, error) {
	db, err := web.OpenDB("accounts")
	return &accounts{db: db}, err
}

func (a *accounts) find(ctx context.Context, id string) error {
	return a.db.WithContext(ctx).Where(id).First(new(accounts)).Error
}

// A task that goes on gets no context that ends.
func (a *accounts) later(ctx context.Context, id string) {
	go func() { // want `goroutine loses ctx: web.\(\*DB\).Create works with a.db, which has no context; add .WithContext\(context.WithoutCancel\(ctx\)\) to the chain`
		_ = a.db.Create(id).Error
		_ = a.db.Create("again").Error
	}()
}

func (a *accounts) bare(ctx context.Context, id string) {
	go a.db.Create(id) // want `goroutine loses ctx`
}

func (a *accounts) joined(ctx context.Context, ids []string) {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
			_ = a.db.Create(id).Error
		})
	}
	wg.Wait()
}

// Of tasks in tasks, the innermost.
func (a *accounts) nested(ctx context.Context, id string) {
	go func() {
		go func() { // want `goroutine loses ctx`
			_ = a.db.Create(id).Error
		}()
	}()
}

func (a *accounts) given(ctx context.Context, id string) {
	go a.db.WithContext(ctx).Create(id)
	go func(db *web.DB) { _ = db.Create(id).Error }(a.db.WithContext(ctx))
}

func (a *accounts) alone(id string) { go a.db.Create(id) }
