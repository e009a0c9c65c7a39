package ctxrun

import (
	"context"
	"iter"
	"runtime/pprof"
)

// A Future is the result of a task that an [Executor] runs, or will run, or
// has refused. It is made by [Submit] and [SubmitAll], and safe for use by several
// goroutines.
type Future[T any] struct {
	at own
	// fn is what to run and, afterwards, what returns the error if there is
	// one. Most futures have none, and two words each add up in a long queue:
	// this keeps a Future with a result of one word at 112 bytes.
	fn  func(context.Context) (T, error)
	val T
}

// own is the part of a future that does not depend on its type: the state, and
// the context of the task. Unlike a frame it is one task's alone, so that it can be
// canceled alone; its joint is its own. For that it ends with the task: what a
// task has started with it must not pile up in a parent that is never canceled.
type own struct {
	frame
	waiters
}

func (o *own) Done() <-chan struct{} { return o.cancellable().ctx.Done() }

func (o *own) Err() error {
	if c := o.joint.Load(); c != nil {
		return c.ctx.Err()
	}
	if o.over() || o.ex.stopping.Load() {
		return o.cancellable().ctx.Err() // which knows the cause
	}
	return o.Context.Err() // not the frame's: its joint would become the task's
}

func (o *own) Value(key any) any {
	if c := o.joint.Load(); c != nil && key != (frameKey{}) {
		return c.ctx.Value(key)
	}
	return o.frame.Value(key)
}

// cancellable makes the context that can be canceled, when somebody asks for
// Done or wants to cancel.
func (o *own) cancellable() *joint {
	if c := o.joint.Load(); c != nil {
		return c
	}
	cancelKey.once.Do(learnCancelKey)
	c := new(joint)
	c.ctx, c.cancel = context.WithCancelCause(&frame{Context: o.Context, ex: o.ex})
	if !o.joint.CompareAndSwap(nil, c) {
		c.cancel(nil)
		c = o.joint.Load()
	}
	if o.over() {
		c.cancel(errReturned)
	}
	return c
}

// over reports whether the task needs its context no more.
func (o *own) over() bool { return o.get() >= StateCanceled }

// end cancels the context of the task.
func (o *own) end() {
	if c := o.joint.Load(); c != nil {
		c.cancel(errReturned)
	}
}

// Submit has a worker of ex run fn with the context of ctx, and returns the
// future of what fn returns. It never returns nil: where fn will not run, the
// future says why.
//
// If the queue has a limit and is full, Submit waits for room until ctx is
// done. A task whose ctx is done by its turn is not run, and its error is
// [context.Cause] of ctx.
//
// fn gets ctx with its values and its cancellation. In addition its context is
// canceled by [Future.Stop] and [CancelRunning], and, as that of an
// http.Request is, when fn has returned: what is to go on after that takes
// [context.WithoutCancel] of it.
//
// A panic in fn is recovered: the error is a *[PanicError]. After
// [runtime.Goexit] it is [ErrGoexit]. Submit panics if ctx, ex or fn is nil.
// It allocates once, for the future.
func Submit[T any](ctx context.Context, ex *Executor, fn func(context.Context) (T, error)) *Future[T] {
	mustHave("Submit", ctx, fn == nil)
	mustHaveExecutor("Submit", ex)
	f := &Future[T]{fn: fn}
	f.at.ex, f.at.job = ex, f
	f.at.Context = ex.submitting(ctx)
	if err := ex.submit(ctx, &f.at.frame, nil, true); err != nil {
		f.cancel(err)
	}
	return f
}

// context, run, unwound and drop make a Future a job.

func (f *Future[T]) context() context.Context { return &f.at }

func (f *Future[T]) run(w *worker) {
	if !f.at.advance(StatePending, StateRunning) {
		w.skipped = true // and whoever canceled it has seen to the rest
		return
	}
	fn := f.fn
	f.fn = nil
	val, err := fn(w.begin(&f.at))
	f.finish(w, val, err)
}

func (f *Future[T]) unwound(w *worker, err error) {
	ctx := w.ctx
	if ctx == nil {
		ctx = &f.at
	}
	if p, ok := err.(*PanicError); ok { //nolint:errorlint // made by the worker
		defer w.ex.panicked(ctx, p)
	}
	var zero T
	f.finish(w, zero, err)
}

func (f *Future[T]) finish(w *worker, val T, err error) {
	w.bare = true
	f.at.advance(StateRunning, returned)
	f.at.end()
	w.end(err)
	f.val = val
	if err != nil {
		f.fail(err)
	}
	if f.at.complete(StateDone) {
		f.at.call()
	}
}

func (f *Future[T]) fail(err error) {
	f.fn = func(context.Context) (none T, _ error) { return none, err }
}

func (f *Future[T]) drop(err error) { f.cancel(err) }

// cancel ends a task that has not been started, and reports whether it did.
func (f *Future[T]) cancel(err error) bool {
	if !f.at.advance(StatePending, canceling) {
		return false
	}
	f.fail(err)
	f.at.ex.done(f.at.Context, err)
	if f.at.complete(StateCanceled) {
		f.at.callElsewhere()
	}
	return true
}

// Result waits until the task is done, or ctx is, and returns what the task
// returned: a *[PanicError] if it panicked, [ErrGoexit] if it called
// [runtime.Goexit], and for a task that was not run the reason. If ctx ends
// the wait, Result returns its cause. The task and others who wait for it do
// not notice.
//
// With the context of a task, Result gives up that task's slot while it waits.
func (f *Future[T]) Result(ctx context.Context) (T, error) {
	if err := f.at.await(ctx); err != nil {
		var zero T
		return zero, err
	}
	return f.val, f.outcome()
}

