package fixes

import "context"
import "time"

func importTwo(ctx context.Context, s Store) {
	time.Sleep(1)
	go s.Save(context.Background(), "a") // want `goroutine loses ctx`
}
