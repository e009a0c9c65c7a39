package ctxrun

import (
	"container/list"
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// An Executor runs functions on a bounded number of goroutines, each with the
// context, the pprof labels and the trace task of whoever submitted it. Tasks
// start in the order in which they were submitted.
//
// The zero Executor is ready to use, with the defaults of [New]. An Executor
// is safe for use by several goroutines and must not be copied.
//
// Workers are started on demand and go when there is nothing to do. So an
// executor that is idle owns no goroutine, and one that is dropped without
// [Executor.Close] leaks nothing.
//
// A task that waits does not hold up others. Where the functions of this
// package that block ([Future.Result], [Wait], a map, [Thread.Join], a submit
// that waits for room) are given the context of a task, or one derived from
// it, that task gives up its slot while it blocks, and takes it back before
// it goes on. So tasks may submit to their own executor and wait, to any
// depth and with a single worker. Other ways to wait, such as that of a
// [sync.WaitGroup], keep the slot. The context says which task it is: a
// goroutine that the task has started and that waits with the task's context
// gives up the task's slot, while the task may still be using it. Tasks of
// [Executor.Go] that were submitted with the same context are not told apart.
//
// That a function was submitted happens before it runs, and what it does
// happens before [Future.Result], [Wait] and the other functions that report
// its end return, and before [Executor.Shutdown] returns nil.
type Executor struct {
	// Set by New and constant.
	bounded     bool // the queue has a limit:
	room        int
	prefix      string
	keep        time.Duration
	initializer func() error
	hooks       *Hooks
	onPanic     func(context.Context, *PanicError)
	noLabels    bool

	patience patience
	joints   joints
	stopping atomic.Bool // CancelRunning was asked for

	// Copies of what mu guards, for maps to see without it.
	busy     atomic.Bool // a slot is wanted: the queue is not empty, a task wants its own back, or too many are in use
	refusing atomic.Bool
	cutting  atomic.Bool // CancelQueued was asked for
	limit    atomic.Int64

	mu        sync.Mutex
	max       int
	set       bool // setUp has been called
	queue     queue
	recent    recent
	workers   int // goroutines in a worker's loop
	active    int // slots in use: by a task, or by a worker that looks for one
	searching int // workers that look for a task, within active
	parked    []*worker
	spare     []*worker // of goroutines that have gone
	named     int       // workers that have been given a name
	resuming  list.List // of chan struct{}: tasks that want their slot back
	admitting list.List // of *admission: submitters that wait for room
	pending   int       // tasks accepted and not done
	refusal   error     // ErrShutdown or a *BrokenError
	closed    bool
	drained   chan struct{} // closed when closed, nothing is pending, and no worker is left
	stats     Stats
	panics    unseen
}

// New returns an executor with the options applied. Without options it runs
// GOMAXPROCS + 4 tasks at a time, at most 32, and its queue has no limit.
func New(opts ...Option) *Executor {
	e := new(Executor)
	for _, o := range opts {
		o.setUp(e)
	}
	e.lock()
	e.setUp()
	e.mu.Unlock()
	return e
}

// lock locks e.mu, which is held for some ten nanoseconds at a time and which
// many goroutines want at once. The mutex itself spins only where no other
// goroutine could run, and an executor has more of them than there are
// processors: it would put most to sleep, and to wake them costs ten times what
// the lock guards. So this spins first, and lets others run once. With 16
// workers on 2 processors that halves the CPU time of a trivial task.
func (e *Executor) lock() {
	for range 2 {
		for range 30 {
			if e.mu.TryLock() {
				return
			}
		}
		runtime.Gosched()
	}
	e.mu.Lock()
}

// setUp makes a zero Executor one that works. The caller holds e.mu.
func (e *Executor) setUp() {
	if e.max == 0 {
		e.max = min(32, runtime.GOMAXPROCS(0)+4)
	}
	e.limit.Store(int64(e.max))
	e.set = true
}

// Go has a worker run fn with the context of ctx, and does not wait for it.
// It is the go statement with a limit.
//
// If the queue has a limit and is full, Go waits for room until ctx is done.
// It returns an error only where fn will not run: the cause of ctx if that is
// done, [ErrShutdown] or a *[BrokenError]. A task whose ctx is done by its
// turn is not run either.
//
// fn gets ctx with its values and its cancellation, canceled also by
// [CancelRunning]. So a task that is not to end with whoever submits it takes
// [context.WithoutCancel] of ctx, in particular if ctx is that of a [Future]'s
// function, which ends with it. A panic in fn ends the program, as with go, unless there
// is a [WithPanicHandler]. [runtime.Goexit] ends the task. Go panics if ctx
// or fn is nil.
//
// Go allocates nothing for a task with the same ctx as one of the last few,
// and one small object otherwise.
func (e *Executor) Go(ctx context.Context, fn func(context.Context)) error {
	mustHave("Executor.Go", ctx, fn == nil)
	if e.hooks != nil {
		return e.submitHooked(ctx, fn, true)
	}
	return e.submit(ctx, nil, fn, true)
}

// TryGo is [Executor.Go] that returns [ErrQueueFull] where Go would wait for
// room.
func (e *Executor) TryGo(ctx context.Context, fn func(context.Context)) error {
	mustHave("Executor.TryGo", ctx, fn == nil)
	if e.hooks != nil {
		return e.submitHooked(ctx, fn, false)
	}
	return e.submit(ctx, nil, fn, false)
}

// An admission is a submitter that waits for room.
type admission struct {
	task task
	done chan struct{} // closed when the task is in the queue, or refused
	err  error
}

// submit queues a task: a frame with a job, or fn alone.
func (e *Executor) submit(ctx context.Context, at *frame, fn func(context.Context), wait bool) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	e.lock()
	if !e.set {
		e.setUp()
	}
	if e.refusal != nil {
		err := e.refusal
		e.mu.Unlock()
		return err
	}
	if at == nil {
		at = e.recent.frame(ctx, e)
	}
	t := task{at, fn}
	if e.bounded && (!e.hasRoom() || e.admitting.Len() > 0) {
		if !wait {
			e.mu.Unlock()
			return ErrQueueFull
		}
		return e.awaitRoom(ctx, t)
	}
	e.accept(t)
	start := e.hire()
	e.mu.Unlock()
	start.spawn()
	return nil
}

