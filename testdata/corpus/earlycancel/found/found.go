// Package found has tasks that keep a context which is cancelled without them.
package found

import (
	"context"
	"net/http"
	"sync"
	"time"

	"example.com/corpus/earlycancel/connect"
	"example.com/corpus/earlycancel/mail"
	"example.com/corpus/earlycancel/pb"
	"example.com/corpus/lostgo/errgroup"
	"example.com/corpus/lostgo/trace"
	"example.com/corpus/lostgo/web"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
}

type Server struct {
	store  Store
	mail   *mail.Mailer
	tracer trace.Tracer
	wg     sync.WaitGroup
	tasks  *pool
	result chan error
}

func (s *Server) save(ctx context.Context, id string) { s.store.Save(ctx, id) }

// Contexts with a deferred cancel.

func (s *Server) withCancel(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx, which is canceled when the function returns \(cancel is deferred\); pass context.WithoutCancel\(ctx\) to keep its values`
	return s.store.Load(ctx)
}

func (s *Server) withTimeout(ctx context.Context) (string, error) {
	short, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	go s.store.Save(short, "a") // want `goroutine keeps short, which is canceled when the function returns \(stop is deferred\)`
	return s.store.Load(short)
}

func (s *Server) withDeadline(ctx context.Context, t time.Time) (string, error) {
	ctx, cancel := context.WithDeadline(ctx, t)
	defer cancel()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	return s.store.Load(ctx)
}

func (s *Server) withCause(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx.* \(cancel is deferred\)`
	return s.store.Load(ctx)
}

// The caller's context may end or not: the own one does.
func (s *Server) onRoot() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	return s.store.Load(ctx)
}

func (s *Server) varCancel(ctx context.Context) (string, error) {
	var cancel func()
	ctx, cancel = context.WithTimeout(ctx, time.Second)
	defer cancel()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	return s.store.Load(ctx)
}

func (s *Server) deferredLiteral(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		recover()
		cancel()
	}()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	return s.store.Load(ctx)
}

// The cancel is deferred in the block that makes the context.
func (s *Server) inBlock(ctx context.Context, quick bool) (string, error) {
	if quick {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
		return s.store.Load(ctx)
	}
	return s.store.Load(ctx)
}

func (s *Server) inLiteral(ctx context.Context) {
	func() {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
		s.store.Save(ctx, "b")
	}()
}

// The task's own task is cut off as well.
func (s *Server) inTask(ctx context.Context) {
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
		s.store.Save(ctx, "b")
	}()
}

// Contexts made of one.

type userKey struct{}

func (s *Server) withValue(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	vctx := context.WithValue(ctx, userKey{}, "u")
	go s.store.Save(vctx, "a") // want `goroutine keeps vctx`
	return s.store.Load(ctx)
}

func (s *Server) withValueInPlace(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	go s.store.Save(context.WithValue(ctx, userKey{}, "u"), "a") // want `goroutine keeps context.WithValue`
	return s.store.Load(ctx)
}

func (s *Server) withSpan(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ctx, span := s.tracer.Start(ctx, "place")
	defer span.End()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	return s.store.Load(ctx)
}

// A task that bounds its work is cut off all the same.
func (s *Server) boundedInside(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	go func() { // want `goroutine keeps ctx`
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		s.store.Save(ctx, "a")
	}()
}

// The cancel function is in a literal that a helper gives.

func bounded(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	return ctx, func() { cancel() }
}

