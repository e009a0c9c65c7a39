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