// accept puts a task in the queue. The caller holds e.mu.
func (e *Executor) accept(t task) {
	e.pending++
	e.stats.Submitted++
	e.queue.push(t)
	if e.queue.len == 1 {
		e.busy.Store(true)
	}
}

// again queues a task that the executor has accepted before: it is not refused,
// and needs no room.
func (e *Executor) again(t task) {
	e.lock()
	e.accept(t)
	start := e.hire()
	e.mu.Unlock()
	start.spawn()
}

// take takes the oldest task out of the queue. The caller holds e.mu.
func (e *Executor) take() task {
	t := e.queue.pop()
	if e.queue.len == 0 {
		e.noteBusy()
	}
	return t
}

// noteBusy is called when one of the reasons for busy may be gone or new. The
// caller holds e.mu.
func (e *Executor) noteBusy() {
	e.busy.Store(e.queue.len > 0 || e.resuming.Len() > 0 || e.active > e.max)
}

// hasRoom reports whether a bounded queue takes one more task. A task that a
// free slot waits for is not in the way. The caller holds e.mu.
func (e *Executor) hasRoom() bool {
	return e.queue.len < e.room+max(0, e.max-e.active)+e.searching
}

// awaitRoom waits for room in the queue and puts t there. The caller holds
// e.mu, which awaitRoom releases.
func (e *Executor) awaitRoom(ctx context.Context, t task) error {
	a := &admission{task: t, done: make(chan struct{})}
	place := e.admitting.PushBack(a)
	e.mu.Unlock()

	own := lend(ctx)
	select {
	case <-a.done:
	case <-ctx.Done():
		e.lock()
		select {
		case <-a.done: // it is too late to leave
		default:
			e.admitting.Remove(place)
			a.err = context.Cause(ctx)
		}
		e.mu.Unlock()
	}
	own.reclaim()
	return a.err
}

// admit lets submitters in that wait for room. The caller holds e.mu and
// hires afterwards.
func (e *Executor) admit() {
	for e.admitting.Len() > 0 && e.hasRoom() {
		a := e.admitting.Remove(e.admitting.Front()).(*admission)
		e.accept(a.task)
		close(a.done)
	}
}

// refuse makes the executor refuse tasks from now on, also those that wait for
// room. The caller holds e.mu.
func (e *Executor) refuse(err error) {
	if e.refusal != nil {
		return
	}
	e.refusal = err
	e.refusing.Store(true)
	for e.admitting.Len() > 0 {
		a := e.admitting.Remove(e.admitting.Front()).(*admission)
		a.err = err
		close(a.done)
	}
}

// Resize changes the limit of tasks that run at a time to n. If more run now
// they are not stopped: their workers go when they are done. Resize panics if
// n is less than 1.
func (e *Executor) Resize(n int) {
	mustBeWorkers("Executor.Resize", n)
	e.lock()
	if !e.set {
		e.setUp()
	}
	e.max = n
	e.limit.Store(int64(n))
	e.noteBusy()
	for e.active < e.max && e.resuming.Len() > 0 {
		e.active++
		e.resume()
	}
	e.admit()
	start := e.hire()
	e.mu.Unlock()
	start.spawn()
}

// Stats are counts of an executor at one moment. A task counts as running
// until its worker has turned to the next, which is a moment after its result
// is there.
type Stats struct {
	MaxWorkers int // the limit of tasks that run at a time
	Workers    int // goroutines: those that run a task, wait in one, or are idle
	Running    int // tasks that run and have a slot
	Waiting    int // tasks that have given up their slot while they wait
	Queued     int // tasks that have not been started

	Submitted uint64 // tasks accepted since New
	Completed uint64 // tasks that returned, panicked or called Goexit
	Panicked  uint64 // those of them that panicked
	Canceled  uint64 // tasks that were not run: canceled, or done with their context, or refused by a broken executor
}

// Stats returns the executor's counts.
func (e *Executor) Stats() Stats {
	e.lock()
	defer e.mu.Unlock()
	if !e.set {
		e.setUp()
	}
	s := e.stats
	s.MaxWorkers, s.Workers, s.Queued = e.max, e.workers, e.queue.len
	s.Running = e.active - e.searching
	return s
}

// Err returns nil while the executor accepts tasks, and otherwise what it
// refuses them with: [ErrShutdown] or a *[BrokenError].
func (e *Executor) Err() error {
	e.lock()
	defer e.mu.Unlock()
	return e.refusal
}

func mustHaveExecutor(name string, ex *Executor) {
	if ex == nil {
		panic("ctxrun." + name + ": nil executor")
	}
}
