package cases

import (
	"context"
	"time"

	"example.com/corpus/lostgo/trace"
)

type p002Ranker interface {
	Rank(ctx context.Context, query string) ([]string, error)
}

type p002RequestID struct{}

type P002 struct {
	main, shadow p002Ranker
}

// Rank hands its context to the goroutine, and the callee starts a trace of
// its own that names the caller's. Contested; silent: the callee has the
// context and decides.
func (p *P002) Rank(ctx context.Context, query string) ([]string, error) {
	ranked, err := p.main.Rank(ctx, query)
	if err != nil {
		return nil, err
	}
	ctx, span := tracer.Start(ctx, "rank")
	go func() {
		defer span.End()
		p.rankShadow(ctx, query, len(ranked))
	}()
	return ranked, nil
}

func (p *P002) rankShadow(ctx context.Context, query string, want int) {
	of := trace.SpanContextFromContext(ctx)
	p002Try(func() {
		own, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		own = context.WithValue(own, p002RequestID{}, of.TraceID())
		own, span := tracer.Start(own, "rank-shadow")
		defer span.End()
		if got, err := p.shadow.Rank(own, query); err != nil || len(got) != want {
			trace.SpanFromContext(ctx).SetAttribute("matches", "no")
		}
	})
}

func p002Try(f func()) {
	defer func() { _ = recover() }()
	f()
}
