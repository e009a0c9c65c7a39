//go:build go1.25

package ctxrun

import (
	"context"
	"slices"
)

// look takes the executors' own counts.
func (w *world) look() {
	for _, a := range w.ex {
		if !a.mu.TryLock() {
			w.fault("ex%d.mu is locked", a.id)
			return
		}
		a.view = view{
			queued: a.queue.len, resuming: a.resuming.Len(), admitting: a.admitting.Len(),
			active: a.active, searching: a.searching, pending: a.pending, parked: len(a.parked),
		}
		n := 0
		for t := range a.queue.all() {
			n++
			if _, ok := t.at.job.(*pump); ok {
				a.view.tickets++
			}
		}
		if busy := n+a.view.resuming > 0 || a.active > a.max; n != a.view.queued || a.busy.Load() != busy || a.limit.Load() != int64(a.limited) ||
			a.refusing.Load() != (a.refusal != nil) || a.refusal != nil && !a.closing.Load() && a.Breaks == 0 {
			w.fault("ex%d: %d in the queue, busy %v, limit %d, refusing %v: view %+v, limit %d, closing %v", a.id,
				n, a.busy.Load(), a.limit.Load(), a.refusing.Load(), a.view, a.limited, a.closing.Load())
		}
		a.mu.Unlock()
		if err := a.Err(); !a.refuses(err) {
			w.fault("ex%d refuses tasks with %v", a.id, err)
		}
		a.view.Stats = a.Executor.Stats() //nolint:staticcheck // the view has Stats too
	}
}

// all yields the tasks in the queue.
func (q *queue) all() func(yield func(task) bool) {
	return func(yield func(task) bool) {
		first, at := q.first, q.popped
		for b := q.head; b != nil; b = b.next {
			last := blockLen
			if b == q.tail {
				last = q.last
			}
			for _, t := range b.tasks[first:last] {
				if t.at == nil {
					t.at = at
				}
				at = t.at
				if !yield(t) {
					return
				}
			}
			first = 0
		}
	}
}

// check looks at everything. Nothing moves.
func (w *world) check() {
	w.round++
	w.look()
	for _, r := range w.runs {
		r.check()
	}
	for _, a := range w.ex {
		a.check()
		a.checkStats()
		a.checkOrder()
		a.checkResuming()
	}
	for _, m := range w.maps {
		m.check()
	}
	for _, wr := range w.waits {
		if want := satisfied(wr.mode, wr.rs) || wr.ctx.Err() != nil; wr.returned != want {
			w.fault("Wait(%s) has returned: %v, want %v", hows[3+wr.mode], wr.returned, want)
		}
	}
	for _, sr := range w.stops {
		v := sr.a.view
		if want := v.pending == 0 && v.Workers == 0 || sr.ctx.Err() != nil; sr.returned != want {
			w.fault("Shutdown of ex%d has returned: %v, want %v", sr.a.id, sr.returned, want)
		}
	}
	for _, a := range w.ex {
		a.blocked = make(map[*run]*blocked)
	}
	for _, r := range w.runs {
		if r.in != nil {
			r.ex.blocked[r] = r.in
		}
	}
	for _, a := range w.ex {
		a.mark = w.tick()
	}
}

// check compares a task with what is known of it.
func (r *run) check() {
	w, id := r.w, r.task.ID
	if r.called > 0 && r.arrived == 0 {
		r.arrived = w.tick() // it waits for room, or its parent does for its slot
	}
	if r.starts > 1 || r.starts > 0 && r.doomed || r.starts > 0 && r.want != nil {
		w.fault("task %d has %d starts; its context was done before: %v; canceled: %v", id, r.starts, r.doomed, r.want)
	}
	r.checkContext()
	if r.until && r.done() {
		w.fault("task %d waits for the end of its context, which has come", id)
	}
	full := r.err == ErrQueueFull && r.task.Via == "TryGo" && r.ex.Queue >= 0
	if r.err != nil && !full && !r.mayBeCanceled(r.err) {
		w.fault("task %d was refused with %v, its context %v", id, r.err, context.Cause(r.base))
	}
	if r.fut != nil {
		r.checkFuture()
	}
	r.known = r.told.Load() && r.ex.told[id] == 0
	r.doomed = r.m == nil && r.returned && r.starts == 0 && (r.dead() || len(r.ex.causes) > 0)
}

