package ctxrun

import "context"

// A task is what the queue holds: two words, so that a million of them are
// 16 MB. A task without fn is what its frame's job does: a future, a map.
type task struct {
	at *frame
	fn func(context.Context)
}

// blockLen makes a block 2,048 bytes, a size class of the allocator.
const blockLen = 127

type block struct {
	tasks [blockLen]task
	next  *block
}

// A queue is an unbounded FIFO of tasks. It grows by blocks, not by doubling,
// so that a long queue costs what its tasks need; one emptied block is kept,
// so that a short one allocates nothing.
type queue struct {
	head, tail *block
	first      int // index of the next task to pop, in head
	last       int // index of the next free place, in tail
	len        int
	spare      *block
}

func (q *queue) push(t task) {
	if q.tail == nil || q.last == blockLen {
		q.grow()
	}
	q.tail.tasks[q.last] = t
	q.last++
	q.len++
}

func (q *queue) grow() {
	b := q.spare
	q.spare = nil
	if b == nil {
		b = new(block)
	}
	if q.tail == nil {
		q.head = b
	} else {
		q.tail.next = b
	}
	q.tail, q.last = b, 0
}

// pop takes the oldest task of a queue that is not empty.
func (q *queue) pop() task {
	p := &q.head.tasks[q.first]
	t := *p
	*p = task{} // the queue keeps no context and no closure alive
	q.first++
	q.len--
	switch {
	case q.len == 0 && q.head == q.tail:
		q.first, q.last = 0, 0
	case q.first == blockLen:
		b := q.head
		q.head, q.first = b.next, 0
		b.next = nil
		q.spare = b
	}
	return t
}
