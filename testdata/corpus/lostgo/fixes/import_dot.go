package fixes

import . "context"

func importDot(ctx Context, s Store) {
	go s.Save(Background(), "a") // want `goroutine loses ctx`
}
