package cases

import (
	"context"
	"sync"

	"example.com/corpus/lostgo/trace"
)

type N010 struct {
	tenants interface {
		List(ctx context.Context) ([]string, error)
		Index(ctx context.Context, tenant string) error
	}
}

// Poll gives each tenant a root span of its own that is linked to the caller's
// after it has begun. Silent: the link keeps the connection.
func (n *N010) Poll(parentCtx context.Context) error {
	parentCtx, span := tracer.Start(parentCtx, "poll")
	defer span.End()
	tenants, err := n.tenants.List(parentCtx)
	if err != nil {
		return err
	}
	var (
		wg    sync.WaitGroup
		link  = trace.LinkFromContext(parentCtx)
		bgCtx = context.Background()
	)
	for _, tenant := range tenants {
		if parentCtx.Err() != nil {
			wg.Wait()
			return parentCtx.Err()
		}
		wg.Add(1)
		go func(tenant string) {
			defer wg.Done()
			bgCtx, bgSpan := tracer.Start(bgCtx, "poll-tenant")
			defer bgSpan.End()
			bgSpan.SetAttribute("tenant", tenant)
			bgSpan.AddLink(link)
			_ = n.tenants.Index(bgCtx, tenant)
		}(tenant)
	}
	wg.Wait()
	return nil
}
