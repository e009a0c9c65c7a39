package queued

import (
	"container/list"
	"context"
	"net/http"
	"sync"
	"time"
)

// Items may be put into lists and maps as well.

type line struct {
	ctx  context.Context
	text string
}

type note struct {
	ctx  context.Context
	text string
}

type retry struct {
	ctx  context.Context
	text string
}

type Journal struct {
	s       Store
	mu      sync.Mutex
	lines   []line
	notes   *list.List
	retries map[string]retry
	wake    chan struct{}
}

func (j *Journal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line{r.Context(), "a"}) // want `item put into j.lines keeps r.Context\(\), which is canceled when the function returns \(the server cancels it\); pass context.WithoutCancel\(r.Context\(\)\) to keep its values`
	j.notes.PushBack(&note{r.Context(), "b"})         // want `item put into j.notes keeps r.Context\(\)`
	if err := j.s.Save(r.Context(), "c"); err != nil {
		j.retries["c"] = retry{r.Context(), "c"} // want `item put into j.retries keeps r.Context\(\)`
	}
	j.lines = append(j.lines, line{context.WithoutCancel(r.Context()), "d"})
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

func (j *Journal) loop() {
	for range j.wake {
		j.flush()
		first := j.notes.Remove(j.notes.Front()).(*note)
		j.s.Save(first.ctx, first.text)
	}
}

func (j *Journal) flush() {
	j.mu.Lock()
	lines := j.lines
	j.lines = nil
	j.mu.Unlock()
	for _, l := range lines {
		j.s.Save(l.ctx, l.text)
	}
}

func (j *Journal) again() {
	for range time.Tick(time.Minute) {
		for key, l := range j.retries {
			if j.s.Save(l.ctx, l.text) == nil {
				delete(j.retries, key)
			}
		}
	}
}

// Who has put it in takes it out before it returns.

type stream struct {
	ctx  context.Context
	name string
}

type Streams struct {
	s    Store
	mu   sync.Mutex
	open map[string]*stream
}

func (s *Streams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.open[r.URL.Path] = &stream{r.Context(), r.URL.Path}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.open, r.URL.Path)
		s.mu.Unlock()
	}()
	copyAll(w, r)
}

func copyAll(w http.ResponseWriter, r *http.Request) {}

func (s *Streams) watch() {
	for range time.Tick(time.Minute) {
		s.mu.Lock()
		for name, o := range s.open {
			if s.s.Save(o.ctx, o.name) != nil {
				delete(s.open, name)
			}
		}
		s.mu.Unlock()
	}
}

// One kind of item has an answer, another goes without; a select may give up.

type letter struct {
	ctx  context.Context
	body string
	err  chan error
}

type actor struct {
	s    Store
	box  chan letter
	dead chan struct{}
}

func (a *actor) live() {
	for l := range a.box {
		err := a.s.Save(l.ctx, l.body)
		if l.err != nil {
			l.err <- err
		}
	}
}

func (a *actor) tell(ctx context.Context, body string) {
	select {
	case a.box <- letter{ctx: ctx, body: body}:
	case <-a.dead:
	}
}

func (a *actor) ask(ctx context.Context, body string) error {
	err := make(chan error, 1)
	select {
	case a.box <- letter{ctx, body, err}:
	case <-a.dead:
		return http.ErrServerClosed
	}
	return <-err
}

func (a *actor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.tell(r.Context(), "a") // want `a goroutine that queued.\(\*actor\).tell starts keeps r.Context\(\)`
}

func (a *actor) asked(w http.ResponseWriter, r *http.Request) { a.ask(r.Context(), "b") }
