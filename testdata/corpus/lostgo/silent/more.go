package silent

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"time"

	"example.com/corpus/lostgo/errgroup"
)

// After a signal the process ends: what is saved then is nobody's request.
func (s *Service) saveAfterSignal(ctx context.Context) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	go func() {
		<-ch
		s.store.Save(context.Background(), "last")
	}()
}

func (s *Service) saveAfterEither(ctx context.Context) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	go func() {
		select {
		case <-ch:
		case <-ctx.Done():
		}
		s.store.Save(context.Background(), "last")
	}()
}

// The wait is in a helper.
func (s *Service) saveAfterHelper(ctx context.Context) {
	go func() {
		waitFor(ctx)
		s.store.Save(context.Background(), "last")
	}()
}

func waitFor(ctx context.Context) { <-ctx.Done() }

func (s *Service) saveAfterIf(ctx context.Context) {
	go func() {
		if err := context.Cause(ctx); err != nil {
			s.store.Save(context.Background(), err.Error())
		}
	}()
}

// A logger of our own.
type Logger interface {
	Info(ctx context.Context, text string)
}

func (s *Service) logger(ctx context.Context, l Logger) {
	go l.Info(context.Background(), "over")
	go func() { l.Info(context.Background(), "over") }()
}

// Only called with roots.
func NewRunning(store Store) *Service {
	s := &Service{store: store}
	s.start(context.Background())
	return s
}

func (s *Service) start(ctx context.Context) {
	go s.store.Save(context.Background(), "started")
}

// Only called from a service loop, with the context of the service.
func (s *Service) dispatch(ctx context.Context) {
	for {
		select {
		case e := <-s.events:
			s.processOne(ctx, e)
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) processOne(ctx context.Context, e string) {
	go s.store.Save(context.Background(), e)
}

func (s *Service) group(ctx context.Context, srv *http.Server, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(srv.ListenAndServe)
	g.Go(func() error { return srv.Serve(l) })
	g.Go(func() error {
		<-ctx.Done()
		return srv.Shutdown(context.Background())
	})
	return g.Wait()
}

// A handler is at hand of its own requests, not of what registers it.
func (s *Service) register(ctx context.Context, mux *http.ServeMux) {
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		go func() { // want `goroutine loses r.Context\(\)`
			s.store.Save(context.Background(), "a")
		}()
	})
	mux.HandleFunc("/ignored", func(http.ResponseWriter, *http.Request) {
		go s.store.Save(context.Background(), "b")
	})
}

func (s *Service) finalizer(ctx context.Context) {
	runtime.SetFinalizer(s, func(s *Service) { s.store.Save(context.Background(), "gone") })
	runtime.AddCleanup(s, func(store Store) { store.Save(context.Background(), "gone") }, s.store)
}

type memo struct {
	mu     sync.Mutex
	flight map[string]*call
	store  Store
}

type call struct {
	done  chan struct{}
	value string
}

// The call is shared by all who ask for the same key meanwhile.
func (m *memo) get(ctx context.Context, key string) (string, error) {
	m.mu.Lock()
	c, ok := m.flight[key]
	if !ok {
		c = &call{done: make(chan struct{})}
		m.flight[key] = c
		go func() {
			defer close(c.done)
			c.value, _ = m.store.Load(context.Background())
			m.mu.Lock()
			delete(m.flight, key)
			m.mu.Unlock()
		}()
	}
	m.mu.Unlock()
	select {
	case <-c.done:
		return c.value, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// A batch belongs to all who have put something into it.
type batcher struct {
	mu    sync.Mutex
	items []string
	timer *time.Timer
	store Store
}

func (b *batcher) add(ctx context.Context, item string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = append(b.items, item)
	if b.timer == nil {
		b.timer = time.AfterFunc(time.Second, b.flush)
	}
}

func (b *batcher) flush() {
	b.mu.Lock()
	items := b.items
	b.items, b.timer = nil, nil
	b.mu.Unlock()
	for _, item := range items {
		b.store.Save(context.Background(), item)
	}
}

// A lease is renewed for the life of what it leases.
func (s *Service) renew(ctx context.Context, every time.Duration) (release func()) {
	stop := make(chan struct{})
	go func() {
		for {
			timer := time.NewTimer(every)
			select {
			case <-timer.C:
				if err := s.store.Save(context.Background(), "lease"); err != nil {
					return
				}
			case <-stop:
				timer.Stop()
				return
			}
		}
	}()
	return func() { close(stop) }
}

// A stream that is read in the background as long as it lasts.
type subscription interface {
	Next() (string, error)
}

func (s *Service) follow(ctx context.Context, sub subscription) {
	go func() {
		for {
			item, err := sub.Next()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			s.store.Save(context.Background(), item)
		}
	}()
}
