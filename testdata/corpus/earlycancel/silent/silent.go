// Package silent has tasks that keep a context, and that is right or nobody can
// tell.
package silent

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"time"

	"example.com/corpus/earlycancel/mail"
	"example.com/corpus/earlycancel/pb"
	"example.com/corpus/lostgo/errgroup"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
}

type Server struct {
	store Store
	mail  *mail.Mailer
	pool  *pool
	wg    sync.WaitGroup
	stop  chan struct{}
	ids   chan string

	cancels []func()
}

// What the task works with has the span alone.
func (s *Server) spanOnly(ctx context.Context, quick bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.wg.Go(func() { s.mail.SendUnder(ctx, "a") })
	if !quick {
		s.wg.Wait()
	}
}

// The context's end is not known.

// A parameter is its caller's; see callOfStarter in found.
func (s *Server) parameter(ctx context.Context) {
	go s.store.Save(ctx, "a")
}

// Without an http.ResponseWriter a request may be that of a client.
func (s *Server) requestAlone(r *http.Request) {
	go s.store.Save(r.Context(), "a")
}

// So may that of a response.
func (s *Server) response(res *http.Response) {
	go s.store.Save(res.Request.Context(), "a")
}

// A stream without the methods of an RPC.
type stream interface {
	Context() context.Context
	Send(m string) error
}

func (s *Server) otherStream(st stream) {
	go s.store.Save(st.Context(), "a")
}

// convert has the shape of an RPC method, and no server has it.
func (s *Server) convert(ctx context.Context, req *pb.PlaceRequest) (*pb.PlaceResponse, error) {
	go s.store.Save(ctx, req.ID)
	return &pb.PlaceResponse{}, nil
}

// Convert neither.
func (s *Server) Convert(ctx context.Context, req *pb.PlaceRequest) (*pb.PlaceResponse, error) {
	go s.store.Save(ctx, req.ID)
	return &pb.PlaceResponse{}, nil
}

type job struct {
	ctx    context.Context
	id     string
	result chan error
}

func (s *Server) field(j *job) {
	go s.store.Save(j.ctx, j.id)
}

func (s *Server) callOfParameter(ctx context.Context) { s.parameter(ctx) }

// Cancels that are not known to be called.

func (s *Server) cancelBelowCondition(ctx context.Context, short bool) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	if short {
		defer cancel()
	} else {
		s.cancels = append(s.cancels, cancel)
	}
	go s.store.Save(ctx, "a")
	return s.store.Load(ctx)
}

func (s *Server) cancelOfFailure(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	go s.store.Save(ctx, "a")
	return s.store.Save(ctx, "b")
}

func (s *Server) cancelAfterReturn(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		if err == nil {
			return
		}
		cancel()
	}()
	go s.store.Save(ctx, "a")
	return s.store.Save(ctx, "b")
}

// It is called for a failure.
func (s *Server) cancelOnError(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	go s.store.Save(ctx, "a")
	if err := s.store.Save(ctx, "b"); err != nil {
		cancel()
		return err
	}
	s.cancels = append(s.cancels, cancel)
	return nil
}

// The task cancels it.
func (s *Server) cancelInTask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	go func() {
		defer cancel()
		s.store.Save(ctx, "a")
	}()
}

func (s *Server) cancelReturned(ctx context.Context) context.CancelFunc {
	ctx, cancel := context.WithCancel(ctx)
	go s.store.Save(ctx, "a")
	return cancel
}

// Another context has the deferred cancel.
func (s *Server) outerContext(ctx context.Context) (string, error) {
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	go s.store.Save(ctx, "a")
	return s.store.Load(short)
}

// Tasks that detach.

func (s *Server) detachedOutside(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithoutCancel(r.Context())
	go s.store.Save(ctx, "a")
	go s.store.Save(context.WithoutCancel(r.Context()), "b")
}

