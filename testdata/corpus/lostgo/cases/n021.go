package cases

import (
	"context"
	"log"
)

type N021 struct {
	pages interface {
		Stale(ctx context.Context, page string) bool
		Save(page string)
	}
	queue chan string
}

// Handle is called for each item of a work queue. Silent: no context comes
// with an item, so this is where one begins.
func (n *N021) Handle(page string) {
	// No request leads here: this is the root.
	ctx := context.Background()
	if !n.pages.Stale(ctx, page) {
		return
	}
	log.Printf("stale: %s", page)
	n.pages.Save(page)
	n.queue <- page
}
