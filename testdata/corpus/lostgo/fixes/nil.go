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

// So there is none where what it is set to, or given, may be nil.

func nilLooked(r *http.Request, s Store, id string) {
	byID := map[string]context.Context{"a": r.Context()}
	ctx := byID[id]
	s.Put(ctx, 1)
	go s.Put(context.Background(), 1) // want `goroutine loses`
}

func nilFromMap(ctx context.Context, s Store) { go s.Put(context.Background(), 1) } // want `goroutine loses ctx`

func nilFromMapGiven(r *http.Request, s Store, id string) {
	byID := map[string]context.Context{"a": r.Context()}
	nilFromMap(byID[id], s)
}

func nilSession(r *http.Request) (context.Context, error) {
	if r.Body == nil {
		return nil, http.ErrBodyNotAllowed
	}
	return context.WithValue(r.Context(), nilKey{}, 1), nil
}

type nilKey struct{}

func nilFailed(r *http.Request, s Store) {
	ctx, err := nilSession(r)
	if err != nil {
		go s.Put(context.Background(), 1) // want `goroutine loses`
		return
	}
	go s.Put(context.Background(), 2) // want `goroutine loses`
	s.Put(ctx, 3)
}

func nilYoda(ctx context.Context, s Store) {
	if nil == ctx {
		s.Put(nil, 1)
	}
	go s.Put(context.Background(), 1) // want `goroutine loses ctx`
}

func nilSwitched(ctx context.Context, s Store) {
	switch ctx {
	case nil:
		s.Put(nil, 1)
	}
	go s.Put(context.Background(), 1) // want `goroutine loses ctx`
}

// A check that not every way comes by says nothing.
func nilSometimes(ctx context.Context, s Store, verbose bool) {
	if verbose {
		if ctx == nil {
			return
		}
	}
	go s.Put(context.Background(), 1) // want `goroutine loses ctx`
}

func nilInside(ctx context.Context, s Store) {
	name := func() string {
		if ctx == nil {
			return "none"
		}
		return "some"
	}
	_ = name()
	go s.Put(context.Background(), 1) // want `goroutine loses ctx`
}

func nilOuter(ctx context.Context, s Store) { nilInner(ctx, s) }

func nilInner(ctx context.Context, s Store) { go s.Put(context.Background(), 1) } // want `goroutine loses ctx`

func nilTick(s Store) { nilOuter(nil, s) }

func nilOuterGiven(ctx context.Context, s Store) { nilOuter(ctx, s) }

func nilToLit(ctx context.Context, s Store) {
	put := func(ctx context.Context) { go s.Put(context.Background(), 1) } // want `goroutine loses ctx`
	put(nil)
	put(ctx)
}

func nilRequest(r *http.Request, s Store) { go s.Put(context.Background(), 1) } // want `goroutine loses r.Context\(\)`

func nilRequestGiven(r *http.Request, s Store) {
	var later *http.Request
	if r.Method == "GET" {
		later = r
	}
	nilRequest(later, s)
}
