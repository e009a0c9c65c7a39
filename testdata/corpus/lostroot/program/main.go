// Program has what a program does before it serves.
package main

import (
	"context"
	"net/http"
	"os/signal"
	"syscall"
)

type store interface {
	Save(ctx context.Context, id string) error
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	prepare(ctx, nil)
}

func prepare(ctx context.Context, s store) { s.Save(context.Background(), "a") }

// A request is one here too.
func handle(s store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.Save(context.Background(), "a") // want `context.Background\(\) loses r.Context\(\): `
	}
}

// What a handler gives its request's context is no start-up, at any depth.

type server struct{ store store }

func (s *server) register(w http.ResponseWriter, r *http.Request) {
	if err := s.openAccount(r.Context(), r.FormValue("name")); err != nil {
		w.WriteHeader(http.StatusConflict)
	}
}

func (s *server) openAccount(ctx context.Context, name string) error {
	if err := s.store.Save(context.Background(), name); err != nil { // want `context.Background\(\) loses ctx: `
		return err
	}
	return s.charge(ctx, name)
}

func (s *server) charge(ctx context.Context, name string) error {
	return s.store.Save(context.Background(), name) // want `context.Background\(\) loses ctx: `
}

func (s *server) warm(ctx context.Context) error { return s.store.Save(context.Background(), "cache") }

func serve(ctx context.Context, s *server) error {
	if err := s.warm(ctx); err != nil {
		return err
	}
	http.HandleFunc("/register", s.register)
	return http.ListenAndServe(":8080", nil)
}