func (s *Server) detachedInside(w http.ResponseWriter, r *http.Request) {
	go func() {
		ctx := context.WithoutCancel(r.Context())
		s.store.Save(ctx, "a")
	}()
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
		defer cancel()
		s.store.Save(ctx, "a")
	}()
}

func (s *Server) detachedArgument(w http.ResponseWriter, r *http.Request) {
	go func(ctx context.Context) {
		s.store.Save(ctx, "a")
	}(context.WithoutCancel(r.Context()))
}

func (s *Server) saveDetached(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	s.store.Save(ctx, "a")
}

func (s *Server) detachedInCallee(w http.ResponseWriter, r *http.Request) {
	go s.saveDetached(r.Context())
	go s.mail.SendDetached(r.Context(), "a")
	go func() { s.saveDetached(r.Context()) }()
	s.mail.Detached(r.Context(), "a")
}

// detach is a helper of one's own.
func detach(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (s *Server) detachedByHelper(w http.ResponseWriter, r *http.Request) {
	ctx := detach(r.Context())
	go s.store.Save(ctx, "a")
}

// Copies that are detached before anybody works with them.

func (s *Server) saveCopied(ctx context.Context) {
	c := ctx
	s.store.Save(mail.Detach(c), "a")
}

func (s *Server) saveValued(ctx context.Context) {
	valued := context.WithValue(ctx, serverKey{}, s)
	short, cancel := context.WithTimeout(context.WithoutCancel(valued), time.Second)
	defer cancel()
	s.store.Save(short, "a")
}

func (s *Server) saveDeclared(ctx context.Context) {
	var c, d context.Context = ctx, nil
	d = c
	for range 3 {
		d = mail.Detach(d)
	}
	s.mail.Detached(c, "a")
	s.store.Save(mail.Detach(d), "a")
}

type serverKey struct{}

func (s *Server) detachedCopies(w http.ResponseWriter, r *http.Request) {
	go s.saveCopied(r.Context())
	go s.saveValued(r.Context())
	go s.saveDeclared(r.Context())
	go func() {
		c := r.Context()
		s.store.Save(mail.Detach(c), "a")
	}()
}

// Contexts that are given values of another one do not end with that.

func copyUser(from, to context.Context) context.Context {
	if u := from.Value(serverKey{}); u != nil {
		return context.WithValue(to, serverKey{}, u)
	}
	return to
}

func copySwapped(to, from context.Context) context.Context {
	c := context.WithValue(to, serverKey{}, from.Value(serverKey{}))
	return c
}

func copyTwice(from, to context.Context) context.Context {
	to = copyUser(from, to)
	return mail.CopyID(from, to)
}

func copyRequest(r *http.Request, to context.Context) context.Context {
	return copyUser(r.Context(), to)
}

func (s *Server) copiedValues(w http.ResponseWriter, r *http.Request) {
	go s.store.Save(copyUser(r.Context(), context.Background()), "a")
	go s.store.Save(copySwapped(context.Background(), r.Context()), "b")
	ctx := context.Background()
	ctx = copyTwice(r.Context(), ctx)
	go func() { s.store.Save(ctx, "c") }()
	other := mail.CopyID(r.Context(), context.WithoutCancel(r.Context()))
	s.wg.Go(func() { s.store.Save(other, "d") })
	go s.store.Save(copyRequest(r, context.Background()), "e")
	go s.saveCopiedUser(r.Context())
}

func (s *Server) saveCopiedUser(ctx context.Context) {
	s.store.Save(copyUser(ctx, context.Background()), "a")
}

func (s *Server) rooted(w http.ResponseWriter, r *http.Request) {
	go s.store.Save(context.Background(), "a")
}

// Tasks that are joined.

func (s *Server) waitGroup(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		s.store.Save(ctx, "a")
	}()
	wg.Go(func() { s.store.Save(ctx, "b") })
	wg.Wait()
}

func (s *Server) waitGroupOfField(w http.ResponseWriter, r *http.Request) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		s.store.Save(r.Context(), "a")
	}()
	s.wg.Wait()
}

func (s *Server) group(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.store.Save(ctx, "a") })
	return g.Wait()
}

