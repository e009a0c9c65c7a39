package fixes

import (
	// Contexts carry the trace.
	"context"
	"time" // for the timeout
	// The end of the imports.
)

func importComment(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(short, "a")
	}()
}
