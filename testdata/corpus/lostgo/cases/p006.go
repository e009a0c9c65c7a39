package cases

import (
	"context"
	"net"
)

// P006 checks that hosts answer.
type P006 struct {
	resolver interface {
		Answers(ctx context.Context, host string) bool
	}
}

// CheckLater checks in the background. Silent: it takes no context, only the
// callers have one: for lostcall.
func (p *P006) CheckLater(host string) error {
	if net.ParseIP(host) != nil {
		return nil
	}
	// To do: a deadline.
	go p.check(context.TODO(), host)
	return nil
}

func (p *P006) check(ctx context.Context, host string) bool {
	return p.resolver.Answers(ctx, host)
}
