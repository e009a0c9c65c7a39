// Package silent has calls without a context that lose none, or that nobody can
// change.
package silent

import (
	"context"
	"database/sql"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"

	"example.com/corpus/lostcall/mail"
	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type Service struct {
	s    Store
	db   *sql.DB
	once sync.Once
	life context.Context
}

// No context, no loss: nor is there one in any caller.
func none(db *sql.DB) { db.Exec("delete") }

func alsoNone(db *sql.DB) { none(db) }

// The sibling's context is only waited for.
func waits(ctx context.Context) {
	exec.Command("true").Run()
	net.Dial("tcp", "localhost:1")
	time.Sleep(time.Second)
}

// Logging is a class of its own.
func logs(ctx context.Context, l *slog.Logger) {
	l.Info("placed")
	s := &Service{}
	s.log()
}

func (s *Service) log() { slog.InfoContext(context.Background(), "placed") }

// What a task loses, lostgo reports.
func task(ctx context.Context, db *sql.DB) {
	go db.Exec("delete")
	go func() { db.Exec("delete") }()
}

// A thing that is made, started or ended has a life of its own.
func makes(ctx context.Context, s mail.Sender) {
	c, err := mail.NewClient(s)
	if err != nil {
		return
	}
	defer c.Close()
}

// A function that has a context and does not use it is reported itself.
func unused(ctx context.Context, s *Service) { s.unused(ctx) }

func (s *Service) unused(_ context.Context) { s.s.Save(context.Background(), "a") }

// A method that works with its owner's context loses nobody's.
func owners(ctx context.Context, s *Service) { s.own() }

func (s *Service) own() { s.s.Save(s.life, "a") }

// The first one works for all.
func shared(ctx context.Context, s *Service) { s.prepare() }

func (s *Service) prepare() {
	s.once.Do(func() { s.s.Save(context.Background(), "once") })
}

// A service loop works for nobody in particular.
func service(ctx context.Context, s *Service) { s.serve() }

func (s *Service) serve() {
	for range time.Tick(time.Second) {
		s.s.Save(context.Background(), "tick")
	}
}

func inLoop(ctx context.Context, s *Service) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
			s.db.Exec("delete")
		}
	}
}

// The rest is cleaning up.
func afterEnd(ctx context.Context, s *Service) {
	<-ctx.Done()
	s.db.Exec("delete")
}

func NewService(ctx context.Context, s Store, db *sql.DB) (*Service, error) {
	_, err := db.Exec("create table orders")
	return &Service{s: s, db: db}, err
}

func (s *Service) Start(ctx context.Context) error {
	_, err := s.db.Exec("create table orders")
	return err
}

// A function value could be anything.
func value(ctx context.Context, f func()) { f() }

// What reads no values loses none.
func cpu(ctx context.Context) { sum(nil) }

func sum(xs []int) (n int) {
	for _, x := range xs {
		n += x
	}
	return n
}

func file(ctx context.Context) { os.ReadFile("x") }

func ignored(ctx context.Context, db *sql.DB) {
	db.Exec("delete") //lostctx:ignore the statement has to be outside of the transaction in ctx
}

// What is called does without a context, as nil tells it.
func validate(s Store, id string) error { return validateWith(nil, s, id) }

func validateWith(ctx context.Context, s Store, id string) error {
	if ctx == nil {
		return nil
	}
	return s.Save(ctx, id)
}

func validates(ctx context.Context, s Store) error { return validate(s, "a") }

// What is registered there takes no context, as far as its package shows.
func validated(ctx context.Context, v *mail.Validate, to string) bool { return v.Struct(to) }

// What is made there lasts: its life is not that of the call that happens to need it first.
type pools struct {
	byURL map[string]*mail.Pool
	first *mail.Pool
}

func (p *pools) get(ctx context.Context, url string) (*mail.Pool, error) {
	if pool := p.byURL[url]; pool != nil {
		return pool, nil
	}
	pool, err := p.build(url)
	if err != nil {
		return nil, err
	}
	p.keep(url)
	return pool, nil
}

func (p *pools) build(url string) (*mail.Pool, error) {
	pool, err := mail.NewPool(url)
	if err != nil {
		return nil, err
	}
	return pool, nil
}

func (p *pools) keep(url string) {
	pool, err := mail.NewPool(url)
	if err == nil {
		p.byURL[url] = pool
	}
}

// A command line's command is no request.
func runs(_ *web.Command, args []string, s *Service) { s.run(args) }

func (s *Service) run(args []string) { s.s.Save(context.Background(), args[0]) }

func (p *pools) office(ctx context.Context, url string) *mail.Office { return p.buildOffice(url) }

func (p *pools) buildOffice(url string) *mail.Office {
	pool, err := mail.NewPool(url)
	if err != nil {
		return nil
	}
	o := mail.NewOffice(mail.Office{Pool: pool})
	return o
}

// What follows somebody else's event is its own.
func onEvent(ctx context.Context, s *Service, events chan string) {
	select {
	case e := <-events:
		s.onEvent(e)
	case <-ctx.Done():
	}
}

func (s *Service) onEvent(e string) { s.s.Save(context.Background(), e) }

// A call that is given the context in an option: its root is for those who give none.

type option func(*options)

type options struct{ ctx context.Context }

func inContext(ctx context.Context) option { return func(o *options) { o.ctx = ctx } }

func (s *Service) search(id string, opts ...option) {
	o := options{ctx: context.Background()}
	for _, opt := range opts {
		opt(&o)
	}
	s.s.Save(context.Background(), id)
	s.s.Save(o.ctx, id)
}

func byOption(ctx context.Context, s *Service) { s.search("a", inContext(ctx)) }

// What is set up once, under a lock, for all who come later.

type signer struct {
	mu   sync.Mutex
	key  *string
	keys Store
}

func (s *signer) sign(ctx context.Context, id string) error {
	if s.key == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.fetch(); err != nil {
			return err
		}
	}
	return s.keys.Save(ctx, *s.key+id)
}

func (s *signer) fetch() error {
	if err := s.keys.Save(context.Background(), "key"); err != nil {
		return err
	}
	key := "key"
	s.key = &key
	return nil
}

// A command that holds its action and its flags; its context may be without a name.

func (s *Service) tools() *web.Tool {
	return &web.Tool{Action: func(_ context.Context, t *web.Tool) error { s.run(t.Flags); return nil }}
}

func runTool(_ context.Context, t *web.Tool, s *Service) error {
	s.run(t.Flags)
	return nil
}
