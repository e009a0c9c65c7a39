package fixes

import (
	"context"
	"net/http"
)

// Where the code shows that the context may be nil, there is no fix: WithoutCancel does not take it.

func nilAsked(ctx context.Context, s Store) {
	if ctx != nil {
		s.Put(ctx, 1)
	}
	go func() { s.Put(context.Background(), 1) }() // want `goroutine loses ctx`
}

func nilBefore(ctx context.Context, s Store) {
	if ctx == nil {
		return
	}
	go func() { s.Put(context.Background(), 1) }() // want `goroutine loses ctx`
}

func nilAround(ctx context.Context, s Store) {
	if ctx != nil {
		go func() { s.Put(context.Background(), 1) }() // want `goroutine loses ctx`
	}
}

func nilGiven(ctx context.Context, s Store) {
	go func() { s.Put(context.Background(), 1) }() // want `goroutine loses ctx`
}

func nilGives(s Store) { nilGiven(nil, s) }

func nilGivesOne(r *http.Request, s Store) { nilGiven(r.Context(), s) }

func nilZero(r *http.Request, s Store, own bool) {
	var ctx context.Context
	if own {
		ctx = r.Context()
		s.Put(ctx, 1)
	}
	go func() { s.Put(context.Background(), 1) }() // want `goroutine loses`
}

func nilDeclared(r *http.Request, s Store) {
	var ctx context.Context
	ctx = r.Context()
	s.Put(ctx, 1)
	go func() { s.Put(context.Background(), 1) }() // want `goroutine loses ctx`
}

func nilEvent(r *http.Request, s Store) {
	if r != nil {
		s.Put(r.Context(), 1)
	}
	go func() { s.Put(context.Background(), 1) }() // want `goroutine loses r.Context\(\)`
}

type putOptions struct {
	Ctx  context.Context
	Size int
}

func nilOptions(o putOptions, s Store) {
	if o.Ctx != nil {
		s.Put(o.Ctx, 1)
	}
	go func() { s.Put(context.Background(), o.Size) }() // want `goroutine loses o.Ctx`
}
