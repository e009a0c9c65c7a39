package cases

import "context"

type N023 struct {
	indexer interface {
		Add(ctx context.Context, doc string) error
	}
}

// Write queues documents for a flush that outlives the call. Silent: no task
// is started here; the blank parameter is on purpose.
func (n *N023) Write(_ context.Context, docs []string) error {
	for _, doc := range docs {
		n.Add(doc)
	}
	return nil
}

// Add queues one document.
func (n *N023) Add(doc string) {
	_ = n.indexer.Add(context.Background(), doc)
}
