// Package takenback has tasks that ask a framework's value for its context, which the
// framework gives to the next request when the handler has returned.
package takenback

import (
	"context"
	"net/http"
	"time"

	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func echo(c web.Echo, s Store) {
	go func() { // want `goroutine keeps c.Request\(\).Context\(\)`
		s.Save(c.Request().Context(), "a")
	}()
}

func echoWithTimeout(c web.Echo, s Store) {
	go func() { // want `goroutine keeps c.Request\(\).Context\(\)`
		ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
		defer cancel()
		s.Save(ctx, "a")
	}()
}

func gin(c *web.Gin, s Store) {
	go func() { // want `goroutine keeps c.Request.Context\(\)`
		s.Save(c.Request.Context(), "a")
		s.Save(c.Request.Context(), "b")
	}()
}

func ginInCase(c *web.Gin, s Store, how string) {
	switch how {
	case "later":
		time.AfterFunc(time.Second, func() { // want `task of time.AfterFunc keeps c.Request.Context\(\)`
			s.Save(c.Request.Context(), "a")
		})
	}
}

// It is evaluated where the goroutine is started.
func argument(c web.Echo, s Store) {
	go s.Save(c.Request().Context(), "a") // want `goroutine keeps c.Request\(\).Context\(\)`
}

// An http.Request stays what it is.
func request(w http.ResponseWriter, r *http.Request, s Store) {
	go func() { // want `goroutine keeps r.Context\(\)`
		s.Save(r.Context(), "a")
	}()
}

// There is no place before it.
func labeled(c web.Echo, s Store, again func() bool) {
start:
	go func() { // want `goroutine keeps c.Request\(\).Context\(\)`
		s.Save(c.Request().Context(), "a")
	}()
	if again() {
		goto start
	}
}
