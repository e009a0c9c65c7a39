//go:build go1.25

package ctxrun

import (
	"context"
	"errors"
	"runtime"
)

func (w *world) cancel(r *run) {
	if r == nil || r.fut == nil {
		return
	}
	pending, canceled := r.fut.State() == StatePending, r.fut.State() == StateCanceled
	if got := r.fut.Cancel(); got != (pending || canceled) {
		w.fault("Cancel of task %d: %v, pending %v, canceled %v", r.task.ID, got, pending, canceled)
	}
	if pending {
		w.reached("canceled")
		r.want = ErrCanceled
	}
}

func (w *world) stop(r *run) (verify func()) {
	if r == nil || r.fut == nil {
		return nil
	}
	cause := scriptError(r.task.ID)
	pending, running, done := r.fut.State() == StatePending, r.fut.State() == StateRunning, r.done()
	if got := r.fut.Stop(cause); got != (pending || running) {
		w.fault("Stop of task %d: %v, pending %v, running %v", r.task.ID, got, pending, running)
	}
	switch {
	case pending:
		r.want = cause
	case running:
		w.reached("stopped")
		r.stopped = true
		return func() {
			if got := context.Cause(r.ctx); !done && got != cause {
				w.fault("task %d is stopped with %v, want %v", r.task.ID, got, cause)
			}
		}
	}
	return nil
}

// onDone asks for a call that ends in one of three ways.
func (w *world) onDone(r *run, way int) {
	if r == nil || r.fut == nil {
		return
	}
	if way == 1 && !r.ex.Handler {
		way = 0 // a panic would end the program
	}
	n := len(r.asked)
	r.asked = append(r.asked, n*3+way)
	r.fut.OnDone(func(ctx context.Context, f *Future[int]) {
		if !r.listening.CompareAndSwap(false, true) {
			w.fault("two calls of OnDone of task %d at a time", r.task.ID)
		}
		if f != r.fut || !r.over() || ctx.Value(rootKey{}) != "root" {
			w.fault("OnDone of task %d is called with another future, or before its end", r.task.ID)
		}
		w.tick()
		r.heard = append(r.heard, n*3+way)
		r.listening.Store(false)
		switch way {
		case 1:
			panic(scriptError(r.task.ID))
		case 2:
			runtime.Goexit()
		}
	})
}

// A waitRun is a wait of a goroutine of the driver.
type waitRun struct {
	ctx      context.Context
	mode     WaitMode
	rs       []*run
	returned bool
}

func (w *world) wait(o *scriptOp) {
	wr := &waitRun{ctx: w.root, mode: WaitMode(o.N)}
	for _, id := range o.IDs {
		if r := w.byID[id]; r != nil && r.fut != nil {
			wr.rs = append(wr.rs, r)
		}
	}
	if o.D > 0 {
		c, cancel := context.WithTimeout(w.root, ms(o.D))
		wr.ctx = c
		w.later(cancel)
	}
	w.waits = append(w.waits, wr)
	go func() {
		done, pending, err := Wait(wr.ctx, wr.mode, waiting(wr.rs)...)
		w.checkWait(wr.ctx, wr.mode, wr.rs, done, pending, err)
		w.tick()
		wr.returned = true
	}()
}

// A stopRun is a call of Shutdown.
type stopRun struct {
	a        *arena
	ctx      context.Context
	returned bool
}

func (w *world) shutDown(o *scriptOp) {
	a := w.ex[o.Ex]
	sr := &stopRun{a: a, ctx: w.root}
	if o.D > 0 {
		c, cancel := context.WithTimeout(w.root, ms(o.D))
		sr.ctx = c
		w.later(cancel)
	}
	if a.view.pending > 0 {
		w.reached("shut down with tasks")
	}
	a.closing.Store(true)
	var opts []ShutdownOption
	if o.N&1 != 0 {
		opts = append(opts, CancelQueued())
		a.emptied = true
		for _, r := range w.runs {
			if r.ex == a && r.waits() {
				r.want = ErrCanceled
			}
			r.dropped = r.dropped || r.ex == a && r.called > 0 && !r.returned
		}
	}
	if o.N&2 != 0 {
		cause := scriptError(-len(w.stops) - 1)
		opts = append(opts, CancelRunning(cause))
		a.causes = append(a.causes, cause)
	}
	w.stops = append(w.stops, sr)
	go func() {
		err := a.Shutdown(sr.ctx, opts...)
		a.heard(err)
		if sr.ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			w.fault("Shutdown returns %v", err)
		}
		w.tick()
		sr.returned = true
	}()
}

// waits reports whether the task is in the queue, for all the model knows: one
// of Go may have been skipped.
func (r *run) waits() bool {
	if r.m != nil || !r.returned || r.err != nil || r.starts > 0 || r.want != nil {
		return false
	}
	return r.fut == nil || r.fut.State() == StatePending
}
