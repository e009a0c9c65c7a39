package ctxrun

import (
	"context"
	"runtime/trace"
	"sync"
	"sync/atomic"
)

// A pump is a map's share of an executor. The map's pieces of work do not go
// through the queue one by one. What goes there is a ticket: a task that does
// pieces until there are none. So most pieces cost a few atomic operations. A
// ticket that sees somebody else wait for a slot goes to the end of the queue after
// the piece it is at, so that a map takes no more than its turn.
type pump struct {
	frame
	src     source
	tickets atomic.Int64 // in the queue or running
}

// A source is where a pump's pieces come from.
type source interface {
	// more reports whether there are pieces to claim, as far as it knows.
	more() bool
	// claim takes a piece that nobody else gets. It reports whether there is one.
	claim() (piece int, ok bool)
	// do does a piece. It may panic and call Goexit.
	do(w *worker, piece int)
	// settle is called when the worker has done pieces and turns to something else.
	settle(w *worker)
	// failed is called when do did not return.
	failed(w *worker, piece int, err error)
	// abort is called when a ticket was dropped: the rest will not be done.
	abort(err error)
}

func (p *pump) set(ctx context.Context, ex *Executor, src source) {
	p.Context, p.ex, p.job, p.src = ctx, ex, p, src
}

// need gets a ticket into the queue if more would help, as many as the executor
// has workers. Tickets that block in a piece and have given up their slot
// do not count.
func (p *pump) need() error {
	for {
		n := p.tickets.Load()
		if n-int64(p.lent.Load()) >= max(1, p.ex.limit.Load()) {
			return nil
		}
		if p.tickets.CompareAndSwap(n, n+1) {
			break
		}
	}
	err := p.ex.submit(p.Context, &p.frame, nil, true)
	if err != nil {
		p.tickets.Add(-1)
	}
	return err
}

func (p *pump) context() context.Context { return &p.frame }

func (p *pump) run(w *worker) {
	p.pieces(w)
	p.src.settle(w)
}

// pieces does pieces until there are none, or the ticket is to go.
func (p *pump) pieces(w *worker) {
	w.pieces = -1
	for {
		piece, ok := p.src.claim()
		if !ok {
			p.tickets.Add(-1)
			// need may have counted on this ticket for a piece that
			// came after the claim.
			piece, ok = p.src.claim()
			if !ok {
				return
			}
			p.tickets.Add(1)
		}
		p.grow()
		w.piece = piece
		w.pieces++
		p.src.do(w, piece)
		if p.shrink() {
			return
		}
		if p.ex.busy.Load() || trace.IsEnabled() {
			p.ex.again(w.task)
			return
		}
		w.setLabels(&p.frame) // the piece may have changed them
	}
}

// over returns how many tickets there are, and how many more than the executor
// has slots for, or less.
func (p *pump) over() (tickets, over int64) {
	n := p.tickets.Load()
	return n, n - int64(p.lent.Load()) - p.ex.limit.Load()
}

// grow adds a ticket, if there is more to do than need knew slots for: the limit
// was raised, or a piece has given up its slot. The new ticket does the same.
func (p *pump) grow() {
	if n, over := p.over(); over < 0 && p.src.more() && p.tickets.CompareAndSwap(n, n+1) {
		p.ex.again(task{at: &p.frame})
	}
}

// shrink reports whether the ticket is to go, because the limit was lowered. It
// also ends the map after CancelQueued.
func (p *pump) shrink() bool {
	if p.ex.cutting.Load() {
		p.src.abort(ErrCanceled)
	}
	n, over := p.over()
	return over > 0 && p.tickets.CompareAndSwap(n, n-1)
}

func (p *pump) unwound(w *worker, err error) {
	ctx := w.ctx
	if ctx == nil {
		ctx = &p.frame
	}
	p.src.failed(w, w.piece, err)
	if pe, ok := err.(*PanicError); ok && p.ex.onPanic != nil { //nolint:errorlint // made by the worker
		p.ex.panicked(ctx, pe)
	}
	p.ex.again(w.task)
}

func (p *pump) drop(err error) {
	p.tickets.Add(-1)
	p.src.abort(err)
}

// leftovers are pieces with items left, after one that panicked or called
// Goexit. They are claimed before new ones.
type leftovers struct {
	n      atomic.Int32 // len(pieces), for those who do not hold the lock
	pieces []int        // guarded by the map's mutex
}

func (l *leftovers) add(piece int) {
	l.pieces = append(l.pieces, piece)
	l.n.Add(1)
}

// claim takes a piece, if there is one.
func (l *leftovers) claim(mu *sync.Mutex) (piece int, ok bool) {
	if l.n.Load() == 0 {
		return 0, false
	}
	mu.Lock()
	defer mu.Unlock()
	last := len(l.pieces) - 1
	if last < 0 {
		return 0, false
	}
	piece = l.pieces[last]
	l.pieces = l.pieces[:last]
	l.n.Add(-1)
	return piece, true
}

// takeAll takes all pieces, for a map that will not do them.
func (l *leftovers) takeAll() []int {
	pieces := l.pieces
	l.pieces = nil
	l.n.Store(0)
	return pieces
}
