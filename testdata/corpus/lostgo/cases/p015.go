package cases

import (
	"context"
	"log"
)

type p015Pool interface {
	Get(ctx context.Context) (string, error)
	Return(ctx context.Context, addr string) error
}

type p015Cleanup struct {
	steps []func(ctx context.Context) error
}

func (c *p015Cleanup) Add(step func(ctx context.Context) error) { c.steps = append(c.steps, step) }

// P015 takes an address in the background and notes how to give it back. The
// step that gives it back has a context of its own, and a span whose context
// it discards, and starts one more goroutine.
func P015(ctx context.Context, pool p015Pool, cleanup *p015Cleanup) chan string {
	getCtx, getSpan := tracer.Start(ctx, "get-address")
	defer getSpan.End()
	got := make(chan string, 1)
	go func() {
		defer close(got)
		addr, err := pool.Get(getCtx)
		if err != nil {
			log.Print(err)
			return
		}
		cleanup.Add(func(ctx context.Context) error {
			_, span := tracer.Start(ctx, "return-address")
			defer span.End()
			go func() { // want `goroutine loses ctx: context.Background\(\) is passed to cases.p015Pool.Return`
				if err := pool.Return(context.Background(), addr); err != nil {
					log.Print(err)
				}
			}()
			return nil
		})
		got <- addr
	}()
	return got
}
