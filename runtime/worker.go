package ctxrun

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strconv"
	"time"
)

// A worker is a goroutine of an executor. It has a slot while it runs a task
// or looks for one.
type worker struct {
	ex    *Executor
	start func() // live: to start a func() that is there allocates nothing
	name  string // prefix_N, if the executor has a prefix
	label pprof.LabelSet
	wake  chan struct{} // receives when the worker is parked and is given a slot, or is to go
	timer *time.Timer   // of the time for which it is kept

	// Guarded by ex.mu.
	slot      bool
	searching bool // counts in ex.searching

	task     task // what it runs; the frame is nil between tasks
	ctx      context.Context
	skipped  bool // the task was not run
	panicked bool
	bare     bool // what runs is not the task: a panic is to end the program
	crashing bool // a panic ends the program
	piece    int  // what a map's task works on
	first    int  // item of a MapSlice that its piece began with
	pieces   int  // how many more it has done than the one that a task counts for

	uncounted int // items of a MapSlice that it has done and not told
}

// hire takes a slot for what is in the queue. If it returns a worker, that is
// to be started, with spawn and without e.mu. Like the scheduler of package
// runtime it has at most one worker on the way: that hires the next when it has
// found a task, if there is another. The caller holds e.mu.
func (e *Executor) hire() (start *worker) {
	if e.queue.len == 0 || e.searching > 0 || e.active >= e.max {
		return nil
	}
	e.active++
	e.searching++
	if n := len(e.parked); n > 0 {
		w := e.parked[n-1]
		e.parked = e.parked[:n-1]
		w.slot, w.searching = true, true
		w.wake <- struct{}{} // has room for one
		return nil
	}
	e.workers++
	w := e.takeOn()
	w.slot, w.searching = true, true
	return w
}

// spawn starts the worker's goroutine, if there is a worker. A go statement in a function that runs
// without enforcement would hand that on to the worker, and so to the tasks of
// others; the goroutine of a timer inherits nothing.
func (w *worker) spawn() {
	if w == nil {
		return
	}
	if unenforced() {
		time.AfterFunc(0, w.start)
		return
	}
	go w.start()
}

// takeOn returns a worker for a new goroutine. The caller holds e.mu.
func (e *Executor) takeOn() *worker {
	if n := len(e.spare); n > 0 {
		w := e.spare[n-1]
		e.spare = e.spare[:n-1]
		return w
	}
	w := &worker{ex: e}
	w.start = w.live
	if e.prefix != "" {
		w.name = e.prefix + "_" + strconv.Itoa(e.named)
		w.label = pprof.Labels("worker", w.name)
		e.named++
	}
	return w
}

// live is the life of a worker's goroutine.
func (w *worker) live() {
	left := false
	defer func() {
		if !left {
			w.leave()
		}
	}()
	if w.ex.initializer != nil && !w.initialize() {
		return
	}
	for w.loop() {
	}
	left = true // and w may be another goroutine's by now
}

// loop runs tasks until there are none, or until one panicked: then it
// reports true and is to be called again. One deferred function serves any
// number of tasks.
func (w *worker) loop() (again bool) {
	running := false
	defer func() {
		if !running {
			return
		}
		switch v := recover(); {
		case v == nil: // Goexit, which goes on to leave
			if !w.bare {
				w.unwound(ErrGoexit)
			}
		case w.bare || w.task.fn != nil && w.ex.onPanic == nil:
			// It is to end the program. The stack of the task is still
			// there, and nobody may be told that the task is over: main
			// could return first.
			w.crashing = true
			panic(v)
		default:
			w.panicked = true
			w.unwound(newPanicError(v))
			again = true
		}
	}()
	for w.next() {
		running = true
		w.run()
		running = false
	}
	return false
}

// run does one task.
func (w *worker) run() {
	at, fn := w.task.at, w.task.fn
	ctx := context.Context(at)
	if fn == nil {
		ctx = at.job.context()
	}
	if ctx.Err() != nil {
		w.skip(context.Cause(ctx))
		return
	}
	w.setLabels(at)
	if trace.IsEnabled() {
		defer trace.StartRegion(at, w.region()).End()
	}
	if fn == nil {
		at.job.run(w)
		return
	}
	if w.ex.hooks == nil {
		fn(at)
		return
	}
	fn(w.begin(at))
	w.end(nil)
}

func (w *worker) setLabels(ctx context.Context) {
	switch {
	case w.ex.noLabels:
	case w.name != "":
		pprof.SetGoroutineLabels(pprof.WithLabels(ctx, w.label))
	default:
		pprof.SetGoroutineLabels(ctx)
	}
}

func (w *worker) region() string {
	if w.name != "" {
		return w.name
	}
	return "ctxrun.Executor"
}

// begin calls OnStart and returns the context for the task.
func (w *worker) begin(ctx context.Context) context.Context {
	if h := w.ex.hooks; h != nil && h.OnStart != nil {
		ctx = or(h.OnStart(ctx), ctx)
	}
	w.ctx = ctx
	return ctx
}

// end calls OnDone for a task that has begun.
func (w *worker) end(err error) {
	if w.ctx != nil {
		ctx := w.ctx
		w.ctx = nil
		w.ex.done(ctx, err)
	}
}

// skip ends a task that is not to run.
func (w *worker) skip(err error) {
	w.skipped = true
	w.ex.dropOne(w.task, err)
}

// unwound ends a task that has panicked or called Goexit.
func (w *worker) unwound(err error) {
	if job := w.task.at.job; job != nil {
		job.unwound(w, err)
		return
	}
	ctx := w.ctx
	if ctx == nil {
		ctx = w.task.at
	}
	w.end(err)
	if p, ok := err.(*PanicError); ok { //nolint:errorlint // made by loop
		w.ex.panicked(ctx, p)
	}
}

