package silent

import (
	"context"
	"net/http"
)

// What a service starts before it serves is the service's: the context of run
// ends with it, and belongs to no request.
func (s *Service) run(ctx context.Context, jobs <-chan string) error {
	go s.store.Save(context.Background(), "warm up")
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case job := <-jobs:
			s.store.Save(ctx, job)
		}
	}
}

func (s *Service) listen(ctx context.Context, addr string) error {
	go s.store.Save(context.Background(), "warm up")
	return http.ListenAndServe(addr, nil)
}

// A namespace or the like makes a root fit for the service itself; that it is a
// root is seen where it is used.
func serviceContext() context.Context { return tagged(context.Background()) }

func tagged(ctx context.Context) context.Context {
	old, _ := ctx.Value("tag").(string)
	return context.WithValue(ctx, "tag", old+"service")
}

// A watcher of somebody else's event: what it does belongs to the event.
func (s *Service) monitor(ctx context.Context, exited <-chan int) {
	go s.waitExit(serviceContext(), exited)
}

func (s *Service) waitExit(ctx context.Context, exited <-chan int) {
	select {
	case <-exited:
		s.store.Save(ctx, "exited")
	case <-ctx.Done():
	}
}
