package cases

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"example.com/corpus/lostgo/errgroup"
)

type P046 struct {
	stack interface {
		Start(ctx context.Context, project string) error
		Stop(ctx context.Context, project string) error
		Kill(ctx context.Context, project string) error
	}
}

// Up runs a stack until a signal comes. What stops it is a task that a local
// function starts, in a task: its context is the group's, which may have
// ended.
func (p *P046) Up(ctx context.Context, project string) error {
	g, ctx := errgroup.WithContext(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	stopped := make(chan bool)
	g.Go(func() error {
		first := true
		stop := func() {
			fmt.Println("stopping")
			g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses ctx: context.Background\(\) is passed to p.stack.Stop`
				err := p.stack.Stop(context.Background(), project)
				close(stopped)
				return err
			})
			first = false
		}
		for {
			select {
			case <-stopped:
				return nil
			case <-ctx.Done():
				if first {
					stop()
				}
			case <-signals:
				if first {
					stop()
				}
			}
		}
	})
	g.Go(func() error { return p.stack.Start(ctx, project) })
	return g.Wait()
}
