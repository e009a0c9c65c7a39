//go:build go1.21

package fixes

import "context"

// Before Go 1.22 all rounds of a loop share its variables, so each round's
// values are taken at the go statement.
func sharedLoopVariable(ctx context.Context, s Store, ids []string) {
	for i, id := range ids {
		go s.Put(context.Background(), i, id) // want `goroutine loses ctx`
	}
	for i := 0; i < len(ids); i++ {
		go func(i int) { // want `goroutine loses ctx`
			s.Put(context.Background(), i)
		}(i)
	}
}