func (r *run) checkContext() {
	if r.ctx == nil {
		return
	}
	err, cause := r.ctx.Err(), context.Cause(r.ctx)
	if (err != nil) != r.done() || (cause != nil) != (err != nil) {
		r.w.fault("task %d: its context ends with %v, cause %v, want an end: %v", r.task.ID, err, cause, r.done())
	}
	if r.cause == nil {
		r.cause = cause
	}
	if r.cause != cause || cause != nil && !r.mayEnd(cause) {
		r.w.fault("task %d: its context ends with the cause %v, and before with %v", r.task.ID, cause, r.cause)
	}
	if r.ctx.Value(rootKey{}) != "root" {
		r.w.fault("task %d: its context has lost its values", r.task.ID)
	}
}

// mayEnd reports whether the context of the task may end with a cause.
func (r *run) mayEnd(cause error) bool {
	switch {
	case r == nil:
		return false
	case r.m != nil:
		return r.m.mayEnd(cause) || r.m.by.mayEnd(cause) || cause == context.DeadlineExceeded || cause == context.Canceled
	}
	return cause == errReturned || slices.Contains(r.why, cause) || slices.Contains(r.ex.causes, cause) || r.from.mayEnd(cause)
}

func (r *run) checkFuture() {
	w, id, state := r.w, r.task.ID, r.fut.State()
	want := StateDone
	switch {
	case r.starts > 0 && !r.ended.Load():
		want = StateRunning
	case r.starts == 0 && state == StateCanceled:
		want = StateCanceled
		_, err := r.result()
		if !r.mayBeCanceled(err) {
			w.fault("task %d was canceled with %v, its context %v", id, err, context.Cause(r.base))
		}
	case r.starts == 0 && r.want == nil:
		want = StatePending
	}
	if state != want {
		w.fault("task %d is %v, want %v", id, state, want)
		return
	}
	if id%2 == 0 { // to ask for Done changes what happens at the end
		select {
		case <-r.fut.Done():
			if !r.over() {
				w.fault("Done of task %d is closed", id)
			}
		default:
			if r.over() {
				w.fault("Done of task %d is not closed", id)
			}
		}
	}
	if !r.over() {
		return
	}
	if val, err := r.result(); state == StateDone && !r.matches(val, err) {
		w.fault("task %d: %d, %v", id, val, err)
	}
	if !slices.Equal(r.asked, r.heard) {
		w.fault("task %d: OnDone was called %v, want %v", id, r.heard, r.asked)
	}
}

// mayBeCanceled reports whether err says why the task was not run.
func (r *run) mayBeCanceled(err error) bool {
	if r.want != nil {
		return err == r.want
	}
	switch {
	case err != nil && r.ex.refuses(err):
		return true
	case err == ErrCanceled:
		return r.tried || r.ex.emptied
	case len(r.ex.causes) > 0 && slices.Contains(r.ex.causes, err):
		return true
	}
	if r.dead() && err == context.Cause(r.base) {
		r.w.reached("skipped")
		return true
	}
	return false
}

