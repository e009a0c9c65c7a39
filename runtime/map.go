package ctxrun

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// A MapOption sets up a [Map], [Map2] or [MapSlice].
type MapOption interface{ setUp(*mapOptions) }

type mapOption struct{ set func(*mapOptions) }

func (o mapOption) setUp(m *mapOptions) { o.set(m) }

type mapOptions struct {
	timed       bool
	timeout     time.Duration
	deadline    time.Time // if timed
	buffer      int
	chunk       int
	unordered   bool
	stopOnError bool
}

// MapTimeout ends a map with [ErrTimeout] if a result is waited for when d has
// passed since the call.
func MapTimeout(d time.Duration) MapOption {
	return mapOption{func(o *mapOptions) { o.timed, o.timeout = true, d }}
}

// MapBuffer lets a map have n chunks of items under way at a time: taken from
// the input, and their results not yet yielded. The default is 4 for each
// worker, and at least 64. With more, whoever ranges over the results is woken
// less often: items of a microsecond cost a third less with 256. It panics if n
// is less than 1.
func MapBuffer(n int) MapOption {
	mustBePositive("MapBuffer", n)
	return mapOption{func(o *mapOptions) { o.buffer = n }}
}

// MapChunk has n items worked on one after the other by one task, which pays
// for items of much less than a microsecond. Their results come when the
// chunk is full, or the input has ended. The default is 1. It panics if n is
// less than 1.
func MapChunk(n int) MapOption {
	mustBePositive("MapChunk", n)
	return mapOption{func(o *mapOptions) { o.chunk = n }}
}

// MapUnordered yields results as they come.
func MapUnordered() MapOption { return mapOption{func(o *mapOptions) { o.unordered = true }} }

// MapStopOnError ends a map with the first error of an item, after it has been
// yielded. Items that have not been started are not.
func MapStopOnError() MapOption { return mapOption{func(o *mapOptions) { o.stopOnError = true }} }

func mustBePositive(name string, n int) {
	if n < 1 {
		panic(fmt.Sprintf("ctxrun.%s(%d): want at least 1", name, n))
	}
}

func optionsOf(opts []MapOption, ex *Executor) mapOptions {
	o := mapOptions{chunk: 1}
	for _, opt := range opts {
		opt.setUp(&o)
	}
	if o.timed {
		o.deadline = time.Now().Add(o.timeout)
	}
	if o.buffer == 0 {
		o.buffer = max(64, 4*ex.Stats().MaxWorkers)
	}
	return o
}

// Map yields fn(ctx, a) for each a of seq, in the order of seq, worked on by
// ex. It begins when it is ranged over, and again each time.
//
// Map is lazy. It takes items from seq on the goroutine that ranges over it,
// no more at a time than [MapBuffer] says, so that a seq without an end needs
// constant memory. A result is yielded as soon as it is there and all before it have
// been yielded, except while seq is waited for.
//
// An item's error, a *[PanicError] or [ErrGoexit] is yielded in its place, and
// the next item follows; see [MapStopOnError]. The end of ctx, the refusal of
// ex and [ErrTimeout] are yielded once, with the zero R, and end the map, after the results that
// are there. When the map has ended, also by break, items that have not been
// started are not; those that run are not waited for.
//
// fn runs with the context, the labels and the trace task of ctx, as a task of
// [Executor.Go] does. With the context of a task, Map gives up that task's slot
// while it waits. Map panics if ctx, ex, seq or fn is nil.
func Map[A, R any](ctx context.Context, ex *Executor, seq iter.Seq[A], fn func(context.Context, A) (R, error), opts ...MapOption) iter.Seq2[R, error] {
	mustHave("Map", ctx, fn == nil)
	mustHaveExecutor("Map", ex)
	if seq == nil {
		panic("ctxrun.Map: nil sequence")
	}
	o := optionsOf(opts, ex)
	return func(yield func(R, error) bool) {
		m := newMapping(ctx, ex, fn, o)
		defer m.close()
		for a := range seq {
			m.add(a)
			if !m.drain(yield, false) {
				return
			}
		}
		m.send()
		m.drain(yield, true)
	}
}

// Map2 is [Map] over two sequences side by side. It ends with the shorter one.
func Map2[A, B, R any](ctx context.Context, ex *Executor, as iter.Seq[A], bs iter.Seq[B], fn func(context.Context, A, B) (R, error), opts ...MapOption) iter.Seq2[R, error] {
	mustHave("Map2", ctx, fn == nil)
	mustHaveExecutor("Map2", ex)
	if as == nil || bs == nil {
		panic("ctxrun.Map2: nil sequence")
	}
	type pair struct {
		a A
		b B
	}
	zip := func(yield func(pair) bool) {
		next, stop := iter.Pull(bs)
		defer stop()
		for a := range as {
			b, ok := next()
			if !ok || !yield(pair{a, b}) {
				return
			}
		}
	}
	return Map(ctx, ex, zip, func(ctx context.Context, p pair) (R, error) {
		return fn(ctx, p.a, p.b)
	}, opts...)
}
