package ctxrun

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// MapSlice is [Map] over a slice, for when all results are wanted at once. It
// returns fn(ctx, a) for each a of as in its place, the zero value for an item
// that failed or was not run, and the errors of all items in their order, joined
// with [errors.Join]. If ctx, [MapTimeout] or the refusal of ex ends the map,
// that is the last of the errors, and MapSlice does not wait for the items
// that run; the result does not change any more when they end. [MapBuffer]
// and [MapUnordered] mean nothing to it.
func MapSlice[A, R any](ctx context.Context, ex *Executor, as []A, fn func(context.Context, A) (R, error), opts ...MapOption) ([]R, error) {
	mustHave("MapSlice", ctx, fn == nil)
	mustHaveExecutor("MapSlice", ex)
	if len(as) == 0 {
		return nil, nil
	}
	s := &slicing[A, R]{fn: fn, opts: optionsOf(opts, ex), args: as}
	s.set(ctx, ex, s)
	s.out, s.errs = make([]R, len(as)), make([]error, len(as))
	s.left.Store(int64(len(as)))
	s.finished, s.done = make([]atomic.Bool, len(as)), make(chan struct{})
	if ex.hooks != nil {
		s.chunks = make([]chunk, s.chunkOf(len(as)-1)+1)
		for i := range s.chunks {
			s.chunks[i] = s.submitting()
		}
	}
	return s.collect()
}

// slicing is one run of a MapSlice.
type slicing[A, R any] struct {
	pump
	fn   func(context.Context, A) (R, error)
	opts mapOptions

	chunks   []chunk // if there are hooks
	args     []A
	out      []R
	errs     []error
	finished []atomic.Bool // items whose out and errs are written
	next     atomic.Int64  // the first item that is not claimed
	left     atomic.Int64  // items that are not done
	stopped  atomic.Bool   // nothing more is to be claimed

	mu     sync.Mutex
	rest   leftovers     // items, each up to the end of its chunk
	reason error         // why the map ended early
	done   chan struct{} // closed at the end, early or not
	closed bool
}

// collect puts the items to work and waits for the results.
func (s *slicing[A, R]) collect() ([]R, error) {
	for i := range min(s.chunkOf(len(s.args)-1)+1, int(s.ex.limit.Load())) {
		if err := s.need(); err != nil && i == 0 {
			s.abort(err)
		}
	}
	err := s.await()
	if err != nil {
		s.abort(err)
	}
	if s.left.Load() == 0 {
		return s.out, s.join(s.errs, nil)
	}
	s.dropRest()
	// Items that run will go on writing. Leave that to them, and take what
	// is there.
	out, errs := make([]R, len(s.out)), make([]error, len(s.errs))
	for i := range s.finished {
		if s.finished[i].Load() {
			out[i], errs[i] = s.out[i], s.errs[i]
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return out, s.join(errs, s.reason)
}

// await waits until all items are done or the map has ended early.
func (s *slicing[A, R]) await() error {
	var timeout <-chan time.Time
	if s.opts.timed {
		timer := time.NewTimer(time.Until(s.opts.deadline))
		defer timer.Stop()
		timeout = timer.C
	}
	defer lend(s.Context).reclaim()
	select {
	case <-s.done:
		return nil
	case <-timeout:
		return ErrTimeout
	case <-s.Context.Done():
		return context.Cause(s.Context)
	}
}

func (s *slicing[A, R]) join(errs []error, reason error) error {
	var all []error
	for _, err := range errs {
		if err != nil {
			all = append(all, seen(err))
		}
	}
	return errors.Join(append(all, reason)...)
}

// dropRest tells the hooks of what nobody will claim.
func (s *slicing[A, R]) dropRest() {
	for s.chunks != nil {
		i, ok := s.claimNext()
		if !ok {
			return
		}
		s.ex.done(s.chunks[s.chunkOf(i)].ctx, s.why())
	}
}

// why returns why the map ended early.
func (s *slicing[A, R]) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		return ErrCanceled // by MapStopOnError
	}
	return s.reason
}

// more, claim, do, failed and abort make a slicing a source.

func (s *slicing[A, R]) more() bool {
	return s.next.Load() < int64(len(s.args)) && !s.stopped.Load()
}

func (s *slicing[A, R]) claim() (i int, ok bool) {
	if i, ok = s.rest.claim(&s.mu); ok {
		return i, true
	}
	if s.stopped.Load() {
		return 0, false
	}
	return s.claimNext()
}

func (s *slicing[A, R]) claimNext() (i int, ok bool) {
	if s.next.Load() >= int64(len(s.args)) {
		return 0, false
	}
	i = int(s.next.Add(int64(s.opts.chunk))) - s.opts.chunk
	return i, i < len(s.args)
}

func (s *slicing[A, R]) chunkOf(i int) int { return i / s.opts.chunk }

// chunkEnd returns the end of the chunk that item i belongs to.
func (s *slicing[A, R]) chunkEnd(i int) int {
	return min((s.chunkOf(i)+1)*s.opts.chunk, len(s.args))
}

func (s *slicing[A, R]) do(w *worker, i int) {
	var ctx context.Context = &s.frame
	if s.chunks != nil {
		ctx = s.chunks[s.chunkOf(i)].begin(w, &s.frame)
	}
	w.first = i
	end := s.chunkEnd(i)
	for i < end && !s.stopped.Load() {
		if s.Err() != nil {
			s.abort(context.Cause(&s.frame))
			break
		}
		w.piece = i
		var err error
		s.out[i], err = s.fn(ctx, s.args[i])
		s.finish(i, err)
		i++
		if i < end {
			w.setLabels(&s.frame) // the item may have changed them
		}
	}
	s.endChunk(i, end)
	s.count(i - w.first)
}

func (s *slicing[A, R]) finish(i int, err error) {
	s.errs[i] = err
	s.finished[i].Store(true)
	if err != nil && s.opts.stopOnError {
		s.abort(nil)
	}
}

// endChunk tells the hooks of the end of a chunk, of which the items up to i
// are done.
func (s *slicing[A, R]) endChunk(i, end int) {
	if s.chunks == nil {
		return
	}
	var err error
	for _, e := range s.errs[s.chunkOf(end-1)*s.opts.chunk : i] {
		if err == nil {
			err = e
		}
	}
	if err == nil && i < end {
		err = s.why()
	}
	s.ex.done(s.chunks[s.chunkOf(end-1)].ctx, err)
}

// count notes that n more items are done.
func (s *slicing[A, R]) count(n int) {
	if s.left.Add(-int64(n)) == 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.end()
	}
}

func (s *slicing[A, R]) failed(w *worker, i int, err error) {
	s.finish(i, err)
	i++
	end := s.chunkEnd(i - 1)
	if i < end {
		s.mu.Lock()
		if !s.stopped.Load() {
			s.rest.add(i)
			end = 0 // the chunk goes on
		}
		s.mu.Unlock()
	}
	if end != 0 {
		s.endChunk(i, end)
	}
	s.count(i - w.first)
}

func (s *slicing[A, R]) abort(err error) {
	s.mu.Lock()
	if s.stopped.CompareAndSwap(false, true) {
		s.reason = err
	}
	rest := s.rest.takeAll()
	s.end()
	s.mu.Unlock()
	for _, i := range rest {
		s.endChunk(i, s.chunkEnd(i))
	}
}

// end wakes the caller. Its caller holds s.mu.
func (s *slicing[A, R]) end() {
	if !s.closed {
		s.closed = true
		close(s.done)
	}
}
