package tracing

import (
	"encoding/json"
	"io"
	"sync"
)

// Counts say of what one way of starting work has started how many spans are below that
// of their request, below none, and below that of another request.
type Counts struct{ Right, Orphaned, Wrong int }

var (
	mu     sync.Mutex
	counts = make(map[string]Counts)
)

// Count counts a span by its parent.
func (s *Span) Count() {
	mu.Lock()
	defer mu.Unlock()
	c := counts[s.Way]
	switch {
	case s.Parent == nil:
		c.Orphaned++
	case s.Parent.Request == s.Request:
		c.Right++
	default:
		c.Wrong++
	}
	counts[s.Way] = c
}

// Write writes what has been counted.
func Write(w io.Writer) error {
	mu.Lock()
	defer mu.Unlock()
	return json.NewEncoder(w).Encode(counts)
}
