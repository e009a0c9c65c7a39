package ctxrun

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"
	"weak"
)

// A frame is the context of tasks: the submitter's, with two things added. It
// is canceled by CancelRunning as well, and it leads from a context to the
// executor whose slot the task has, which is how a task that blocks gives the
// slot up.
//
// It says nothing about one task. So tasks of [Executor.Go] that were
// submitted with the same context share a frame, and a task costs no
// allocation.
type frame struct {
	context.Context // the submitter's
	ex              *Executor
	job             job // nil for Executor.Go
	joint           atomic.Pointer[joint]

	// Changed with ex.mu held. Slots are alike, so counts are enough.
	running int32        // tasks that run in the frame
	lent    atomic.Int32 // those of them whose slot is given up
	waits   int32        // goroutines that wait, for which it is
}

// A job is a task that is more than a function.
type job interface {
	// context returns the context that it runs in.
	context() context.Context
	// run does it. It may panic and call Goexit.
	run(w *worker)
	// unwound is called when run did not return, on the same goroutine.
	unwound(w *worker, err error)
	// drop is called in place of run for a task that is taken from the queue.
	drop(err error)
}

type frameKey struct{}

func (at *frame) Value(key any) any {
	if key == (frameKey{}) {
		return at
	}
	if v := at.jointly(key); v != nil {
		return v
	}
	return at.Context.Value(key)
}

// jointly returns the context of the frame's joint, if it has one and key is
// the key by which package context finds what to derive from. With a joint,
// Done is the channel of that context; if the value of the key were
// another's, each derived context would need a goroutine.
func (at *frame) jointly(key any) any {
	if j := at.joint.Load(); j != nil && key == cancelKey.key {
		return j.ctx.Value(key)
	}
	return nil
}

// cancelKey has the key by which package context asks a context for the one
// whose cancellation it has. It is asked for once, before there is a joint,
// because to look for an unknown key in the joint first would double the cost of
// a look-up with each frame. If a future version asks in another way, derived
// contexts need a goroutine and are otherwise right.
var cancelKey struct {
	once sync.Once
	key  any
}

func learnCancelKey() {
	p := &probe{Context: context.Background()}
	_ = context.Cause(p)
	cancelKey.key = p.key
}

// A probe notes which key it is asked for.
type probe struct {
	context.Context
	key any
}

func (*probe) Err() error { return context.Canceled } // else Cause asks nothing

func (p *probe) Value(key any) any {
	p.key = key
	return nil
}

func (at *frame) Done() <-chan struct{} { return at.join().ctx.Done() }

func (at *frame) Err() error {
	if j := at.joint.Load(); j != nil {
		return j.ctx.Err()
	}
	if at.ex.stopping.Load() {
		return at.join().ctx.Err() // which knows the cause
	}
	return at.Context.Err()
}

func (at *frame) join() *joint {
	if j := at.joint.Load(); j != nil {
		return j
	}
	j := at.ex.joints.of(at.Context, &at.ex.stopping)
	at.joint.CompareAndSwap(nil, j)
	return at.joint.Load()
}

// A joint is canceled when its parent is and when its executor cancels what
// runs. It is made when a task asks for Done, and belongs to the parent: one
// joint for all tasks whose contexts have the same Done channel, for as long as
// the parent lasts. One for each task would pile up in a parent that is never
// canceled, and could not be released when the task returns, because what
// the task has started may still listen.
type joint struct {
	context.Context // the parent
	ctx             context.Context
	cancel          context.CancelCauseFunc
}

func newJoint(parent context.Context) *joint {
	cancelKey.once.Do(learnCancelKey)
	j := &joint{Context: parent}
	j.ctx, j.cancel = context.WithCancelCause(j)
	return j
}

// joints are the joints of an executor, by the Done channel of the parent. The
// pointers are weak, and a parent holds its joint: when it has gone, so has
// the joint.
type joints struct {
	mu    sync.Mutex
	byEnd map[<-chan struct{}]weak.Pointer[joint]
	root  *joint // for parents that are never canceled
	sweep int    // the size at which the dead are looked for
	cause error
}

func (js *joints) of(parent context.Context, stopping *atomic.Bool) *joint {
	end := parent.Done()
	if parent.Err() != nil {
		// Contexts that were canceled before anybody asked for Done share
		// one channel, and there is nothing to wait for.
		return newJoint(parent)
	}
	js.mu.Lock()
	j := js.find(end)
	js.mu.Unlock()
	if j != nil {
		return j
	}
	if end == nil {
		parent = context.Background()
	}
	made := newJoint(parent) // not under the lock: the parent may be anything

	js.mu.Lock()
	j = js.find(end)
	if j == nil {
		j = made
		js.keep(end, j)
	}
	stopped, cause := stopping.Load(), js.cause
	js.mu.Unlock()
	if j != made {
		made.cancel(nil)
	}
	if stopped {
		j.cancel(cause)
	}
	return j
}

func (js *joints) find(end <-chan struct{}) *joint {
	if end == nil {
		return js.root
	}
	return js.byEnd[end].Value()
}

func (js *joints) keep(end <-chan struct{}, j *joint) {
	if end == nil {
		js.root = j
		return
	}
	if js.byEnd == nil {
		js.byEnd = make(map[<-chan struct{}]weak.Pointer[joint])
	}
	if len(js.byEnd) >= max(js.sweep, 64) {
		for end, p := range js.byEnd {
			if j := p.Value(); j == nil || j.ctx.Err() != nil {
				delete(js.byEnd, end)
			}
		}
		js.sweep = 2 * len(js.byEnd)
	}
	p := weak.Make(j)
	js.byEnd[end] = p
	// A context derived from the joint's is under the same executor.
	js.byEnd[j.ctx.Done()] = p
}

// stop cancels all joints, and with stopping those to come.
func (js *joints) stop(cause error, stopping *atomic.Bool) {
	js.mu.Lock()
	js.cause = cause
	stopping.Store(true)
	live := []*joint{}
	for _, p := range js.byEnd {
		if j := p.Value(); j != nil {
			live = append(live, j)
		}
	}
	if js.root != nil {
		live = append(live, js.root)
	}
	js.mu.Unlock()
	for _, j := range live {
		j.cancel(cause)
	}
}

// recent are frames of the contexts that tasks were submitted with last.
type recent struct {
	last   *frame // one of them, which was asked for last
	frames [8]*frame
	next   int
}

// frame returns the frame for tasks of Executor.Go with ctx. The caller holds
// ex.mu.
func (r *recent) frame(ctx context.Context, ex *Executor) *frame {
	if r.last != nil && r.last.Context == ctx {
		return r.last
	}
	// A task that submits itself again must not add a frame each time.
	if at, ok := ctx.(*frame); ok && at.ex == ex && at.job == nil {
		return at
	}
	for _, at := range r.frames {
		if at != nil && at.Context == ctx {
			r.last = at
			return at
		}
	}
	at := &frame{Context: ctx, ex: ex}
	// To compare two values of one type that is not comparable panics. With
	// only comparable ones on this side it cannot happen.
	if reflect.ValueOf(ctx).Comparable() {
		r.last, r.frames[r.next] = at, at
		r.next = (r.next + 1) % len(r.frames)
	}
	return at
}
