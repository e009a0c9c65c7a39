package plain

import (
	"context"
	"net/http"
	"time"

	"example.com/corpus/lostgo/web"
)

// A framework's value belongs to the next request when the handler has returned: the
// goroutine must not ask it for its context.
func echo(c web.Echo, s Store) {
	go func() { // want `goroutine loses c.Request\(\).Context\(\)`
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Save(ctx, "a")
	}()
}

func gin(c *web.Gin, s Store) {
	go func() { // want `goroutine loses c.Request.Context\(\)`
		s.Save(context.Background(), "a")
		s.Save(context.Background(), "b")
	}()
}

func request(w http.ResponseWriter, r *http.Request, s Store) {
	go func() { // want `goroutine loses r.Context\(\)`
		s.Save(context.Background(), "a")
	}()
}
