package fixes

import (
	stdctx "context"
	"time"
)

func importRenamed(ctx stdctx.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		short, cancel := stdctx.WithTimeout(stdctx.Background(), time.Second)
		defer cancel()
		s.Save(short, "a")
	}()
}