func (s *Server) deferredWait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.store.Save(ctx, "a") })
	return s.store.Save(ctx, "b")
}

func (s *Server) received(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.store.Save(ctx, "a")
	}()
	<-done
}

func (s *Server) callOfWaiting(w http.ResponseWriter, r *http.Request) {
	s.mail.Both(r.Context(), "a", "b")
}

func (s *Server) waitedByHelper(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(r.Context(), "a") })
	waitFor(&wg)
}

func waitFor(wg *sync.WaitGroup) { wg.Wait() }

func (s *Server) waitedByValue(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wait := wg.Wait
	wg.Go(func() { s.store.Save(r.Context(), "a") })
	wait()
}

// Somebody else waits.
func (s *Server) waitReturned(w http.ResponseWriter, r *http.Request) func() {
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(r.Context(), "a") })
	return wg.Wait
}

func (s *Server) waitInTask(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(r.Context(), "a") })
	done := make(chan struct{})
	go func() {
		defer close(done)
		wg.Wait()
	}()
	<-done
}

// Each round starts a task, and as many are waited for.
func (s *Server) waitedInLoop(w http.ResponseWriter, r *http.Request, ids []string) {
	done := make(chan struct{})
	for _, id := range ids {
		go func() {
			s.store.Save(r.Context(), id)
			done <- struct{}{}
		}()
	}
	for range ids {
		<-done
	}
}

// Who fails does not want the task any more.
func (s *Server) failsBeforeWait(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.store.Save(ctx, "a")
	}()
	if err := s.store.Save(ctx, "b"); err != nil {
		return fmt.Errorf("saving: %w", err)
	}
	<-done
	return nil
}

// It is cancelled on purpose, and waited for.

func (s *Server) stopAndWait(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { s.store.Save(ctx, "a") })
	s.store.Save(ctx, "b")
}

func (s *Server) stopThenWait(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.store.Save(ctx, "a")
	}()
	s.store.Save(ctx, "b")
	cancel()
	<-done
}

type weighted struct{ n chan int }

func (w *weighted) Acquire(ctx context.Context, n int) error { return ctx.Err() }
func (w *weighted) Release(n int)                            {}

// All of the weight is acquired at the end.
func (s *Server) semaphore(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sem := &weighted{}
	for _, id := range ids {
		if err := sem.Acquire(ctx, 1); err != nil {
			return err
		}
		go func() {
			defer sem.Release(1)
			s.store.Save(ctx, id)
		}()
	}
	return sem.Acquire(ctx, 4)
}

// Tasks that report back.

// The first answer wins.
func (s *Server) hedge(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan string, 2)
	for range 2 {
		go func() {
			id, _ := s.store.Load(ctx)
			answers <- id
		}()
	}
	return <-answers, nil
}

func (s *Server) timesOut(w http.ResponseWriter, r *http.Request) {
	done := make(chan error, 1)
	go func() { done <- s.store.Save(r.Context(), "a") }()
	select {
	case <-done:
	case <-time.After(time.Second):
		w.WriteHeader(http.StatusGatewayTimeout)
	}
}

func (s *Server) channelPassed(w http.ResponseWriter, r *http.Request) {
	done := make(chan error, 1)
	go s.report(r.Context(), done)
	<-done
}

func (s *Server) report(ctx context.Context, done chan<- error) { done <- s.store.Save(ctx, "a") }

func (s *Server) parameterChannel(w http.ResponseWriter, r *http.Request, done chan<- error) {
	go func() { done <- s.store.Save(r.Context(), "a") }()
}

func (s *Server) parameterStruct(w http.ResponseWriter, r *http.Request, j *job) {
	go func() { j.result <- s.store.Save(r.Context(), j.id) }()
}

