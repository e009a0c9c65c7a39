package cases

import (
	"context"
	"sync"
	"time"
)

type n014Flight struct {
	done  chan struct{}
	token string
	err   error
}

type N014 struct {
	mu      sync.Mutex
	pending *n014Flight
	token   string
	issuer  interface {
		Issue(ctx context.Context) (string, error)
	}
}

// Token waits for a token that one goroutine fetches for all who ask. Silent:
// the work is shared, no caller's context is the right one.
func (n *N014) Token(ctx context.Context) (string, error) {
	n.mu.Lock()
	if n.token != "" {
		defer n.mu.Unlock()
		return n.token, nil
	}
	if n.pending == nil {
		n.pending = &n014Flight{done: make(chan struct{})}
		go n.lead(n.pending)
	}
	f := n.pending
	n.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (n *N014) lead(f *n014Flight) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	f.token, f.err = n.issuer.Issue(ctx)
	n.mu.Lock()
	n.pending, n.token = nil, f.token
	n.mu.Unlock()
	close(f.done)
}