func (s *Server) boundedByHelper(ctx context.Context) (string, error) {
	ctx, done := bounded(ctx)
	defer done()
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx, which is canceled when the function returns \(done is deferred\)`
	return s.store.Load(ctx)
}

func held(ctx context.Context, s *Server) (context.Context, func()) {
	ctx = context.WithValue(ctx, userKey{}, s)
	return ctx, func() { s.wg.Done() }
}

func (s *Server) heldByHelper(ctx context.Context) (string, error) {
	ctx, done := held(ctx, s)
	defer done()
	go s.store.Save(ctx, "a")
	return s.store.Load(ctx)
}

// Contexts that end with one that they are made of.

func (s *Server) madeOfBoth(w http.ResponseWriter, r *http.Request) {
	go s.store.Save(mail.Either(context.Background(), r.Context()), "a") // want `goroutine keeps mail.Either`
	go s.store.Save(mail.CopyID(context.Background(), r.Context()), "b") // want `goroutine keeps mail.CopyID`
	go s.store.Save(mail.CopyID(r.Context(), context.WithoutCancel(r.Context())), "c")
}

// Copies, of which one at least is worked with.

func (s *Server) saveCopied(ctx context.Context) {
	c := ctx
	s.store.Save(mail.Detach(c), "a")
	s.store.Save(c, "b")
}

func (s *Server) saveRound(ctx context.Context) {
	var c context.Context
	for range 3 {
		c = ctx
		c = context.WithValue(c, userKey{}, "u")
		s.store.Save(c, "a")
	}
}

func (s *Server) saveInLiteral(ctx context.Context) {
	c := context.WithValue(ctx, userKey{}, "u")
	func() { s.store.Save(c, "a") }()
}

func (s *Server) copies(w http.ResponseWriter, r *http.Request) {
	go s.saveCopied(r.Context())    // want `goroutine keeps r.Context\(\)`
	go s.saveRound(r.Context())     // want `goroutine keeps r.Context\(\)`
	go s.saveInLiteral(r.Context()) // want `goroutine keeps r.Context\(\)`
}

// Requests.

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	go s.mail.Send(r.Context(), "a") // want `goroutine keeps r.Context\(\), which is canceled when the function returns \(the server cancels it\); pass context.WithoutCancel\(r.Context\(\)\) to keep its values`
}

func handle(w http.ResponseWriter, r *http.Request, store Store) {
	ctx := r.Context()
	go store.Save(ctx, "a") // want `goroutine keeps ctx, .*\(the server cancels it\)`
}

func (s *Server) insideLiteral(w http.ResponseWriter, r *http.Request) {
	go func() { // want `goroutine keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	}()
}

func (s *Server) routes(mux *http.ServeMux) {
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) {
		go s.store.Save(r.Context(), "a") // want `goroutine keeps r.Context\(\)`
	})
	mux.Handle("/b", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), userKey{}, "u")
		go s.store.Save(ctx, "a") // want `goroutine keeps ctx`
	}))
}

func (s *Server) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		go s.store.Save(r.Context(), "audit") // want `goroutine keeps r.Context\(\)`
	})
}

// A router that passes the context itself.
func (s *Server) withContext(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	go s.store.Save(ctx, "a") // want `goroutine keeps ctx, .*\(the server cancels it\)`
}

func (s *Server) gin(c *web.Gin) {
	go s.store.Save(c.Request.Context(), c.Param("id")) // want `goroutine keeps c.Request.Context\(\), .*\(the server cancels it\)`
}

func (s *Server) echo(c web.Echo) error {
	ctx := c.Request().Context()
	go s.store.Save(ctx, c.Param("id")) // want `goroutine keeps ctx, .*\(the server cancels it\)`
	return nil
}

// Place is a method that the RPC server calls.
func (s *Server) Place(ctx context.Context, req *pb.PlaceRequest) (*pb.PlaceResponse, error) {
	go s.store.Save(ctx, req.ID) // want `goroutine keeps ctx, .*\(the RPC server cancels it\)`
	return &pb.PlaceResponse{}, nil
}

// Watch has the context in its stream.
func (s *Server) Watch(req *pb.PlaceRequest, stream pb.OrdersWatchServer) error {
	go s.store.Save(stream.Context(), req.ID) // want `goroutine keeps stream.Context\(\), .*\(the RPC server cancels it\)`
	return stream.Send(&pb.PlaceResponse{})
}

var _ pb.OrdersServer = (*Server)(nil)

