package ctxrun

import (
	"context"
	"iter"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A Thread is a goroutine with a name, a start, an end that others can wait
// for, and the context of whoever made it. It is the counterpart of Python's
// threading.Thread; for a goroutine that needs none of this, see [Go].
//
// What happens before [Thread.Start] happens before the thread's function
// runs, and the end of that happens before [Thread.Join] returns.
type Thread struct {
	fn      func(context.Context) error
	daemon  bool
	locked  bool
	onPanic func(context.Context, *PanicError)

	mu      sync.Mutex
	ctx     context.Context
	cancel  context.CancelCauseFunc // nil until the thread is started
	stopped bool                    // before that, with
	cause   error

	name    atomic.Pointer[string]
	id      atomic.Uint64
	native  atomic.Int64
	wait    waiters
	started atomic.Bool
	err     error // written before wait is told
}

// A ThreadOption sets up a [Thread].
type ThreadOption interface{ setUp(*Thread) }

type threadOption struct{ set func(*Thread) }

func (o threadOption) setUp(t *Thread) { o.set(t) }

// ThreadName names a thread. The default is Thread-N, with a number of its own.
func ThreadName(name string) ThreadOption {
	return threadOption{func(t *Thread) { t.SetName(name) }}
}

// ThreadDaemon has [WaitThreads] not wait for the thread.
func ThreadDaemon() ThreadOption {
	return threadOption{func(t *Thread) { t.daemon = true }}
}

// ThreadPanicHandler has f called if the thread panics, with its context, on its
// goroutine; the thread then ends with the *[PanicError]. Without a handler the
// panic ends the program, as in any goroutine. f must not panic.
func ThreadPanicHandler(f func(ctx context.Context, p *PanicError)) ThreadOption {
	return threadOption{func(t *Thread) { t.onPanic = f }}
}

// ThreadLocked locks the thread's goroutine to an operating system thread of its own
// (see [runtime.LockOSThread]), which ends with it and has a [Thread.NativeID].
func ThreadLocked() ThreadOption {
	return threadOption{func(t *Thread) { t.locked = true }}
}

type threadKey struct{}

var unnamed atomic.Uint64

// NewThread returns a thread that is to run fn with the context of ctx: its
// values, its labels and its trace task. The context is also canceled by [Thread.Stop],
// and when fn has returned. NewThread panics if ctx or fn is nil.
func NewThread(ctx context.Context, fn func(context.Context) error, opts ...ThreadOption) *Thread {
	mustHave("NewThread", ctx, fn == nil)
	t := &Thread{fn: fn}
	for _, o := range opts {
		o.setUp(t)
	}
	if t.name.Load() == nil {
		t.SetName("Thread-" + strconv.FormatUint(unnamed.Add(1), 10))
	}
	t.ctx = context.WithValue(ctx, threadKey{}, t)
	return t
}

// threads are the threads that have been started and have not ended.
var threads struct {
	sync.Mutex
	last  uint64
	alive []*Thread // in the order of their start
}

// Start starts the thread. It returns [ErrStarted] if that has been done
// before.
func (t *Thread) Start() error {
	t.mu.Lock()
	if t.cancel != nil {
		t.mu.Unlock()
		return ErrStarted
	}
	t.ctx, t.cancel = context.WithCancelCause(t.ctx)
	if t.stopped {
		t.cancel(t.cause)
	}
	t.mu.Unlock()
	t.started.Store(true)
	threads.Lock()
	threads.last++
	t.id.Store(threads.last)
	threads.alive = append(threads.alive, t)
	threads.Unlock()
	go t.run()
	return nil
}

func (t *Thread) run() {
	if t.locked {
		runtime.LockOSThread() // and never unlocked: the thread ends
		t.native.Store(int64(nativeID()))
	}
	pprof.SetGoroutineLabels(t.ctx)
	err := ErrGoexit
	defer func() {
		if v := recover(); v != nil {
			if t.onPanic == nil {
				panic(v) // before anybody is told that the thread has ended
			}
			p := newPanicError(v)
			err = p
			t.onPanic(t.ctx, p)
		}
		t.end(err)
	}()
	if trace.IsEnabled() {
		defer trace.StartRegion(t.ctx, t.Name()).End()
	}
	err = t.fn(t.ctx)
}

func (t *Thread) end(err error) {
	t.err = err
	t.cancel(errReturned)
	threads.Lock()
	i := slices.Index(threads.alive, t)
	threads.alive = slices.Delete(threads.alive, i, i+1)
	threads.Unlock()
	t.wait.complete(StateDone)
}

// Join waits until the thread has ended, or ctx is done. It returns the error
// of the thread's function, a *[PanicError] if that panicked (see
// [ThreadPanicHandler]), [ErrGoexit] if it called [runtime.Goexit], or the cause of
// ctx. It returns [ErrNotStarted] before the thread is started, and [ErrSelfJoin]
// with the thread's own context. Any number of goroutines can join a thread.
//
// With the context of an executor's task, Join gives up that task's slot
// while it waits.
func (t *Thread) Join(ctx context.Context) error {
	if !t.started.Load() {
		return ErrNotStarted
	}
	if CurrentThread(ctx) == t {
		return ErrSelfJoin
	}
	if err := t.wait.await(ctx); err != nil {
		return err
	}
	return t.outcome()
}

// JoinTimeout waits until the thread has ended, at most for d, and reports
// whether it has. It reports false at once if the thread has not been
// started.
func (t *Thread) JoinTimeout(d time.Duration) bool {
	if !t.started.Load() {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-t.Done():
		return true
	case <-timer.C:
		return !t.Alive()
	}
}

// Done returns a channel that is closed when the thread has ended.
func (t *Thread) Done() <-chan struct{} { return t.wait.ended() }

// Alive reports whether the thread has been started and has not ended.
func (t *Thread) Alive() bool {
	return t.started.Load() && !t.wait.completed()
}

// Stop cancels the thread's context with cause, or [context.Canceled] if it is
// nil, and does not wait. A thread that is stopped before it is started runs
// with a context that is done.
func (t *Thread) Stop(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel != nil {
		t.cancel(cause)
		return
	}
	t.stopped, t.cause = true, cause
}

// Name returns the thread's name, and SetName changes it. A trace region keeps
// the name that the thread was started with.
func (t *Thread) Name() string { return *t.name.Load() }

// SetName changes the thread's name.
func (t *Thread) SetName(name string) { t.name.Store(&name) }

// ID returns the thread's number: 0 before it is started, and then one that no
// other thread of the program has, also after its end.
func (t *Thread) ID() uint64 { return t.id.Load() }

// NativeID returns the number that the operating system gave the thread, and
// whether it is known: on Linux, for a thread made with [ThreadLocked], once it runs.
func (t *Thread) NativeID() (id int, ok bool) {
	id = int(t.native.Load())
	return id, id != 0
}

// Daemon reports whether [WaitThreads] does not wait for the thread.
func (t *Thread) Daemon() bool { return t.daemon }

func (t *Thread) latch() *waiters { return &t.wait }
func (t *Thread) outcome() error  { return seen(t.err) }

// CurrentThread returns the thread that ctx belongs to, or nil.
func CurrentThread(ctx context.Context) *Thread {
	t, _ := ctx.Value(threadKey{}).(*Thread)
	return t
}

// Threads yields the threads of the program that have been started and have
// not ended, in the order of their start, as they are when it is ranged over.
func Threads() iter.Seq[*Thread] {
	return func(yield func(*Thread) bool) {
		threads.Lock()
		alive := slices.Clone(threads.alive)
		threads.Unlock()
		for _, t := range alive {
			if !yield(t) {
				return
			}
		}
	}
}

// WaitThreads waits for the threads of the program that were not made with
// [ThreadDaemon], also those that are started meanwhile, but for the one that ctx
// belongs to. The end of a Go program waits for no goroutine, so
//
//	defer ctxrun.WaitThreads(ctx)
//
// in main does. It returns the cause of ctx if that is done before, and else
// nil: the errors of threads are [Thread.Join]'s.
func WaitThreads(ctx context.Context) error {
	own := CurrentThread(ctx)
	for {
		var next *Thread
		for t := range Threads() {
			if !t.daemon && t != own {
				next = t
				break
			}
		}
		if next == nil {
			return nil
		}
		if err := next.wait.await(ctx); err != nil {
			return err
		}
	}
}
