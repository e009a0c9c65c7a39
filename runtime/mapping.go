package ctxrun

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A mapping is one run of a Map. The consumer, who ranges over it, puts pieces
// into the cells of a ring and takes their results out; tickets claim the pieces
// in the order in which they were put.
type mapping[A, R any] struct {
	pump
	fn   func(context.Context, A) (R, error)
	opts mapOptions

	cells []cell[A, R]
	put   atomic.Int64   // pieces put
	taken atomic.Int64   // pieces claimed
	order []atomic.Int32 // the cell of piece n, at n % len(cells)

	// The consumer's.
	got   int64       // pieces whose results it has taken out
	fresh *cell[A, R] // is being filled
	free  []int32     // cells not in use, if unordered
	timer *time.Timer

	ready  chan int32    // cells with results, if unordered
	wake   chan struct{} // the consumer is to look again
	sleeps atomic.Int64  // the piece it waits for, if ordered, or:

	closed  atomic.Bool // the consumer has gone
	mu      sync.Mutex
	left    leftovers // cells
	failure error     // why pieces that have not been claimed will not be
	fails   atomic.Bool
}

// Of sleeps: the consumer does not sleep, or has been woken and has perhaps not
// run yet.
const (
	awake  = -1
	roused = -2
)

// A cell holds one piece: a chunk of items.
type cell[A, R any] struct {
	chunk
	args []A
	out  []result[R]
	id   int32 // of the cell
	num  int64 // of the piece
	pos  int   // the item that is worked on
	cut  error // why the items from pos on were not
	done atomic.Bool
}

type result[R any] struct {
	val R
	err error
}

func newMapping[A, R any](ctx context.Context, ex *Executor, fn func(context.Context, A) (R, error), o mapOptions) *mapping[A, R] {
	m := &mapping[A, R]{fn: fn, opts: o, wake: make(chan struct{}, 1)}
	m.set(ctx, ex, m)
	m.sleeps.Store(awake)
	m.cells, m.order = make([]cell[A, R], o.buffer), make([]atomic.Int32, o.buffer)
	args, out := make([]A, o.buffer*o.chunk), make([]result[R], o.buffer*o.chunk)
	for i := range m.cells {
		from, to := i*o.chunk, (i+1)*o.chunk
		m.cells[i].args, m.cells[i].out = args[from:from:to], out[from:from:to]
		m.cells[i].id = int32(i)
		m.free = append(m.free, int32(i))
	}
	if o.unordered {
		m.ready = make(chan int32, o.buffer)
	}
	return m
}

// add puts an item into a cell, and the cell to work when it is full. drain has
// seen to it that there is one.
func (m *mapping[A, R]) add(a A) {
	if m.fresh == nil {
		m.fresh = m.place()
	}
	m.fresh.args = append(m.fresh.args, a)
	if len(m.fresh.args) == m.opts.chunk {
		m.send()
	}
}

// place returns the cell for the next piece.
func (m *mapping[A, R]) place() *cell[A, R] {
	num := m.put.Load()
	at := num % int64(len(m.cells))
	id := int32(at)
	if m.opts.unordered {
		id = m.free[len(m.free)-1]
		m.free = m.free[:len(m.free)-1]
	}
	m.order[at].Store(id)
	c := &m.cells[id]
	c.num = num
	return c
}

// send puts the piece that is being filled to work.
func (m *mapping[A, R]) send() {
	c := m.fresh
	if c == nil {
		return
	}
	m.fresh = nil
	c.out = c.out[:len(c.args)]
	c.pos, c.cut, c.chunk = 0, nil, m.submitting()
	c.done.Store(false)
	m.put.Add(1)
	err := m.need()
	if err == nil && m.ex.refusing.Load() {
		err = m.ex.Err()
	}
	if err != nil {
		m.abort(err)
	}
}

// drain yields the results that are there, and waits for them if all are
// wanted or if there is no cell for the next item. It reports whether the map
// goes on.
func (m *mapping[A, R]) drain(yield func(R, error) bool, all bool) bool {
	for m.got < m.put.Load() {
		full := m.fresh == nil && m.put.Load()-m.got == int64(len(m.cells))
		c, err := m.next(all || full || m.fails.Load())
		switch {
		case err != nil:
			var zero R
			yield(zero, err)
			return false
		case c == nil:
			return true
		case !m.yield(c, yield):
			return false
		}
	}
	return true
}

// yield yields the results of a cell and frees it.
func (m *mapping[A, R]) yield(c *cell[A, R], yield func(R, error) bool) bool {
	for _, r := range c.out[:c.pos] {
		if !yield(r.val, seen(r.err)) || r.err != nil && m.opts.stopOnError {
			return false
		}
	}
	if c.cut != nil {
		var zero R
		yield(zero, c.cut)
		return false
	}
	clear(c.out)
	c.out = c.out[:0]
	m.got++
	return true
}

// next returns the cell whose results are to be yielded next. If they are not
// there it waits, or returns nil.
func (m *mapping[A, R]) next(wait bool) (*cell[A, R], error) {
	for {
		if c := m.finished(); c != nil {
			return c, nil
		}
		if !wait {
			return nil, nil
		}
		if m.fails.Load() && !m.underWay() {
			m.mu.Lock()
			defer m.mu.Unlock()
			return nil, m.failure
		}
		if err := m.sleep(); err != nil {
			if c := m.finished(); c != nil {
				return c, nil
			}
			return nil, err
		}
	}
}

