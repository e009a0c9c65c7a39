// Command cmd starts up: its contexts are roots all the way.
package main

import (
	"context"
	"os"
	"os/signal"

	"example.com/corpus/lostgo/silent"
)

type app struct{ store silent.Store }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a := &app{}
	a.warmUp(ctx)
	run(ctx, a)
	Start(context.Background(), a)
	<-ctx.Done()
}

// warmUp is only called with roots.
func (a *app) warmUp(ctx context.Context) {
	go a.store.Save(context.Background(), "warm")
}

func run(ctx context.Context, a *app) {
	go func() {
		_, _ = a.store.Load(context.Background())
	}()
	inner(ctx, a)
}

func inner(ctx context.Context, a *app) {
	go a.store.Save(context.TODO(), "inner")
}

// Start is exported, but nobody can import it.
func Start(ctx context.Context, a *app) {
	go a.store.Save(context.Background(), "start")
}

// request is called with a context that nobody knows.
func request(ctx context.Context, a *app) {
	go a.store.Save(context.Background(), "request") // want `goroutine loses ctx`
}

var handlers = map[string]func(context.Context, *app){"request": request}
