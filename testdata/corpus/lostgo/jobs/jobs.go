// Package jobs has tasks that are no functions: a worker takes them out of a channel and
// runs a method or a field of theirs.
package jobs

import (
	"context"
	"time"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

var store Store

// An interface of one method.
type Job interface{ Do() }

type JobFunc func()

func (f JobFunc) Do() { f() }

type sync struct{ id string }

func (s sync) Do() { store.Save(context.Background(), s.id) }

type quiet struct{}

func (quiet) Do() {}

type Workers struct{ queue chan Job }

func (w *Workers) Put(j Job) { w.queue <- j }

func (w *Workers) TryPut(j Job) bool {
	select {
	case w.queue <- j:
		return true
	default:
		return false
	}
}

func (w *Workers) run() {
	for {
		j, ok := <-w.queue
		if !ok {
			return
		}
		j.Do()
	}
}

func put(ctx context.Context, w *Workers) {
	w.Put(JobFunc(func() { // want `task of jobs\.\(\*Workers\)\.Put loses ctx: context\.Background\(\) is passed to jobs\.Store\.Save`
		store.Save(context.Background(), "a")
	}))
	w.Put(sync{"b"})     // want `task of jobs\.\(\*Workers\)\.Put loses ctx: jobs\.sync\.Do creates its own context\.Background\(\)`
	w.TryPut(&sync{"c"}) // want `task of jobs\.\(\*Workers\)\.TryPut loses ctx: jobs\.sync\.Do creates its own`
	w.queue <- sync{"d"} // want `task sent to w\.queue loses ctx: jobs\.sync\.Do creates its own`
	s := sync{"e"}
	w.Put(s) // want `task of jobs\.\(\*Workers\)\.Put loses ctx: jobs\.sync\.Do creates its own`
	w.Put(quiet{})
}

func started(ctx context.Context) {
	var j Job = sync{"f"}
	go j.Do()                                 // want `goroutine loses ctx: jobs\.sync\.Do creates its own`
	time.AfterFunc(time.Second, sync{"g"}.Do) // want `task of time\.AfterFunc loses ctx: jobs\.sync\.Do creates its own`
}

// An interface is given: who knows what it is.
func handed(ctx context.Context, w *Workers, j Job) {
	w.Put(j)
	go j.Do()
}

// A struct with a function.
type item struct {
	name string
	work func() error
	note func() // nobody calls it
}

type Queue struct{ items chan item }

func (q *Queue) loop() {
	for it := range q.items {
		_ = it.work()
	}
}

func (q *Queue) Add(it item) { q.items <- it }

func add(ctx context.Context, q *Queue) {
	q.items <- item{"a", func() error { return store.Save(context.Background(), "a") }, nil} // want `task sent to q\.items loses ctx`
	q.Add(item{name: "b", work: func() error {                                               // want `task of jobs\.\(\*Queue\)\.Add loses ctx`
		return store.Save(context.Background(), "b")
	}})
	it := item{name: "c"}
	it.work = func() error { return store.Save(context.Background(), "c") }
	q.Add(it) // want `task of jobs\.\(\*Queue\)\.Add loses ctx`
	q.Add(item{name: "d", note: func() { store.Save(context.Background(), "d") }})
	q.Add(item{name: "e", work: func() error { return store.Save(ctx, "e") }})
}

// It may run at once: a wrapper would leave the goroutine without its labels.
func (q *Queue) AddOrRun(it item) {
	select {
	case q.items <- it:
	default:
		_ = it.work()
	}
}

func addOrRun(ctx context.Context, q *Queue) {
	q.AddOrRun(item{name: "a", work: func() error { return store.Save(context.Background(), "a") }}) // want `task of jobs\.\(\*Queue\)\.AddOrRun loses ctx`
}

func converted(ctx context.Context, w *Workers) {
	w.Put(JobFunc(func() { store.Save(context.Background(), "a") })) // want `task of jobs\.\(\*Workers\)\.Put loses ctx`
}

// It is given what comes with it.
type letter struct {
	to   string
	send func(to string) error
}

type Post struct{ letters chan *letter }

func (p *Post) loop() {
	for {
		select {
		case l := <-p.letters:
			if err := l.send(l.to); err != nil {
				continue
			}
		case <-time.After(time.Minute):
		}
	}
}

func post(ctx context.Context, p *Post) {
	p.letters <- &letter{"a", func(to string) error { return store.Save(context.Background(), to) }} // want `task sent to p\.letters loses ctx`
}

// The element is asked, and kept: it is no task.
type sink interface{ Flush() }

type sinks struct{ all []sink }

func (s *sinks) add(x sink) { s.all = append(s.all, x) }

func (s *sinks) flush() {
	for _, x := range s.all {
		x.Flush()
	}
}

type file struct{}

func (file) Flush() { store.Save(context.Background(), "file") }

func register(ctx context.Context, s *sinks) { s.add(file{}) }

// Functions of a type parameter.
func later[F ~func()](f F) { time.AfterFunc(time.Second, f) }

func generic(ctx context.Context) {
	later(func() { // want `task of jobs\.later loses ctx`
		store.Save(context.Background(), "a")
	})
}

// Several tasks of one call: each is reported where it is.
func both(fs ...func()) {
	for _, f := range fs {
		go f()
	}
}

func several(ctx context.Context) {
	both(
		func() { store.Save(context.Background(), "a") }, // want `task of jobs\.both loses ctx`
		func() { store.Save(context.Background(), "b") }, // want `task of jobs\.both loses ctx`
	)
}

// What a function hands over that takes no context, its caller loses.
func addsBare(q *Queue) {
	q.Add(item{name: "a", work: func() error { return store.Save(context.Background(), "a") }})
}

func putsBare(w *Workers) { w.Put(JobFunc(func() { store.Save(context.Background(), "a") })) }

func callsBare(ctx context.Context, q *Queue, w *Workers) {
	go addsBare(q) // want `goroutine loses ctx: jobs\.addsBare creates its own context\.Background\(\)`
	go putsBare(w) // want `goroutine loses ctx: jobs\.putsBare creates its own context\.Background\(\)`
}