// finished returns the next cell if its results are there.
func (m *mapping[A, R]) finished() *cell[A, R] {
	if m.opts.unordered {
		select {
		case id := <-m.ready:
			m.free = append(m.free, id)
			return &m.cells[id]
		default:
			return nil
		}
	}
	c := &m.cells[m.got%int64(len(m.cells))]
	if !c.done.Load() {
		return nil
	}
	return c
}

// underWay reports whether there will be a result though the map has failed.
func (m *mapping[A, R]) underWay() bool { return m.got < m.taken.Load() }

// sleep waits until the consumer is to look again. It returns an error if
// there is no point in that.
func (m *mapping[A, R]) sleep() error {
	m.sleeps.Store(m.got)
	defer m.sleeps.Store(awake)
	if !m.opts.unordered && m.finished() != nil {
		return nil
	}
	var timeout <-chan time.Time
	if m.opts.timed {
		if m.timer == nil {
			m.timer = time.NewTimer(time.Until(m.opts.deadline))
		}
		timeout = m.timer.C
	}
	defer lend(m.Context).reclaim()
	select {
	case <-m.wake:
		return nil
	case <-timeout:
		return ErrTimeout
	case <-m.Context.Done():
		return context.Cause(m.Context)
	}
}

// close is called when the consumer goes.
func (m *mapping[A, R]) close() {
	m.closed.Store(true)
	if m.timer != nil {
		m.timer.Stop()
	}
	if m.ex.hooks == nil {
		return
	}
	// What nobody will claim is over for the hooks too.
	for id, ok := m.claimPut(); ok; id, ok = m.claimPut() {
		m.ex.done(m.cells[id].ctx, m.reason(ErrCanceled))
	}
}

// reason returns why the map has failed, or err if it has not.
func (m *mapping[A, R]) reason(err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure != nil {
		return m.failure
	}
	return err
}

// more, claim, do, settle, failed and abort make a mapping a source: the workers' side.

func (m *mapping[A, R]) more() bool {
	return m.taken.Load() < m.put.Load() && !m.closed.Load() && !m.fails.Load()
}

func (m *mapping[A, R]) claim() (id int, ok bool) {
	if id, ok = m.left.claim(&m.mu); ok {
		return id, true
	}
	if m.closed.Load() || m.fails.Load() {
		return 0, false
	}
	return m.claimPut()
}

// claimPut claims the oldest piece that was put and not claimed.
func (m *mapping[A, R]) claimPut() (id int, ok bool) {
	for {
		num := m.taken.Load()
		if num >= m.put.Load() {
			return 0, false
		}
		id := m.order[num%int64(len(m.order))].Load()
		if m.taken.CompareAndSwap(num, num+1) {
			return int(id), true
		}
	}
}

func (m *mapping[A, R]) do(w *worker, id int) {
	c := &m.cells[id]
	ctx := c.begin(w, &m.frame)
	for c.pos < len(c.args) {
		if m.closed.Load() {
			c.cut = ErrCanceled
			break
		}
		if m.Err() != nil {
			c.cut = context.Cause(&m.frame)
			break
		}
		r := &c.out[c.pos]
		r.val, r.err = m.fn(ctx, c.args[c.pos])
		c.pos++
		if c.pos < len(c.args) {
			w.setLabels(&m.frame) // the item may have changed them
		}
	}
	m.finish(c)
}

// firstError is what OnDone gets.
func (c *cell[A, R]) firstError() error {
	for _, r := range c.out[:c.pos] {
		if r.err != nil {
			return r.err
		}
	}
	return c.cut
}

// finish hands a cell over to the consumer.
func (m *mapping[A, R]) finish(c *cell[A, R]) {
	if m.ex.hooks != nil {
		m.ex.done(c.ctx, c.firstError())
	}
	clear(c.args)
	c.args = c.args[:0]
	if m.opts.unordered {
		m.ready <- c.id // has room for all
		m.rouse()
		return
	}
	num := c.num
	c.done.Store(true)
	if m.sleeps.CompareAndSwap(num, roused) {
		m.rouse()
	}
	// A consumer that is roused gets a processor when the workers have gone,
	// for want of work, if there are no more processors than workers. To let
	// it run before that, once, saves both to stop and to start them.
	if m.sleeps.Load() == roused && 2*(m.put.Load()-m.taken.Load()) < int64(len(m.cells)) {
		m.sleeps.CompareAndSwap(roused, awake)
		runtime.Gosched()
	}
}

// settle does nothing: each cell tells its end.
func (m *mapping[A, R]) settle(*worker) {}

func (m *mapping[A, R]) rouse() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mapping[A, R]) failed(_ *worker, id int, err error) {
	c := &m.cells[id]
	c.out[c.pos].err = err
	c.pos++
	if c.pos < len(c.args) {
		m.mu.Lock()
		if c.cut = m.failure; c.cut == nil {
			m.left.add(id)
			m.mu.Unlock()
			return
		}
		m.mu.Unlock()
	}
	m.finish(c)
}

func (m *mapping[A, R]) abort(err error) {
	m.mu.Lock()
	if m.failure == nil {
		m.failure = err
		m.fails.Store(true)
	}
	left := m.left.takeAll()
	m.mu.Unlock()
	for _, id := range left {
		c := &m.cells[id]
		c.cut = err
		m.finish(c)
	}
	m.rouse()
}
