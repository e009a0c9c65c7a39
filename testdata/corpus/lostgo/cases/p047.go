package cases

import (
	"context"
	"errors"
	"os"
	"os/signal"

	"example.com/corpus/lostgo/errgroup"
)

type P047 struct {
	stack interface {
		Start(ctx context.Context, project string) error
		Kill(ctx context.Context, project string) error
	}
	keys chan rune
}

var errP047Gone = errors.New("gone")

// Up kills the stack at a second signal, by a task that a loop in a task
// starts. The loop waits for one end; it is no service.
func (p *P047) Up(ctx context.Context, project string) error {
	g, ctx := errgroup.WithContext(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	stopped := make(chan bool)
	g.Go(func() error {
		first := true
		for {
			select {
			case <-stopped:
				return nil
			case <-ctx.Done():
				first = false
			case <-signals:
				if first {
					first = false
					break
				}
				g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx: context.Background\(\) is passed to p.stack.Kill`
					err := p.stack.Kill(context.Background(), project)
					if errors.Is(err, errP047Gone) {
						return nil
					}

					return err
				})
				return nil
			case key := <-p.keys:
				first = key == 'q'
			}
		}
	})
	g.Go(func() error { return p.stack.Start(ctx, project) })
	return g.Wait()
}
