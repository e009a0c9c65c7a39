// Package seeds has what the oracle has found: tasks that were cut off and not
// reported.
package seeds

import (
	"context"
	"net/http"

	"example.com/corpus/earlycancel/seeds/crew"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// A pool that is a variable of another package.
func away(w http.ResponseWriter, r *http.Request, s Store) {
	crew.The.Submit(func() { s.Save(r.Context(), "a") }) // want `task of crew.\(\*Crew\).Submit keeps r.Context\(\)`
}

func own(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	crew.The.Submit(func() { s.Save(ctx, "a") }) // want `task of crew.\(\*Crew\).Submit keeps ctx`
}
