package silent

import (
	"context"
	"net/http"
	"time"

	"example.com/corpus/lostgo/silent/singleflight"
)

// What a service also does in its rounds is for nobody in particular, whoever asks for it.

type archive struct {
	store  Store
	flight singleflight.Group[string, error]
}

func (a *archive) run() {
	for range time.Tick(time.Hour) {
		a.round()
	}
}

func (a *archive) round() { a.prune() }

func (a *archive) prune() { a.store.Save(context.Background(), "old") }

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	go a.prune()
}

// A flight under any import path.
func (a *archive) health(ctx context.Context) error {
	return <-a.flight.DoChan("", func() error {
		return a.store.Save(context.Background(), "health")
	})
}