// check is about the slots.
func (a *arena) check() {
	w, v := a.w, a.view
	inside, limit := int(a.inside.Load()), a.limited
	calls, ready, unknown, submitting := 0, 0, 0, 0
	for _, r := range w.runs {
		if r.called > 0 && !r.returned && r.ex == a {
			submitting++
		}
		switch {
		case r.ex != a || r.in == nil:
		case r.in.ready == nil:
			calls++
			unknown++
		case r.in.ready():
			calls++
			ready++
		default:
			calls++
			if r.in.vague {
				unknown++
			}
		}
	}
	for _, m := range w.maps {
		if m.begun && !m.over && m.ex == a {
			submitting++ // perhaps
		}
	}
	switch {
	case v.active != inside || v.searching != 0 || v.Running != inside:
		w.fault("ex%d: %d tasks have a slot, view %+v", a.id, inside, v)
	case v.Waiting+v.resuming != calls || v.resuming < ready || v.resuming > ready+unknown:
		w.fault("ex%d: %d tasks have given up their slot, %d want it back, view %+v", a.id, calls, ready, v)
	case v.Workers != inside+calls+v.parked:
		w.fault("ex%d: %d tasks, view %+v", a.id, inside+calls, v)
	case inside < limit && (v.queued > 0 || v.resuming > 0 || v.admitting > 0):
		w.fault("ex%d: a slot is idle, though somebody wants one: %d of %d, view %+v", a.id, inside, limit, v)
	case a.closing.Load() && v.admitting+v.parked > 0:
		w.fault("ex%d is shut down, view %+v", a.id, v)
	case v.admitting > submitting || v.admitting > 0 && v.queued < a.Queue:
		w.fault("ex%d: somebody waits for room, view %+v", a.id, v)
	}
	// A map's worker goes on with the map's items, also above the limit.
	if inside > limit && (a.lastStart(true) > a.mark || a.resumed()) {
		w.fault("ex%d gives a slot away when it runs more than the limit, %d of %d", a.id, inside, limit)
	}
	a.cap.Store(int64(max(inside, limit)))
	a.reach(inside, limit)
}

// resumed reports whether a task has its slot back since the last look.
func (a *arena) resumed() bool {
	for r, b := range a.blocked {
		if r.in != b {
			return true
		}
	}
	return false
}

// lastStart returns when the executor has last given a task a slot to start
// in; or a map's item, of which all but the first of a chunk need none.
func (a *arena) lastStart(items bool) (at int64) {
	for _, r := range a.w.runs {
		if r.ex == a && (r.m == nil || items && r.m.spec.Chunk == 1) {
			at = max(at, r.since)
		}
	}
	return at
}

func (a *arena) reach(inside, limit int) {
	for what, is := range map[string]bool{
		"wants its slot back": a.view.resuming > 0, "waits for room": a.view.admitting > 0,
		"above the limit": inside > limit, "broken": a.broken(), "kept worker": a.view.parked > 0, "4 nested waits": a.view.Waiting > 3,
	} {
		if is {
			a.w.reached(what)
		}
	}
}

// checkStats is about the counts of tasks. Those of a map count as its chunks
// go through, and the model leaves them be.
func (a *arena) checkStats() {
	w, v := a.w, a.view
	var queued, perhaps, ended, panicked, accepted int
	for _, r := range w.runs {
		if r.ex != a {
			continue
		}
		if r.ended.Load() && r.end() == "panic" {
			panicked++
		}
		switch {
		case r.m != nil || r.called == 0 || r.err != nil:
		case r.starts > 0:
			accepted++
			if r.ended.Load() {
				ended++
			}
		case !r.returned || r.fut != nil && r.fut.State() == StateCanceled || r.fut == nil && (r.doomed || r.dropped || a.broken()):
			perhaps++ // accepted or not, in the queue still or not
		case r.waits():
			accepted++
			queued++
		default:
			accepted++ // and canceled by CancelQueued
		}
	}
	n := v.queued - v.tickets
	sum := v.Completed + v.Canceled + uint64(v.pending)
	switch {
	case n < queued || n > queued+perhaps:
		w.fault("ex%d: %d tasks are in the queue, and perhaps %d, view %+v", a.id, queued, perhaps, v)
	case v.pending != v.queued+v.Workers-v.parked:
		w.fault("ex%d: pending, view %+v", a.id, v)
	case v.Panicked != uint64(panicked):
		w.fault("ex%d: %d panicked, view %+v", a.id, panicked, v)
	case len(a.maps) > 0:
	case v.Submitted != sum || v.Submitted < uint64(accepted) || v.Submitted > uint64(accepted+perhaps):
		w.fault("ex%d: %d tasks and perhaps %d, view %+v", a.id, accepted, perhaps, v)
	case v.Completed != uint64(ended):
		w.fault("ex%d: %d tasks completed, view %+v", a.id, ended, v)
	}
}

