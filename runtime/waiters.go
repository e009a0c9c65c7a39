package ctxrun

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// A State is how far a task is.
type State int32

// The states of a task. It goes from Pending to Canceled, or from Pending to
// Running to Done.
const (
	StatePending  State = iota // in the queue
	StateRunning               // started, and not done
	StateCanceled              // never started: canceled, or refused, or its context was done by its turn
	StateDone                  // returned, panicked or called runtime.Goexit

	// Not seen outside: over, and the result not yet to be read.
	returned
	canceling
)

// String returns the name of the state in lower case.
func (s State) String() string {
	switch s {
	case StatePending, canceling:
		return "pending"
	case StateRunning, returned:
		return "running"
	case StateCanceled:
		return "canceled"
	case StateDone:
		return "done"
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}

// waiters are those who are told of the end of a future or a thread. Nothing is
// allocated before somebody asks.
type waiters struct {
	state   atomic.Int32 // a State and the watched bit
	told    bool         // guarded by mu, as is the rest
	calling bool         // somebody makes the calls of OnDone
	mu      sync.Mutex
	done    chan struct{}
	more    *moreWaiters
}

// watched, in the state, says that somebody is to be told of the end. Without
// it the end costs one atomic operation.
const watched = 1 << 8

// moreWaiters are other than those who wait for done. Most tasks have none.
type moreWaiters struct {
	subs  []*subscription
	calls []func(context.Context)
}

// A subscription tells one wait for several tasks of the end of one.
type subscription struct {
	ended chan<- int // with room for all
	index int
}

func (w *waiters) get() State { return State(w.state.Load() &^ watched) }

// completed reports whether it has ended. What was written before complete
// can then be read.
func (w *waiters) completed() bool {
	s := w.get()
	return s == StateDone || s == StateCanceled
}

// advance changes the state if it is from, and reports whether it did.
func (w *waiters) advance(from, to State) bool {
	for {
		s := w.state.Load()
		if State(s&^watched) != from {
			return false
		}
		if w.state.CompareAndSwap(s, s&watched|int32(to)) {
			return true
		}
	}
}

// complete publishes the end. It reports whether there are calls of OnDone to
// make.
func (w *waiters) complete(s State) (calls bool) {
	return w.state.Swap(int32(s)|watched)&watched != 0 && w.tell()
}

// watch has the end told. It reports whether that has come already.
func (w *waiters) watch() bool {
	s := State(w.state.Or(watched) &^ watched)
	if s != StateDone && s != StateCanceled {
		return false
	}
	w.tell()
	return true
}

// tell closes done and notifies the subscriptions, once. It reports whether
// there may be calls of OnDone.
func (w *waiters) tell() (calls bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told {
		return w.more != nil
	}
	w.told = true
	if w.done != nil {
		close(w.done)
	}
	if w.more != nil {
		for _, s := range w.more.subs {
			s.ended <- s.index
		}
		w.more.subs = nil
	}
	return w.more != nil
}

// others returns the waiters that are more than done. The caller holds w.mu.
func (w *waiters) others() *moreWaiters {
	if w.more == nil {
		w.more = new(moreWaiters)
	}
	return w.more
}

// ended returns a channel that is closed at the end.
func (w *waiters) ended() <-chan struct{} {
	w.watch()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done == nil {
		w.done = make(chan struct{})
		if w.told {
			close(w.done)
		}
	}
	return w.done
}

// await waits for the end, or that of ctx, whose cause it then returns.
func (w *waiters) await(ctx context.Context) error {
	if w.completed() {
		return nil
	}
	return await(ctx, w.ended())
}

func (w *waiters) subscribe(s *subscription) {
	w.watch()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told {
		s.ended <- s.index
		return
	}
	m := w.others()
	m.subs = append(m.subs, s)
}

func (w *waiters) unsubscribe(s *subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.more == nil {
		return
	}
	if i := slices.Index(w.more.subs, s); i >= 0 {
		w.more.subs = slices.Delete(w.more.subs, i, i+1)
	}
}
