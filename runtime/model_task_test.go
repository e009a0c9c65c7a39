//go:build go1.25

package ctxrun

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// A run is one task of the script.
type run struct {
	w      *world
	task   *scriptTask
	ex     *arena
	parent *run
	m      *mapRun // whose item it is

	base   context.Context // it is submitted with
	dead   func() bool     // whether base is done
	why    []error         // of what base may then be done, and
	from   *run            // if not nil, of what the context of that is
	cancel context.CancelCauseFunc
	cut    bool // cancel has been called

	called   int64 // when Submit was
	arrived  int64 // when it was known to have a place, in the queue or among those that wait for room
	returned bool  // Submit has
	err      error // what it refused Go with
	fut      *Future[int]

	ctx    context.Context
	cause  error // the end of ctx, once there is one
	starts int
	since  int64 // when it started
	ended  atomic.Bool
	in     *blocked // where it has given up its slot
	until  bool     // waits for its context

	dropped   bool  // perhaps, by CancelQueued before Submit had returned
	doomed    bool  // at the last look it had not been started, and base was done
	want      error // of a task that was canceled
	tried     bool  // another task called Cancel
	stopped   bool
	told      atomic.Bool // somebody got its error
	known     bool        // at the last look they had, and Shutdown had not returned it
	asked     []int       // of OnDone
	heard     []int
	listening atomic.Bool
}

// A task is blocked in a function of the package.
type blocked struct {
	ready func() bool // whether it is to go on; nil: the model does not know
	since int         // the look that first found it wants its slot back
	vague bool        // it may want its slot back before that, to look and go on waiting
}

// submit is the driver's: whether a task is accepted is determined.
func (w *world) submit(r *run) (verify func()) {
	w.contextOf(r, nil, nil)
	a, v := r.ex, r.ex.view
	full := a.Queue >= 0 && (v.admitting > 0 || v.queued >= a.Queue+max(0, a.limited-v.active))
	refusal := context.Cause(r.base)
	if refusal == nil {
		refusal = a.Err()
	}
	if refusal == nil && full && r.task.Via == "TryGo" {
		refusal = ErrQueueFull
		w.reached("queue full")
	}
	go r.launch()
	return func() {
		err := r.err
		if r.fut != nil && r.over() && r.starts == 0 {
			_, err = r.result()
		}
		switch {
		case refusal != nil:
			w.reached("refused")
			if !r.returned || err != refusal || r.starts > 0 {
				w.fault("task %d: error %v, want the refusal %v", r.task.ID, err, refusal)
			}
		case full && r.returned:
			w.fault("task %d was accepted by a full queue, or refused: %v", r.task.ID, err)
		case !full && (!r.returned || err != nil && (!a.broken() || !a.refuses(err))): // it may have broken the executor
			w.fault("task %d was not accepted, err %v", r.task.ID, err)
		}
	}
}

// launch submits the task.
func (r *run) launch() {
	r.called = r.w.tick()
	fn := func(ctx context.Context) { _, _ = r.body(ctx) }
	switch r.task.Via {
	case "Submit":
		f := Submit(r.base, r.ex.Executor, r.body)
		r.w.tick()
		r.fut = f
	case "Go":
		r.refuse(r.ex.Go(r.base, fn))
	case "TryGo":
		r.refuse(r.ex.TryGo(r.base, fn))
	}
	if r.arrived == 0 {
		r.arrived = r.w.tick()
	}
	r.returned = true
}

func (r *run) refuse(err error) {
	r.w.tick()
	r.err = err
}