// Connect is one of connect's.
func (s *Server) Connect(ctx context.Context, req *connect.Request[pb.PlaceRequest]) (*connect.Response[pb.PlaceResponse], error) {
	go s.store.Save(ctx, req.Msg.ID) // want `goroutine keeps ctx, .*\(the RPC server cancels it\)`
	return connect.NewResponse(&pb.PlaceResponse{}), nil
}

// The ways in which a task is started.

func (s *Server) named(w http.ResponseWriter, r *http.Request) {
	go s.save(r.Context(), "a") // want `goroutine keeps r.Context\(\)`
}

func (s *Server) methodValue(w http.ResponseWriter, r *http.Request) {
	save := s.save
	go save(r.Context(), "a") // want `goroutine keeps r.Context\(\)`
}

func (s *Server) functionValue(w http.ResponseWriter, r *http.Request) {
	save := func(ctx context.Context) { s.store.Save(ctx, "a") }
	go save(r.Context()) // want `goroutine keeps r.Context\(\)`
}

func (s *Server) literalVariable(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	save := func() { s.store.Save(ctx, "a") }
	go save() // want `goroutine keeps ctx`
}

func (s *Server) literalWithArguments(w http.ResponseWriter, r *http.Request) {
	go func(ctx context.Context, id string) { // want `goroutine keeps r.Context\(\)`
		s.store.Save(ctx, id)
	}(r.Context(), "a")
}

func (s *Server) inLoop(w http.ResponseWriter, r *http.Request, ids []string) {
	for _, id := range ids {
		go s.store.Save(r.Context(), id) // want `goroutine keeps r.Context\(\)`
	}
}

func (s *Server) deferred(w http.ResponseWriter, r *http.Request) {
	defer func() {
		go s.store.Save(r.Context(), "a") // want `goroutine keeps r.Context\(\)`
	}()
}

// pool has workers that outlive each request.
type pool struct{ tasks chan func() }

func (p *pool) work() {
	for task := range p.tasks {
		task()
	}
}

func (p *pool) Submit(task func()) { p.tasks <- task }

