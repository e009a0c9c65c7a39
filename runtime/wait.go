package ctxrun

import (
	"context"
	"errors"
	"iter"
)

// A Waiter is something that [Wait] can wait for: a *[Future] of any type, or
// a *[Thread].
type Waiter interface {
	// Done returns a channel that is closed at the end.
	Done() <-chan struct{}

	latch() *waiters
	// outcome returns the error it ended with, once it has ended.
	outcome() error
}

func (f *Future[T]) latch() *waiters { return &f.at.waiters }

func (f *Future[T]) outcome() error {
	if f.fn == nil {
		return nil
	}
	_, err := f.fn(nil)
	return seen(err)
}

// A WaitMode says what [Wait] waits for.
type WaitMode int

// What Wait waits for.
const (
	AllDone    WaitMode = iota // the end of all
	FirstDone                  // the end of any one
	FirstError                 // the first that ends with an error, or the end of all
)

// Wait waits for several futures and threads, until what mode says has
// happened or ctx is done. It returns those that have ended and those that
// have not, each in the order given, and every error of those that have
// ended, joined with [errors.Join]; if ctx ended the wait, its cause is the
// last of them. A thread that has not been started is waited for like one that runs.
//
// With the context of a task, Wait gives up that task's slot while it waits.
func Wait(ctx context.Context, mode WaitMode, ws ...Waiter) (done, pending []Waiter, err error) {
	mustHave("Wait", ctx, false)
	l := listen(ws)
	defer l.leave()
	// The slot is given up once for all of them.
	var own *frame
	lent, failed := false, false
	defer func() { own.reclaim() }()
	for left := len(ws); left > 0; left-- {
		i, ok := l.poll()
		var lost error
		if !ok {
			if !lent {
				own, lent = lend(ctx), true
			}
			i, lost = l.next(ctx)
		}
		if lost != nil {
			err = lost
			break
		}
		failed = failed || ws[i].outcome() != nil
		if mode == FirstDone || mode == FirstError && failed {
			break
		}
	}
	var errs []error
	for _, w := range ws {
		if !w.latch().completed() {
			pending = append(pending, w)
			continue
		}
		done = append(done, w)
		errs = append(errs, w.outcome())
	}
	return done, pending, errors.Join(append(errs, err)...)
}

// WaitAll waits until all futures have ended, or ctx is done. It returns their
// values in the order given, the zero value for those that failed or have not
// ended, and every error, joined with [errors.Join]; if ctx ended the wait,
// its cause is the last of them.
func WaitAll[T any](ctx context.Context, fs ...*Future[T]) ([]T, error) {
	ws := make([]Waiter, len(fs))
	for i, f := range fs {
		ws[i] = f
	}
	_, _, err := Wait(ctx, AllDone, ws...)
	vals := make([]T, len(fs))
	for i, f := range fs {
		if f.at.completed() {
			vals[i] = f.val
		}
	}
	return vals, err
}

// AsCompleted yields the futures as they end, the earliest first, each with
// its error: those that have ended when the loop begins in the order given. If
// ctx is done before that, it yields nil with the cause of ctx, and stops.
func AsCompleted[T any](ctx context.Context, fs ...*Future[T]) iter.Seq2[*Future[T], error] {
	mustHave("AsCompleted", ctx, false)
	return func(yield func(*Future[T], error) bool) {
		ws := make([]Waiter, len(fs))
		for i, f := range fs {
			ws[i] = f
		}
		l := listen(ws)
		defer l.leave()
		for range fs {
			i, ok := l.poll()
			if !ok {
				var err error
				own := lend(ctx)
				i, err = l.next(ctx)
				own.reclaim()
				if err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(fs[i], fs[i].outcome()) {
				return
			}
		}
	}
}

// A listener hears of the ends of several waiters on one channel.
type listener struct {
	ws    []Waiter
	subs  []subscription
	ended chan int
}

func listen(ws []Waiter) *listener {
	l := &listener{ws: ws, subs: make([]subscription, len(ws)), ended: make(chan int, len(ws))}
	for i, w := range ws {
		l.subs[i] = subscription{l.ended, i}
		w.latch().subscribe(&l.subs[i])
	}
	return l
}

// poll returns the index of the next one to end, if one has.
func (l *listener) poll() (i int, ok bool) {
	select {
	case i := <-l.ended:
		return i, true
	default:
		return 0, false
	}
}

// next waits for the next one to end and returns its index, or why the wait
// ended.
func (l *listener) next(ctx context.Context) (int, error) {
	select {
	case i := <-l.ended:
		return i, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// leave ends the subscriptions: what is waited for may last much longer.
func (l *listener) leave() {
	for i, w := range l.ws {
		w.latch().unsubscribe(&l.subs[i])
	}
}