// checkOrder is about the queue: who was there earlier has left it earlier.
// With one worker that is the order in which they started, else who left it
// later may have been faster to start.
func (a *arena) checkOrder() {
	for _, r := range a.w.runs {
		for _, s := range a.w.runs {
			if r.m != nil || s.m != nil || r.ex != a || s.ex != a || r.arrived == 0 || r.arrived >= s.called || s.starts == 0 {
				continue
			}
			if r.waits() && (r.fut != nil || !r.doomed && !r.dropped && !a.broken()) || !r.returned && r.parent == nil {
				a.w.fault("task %d has started, and not %d, which was submitted before", s.task.ID, r.task.ID)
			}
			if a.Workers == 1 && !a.resized && r.starts > 0 && r.since > s.since {
				a.w.fault("task %d has started before %d, which was submitted before", s.task.ID, r.task.ID)
			}
		}
	}
}

// checkResuming is about the tasks that want their slot back: nobody gets one
// before them, and the first to want it is the first to have it.
func (a *arena) checkResuming() {
	var now []*blocked
	oldest := a.w.round // since when one has wanted it that wanted it at the last look too
	for _, r := range a.w.runs {
		if b := r.in; r.ex == a && b != nil && !b.vague && b.ready != nil && b.ready() {
			now = append(now, b)
			if b.since == 0 {
				b.since = a.w.round
			}
			oldest = min(oldest, b.since)
		}
	}
	if oldest < a.w.round && a.lastStart(true) > a.mark {
		a.w.fault("ex%d starts a task, though another wants its slot back", a.id)
	}
	for _, b := range a.was {
		if !slices.Contains(now, b) && b.since > oldest {
			a.w.fault("ex%d: a task has its slot back before another that wanted it first", a.id)
		}
	}
	a.was = now
}

func (m *mapRun) check() {
	w := m.w
	busy := false
	for _, r := range m.items {
		busy = busy || r.starts > 0 && !r.ended.Load()
		if m.sealed > 0 && r.since > m.sealed {
			w.fault("item %d has started when its map had ended", r.task.ID)
		}
	}
	if m.over && m.sealed == 0 {
		m.sealed = w.tick()
	}
	if !m.begun || m.over || m.by != nil && int(m.by.ex.inside.Load()) >= m.by.ex.limited {
		return
	}
	if m.ready() || !busy && int(m.ex.inside.Load()) < m.ex.limited {
		w.fault("a map is stuck: %d of %d results, ready %v", len(m.got), len(m.items), m.ready())
	}
}

// checkEnd is about what an executor leaves behind.
func (a *arena) checkEnd() {
	w, v := a.w, a.view
	v.Stats = Stats{MaxWorkers: v.MaxWorkers, Submitted: v.Submitted, Completed: v.Completed, Panicked: v.Panicked, Canceled: v.Canceled}
	if a.view != v || v.pending+v.queued+v.tickets+v.resuming+v.admitting+v.active+v.searching+v.parked != 0 ||
		v.Submitted != v.Completed+v.Canceled || a.recent != (recent{}) {
		w.fault("ex%d leaves %+v, contexts %v", a.id, a.view, a.recent)
	}
	var panicked int64
	for _, r := range w.runs {
		if r.ex != a {
			continue
		}
		id := r.task.ID
		for _, way := range r.heard {
			if way%3 == 1 {
				panicked++
			}
		}
		if r.fut != nil && r.fut.at.running+r.fut.at.lent.Load()+r.fut.at.waits != 0 {
			w.fault("task %d: running %d, lent %d, waits %d", id, r.fut.at.running, r.fut.at.lent.Load(), r.fut.at.waits)
		}
		if !r.ended.Load() || r.end() != "panic" {
			continue
		}
		panicked++
		if !a.Handler && r.m == nil && !a.Open && (a.told[id] > 1 || a.told[id] == 0 && !r.told.Load()) {
			w.fault("the panic of task %d was returned by Shutdown %d times, and to others: %v", id, a.told[id], r.told.Load())
		}
	}
	if a.Handler && (a.handled.Load() != panicked || len(a.told) > 0) {
		w.fault("ex%d: the handler was called %d times of %d, and Shutdown returned %v", a.id, a.handled.Load(), panicked, a.told)
	}
	if n := a.onSubmit.Load(); a.onDone.Load() != n || a.onStart.Load() > n {
		w.fault("ex%d: OnSubmit was called %d times, OnStart %d, OnDone %d", a.id, n, a.onStart.Load(), a.onDone.Load())
	}
}
