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
// so that a long queue costs what its tasks need. Some emptied blocks are kept, so
// that one whose length goes up and down allocates nothing.
type queue struct {
	head, tail *block
	first      int // index of the next task to pop, in head
	last       int // index of the next free place, in tail
	len        int

	// A task whose frame is that of the one before it is stored without, which
	// leaves the garbage collector half as much to follow.
	pushed, popped *frame
	spare          *block // a list of
	spares         int
}

// maxSpares is how many blocks a queue keeps: 2 MB.
const maxSpares = 1024

func (q *queue) push(t task) {
	if q.tail == nil || q.last == blockLen {
		q.grow()
	}
	if t.at == q.pushed {
		t.at = nil
	} else {
		q.pushed = t.at
	}
	q.tail.tasks[q.last] = t
	q.last++
	q.len++
}

func (q *queue) grow() {
	b := q.spare
	if b == nil {
		b = new(block)
	} else {
		q.spare, b.next = b.next, nil
		q.spares--
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
	if t.at == nil {
		t.at = q.popped
	} else {
		q.popped = t.at
	}
	q.first++
	q.len--
	if q.len == 0 {
		q.pushed, q.popped = nil, nil
	}
	switch {
	case q.len == 0 && q.head == q.tail:
		q.first, q.last = 0, 0
	case q.first == blockLen:
		b := q.head
		q.head, q.first = b.next, 0
		b.next = nil
		if q.spares < maxSpares {
			b.next, q.spare = q.spare, b
			q.spares++
		}
	}
	return t
}

// forget lets go of the blocks that are kept, but for one.
func (q *queue) forget() {
	if q.spare != nil {
		q.spare.next, q.spares = nil, 1
	}
}
