// Package later keeps account of the work that outlives the request that
// asked for it.
package later

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
)

// Work is the work that is still to be done. The server it belongs to must
// have ConnState as its hook.
type Work struct {
	pending sync.WaitGroup

	mu   sync.Mutex
	busy map[net.Conn]chan struct{} // closed when the request in progress has ended
}

// New returns an account without work.
func New() *Work {
	return &Work{busy: make(map[net.Conn]chan struct{})}
}

// Add announces one piece of work. It is called before the goroutine or timer
// is started, so that Wait cannot miss it.
func (w *Work) Add() { w.pending.Add(1) }

// Done ends one piece of work.
func (w *Work) Done() { w.pending.Done() }

// Quiet blocks until the requests that are in progress now have been answered:
// work that nobody waits for gives way to them. Later requests do not count,
// or a busy shop would never get round to it.
func (w *Work) Quiet() {
	w.mu.Lock()
	requests := slices.Collect(maps.Values(w.busy))
	w.mu.Unlock()
	for _, ended := range requests {
		<-ended
	}
}

// Wait blocks until all work is done, or ctx is.
func (w *Work) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		w.pending.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ConnState is the hook of the server whose requests are given way to.
func (w *Work) ConnState(c net.Conn, state http.ConnState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if state == http.StateActive {
		w.busy[c] = make(chan struct{})
		return
	}
	if ended, ok := w.busy[c]; ok {
		close(ended)
		delete(w.busy, c)
	}
}
