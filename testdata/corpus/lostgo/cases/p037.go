package cases

import (
	"context"
	"log"
	"net/http"
	"net/url"
)

type P037 struct {
	hooks interface {
		Of(ctx context.Context, user string) ([]string, error)
	}
	client func(ctx context.Context) *http.Client
}

// SignOut tells all hooks by a function value that is started for each, and
// calls a method of http.Client that takes no context.
func (p *P037) SignOut(ctx context.Context, user string) error {
	hooks, err := p.hooks.Of(ctx, user)
	if err != nil {
		return err
	}
	var tell = func(hook string) {
		res, err := p.client(ctx).PostForm(hook, url.Values{"user": {user}})
		if err != nil {
			log.Printf("tell %s: %v", hook, err)
			return
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			log.Printf("tell %s: %s", hook, res.Status)
		}
	}
	for _, hook := range hooks {
		go tell(hook) // want `goroutine loses ctx: http.\(\*Client\).PostForm creates its own context.Background\(\)`
	}
	return nil
}
