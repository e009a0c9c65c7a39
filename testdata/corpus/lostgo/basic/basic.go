// Package basic has the plain forms of a go statement that loses a context.
package basic

import (
	"context"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Service struct {
	store Store
}

func (s *Service) literal(ctx context.Context, id string) {
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to basic.Store.Save; pass context.WithoutCancel\(ctx\) to keep its values`
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.store.Save(ctx, id)
	}()
}

func (s *Service) named(ctx context.Context, id string) {
	go s.save(context.Background(), id) // want `goroutine loses ctx`
}

func (s *Service) save(ctx context.Context, id string) { s.store.Save(ctx, id) }
