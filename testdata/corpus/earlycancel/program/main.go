// Command program starts what it consists of, and cancels it when it ends.
package main

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"time"
)

type service interface {
	Run(ctx context.Context) error
	Load(ctx context.Context) error
}

var srv service

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go srv.Run(ctx)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	<-stop
}

// Only main calls it.
func run() error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	go srv.Run(ctx)
	return srv.Load(ctx)
}

func init() {
	ctx, cancel := newContext()
	defer cancel()
	go srv.Run(ctx)
	_ = run()
}

// newContext is an own helper.
func newContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Hour)
}

// A handler is no main part.
func handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	go srv.Run(ctx) // want `goroutine keeps ctx`
	_ = srv.Load(ctx)
}