func (s *Server) poolTask(w http.ResponseWriter, r *http.Request) {
	s.tasks.Submit(func() { // want `task of found.\(\*pool\).Submit keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	})
}

var background = &pool{make(chan func(), 8)}

func (s *Server) poolTaskOfPackage(w http.ResponseWriter, r *http.Request) {
	background.Submit(func() { // want `task of found.\(\*pool\).Submit keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	})
}

func async(task func()) { go task() }

func (s *Server) spawnerFunction(w http.ResponseWriter, r *http.Request) {
	async(func() { // want `task of found.async keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	})
}

func (s *Server) timer(w http.ResponseWriter, r *http.Request) {
	time.AfterFunc(time.Minute, func() { // want `task of time.AfterFunc keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	})
}

// The group is waited for at the end of the program.
func (s *Server) waitGroupOfField(w http.ResponseWriter, r *http.Request) {
	s.wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go keeps r.Context\(\)`
		s.store.Save(r.Context(), "a")
	})
}

func (s *Server) waitGroupOfFieldByHand(w http.ResponseWriter, r *http.Request) {
	s.wg.Add(1)
	go func() { // want `goroutine keeps r.Context\(\)`
		defer s.wg.Done()
		s.store.Save(r.Context(), "a")
	}()
}

// Another task is waited for.
func (s *Server) otherIsJoined(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	g.Go(func() error { return s.store.Save(gctx, "a") })
	go s.store.Save(ctx, "b") // want `goroutine keeps ctx`
	return g.Wait()
}

// It is waited for on one way only.
func (s *Server) joinedBelowCondition(ctx context.Context, wait bool) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s.wg.Add(1)
	go func() { // want `goroutine keeps ctx`
		defer s.wg.Done()
		s.store.Save(ctx, "a")
	}()
	if wait {
		s.wg.Wait()
	}
}

// Calls of functions that start the task.

func (s *Server) start(ctx context.Context, id string) {
	go s.store.Save(ctx, id)
}

func (s *Server) startIndirect(ctx context.Context, id string) { s.start(ctx, id) }

func (s *Server) startPool(ctx context.Context, id string) {
	s.tasks.Submit(func() { s.store.Save(ctx, id) })
}

func (s *Server) callOfStarter(w http.ResponseWriter, r *http.Request) {
	s.start(r.Context(), "a") // want `a goroutine that found.\(\*Server\).start starts keeps r.Context\(\), which is canceled when the function returns \(the server cancels it\)`
}

func (s *Server) callOfIndirectStarter(w http.ResponseWriter, r *http.Request) {
	s.startIndirect(r.Context(), "a") // want `a goroutine that found.\(\*Server\).startIndirect starts keeps r.Context\(\)`
}

func (s *Server) callOfPoolStarter(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s.startPool(ctx, "a") // want `a goroutine that found.\(\*Server\).startPool starts keeps ctx, .*\(cancel is deferred\)`
}

func (s *Server) callAcrossPackages(w http.ResponseWriter, r *http.Request) {
	s.mail.Later(r.Context(), "a") // want `a goroutine that mail.\(\*Mailer\).Later starts keeps r.Context\(\)`
}

func (s *Server) callOfIndirectAcrossPackages(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s.mail.Indirect(ctx, "a") // want `a goroutine that mail.\(\*Mailer\).Indirect starts keeps ctx`
}

func (s *Server) callOfDeriver(w http.ResponseWriter, r *http.Request) {
	s.mail.Derived(r.Context(), "a") // want `a goroutine that mail.\(\*Mailer\).Derived starts keeps r.Context\(\)`
}

// The joined task passes it on to one that is not.
func (s *Server) callInJoinedTask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() {
		s.mail.Later(ctx, "a") // want `a goroutine that mail.\(\*Mailer\).Later starts keeps ctx`
	})
	wg.Wait()
}

// What has channels and was here before does not report to this request.

type session struct {
	store  Store
	events chan string
	done   chan struct{}
}

func (s *session) run(ctx context.Context) { s.store.Save(ctx, "session") }

type sessions struct {
	mu  sync.Mutex
	all map[string]*session
}

func (s *sessions) get(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[id]
}

func (s *sessions) ofMap(w http.ResponseWriter, r *http.Request) {
	sess := s.all[r.URL.Path]
	go sess.run(r.Context()) // want `goroutine keeps r.Context\(\)`
}

func (s *sessions) ofMapOK(w http.ResponseWriter, r *http.Request) {
	sess, ok := s.all[r.URL.Path]
	if !ok {
		return
	}
	go sess.run(r.Context()) // want `goroutine keeps r.Context\(\)`
}

func (s *sessions) ofGetter(w http.ResponseWriter, r *http.Request) {
	sess := s.get(r.URL.Path)
	go sess.run(r.Context()) // want `goroutine keeps r.Context\(\)`
}

// The channel is everybody's.
func (s *Server) reportsElsewhere(w http.ResponseWriter, r *http.Request) {
	go func() { // want `goroutine keeps r.Context\(\)`
		s.result <- s.store.Save(r.Context(), "a")
	}()
}

// It works, and waits only then.
func (s *Server) worksThenWaits(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	go func() { // want `goroutine keeps ctx`
		s.store.Save(ctx, "a")
		<-ctx.Done()
	}()
}

// A cache keeps what the task fills, for others who come later.
type promise struct {
	done chan struct{}
	text string
}

func newPromise() *promise { return &promise{done: make(chan struct{})} }

func (p *promise) fill(ctx context.Context, s Store) {
	defer close(p.done)
	s.Save(ctx, p.text)
}

type promises struct{ all map[string]*promise }

func (c *promises) add(id string, p *promise) { c.all[id] = p }

func cached(w http.ResponseWriter, r *http.Request, c *promises, s Store) {
	p := newPromise()
	c.add("a", p)
	go p.fill(r.Context(), s) // want `goroutine keeps r.Context\(\)`
}