func (s *Server) async(w http.ResponseWriter, r *http.Request) {
	if err := <-s.mail.Async(r.Context(), "a"); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

type worker struct {
	store Store
	done  chan struct{}
}

func newWorker(store Store) *worker { return &worker{store, make(chan struct{})} }

func (w *worker) run(ctx context.Context) {
	defer close(w.done)
	w.store.Save(ctx, "a")
}

func (s *Server) madeHere(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	w := &worker{store: s.store, done: make(chan struct{})}
	go w.run(ctx)
	<-w.done
}

func (s *Server) madeByConstructor(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	w := newWorker(s.store)
	go w.run(ctx)
	<-w.done
}

func (s *Server) madeWithoutValue(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var results struct {
		sync.Mutex
		errs chan error
	}
	results.errs = make(chan error, 1)
	go func() { results.errs <- s.store.Save(ctx, "a") }()
	<-results.errs
}

func (s *Server) pipe(w http.ResponseWriter, r *http.Request) {
	pr, pw := io.Pipe()
	go func() {
		id, err := s.store.Load(r.Context())
		if err == nil {
			_, err = io.WriteString(pw, id)
		}
		pw.CloseWithError(err)
	}()
	io.Copy(w, pr)
}

// A generator ends with its context.
func (s *Server) generate(ctx context.Context) <-chan string {
	ids := make(chan string)
	go func() {
		defer close(ids)
		for range 3 {
			id, err := s.store.Load(ctx)
			if err != nil {
				return
			}
			ids <- id
		}
	}()
	return ids
}

func (s *Server) generated(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for id := range s.generate(ctx) {
		s.store.Save(ctx, id)
	}
}

// A local group of any kind.
func (s *Server) localPool(w http.ResponseWriter, r *http.Request) {
	p := newPool()
	p.Submit(func() { s.store.Save(r.Context(), "a") })
	p.drain()
}

// Service loops, watchers, tasks that only wait.

func (s *Server) loop(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	go func() {
		for {
			select {
			case id := <-s.ids:
				s.store.Save(ctx, id)
			case <-ctx.Done():
				return
			}
		}
	}()
	fmt.Fprintln(w, "ok")
}

func (s *Server) heartbeat(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.store.Save(ctx, "alive")
			case <-ctx.Done():
				return
			}
		}
	}()
	go s.beat(ctx)
	go s.mail.Watch(ctx, s.ids)
	return s.store.Load(ctx)
}

func (s *Server) beat(ctx context.Context) {
	for ctx.Err() == nil {
		s.store.Save(ctx, "alive")
		time.Sleep(time.Second)
	}
}

func (s *Server) watcher(ctx context.Context, conn io.Closer) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		<-ctx.Done()
		conn.Close()
	}()
	go func() {
		<-ctx.Done()
		s.store.Save(ctx, "over")
	}()
	go func() {
		select {
		case <-s.stop:
			s.store.Save(ctx, "stopped")
		case <-ctx.Done():
		}
	}()
	return s.store.Load(ctx)
}

func (s *Server) afterFunc(w http.ResponseWriter, r *http.Request) {
	context.AfterFunc(r.Context(), func() { s.store.Save(r.Context(), "aborted") })
}

type semaphore struct{ slots chan struct{} }

func (s *semaphore) Acquire(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) acquires(w http.ResponseWriter, r *http.Request, sem *semaphore) {
	go sem.Acquire(r.Context())
	go func() {
		if sem.Acquire(r.Context()) != nil {
			return
		}
		s.store.Save(context.WithoutCancel(r.Context()), "a")
	}()
}

func (s *Server) command(w http.ResponseWriter, r *http.Request) {
	go func() { _ = exec.CommandContext(r.Context(), "true").Run() }()
}

// Lookups and logging.

type userKey struct{}

func userFrom(ctx context.Context) string {
	u, _ := ctx.Value(userKey{}).(string)
	return u
}

func (s *Server) lookups(w http.ResponseWriter, r *http.Request) {
	go func() {
		user := userFrom(r.Context())
		s.store.Save(context.Background(), user)
	}()
}

func (s *Server) logs(w http.ResponseWriter, r *http.Request) {
	go slog.InfoContext(r.Context(), "placed")
	go func() { s.log(r.Context(), "placed") }()
}