// contextOf gives a task its context, from that of the task that submits it.
func (w *world) contextOf(r, parent *run, ctx context.Context) {
	deadline := time.Now().Add(ms(r.task.D))
	passed := func() bool { return !time.Now().Before(deadline) }
	var cancel context.CancelFunc
	r.base, r.dead, r.from, r.why = w.root, never, parent, []error{scriptError(r.task.ID), context.DeadlineExceeded, context.Canceled}
	kind := r.task.Ctx
	if kind == "root" && parent != nil && r.ex.Queue >= 0 {
		kind = "detached" // with a context that is not its own, the task would keep its slot while it waits for room
	}
	switch kind {
	case "own":
		r.base, r.cancel = context.WithCancelCause(w.root)
		r.dead = func() bool { return r.cut }
		cancel = func() { r.cancel(nil); r.cut = true }
	case "dead":
		c, end := context.WithCancelCause(w.root)
		end(scriptError(r.task.ID))
		r.base, r.dead = c, func() bool { return true }
	case "deadline":
		r.base, cancel = context.WithTimeout(w.root, ms(r.task.D))
		r.dead = passed
	case "inherit":
		r.base, r.dead = ctx, parent.done
	case "detached":
		r.base = context.WithoutCancel(ctx)
	case "timeout":
		r.base, cancel = context.WithTimeout(ctx, ms(r.task.D))
		r.dead = func() bool { return parent.done() || passed() }
	}
	if cancel != nil {
		w.later(cancel)
	}
}

// later has f called at the end.
func (w *world) later(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.undo = append(w.undo, f)
}

// done reports whether the context that the task has is done.
func (r *run) done() bool {
	if r.m != nil {
		return r.m.dead() || len(r.ex.causes) > 0
	}
	return r.dead() || r.stopped || len(r.ex.causes) > 0 || r.task.Via == "Submit" && r.ended.Load()
}

// over reports whether the future has ended, and result is its result then.
func (r *run) over() bool { return r.fut != nil && r.fut.at.completed() }

func (r *run) result() (int, error) {
	if r.fut.fn == nil {
		return r.fut.val, nil
	}
	_, err := r.fut.fn(r.base) // outcome would note that it was seen
	return r.fut.val, err
}

// end is how the task ends.
func (r *run) end() string {
	if r.task.End == "panic" && r.m == nil && r.task.Via != "Submit" && !r.ex.Handler {
		return "error" // it would end the program
	}
	return r.task.End
}

// matches reports whether the task may have this result.
func (r *run) matches(val int, err error) bool {
	id := r.task.ID
	switch r.end() {
	case "value":
		return val == id && err == nil
	case "error":
		return val == 0 && err == scriptError(id)
	case "panic":
		p, ok := err.(*PanicError) //nolint:errorlint // never wrapped
		return ok && val == 0 && p.Value == scriptError(id) && strings.Contains(p.Stack(), "body")
	}
	return val == 0 && err == ErrGoexit
}

func (r *run) body(ctx context.Context) (int, error) {
	r.since = r.w.tick()
	r.starts++
	r.ctx = ctx
	r.ex.occupy()
	defer func() {
		r.w.tick()
		r.ended.Store(true)
		r.ex.leave()
	}()
	if ctx.Value(rootKey{}) != "root" {
		r.w.fault("task %d has not its context", r.task.ID)
	}
	for i := range r.task.Steps {
		r.do(ctx, &r.task.Steps[i])
	}
	switch r.end() {
	case "error":
		return 0, scriptError(r.task.ID)
	case "panic":
		r.w.reached("panicked")
		panic(scriptError(r.task.ID))
	case "Goexit":
		r.w.reached("Goexit")
		runtime.Goexit()
	}
	return r.task.ID, nil
}

func (r *run) do(ctx context.Context, st *scriptStep) {
	switch st.Do {
	case "gate":
		<-r.w.gates[st.ID].ch
	case "until":
		r.w.tick()
		r.until = true
		select {
		case <-r.w.gates[st.ID].ch:
		case <-ctx.Done():
		}
		r.w.tick()
		r.until = false
	case "sleep":
		time.Sleep(ms(st.N))
	case "thread":
		r.join(ctx, st.N)
	case "shutdown":
		r.ex.closing.Store(true)
		if err := r.ex.Shutdown(ctx); err != ErrSelfJoin {
			r.w.fault("a task's shutdown of its executor: %v, want %v", err, ErrSelfJoin)
		}
	case "map":
		r.w.maps[st.Map].consume(ctx, r.done)
	case "kids":
		r.kids(ctx, st)
	}
}