// Wait is [Future.Result] without the value.
func (f *Future[T]) Wait(ctx context.Context) error {
	if err := f.at.await(ctx); err != nil {
		return err
	}
	return f.outcome()
}

// await is that of waiters. Before it blocks it lets others run, once: a worker that
// has just been started may then be done, which saves a channel and half the CPU time
// of a short task. With the context of a task it does not, which has a slot to
// give up.
func (o *own) await(ctx context.Context) error {
	if o.completed() || frameOf(ctx) == nil && o.ex.patience.yield() && o.completed() {
		return nil
	}
	return o.waiters.await(ctx)
}

// Done returns a channel that is closed when the task is done or canceled.
func (f *Future[T]) Done() <-chan struct{} { return f.at.ended() }

// State returns how far the task is.
func (f *Future[T]) State() State {
	switch s := f.at.get(); s {
	case returned:
		return StateRunning
	case canceling:
		return StatePending
	default:
		return s
	}
}

// Cancel cancels a task that has not been started, with [ErrCanceled]. It
// reports whether the task is canceled: it cannot be if it has been started.
// See [Future.Stop] for a task that may run.
func (f *Future[T]) Cancel() bool {
	return f.cancel(ErrCanceled) || f.State() == StateCanceled
}

// Stop tells the task that its result is not wanted any more. One that has not
// been started is canceled, with cause as its error, or [ErrCanceled] if cause
// is nil. The context of one that runs is canceled with cause, or
// [context.Canceled]; Stop does not wait for it. Stop reports whether there was
// something to stop.
func (f *Future[T]) Stop(cause error) bool {
	pending := cause
	if pending == nil {
		pending = ErrCanceled
	}
	if f.cancel(pending) {
		return true
	}
	if f.at.get() != StateRunning {
		return false
	}
	f.at.cancellable().cancel(cause)
	return true
}

// OnDone has fn called when the task is done or canceled, with the context that
// the task was submitted with (what OnSubmit returned, if there are [Hooks]),
// and with the pprof labels of that context.
// Functions are called one at a time, in the order in which they were given to
// OnDone, on the task's worker, or on a goroutine of its own if the task ended without
// running, or has ended already. So OnDone never calls fn itself, and
// does not wait.
//
// A panic in fn goes to the [WithPanicHandler], or ends the program if there is
// none. [Executor.Shutdown] waits for the functions that are given to OnDone
// before the task is done.
func (f *Future[T]) OnDone(fn func(context.Context, *Future[T])) {
	if fn == nil {
		panic("ctxrun.Future.OnDone: nil function")
	}
	w := &f.at.waiters
	w.mu.Lock()
	m := w.others()
	m.calls = append(m.calls, func(ctx context.Context) { fn(ctx, f) })
	w.mu.Unlock()
	if w.watch() {
		f.at.callElsewhere()
	}
}

// callElsewhere makes the calls of OnDone on a goroutine of their own.
func (o *own) callElsewhere() {
	o.ex.hold()
	Go(o.Context, func(context.Context) {
		defer func() {
			if v := recover(); v != nil {
				panic(v) // before Shutdown is told
			}
			o.ex.release()
		}()
		o.call()
	})
}

// call makes the calls of OnDone that there are, unless somebody else does.
func (o *own) call() {
	w := &o.waiters
	w.mu.Lock()
	if w.calling || w.more == nil {
		w.mu.Unlock()
		return
	}
	w.calling = true
	ctx := &callContext{frame{Context: o.Context, ex: o.ex}, &o.frame}
	for m := w.more; len(m.calls) > 0; {
		fn := m.calls[0]
		m.calls = m.calls[1:]
		w.mu.Unlock()
		o.callOne(ctx, fn)
		w.mu.Lock()
	}
	w.calling = false
	w.mu.Unlock()
}

// A callContext is the context of OnDone's functions: that of the task is over. While
// they run on its worker they have its slot.
type callContext struct {
	frame
	slot *frame
}

func (c *callContext) Value(key any) any {
	if key == (frameKey{}) {
		return c.slot
	}
	return c.frame.Value(key)
}

// callOne calls fn, and sees to the rest if it does not return.
func (o *own) callOne(ctx *callContext, fn func(context.Context)) {
	if !o.ex.noLabels {
		pprof.SetGoroutineLabels(ctx) // the one before may have changed them
	}
	finished := false
	defer func() {
		if finished {
			return
		}
		if v := recover(); v != nil {
			if o.ex.onPanic == nil {
				panic(v)
			}
			o.ex.panicked(ctx, newPanicError(v))
			return
		}
		// Goexit
		o.mu.Lock()
		o.calling = false
		o.mu.Unlock()
		o.callElsewhere()
	}()
	fn(ctx)
	finished = true
}

// SubmitAll submits a task for each a of seq, all of them before it returns,
// and returns their futures in the order of seq. It is [Submit] in a loop; a [Map] is
// lazy. seq must end.
func SubmitAll[A, R any](ctx context.Context, ex *Executor, seq iter.Seq[A], fn func(context.Context, A) (R, error)) []*Future[R] {
	mustHave("SubmitAll", ctx, fn == nil)
	mustHaveExecutor("SubmitAll", ex)
	if seq == nil {
		panic("ctxrun.SubmitAll: nil sequence")
	}
	var fs []*Future[R]
	for a := range seq {
		fs = append(fs, Submit(ctx, ex, func(ctx context.Context) (R, error) { return fn(ctx, a) }))
	}
	return fs
}
