package ctxrun

import (
	"context"
	"errors"
	"sync"
)

// A ShutdownOption says what [Executor.Shutdown] does to tasks that are not
// done.
type ShutdownOption interface{ setUp(*shutdown) }

type shutdownOption struct{ set func(*shutdown) }

func (o shutdownOption) setUp(s *shutdown) { o.set(s) }

type shutdown struct {
	queued, running bool
	cause           error
}

// CancelQueued cancels the tasks that have not been started: their error is
// [ErrCanceled].
func CancelQueued() ShutdownOption {
	return shutdownOption{func(s *shutdown) { s.queued = true }}
}

// CancelRunning cancels the contexts of the tasks that run, with cause, or
// [context.Canceled] if it is nil. Shutdown still waits for the tasks.
func CancelRunning(cause error) ShutdownOption {
	return shutdownOption{func(s *shutdown) { s.running, s.cause = true, cause }}
}

// Shutdown has the executor refuse tasks with [ErrShutdown] and waits until
// those it has are done and its workers have gone, or until ctx is done.
// Without options it lets queued and running tasks finish; see [CancelQueued]
// and [CancelRunning]. Shutdown may be called again, also at the same time, and
// waits again.
//
// It returns the cause of ctx if that ended the wait, joined with the panics
// of futures that nobody was told of by a result, a wait or a
// [WithPanicHandler]: each as its *[PanicError], the first sixteen of them.
// Each panic is returned once.
//
// A task that shuts down its own executor with its own context would wait for
// itself: Shutdown does the rest and returns [ErrSelfJoin]. With another context
// it waits for ever.
func (e *Executor) Shutdown(ctx context.Context, opts ...ShutdownOption) error {
	mustHave("Executor.Shutdown", ctx, false)
	var s shutdown
	for _, o := range opts {
		o.setUp(&s)
	}
	e.lock()
	e.closed = true
	e.refuse(ErrShutdown)
	if e.drained == nil {
		e.drained = make(chan struct{})
	}
	for _, w := range e.parked {
		w.wake <- struct{}{}
	}
	e.parked = nil
	var dropped []task
	if s.queued {
		e.cutting.Store(true)
		dropped = e.dropQueued()
	}
	e.checkDrained()
	e.mu.Unlock()

	e.drop(dropped, ErrCanceled)
	if s.running {
		e.joints.stop(s.cause, &e.stopping)
	}
	if at := frameOf(ctx); at != nil && at.ex == e {
		return ErrSelfJoin
	}
	err := await(ctx, e.drained)
	return errors.Join(err, e.panics.take())
}

// Close is [Executor.Shutdown] without options and without an end to the
// wait, for a defer statement. A task must not close its own executor.
func (e *Executor) Close() error { return e.Shutdown(context.Background()) }

// dropQueued empties the queue. The caller holds e.mu and hands the tasks to
// drop without it.
func (e *Executor) dropQueued() []task {
	dropped := make([]task, 0, e.queue.len)
	for e.queue.len > 0 {
		dropped = append(dropped, e.take())
	}
	return dropped
}

// drop ends tasks that are taken from the queue and will not run.
func (e *Executor) drop(tasks []task, err error) {
	if len(tasks) == 0 {
		return
	}
	for _, t := range tasks {
		e.dropOne(t, err)
	}
	e.lock()
	e.pending -= len(tasks)
	for _, t := range tasks {
		e.countDropped(t)
	}
	e.checkDrained()
	e.mu.Unlock()
}

// countDropped counts a task that was not run. The caller holds e.mu.
func (e *Executor) countDropped(t task) {
	if _, ok := t.at.job.(*pump); ok {
		e.stats.Submitted-- // a map's ticket is no task
		return
	}
	e.stats.Canceled++
}

func (e *Executor) dropOne(t task, err error) {
	if t.at.job != nil {
		t.at.job.drop(err)
		return
	}
	e.done(t.at, err)
}

// checkDrained closes drained when there is nothing left to wait for. The
// caller holds e.mu.
func (e *Executor) checkDrained() {
	if e.closed && e.pending == 0 && e.workers == 0 {
		select {
		case <-e.drained:
		default:
			close(e.drained)
		}
	}
}

// hold makes Shutdown wait until release is called, for a callback that runs
// elsewhere.
func (e *Executor) hold() {
	e.lock()
	e.pending++
	e.mu.Unlock()
}

func (e *Executor) release() {
	e.lock()
	e.pending--
	e.checkDrained()
	e.mu.Unlock()
}

// panicked reports a panic: to the handler if there is one, else to Shutdown,
// until somebody else is told.
func (e *Executor) panicked(ctx context.Context, p *PanicError) {
	if e.onPanic != nil {
		e.onPanic(ctx, seen(p).(*PanicError)) //nolint:errorlint // what went in comes out
		return
	}
	e.panics.add(p)
}

// unseen are panics that nobody has been told of. It keeps few of them, so
// that an executor that nobody listens to does not grow.
type unseen struct {
	mu   sync.Mutex
	kept []*PanicError
}

const keptPanics = 16

func (u *unseen) add(p *PanicError) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.prune()
	if len(u.kept) < keptPanics {
		u.kept = append(u.kept, p)
	}
}

func (u *unseen) prune() {
	kept := u.kept[:0]
	for _, p := range u.kept {
		if !p.seen.Load() {
			kept = append(kept, p)
		}
	}
	clear(u.kept[len(kept):])
	u.kept = kept
}

func (u *unseen) take() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.prune()
	var errs []error
	for _, p := range u.kept {
		errs = append(errs, seen(p))
	}
	u.kept = nil
	return errors.Join(errs...)
}
