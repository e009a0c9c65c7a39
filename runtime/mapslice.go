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
	s.out, s.finished, s.done = make([]R, len(as)), make([]atomic.Bool, len(as)), make(chan struct{})
	s.left.Store(int64(len(as)))
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
	finished []atomic.Bool // items whose out, and error, are written
	stopped  atomic.Bool   // nothing more is to be claimed

	// Each claim takes the line of next from another processor. What else
	// an item needs must not go with it.
	_    cacheLine
	next atomic.Int64 // the first item that is not claimed
	_    cacheLine

	left   atomic.Int64            // items that are not done, or that their worker has not counted yet
	errs   atomic.Pointer[[]error] // of all items, once there is one
	mu     sync.Mutex
	rest   leftovers     // items, each up to the end of its chunk
	reason error         // why the map ended early
	done   chan struct{} // closed at the end, early or not
	closed bool
}

type cacheLine [64]byte

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
		return s.out, s.join(nil)
	}
	s.dropRest()
	// Items that run will go on writing. Leave that to them, and take what
	// is there.
	out := make([]R, len(s.out))
	for i := range s.finished {
		if s.finished[i].Load() {
			out[i] = s.out[i]
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return out, s.join(s.reason)
}

// join joins the errors of the finished items with the reason why the map ended
// early.
func (s *slicing[A, R]) join(reason error) error {
	errs := s.errs.Load()
	if errs == nil {
		return errors.Join(reason)
	}
	var all []error
	for i := range s.finished {
		if s.finished[i].Load() && (*errs)[i] != nil {
			all = append(all, seen((*errs)[i]))
		}
	}
	return errors.Join(append(all, reason)...)
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

// more, claim, do, settle, failed and abort make a slicing a source.

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
	if s.opts.chunk == 1 {
		return i + 1 // a division costs as much as the rest
	}
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
	w.uncounted += i - w.first
}

func (s *slicing[A, R]) finish(i int, err error) {
	if err != nil {
		s.errors()[i] = err
	}
	s.finished[i].Store(true)
	if err != nil && s.opts.stopOnError {
		s.abort(nil)
	}
}

// errors returns the errors of all items, to write one. Most maps have none.
func (s *slicing[A, R]) errors() []error {
	errs := s.errs.Load()
	if errs == nil {
		made := make([]error, len(s.args))
		s.errs.CompareAndSwap(nil, &made)
		errs = s.errs.Load()
	}
	return *errs
}

// endChunk tells the hooks of the end of a chunk, of which the items up to i
// are done.
func (s *slicing[A, R]) endChunk(i, end int) {
	if s.chunks == nil {
		return
	}
	var err error
	if errs := s.errs.Load(); errs != nil {
		for j := s.chunkOf(end-1) * s.opts.chunk; j < i && err == nil; j++ {
			err = (*errs)[j]
		}
	}
	if err == nil && i < end {
		err = s.why()
	}
	s.ex.done(s.chunks[s.chunkOf(end-1)].ctx, err)
}

// settle counts the items that the worker has done.
func (s *slicing[A, R]) settle(w *worker) {
	n := w.uncounted
	w.uncounted = 0
	if n > 0 && s.left.Add(-int64(n)) == 0 {
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
	w.uncounted += i - w.first
	s.settle(w)
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
