package cases

import (
	"context"
	"log"
)

type p004Mirror struct{ url string }

type p004Pusher interface {
	Push(ctx context.Context, url string, release []byte) error
}

type P004 struct {
	push    p004Pusher
	mirrors []p004Mirror
}

// Publish pushes a release to one mirror, and to all others in the background
// by functions that take no context and start their own root, two calls and
// one more goroutine away.
func (p *P004) Publish(ctx context.Context, release []byte) error {
	go p.announce(release) // want `goroutine loses ctx: cases.\(\*P004\).announce creates its own context.Background\(\) \(p004.go:[0-9]+\)`
	return p.push.Push(ctx, p.mirrors[0].url, release)
}

func (p *P004) announce(release []byte) { p.pushAll(release) }

// pushAll starts its goroutines without a context at hand: only the callers
// have one.
func (p *P004) pushAll(release []byte) {
	for _, m := range p.mirrors {
		go func(m p004Mirror) {
			if err := p.push.Push(context.Background(), m.url, release); err != nil {
				log.Printf("push to %q: %v", m.url, err)
			}
		}(m)
	}
}
