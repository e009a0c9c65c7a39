package cases

import (
	"context"
	"errors"
)

type N032 struct {
	logs interface {
		Submit(ctx context.Context, log string, cert []byte) (string, error)
	}
}

// First asks several at once and takes the first answer. Silent: the losers
// keep the context that is cancelled at the return, on purpose.
func (n *N032) First(ctx context.Context, logs []string, cert []byte) (string, error) {
	subCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan string, len(logs))
	for _, log := range logs {
		go n.submit(subCtx, log, cert, answers)
	}
	for range logs {
		select {
		case a := <-answers:
			if a != "" {
				return a, nil
			}
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "", errors.New("no answer")
}

func (n *N032) submit(ctx context.Context, log string, cert []byte, answers chan<- string) {
	a, _ := n.logs.Submit(ctx, log, cert)
	answers <- a
}
