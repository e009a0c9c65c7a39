package ctxrun

import "context"

// frameOf returns the frame of the task that ctx belongs to, or nil.
func frameOf(ctx context.Context) *frame {
	at, _ := ctx.Value(frameKey{}).(*frame)
	return at
}

// await waits until ch is closed, which it prefers, or ctx is done, whose
// cause it returns. If ctx belongs to a task, the task gives up its slot
// meanwhile.
func await(ctx context.Context, ch <-chan struct{}) error {
	select {
	case <-ch:
		return nil
	default:
	}
	defer lend(ctx).reclaim()
	end := ctx.Done()
	if end == nil {
		<-ch
		return nil
	}
	select {
	case <-ch:
		return nil
	case <-end:
	}
	select {
	case <-ch:
		return nil
	default:
		return context.Cause(ctx)
	}
}

// lend gives up the slot of the task that ctx belongs to, for a goroutine that
// is about to block, and returns the frame to reclaim it from: nil, for which
// reclaim does nothing, if there is no task.
//
// Several goroutines of a task may wait with its context. The first gives up
// the slot and the last takes it back: the task may be one of those between.
func lend(ctx context.Context) *frame {
	at := frameOf(ctx)
	if at == nil {
		return nil
	}
	e := at.ex
	e.lock()
	at.waits++
	var start *worker
	if at.lent.Load() < at.running {
		at.lent.Add(1)
		e.stats.Waiting++
		start = e.freeSlot()
	}
	e.mu.Unlock()
	start.spawn()
	return at
}

// reclaim takes a slot back, and waits for it if there is none. It comes
// before all tasks in the queue.
func (at *frame) reclaim() {
	if at == nil {
		return
	}
	e := at.ex
	e.lock()
	at.waits--
	if at.lent.Load() <= at.waits {
		// Others still wait, or the task has returned meanwhile: nobody
		// needs the slot.
		e.mu.Unlock()
		return
	}
	at.lent.Add(-1)
	e.stats.Waiting--
	if e.active < e.max {
		e.active++
		e.mu.Unlock()
		return
	}
	turn := make(chan struct{})
	e.resuming.PushBack(turn)
	e.busy.Store(true)
	e.mu.Unlock()
	<-turn
}

// freeSlot passes a slot on: to a task that wants its own back, or to a worker
// for the queue. The caller holds e.mu and, if start is a worker, starts it
// without.
func (e *Executor) freeSlot() (start *worker) {
	if e.active <= e.max && e.resuming.Len() > 0 {
		e.resume()
		return nil
	}
	e.active--
	if e.active == e.max {
		e.noteBusy()
	}
	e.admit()
	return e.hire()
}

// resume gives a slot to the task that has wanted its own back for longest.
// The caller holds e.mu.
func (e *Executor) resume() {
	close(e.resuming.Remove(e.resuming.Front()).(chan struct{}))
	if e.resuming.Len() == 0 {
		e.noteBusy()
	}
}
