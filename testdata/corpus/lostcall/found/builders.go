package found

import (
	"context"

	"example.com/corpus/lostgo/web"
)

// A request is built without the context that is in scope.
func builds(ctx context.Context, c *web.Client) error {
	_, err := c.R().SetHeader("a", "b").Get("http://example.com") // want `call loses ctx: web.\(\*ClientRequest\).Get sends what was built without it; add .SetContext\(ctx\) to the chain`
	return err
}

func buildsWith(ctx context.Context, c *web.Client) error {
	_, err := c.R().SetContext(ctx).SetHeader("a", "b").Get("http://example.com")
	return err
}

// Nobody knows what it was built with.
func sends(ctx context.Context, r *web.ClientRequest) error {
	_, err := r.SetHeader("a", "b").Get("http://example.com")
	return err
}

func buildsAlone(c *web.Client) error {
	_, err := c.R().Get("http://example.com")
	return err
}