// pause is called where the task may give up its slot, and resume when it has
// it.
func (r *run) pause(ready func() bool) {
	if r != nil {
		r.ex.leave()
		r.w.tick()
		r.in = &blocked{ready: ready}
	}
}

func (r *run) resume() {
	if r != nil {
		r.w.tick()
		r.in = nil
		r.ex.occupy()
	}
}

func (r *run) join(ctx context.Context, n int) {
	t := NewThread(ctx, func(context.Context) error { time.Sleep(ms(n)); return scriptError(n) })
	_ = t.Start()
	r.pause(func() bool { return !t.Alive() || ctx.Err() != nil })
	err := t.Join(ctx)
	r.resume()
	if err != scriptError(n) && (ctx.Err() == nil || err != context.Cause(ctx)) {
		r.w.fault("Join in task %d: %v", r.task.ID, err)
	}
}

// kids submits children and waits for them.
func (r *run) kids(ctx context.Context, st *scriptStep) {
	var kids []*run
	for _, t := range st.Kids {
		kid := r.w.byID[t.ID]
		r.w.contextOf(kid, r, ctx)
		r.pause(nil)
		kid.launch()
		r.resume()
		if kid.fut != nil {
			kids = append(kids, kid)
		}
	}
	if st.D > 0 {
		c, cancel := context.WithTimeout(ctx, ms(st.D))
		defer cancel()
		ctx = c
	}
	if len(kids) > 0 {
		r.waitFor(ctx, st.How, kids)
	}
}

func (r *run) waitFor(ctx context.Context, how string, kids []*run) {
	ready := func(mode WaitMode) func() bool {
		return func() bool { return satisfied(mode, kids) || ctx.Err() != nil }
	}
	switch how {
	case "Result", "Wait":
		r.resultOf(ctx, how, kids)
	case "AllDone", "FirstDone", "FirstError":
		mode := WaitMode(slices.Index(hows, how) - 3)
		r.pause(ready(mode))
		r.in.vague = true
		done, pending, err := Wait(ctx, mode, waiting(kids)...)
		r.resume()
		r.w.checkWait(ctx, mode, kids, done, pending, err)
	case "WaitAll":
		r.pause(ready(AllDone))
		r.in.vague = true
		vals, err := WaitAll(ctx, futures(kids)...)
		r.resume()
		r.w.checkWaitAll(ctx, kids, vals, err)
	case "AsCompleted":
		r.asCompleted(ctx, kids)
	case "Cancel":
		for _, kid := range kids {
			kid.tried = true
			if kid.fut.Cancel() && kid.starts > 0 || !kid.fut.Cancel() && kid.fut.State() == StateCanceled {
				r.w.fault("Cancel of task %d, which has %d starts", kid.task.ID, kid.starts)
			}
		}
	}
}

func (r *run) resultOf(ctx context.Context, how string, kids []*run) {
	for _, kid := range kids {
		before := kid.over()
		r.pause(func() bool { return kid.over() || ctx.Err() != nil })
		var err error
		val := 0
		if how == "Wait" {
			err = kid.fut.Wait(ctx)
		} else {
			val, err = kid.fut.Result(ctx)
		}
		r.resume()
		if kid.over() {
			v, e := kid.result()
			if e == err && (how == "Wait" || v == val) {
				kid.told.Store(true)
				continue
			}
		}
		if before || val != 0 || ctx.Err() == nil || err != context.Cause(ctx) {
			r.w.fault("%s of task %d: %d, %v", how, kid.task.ID, val, err)
		}
	}
}

