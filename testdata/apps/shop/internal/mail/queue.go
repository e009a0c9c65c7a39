// Package mail sends mail to customers.
package mail

import "sync"

// Queue runs tasks one after the other on each of its workers.
type Queue struct {
	tasks   chan func()
	workers sync.WaitGroup
}

// NewQueue starts the workers of a queue that has room for size tasks.
func NewQueue(workers, size int) *Queue {
	q := &Queue{tasks: make(chan func(), size)}
	for range workers {
		q.workers.Go(q.work)
	}
	return q
}

func (q *Queue) work() {
	for task := range q.tasks {
		task()
	}
}

// Submit queues a task. It blocks while the queue is full.
func (q *Queue) Submit(task func()) { q.tasks <- task }

// Close waits until the queued tasks have run. Nothing may be submitted after
// it was called.
func (q *Queue) Close() {
	close(q.tasks)
	q.workers.Wait()
}