func (s *Server) log(ctx context.Context, text string) { slog.InfoContext(ctx, text) }

// What outlives the tasks it starts.

func (s *Server) endless(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		id, err := s.store.Load(ctx)
		if err != nil {
			return err
		}
		go s.store.Save(ctx, id)
	}
}

// It stays until it is told to end.
func (s *Server) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.store.Save(ctx, "warm")
	<-ctx.Done()
}

func (s *Server) runUntilSignal() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go s.store.Save(ctx, "warm")
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, os.Interrupt)
	<-sig
}

func (s *Server) runUntilStopped(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.store.Save(ctx, "warm")
	select {
	case <-s.stop:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) listen(ctx context.Context, srv *http.Server) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.store.Save(ctx, "warm")
	return srv.ListenAndServe()
}

// Functions that may wait for the task.

type pool struct {
	tasks chan func()
	wg    sync.WaitGroup
}

func newPool() *pool { return &pool{tasks: make(chan func(), 8)} }

func (p *pool) work() {
	for task := range p.tasks {
		task()
		p.wg.Done()
	}
}

func (p *pool) Submit(task func()) {
	p.wg.Add(1)
	p.tasks <- task
}

func (p *pool) drain() { p.wg.Wait() }

// Do waits for what it is given.
func (p *pool) Do(ctx context.Context, task func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		task()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) poolWaits(w http.ResponseWriter, r *http.Request) {
	s.pool.Do(r.Context(), func() { s.store.Save(r.Context(), "a") })
}

func (s *Server) poolOfParameter(w http.ResponseWriter, r *http.Request, p *pool) {
	p.Submit(func() { s.store.Save(r.Context(), "a") })
}

func all(tasks ...func()) {
	var wg sync.WaitGroup
	for _, task := range tasks {
		wg.Go(task)
	}
	wg.Wait()
}

func (s *Server) waitsInside(w http.ResponseWriter, r *http.Request) {
	all(
		func() { s.store.Save(r.Context(), "a") },
		func() { s.store.Save(r.Context(), "b") },
	)
}

// inTime gives what the task gives.
func inTime(d time.Duration, task func() error) error {
	done := make(chan error, 1)
	go func() { done <- task() }()
	select {
	case err := <-done:
		return err
	case <-time.After(d):
		return context.DeadlineExceeded
	}
}

func (s *Server) givesResult(w http.ResponseWriter, r *http.Request) {
	inTime(time.Second, func() error { return s.store.Save(r.Context(), "a") })
}

// A timer that is stopped before the function returns.
func (s *Server) timerStopped(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	slow := time.AfterFunc(time.Second, func() { s.store.Save(ctx, "slow") })
	defer slow.Stop()
	return s.store.Load(ctx)
}

// future is what one waits for.
type future struct{ done chan struct{} }

func (f *future) Wait() { <-f.done }

// Later says when the task is done.
func (p *pool) Later(task func()) *future {
	f := &future{make(chan struct{})}
	p.tasks <- func() {
		task()
		close(f.done)
	}
	return f
}

func (s *Server) futureOfPool(w http.ResponseWriter, r *http.Request) {
	f := s.pool.Later(func() { s.store.Save(r.Context(), "a") })
	f.Wait()
}

// Try gives what the task gives.
func (p *pool) Try(task func() error) error {
	failed := make(chan error, 1)
	p.tasks <- func() { failed <- task() }
	return <-failed
}

func (s *Server) resultOfPool(w http.ResponseWriter, r *http.Request) {
	s.pool.Try(func() error { return s.store.Save(r.Context(), "a") })
}

// Run waits for the task.
func (p *pool) Run(task func()) {
	done := make(chan struct{})
	p.tasks <- func() {
		task()
		close(done)
	}
	<-done
}

func (s *Server) poolRuns(w http.ResponseWriter, r *http.Request) {
	s.pool.Run(func() { s.store.Save(r.Context(), "a") })
}
