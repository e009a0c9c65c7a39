package cases

import (
	"context"
	"sync"

	"example.com/corpus/lostgo/errgroup"
)

type P048 struct {
	render interface {
		Render(ctx context.Context, page string) (string, error)
	}
}

// RenderAll renders its pages in a group on a root. Silent: it takes no
// context, only the callers have one: for lostcall.
func (p *P048) RenderAll(pages []string) ([]string, error) {
	first, err := p.render.Render(context.Background(), pages[0])
	if err != nil {
		return nil, err
	}
	rendered := []string{first}
	g, ctx := errgroup.WithContext(context.Background())
	var mu sync.Mutex
	for _, page := range pages[1:] {
		g.Go(func() error {
			r, err := p.render.Render(ctx, page)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				return err
			}
			rendered = append(rendered, r)
			return nil
		})
	}
	return rendered, g.Wait()
}