func (r *run) asCompleted(ctx context.Context, kids []*run) {
	n, before := 0, make(map[*Future[int]]bool)
	over := func() (n int) {
		for _, kid := range kids {
			if kid.over() {
				n++
			}
		}
		return n
	}
	r.pause(func() bool { return over() > n || ctx.Err() != nil })
	for f, err := range AsCompleted(ctx, futures(kids)...) {
		r.resume()
		n++
		i := slices.IndexFunc(kids, func(kid *run) bool { return kid.fut == f })
		switch {
		case f == nil:
			if ctx.Err() == nil || err != context.Cause(ctx) {
				r.w.fault("AsCompleted in task %d yields nil, %v", r.task.ID, err)
			}
			n = len(kids)
		case before[f] || !kids[i].over():
			r.w.fault("AsCompleted in task %d yields task %d twice, or before its end", r.task.ID, kids[i].task.ID)
		default:
			kids[i].told.Store(true)
			if _, e := kids[i].result(); e != err {
				r.w.fault("AsCompleted yields task %d with %v, want %v", kids[i].task.ID, err, e)
			}
		}
		before[f] = true
		r.pause(func() bool { return over() > n || ctx.Err() != nil })
	}
	r.resume()
	if n < len(kids) {
		r.w.fault("AsCompleted in task %d yields %d of %d", r.task.ID, n, len(kids))
	}
}

func futures(rs []*run) (fs []*Future[int]) {
	for _, r := range rs {
		fs = append(fs, r.fut)
	}
	return fs
}

func waiting(rs []*run) (ws []Waiter) {
	for _, r := range rs {
		ws = append(ws, r.fut)
	}
	return ws
}

// satisfied reports whether what mode says has happened.
func satisfied(mode WaitMode, rs []*run) bool {
	over, failed := 0, false
	for _, r := range rs {
		if r.over() {
			_, err := r.result()
			over++
			failed = failed || err != nil
		}
	}
	return over == len(rs) || mode == FirstDone && over > 0 || mode == FirstError && failed
}

// checkWait checks what Wait has returned.
func (w *world) checkWait(ctx context.Context, mode WaitMode, rs []*run, done, pending []Waiter, err error) {
	var ended []*run
	var errs []error
	for _, r := range rs {
		switch {
		case len(done) > 0 && done[0] == Waiter(r.fut):
			done = done[1:]
			if !r.over() {
				w.fault("Wait returns task %d as done", r.task.ID)
				return
			}
			if _, err := r.result(); err != nil {
				errs = append(errs, err)
			}
			ended = append(ended, r)
			r.told.Store(true)
		case len(pending) > 0 && pending[0] == Waiter(r.fut):
			pending = pending[1:]
		default:
			w.fault("Wait returns task %d nowhere, or not in its place", r.task.ID)
		}
	}
	all := len(ended) == len(rs)
	if enough := all || mode == FirstDone && len(ended) > 0 || mode == FirstError && len(errs) > 0; !enough {
		if ctx.Err() == nil {
			w.fault("Wait returns too soon: %d of %d, %v", len(ended), len(rs), err)
		}
		errs = append(errs, context.Cause(ctx))
	}
	w.checkJoined("Wait", err, errs, context.Cause(ctx))
}

// checkJoined checks that err consists of errs, and perhaps of more: the
// context of a wait can end when what it waited for has happened as well.
func (w *world) checkJoined(name string, err error, errs []error, more error) {
	got := parts(err)
	if len(got) == len(errs)+1 && more != nil {
		errs = append(errs, more)
	}
	if !slices.Equal(got, errs) {
		w.fault("%s returns the errors %v, want %v", name, got, errs)
	}
}

// parts returns what an error of errors.Join was made of.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	return err.(interface{ Unwrap() []error }).Unwrap()
}

func (w *world) checkWaitAll(ctx context.Context, rs []*run, vals []int, err error) {
	var errs []error
	early := ctx.Err() != nil // perhaps
	for i, r := range rs {
		if !r.over() {
			if vals[i] != 0 || !early {
				w.fault("WaitAll returns %d for task %d, which has not ended", vals[i], r.task.ID)
			}
			continue
		}
		val, e := r.result()
		if vals[i] != val && (vals[i] != 0 || !early) {
			w.fault("WaitAll returns %d for task %d, want %d", vals[i], r.task.ID, val)
		}
		// Of those that have ended since, the error is not there.
		if e != nil && (!early || slices.Contains(parts(err), e)) {
			errs = append(errs, e)
			r.told.Store(true)
		}
	}
	if !early {
		w.checkJoined("WaitAll", err, errs, nil)
	}
}