// next finishes with the task that was run, if any, and takes the next one. It
// reports whether there is one; if not, the worker has left the executor.
func (w *worker) next() bool {
	e := w.ex
	e.lock()
	w.settle()
	found, start := w.take()
	for !found && w.slot && e.keep > 0 && !e.closed {
		w.park()
		found, start = w.take()
	}
	if !found {
		if w.slot {
			start = w.yield()
		}
		w.depart()
	}
	e.mu.Unlock()
	start.spawn()
	return found
}

// take gives the worker the oldest task, if it has a slot to run it in. The
// caller holds e.mu and, if start is a worker, starts it without.
func (w *worker) take() (found bool, start *worker) {
	e := w.ex
	if !w.slot && e.queue.len > 0 && e.active < e.max {
		e.active++
		w.slot = true
	}
	if !w.slot {
		return false, nil
	}
	if e.resuming.Len() > 0 || e.active > e.max {
		return false, w.yield()
	}
	if e.queue.len == 0 && e.admitting.Len() > 0 {
		w.search(true) // which makes room
	}
	if e.queue.len == 0 {
		return false, nil
	}
	w.search(false)
	w.task = e.take()
	w.task.at.running++
	if e.bounded {
		e.admit()
	}
	return true, e.hire()
}

// search notes whether the worker looks for a task. The caller holds e.mu.
func (w *worker) search(on bool) {
	if w.searching == on {
		return
	}
	w.searching = on
	if on {
		w.ex.searching++
		w.ex.admit()
	} else {
		w.ex.searching--
	}
}

// yield gives up the worker's slot. The caller holds e.mu and, if start is
// a worker, starts it without.
func (w *worker) yield() (start *worker) {
	w.search(false)
	w.slot = false
	return w.ex.freeSlot()
}

// settle accounts for the task that the worker has run. The caller holds e.mu.
func (w *worker) settle() {
	at := w.task.at
	if at == nil {
		return
	}
	e := w.ex
	at.running--
	if at.lent.Load() > at.running {
		// A goroutine that the task has left behind waits with the task's
		// context: the slot was given up for it.
		at.lent.Add(-1)
		e.stats.Waiting--
		w.slot = false
	}
	switch {
	case w.skipped:
		e.countDropped(w.task)
	case w.panicked:
		e.stats.Panicked++
		fallthrough
	default:
		e.stats.Completed++
	}
	e.stats.Submitted += uint64(w.pieces) // of -1, wraps around as it should
	e.stats.Completed += uint64(w.pieces)
	w.pieces = 0
	w.task, w.ctx = task{}, nil
	w.skipped, w.panicked, w.bare = false, false, false
	e.pending--
}

// park gives up the slot and waits for another one. Without a slot afterwards,
// the worker is to go. The queue is empty and the caller holds e.mu.
func (w *worker) park() {
	e := w.ex
	w.yield()
	if w.wake == nil {
		w.wake = make(chan struct{}, 1)
		w.timer = time.AfterFunc(e.keep, w.expire)
	} else {
		w.timer.Reset(e.keep)
	}
	e.parked = append(e.parked, w)
	e.forget()
	e.mu.Unlock()

	if !e.noLabels {
		clearLabels() // what the runtime does in between is nobody's
	}
	<-w.wake
	w.timer.Stop()
	e.lock()
}

// expire has a worker go that is still parked. (A worker that is woken and parks again
// just then goes too early: nothing depends on it.)
func (w *worker) expire() {
	e := w.ex
	e.lock()
	defer e.mu.Unlock()
	if i := slices.Index(e.parked, w); i >= 0 {
		e.parked = slices.Delete(e.parked, i, i+1)
		w.wake <- struct{}{}
	}
}

// depart takes the worker out of the executor. The caller holds e.mu.
func (w *worker) depart() {
	e := w.ex
	w.wake, w.timer = nil, nil // of a synctest bubble, maybe
	e.workers--
	e.spare = append(e.spare, w)
	e.forget()
	e.checkDrained()
}

// leave is called when the worker's goroutine ends other than by next: the
// initializer failed, or a task called Goexit.
func (w *worker) leave() {
	if w.crashing {
		return
	}
	e := w.ex
	e.lock()
	w.settle()
	var start *worker
	if w.slot {
		start = w.yield()
	}
	w.depart()
	e.mu.Unlock()
	start.spawn()
}

// forget lets go of what is kept for the next task, when none is in sight. The
// caller holds e.mu.
func (e *Executor) forget() {
	if e.active == 0 && e.queue.len == 0 {
		e.recent = recent{}
		e.queue.forget()
	}
	if e.workers == 0 && len(e.spare) > 1 {
		e.spare, e.named = nil, 0
	}
}

// initialize calls the initializer, and breaks the executor if that fails.
func (w *worker) initialize() (ok bool) {
	e := w.ex
	// It may take its time: others need not wait for it.
	e.lock()
	w.search(false)
	start := e.hire()
	e.mu.Unlock()
	start.spawn()
	err := ErrGoexit
	defer func() {
		if v := recover(); v != nil {
			err = newPanicError(v)
		}
		if ok = err == nil; !ok {
			e.fail(&BrokenError{Cause: err})
		}
	}()
	err = e.initializer()
	return false // see above
}

// fail breaks the executor.
func (e *Executor) fail(err *BrokenError) {
	e.lock()
	e.refuse(err)
	dropped := e.dropQueued()
	e.mu.Unlock()
	e.drop(dropped, err)
}
