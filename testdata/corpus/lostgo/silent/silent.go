// Package silent has code that hands a root to a reader and is right. What is
// reported here is there to show where the silence ends.
package silent

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
	Load(ctx context.Context) (string, error)
}

type Service struct {
	store   Store
	events  chan string
	done    chan struct{}
	stopped atomic.Bool
	mu      sync.Mutex
	cond    *sync.Cond
	queue   []string
}

// Service loops.

func (s *Service) selectLoop(ctx context.Context) {
	go func() {
		for {
			select {
			case e := <-s.events:
				s.store.Save(context.Background(), e)
			case <-s.done:
				return
			}
		}
	}()
}

func (s *Service) selectLoopUntilDone(ctx context.Context) {
	go func() {
		for {
			select {
			case e, ok := <-s.events:
				if !ok {
					return
				}
				s.store.Save(context.Background(), e)
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (s *Service) tickerLoop(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	go func() {
		defer ticker.Stop()
		for range ticker.C {
			s.store.Save(context.Background(), "tick")
		}
	}()
}

func (s *Service) tickerSelect(ctx context.Context) {
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				round, cancel := context.WithTimeout(context.Background(), time.Second)
				s.store.Save(round, "tick")
				cancel()
			case <-s.done:
				return
			}
		}
	}()
}

func (s *Service) sleepLoop(ctx context.Context) {
	go func() {
		for {
			s.store.Save(context.Background(), "tick")
			time.Sleep(time.Minute)
		}
	}()
}

func (s *Service) sleepLoopUntilStopped(ctx context.Context) {
	go func() {
		for !s.stopped.Load() {
			s.store.Save(context.Background(), "tick")
			time.Sleep(time.Minute)
		}
	}()
}

func (s *Service) afterLoop(ctx context.Context) {
	go func() {
		for {
			<-time.After(time.Minute)
			s.store.Save(context.Background(), "tick")
		}
	}()
}

func (s *Service) timeTick(ctx context.Context) {
	go func() {
		for range time.Tick(time.Minute) {
			s.store.Save(context.Background(), "tick")
		}
	}()
}

func (s *Service) fieldChannel(ctx context.Context) {
	go func() {
		for e := range s.events {
			s.store.Save(context.Background(), e)
		}
	}()
}

func (s *Service) parameterChannel(ctx context.Context, events <-chan string) {
	go func() {
		for e := range events {
			s.store.Save(context.Background(), e)
		}
	}()
}

func (s *Service) condLoop(ctx context.Context) {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for {
			for len(s.queue) == 0 {
				s.cond.Wait()
			}
			e := s.queue[0]
			s.queue = s.queue[1:]
			s.store.Save(context.Background(), e)
		}
	}()
}

func (s *Service) acceptLoop(ctx context.Context, l net.Listener) {
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.handle(conn)
		}
	}()
}

func (s *Service) handle(conn net.Conn) {
	defer conn.Close()
	s.store.Save(context.Background(), conn.RemoteAddr().String())
}

// A connection brings lines for as long as somebody sends them.
func (s *Service) readLoop(ctx context.Context, conn net.Conn) {
	go func() {
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			s.store.Save(context.Background(), lines.Text())
		}
	}()
}

type queue interface {
	Pop() (string, error)
}

func (s *Service) popLoop(ctx context.Context, q queue) {
	go func() {
		for {
			item, err := q.Pop()
			if err != nil {
				return
			}
			s.store.Save(context.Background(), item)
		}
	}()
}

type consumer interface {
	ReadMessage(timeout time.Duration) (string, error)
}

func (s *Service) consumeLoop(ctx context.Context, c consumer) {
	go func() {
		for {
			msg, err := c.ReadMessage(time.Second)
			if err != nil {
				if errors.Is(err, io.EOF) {
					return
				}
				continue
			}
			s.store.Save(context.Background(), msg)
		}
	}()
}

func (s *Service) namedLoop(ctx context.Context) {
	go s.loop()
	go s.twoDown()
	go s.loopWith(context.Background())
}

func (s *Service) loop() {
	for {
		select {
		case e := <-s.events:
			s.round(e)
		case <-s.done:
			return
		}
	}
}

func (s *Service) round(e string) { s.store.Save(context.Background(), e) }

func (s *Service) twoDown() {
	defer slog.Info("over")
	s.loop()
}

func (s *Service) loopWith(ctx context.Context) {
	for e := range s.events {
		s.store.Save(ctx, e)
	}
}

// until calls f again and again.
func until(f func(), every time.Duration, stop <-chan struct{}) {
	for {
		f()
		select {
		case <-time.After(every):
		case <-stop:
			return
		}
	}
}

func (s *Service) flush() { s.store.Save(context.Background(), "all") }

func (s *Service) periodic(ctx context.Context) {
	go until(s.flush, time.Minute, s.done)
	go until(func() { s.store.Save(context.Background(), "round") }, time.Minute, s.done)
	go func() { until(s.flush, time.Minute, ctx.Done()) }()
}

// A loop in a group of workers.
func (s *Service) workers(ctx context.Context) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case e := <-s.events:
					s.store.Save(context.Background(), e)
				case <-s.done:
					return
				}
			}
		})
	}
	wg.Wait()
}

// What a service loop starts belongs to its rounds, not to the caller.
func (s *Service) startsMore(ctx context.Context) {
	go func() {
		for {
			select {
			case e := <-s.events:
				go s.store.Save(context.Background(), e)
				go func() {
					s.store.Save(context.Background(), e)
				}()
			case <-s.done:
				return
			}
		}
	}()
}

// The loop that serves is in the function itself.
func (s *Service) serve(ctx context.Context, l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go s.handle(conn)
	}
}

