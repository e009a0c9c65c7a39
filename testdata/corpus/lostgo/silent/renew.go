package silent

import (
	"context"
	"time"
)

// A loop that renews something goes on until that fails, or is refused.

type lease struct {
	stop, lost chan struct{}
	renew      func(ctx context.Context, id string) (bool, error)
	id         string
}

func take(ctx context.Context, l *lease) {
	go l.keep()
}

func (l *lease) keep() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-t.C:
			ok, err := l.renew(context.Background(), l.id)
			if err != nil || !ok {
				close(l.lost)
				return
			}
		}
	}
}
