package cases

import (
	"context"
	"log"
)

type n013Request struct{ ctx context.Context }

func (r *n013Request) Context() context.Context { return r.ctx }

// n013Ctx is what a web framework gives to a handler.
type n013Ctx struct{ Request *n013Request }

type N013 struct {
	images interface {
		Find(ctx context.Context, name string) (string, error)
		Touch(ctx context.Context, id string) error
	}
}

// Create touches the image in the background. Contested: these maintainers
// took the span out of it on purpose; from the code nobody can tell.
func (n *N013) Create(c *n013Ctx, name string) string {
	ctx := c.Request.Context()
	id, err := n.images.Find(ctx, name)
	if err != nil {
		return ""
	}
	go func() { // want `goroutine loses ctx: context.Background\(\) is passed to n.images.Touch`
		err = n.images.Touch(context.Background(), id)
		if err != nil {
			log.Printf("touch %s: %v", id, err)
		}
	}()
	return id
}
