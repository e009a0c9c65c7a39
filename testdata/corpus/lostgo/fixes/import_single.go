package fixes

import "context"

func importSingle(ctx context.Context, s Store) {
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}