func (s *Service) server(ctx context.Context, srv *http.Server) {
	go srv.ListenAndServe()
	go func() {
		if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("serve", "err", err)
		}
	}()
	go http.ListenAndServe(":80", nil)
}

// The end of what serves a caller's own work: no service loops.

// A retry ends with its success.
func (s *Service) retry(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		for {
			if err := s.store.Save(context.Background(), "a"); err == nil {
				return
			}
			time.Sleep(time.Second)
		}
	}()
}

func (s *Service) retryBreak(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		for {
			err := s.store.Save(context.Background(), "a")
			if err == nil {
				break
			}
			time.Sleep(time.Second)
		}
	}()
}

func (s *Service) retryCount(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		for i := 0; i < 3; i++ {
			if s.store.Save(context.Background(), "a") == nil {
				return
			}
			time.Sleep(time.Second)
		}
	}()
}

func (s *Service) retrySelect(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		for {
			err := s.store.Save(context.Background(), "a")
			if err == nil {
				return
			}
			select {
			case <-time.After(time.Second):
			case <-s.done:
				return
			}
		}
	}()
}

// Poll until the work is done.
func (s *Service) poll(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for range ticker.C {
			if state, _ := s.store.Load(context.Background()); state == "ready" {
				return
			}
		}
	}()
}

// A channel of the function's own holds the function's own work.
func (s *Service) fanOut(ctx context.Context, ids []string) {
	work := make(chan string)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { // want `task of sync.\(\*WaitGroup\).Go loses ctx`
			for id := range work {
				s.store.Save(context.Background(), id)
			}
		})
	}
	for _, id := range ids {
		work <- id
	}
	close(work)
	wg.Wait()
}

// A loop over the caller's things.
func (s *Service) each(ctx context.Context, ids []string) {
	for _, id := range ids {
		go func() { // want `goroutine loses ctx`
			s.store.Save(context.Background(), id)
		}()
	}
}

// Waiters.

func (s *Service) closer(ctx context.Context, results chan string) {
	var wg sync.WaitGroup
	wg.Go(func() { s.store.Save(ctx, "a") })
	go func() {
		wg.Wait()
		close(results)
	}()
}

func (s *Service) process(ctx context.Context, cmd *exec.Cmd) {
	go cmd.Wait()
	go func() { _ = cmd.Wait() }()
}

func (s *Service) signals(ctx context.Context) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	go func() {
		<-ch
		close(s.done)
	}()
}

// After the end.

func (s *Service) shutdown(ctx context.Context, srv *http.Server) {
	go func() {
		<-ctx.Done()
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		srv.Shutdown(short)
	}()
}

func (s *Service) shutdownStore(ctx context.Context) {
	go func() {
		<-ctx.Done()
		s.store.Save(context.Background(), "last")
	}()
}

func (s *Service) shutdownSelect(ctx context.Context) {
	go func() {
		select {
		case <-ctx.Done():
			s.store.Save(context.Background(), "last")
		case <-s.done:
		}
	}()
}

func (s *Service) shutdownSignal(ctx context.Context, srv *http.Server) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt)
	go func() {
		<-ch
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		srv.Shutdown(short)
	}()
}

// Work before the end is not clean-up.
func (s *Service) beforeTheEnd(ctx context.Context) {
	go func() { // want `goroutine loses ctx`
		s.store.Save(context.Background(), "first")
		<-ctx.Done()
	}()
}

// Contexts that are only waited for.

type semaphore struct{ slots chan struct{} }

func (s *semaphore) Acquire(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

type gate interface {
	Enter(ctx context.Context)
}

func (s *Service) acquire(ctx context.Context, sem *semaphore) {
	go func() {
		if sem.Acquire(context.Background()) != nil {
			return
		}
		defer func() { <-sem.slots }()
	}()
	go sem.Acquire(context.Background())
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) sleeps(ctx context.Context) {
	go func() {
		if err := sleep(context.Background(), time.Second); err != nil {
			return
		}
		close(s.done)
	}()
}

func (s *Service) command(ctx context.Context) {
	go func() {
		_ = exec.CommandContext(context.Background(), "true").Run()
	}()
}

func (s *Service) dials(ctx context.Context) {
	go func() {
		var d net.Dialer
		conn, err := d.DialContext(context.Background(), "tcp", "localhost:80")
		if err == nil {
			conn.Close()
		}
	}()
}

// An interface could read anything.
func (s *Service) unknownGate(ctx context.Context, g gate) {
	go g.Enter(context.Background()) // want `goroutine loses ctx: context.Background\(\) is passed to silent.gate.Enter`
}

// Logging only.

func (s *Service) logs(ctx context.Context) {
	go func() {
		slog.InfoContext(context.Background(), "over")
		slog.Info("over")
	}()
	go slog.Info("over")
	go s.report("over")
}

func (s *Service) report(text string) { slog.Default().WarnContext(context.Background(), text) }

// Pure work has nothing to lose.
func (s *Service) pure(ctx context.Context, n int, sums chan<- int) {
	go func() {
		sum := 0
		for i := range n {
			sum += i
		}
		sums <- sum
	}()
}

// The context is handed on.

func (s *Service) keeps(ctx context.Context) {
	go s.store.Save(ctx, "a")
	go func() { s.store.Save(context.WithoutCancel(ctx), "a") }()
	go func(ctx context.Context) { s.store.Save(ctx, "a") }(ctx)
}

// Nobody's context.

func (s *Service) noContext(id string) {
	go s.store.Save(context.Background(), id)
}

// Start is a constructor that starts a service.
func Start(ctx context.Context, store Store) (*Service, error) {
	s := &Service{store: store, events: make(chan string), done: make(chan struct{})}
	if _, err := store.Load(ctx); err != nil {
		return nil, err
	}
	go s.loop()
	return s, nil
}
