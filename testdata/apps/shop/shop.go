// Package shop puts the parts of the shop together.
package shop

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/gammazero/workerpool"
	"go.opentelemetry.io/otel"

	"example.com/shop/internal/api"
	"example.com/shop/internal/audit"
	"example.com/shop/internal/carrier"
	"example.com/shop/internal/later"
	"example.com/shop/internal/loyalty"
	"example.com/shop/internal/mail"
	"example.com/shop/internal/orders"
	"example.com/shop/internal/stock"
	"example.com/shop/internal/store"
)

const (
	sweepPeriod   = time.Minute
	shutdownGrace = 30 * time.Second
)

var tracer = otel.Tracer("example.com/shop")

// Shop is the service.
type Shop struct {
	srv     *http.Server
	work    *later.Work
	pool    *workerpool.WorkerPool
	mails   *mail.Queue
	stock   *stock.Stock
	store   *store.Store
	sandbox *carrier.Sandbox
}

// New returns a shop, of which the parts that do not wait for requests are
// running already. There can be one at a time in a process.
func New(ctx context.Context) (*Shop, error) {
	ctx, span := tracer.Start(ctx, "shop.start")
	defer span.End()

	st, err := store.Open(ctx)
	if err != nil {
		return nil, err
	}
	sandbox, err := carrier.StartSandbox(ctx)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	s := &Shop{
		work:    later.New(),
		pool:    workerpool.New(2),
		mails:   mail.NewQueue(2, 64),
		store:   st,
		sandbox: sandbox,
	}
	audit.Open(st, s.work)
	s.stock = stock.New(st, s.work)
	go s.stock.Watch(sweepPeriod)
	s.srv = &http.Server{Handler: s.api().Handler(), ConnState: s.work.ConnState}
	return s, nil
}

func (s *Shop) api() *api.API {
	return &api.API{
		Store: s.store,
		Stock: s.stock,
		Pool:  s.pool,
		Work:  s.work,
		Orders: &orders.Service{
			Store:   s.store,
			Stock:   s.stock,
			Mailer:  mail.NewMailer(s.store),
			Mails:   s.mails,
			Carrier: carrier.NewClient(s.sandbox.URL, s.work),
			Hook:    loyalty.NewHooks(s.store, s.work),
			Work:    s.work,
		},
	}
}

// Run answers requests until ctx is done and all work that they left behind
// is too.
func (s *Shop) Run(ctx context.Context, ln net.Listener) error {
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		stopped <- s.shutdown(ctx)
	}()
	if err := s.srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// shutdown stops the parts in such an order that none misses another.
func (s *Shop) shutdown(ctx context.Context) error {
	err := errors.Join(s.srv.Shutdown(ctx), s.work.Wait(ctx))
	s.pool.StopWait()
	s.mails.Close()
	s.stock.Close()
	return errors.Join(err, s.sandbox.Shutdown(ctx), s.store.Close())
}
