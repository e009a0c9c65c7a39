//go:build go1.25

package ctxrun

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"
)

// A world is one run of a script, and what the model knows of it. The driver
// looks at it when nothing moves; a task writes to its own run only.
type world struct {
	s     *script
	root  context.Context
	ex    [2]*arena
	runs  []*run
	byID  map[int]*run
	maps  map[*scriptMap]*mapRun
	gates map[int]*gate
	waits []*waitRun
	stops []*stopRun
	clock atomic.Int64 // orders events
	round int          // looks
	now   atomic.Value // the operation that the driver is at
	undo  []func()

	mu     sync.Mutex
	faults []string
	seen   map[string]int // what has been reached
}

type gate struct {
	ch   chan struct{}
	open bool
}

type rootKey struct{}

// A scriptError is an error of task n, the value of its panic, or the cause of
// what is done to it.
type scriptError int

func (e scriptError) Error() string { return fmt.Sprintf("of task %d", int(e)) }

func newWorld(s *script) *world {
	return &world{
		s: s, root: context.WithValue(context.Background(), rootKey{}, "root"),
		byID: make(map[int]*run), maps: make(map[*scriptMap]*mapRun), gates: make(map[int]*gate), seen: make(map[string]int),
	}
}

func (w *world) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fmt.Sprintf("at %v: ", w.now.Load())+fmt.Sprintf(format, args...))
}

func (w *world) reached(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[what]++
}

// tick orders events. It comes before what a task writes and after what the
// driver reads, who is at rest with the tasks by then and not they with it, for the
// race detector.
func (w *world) tick() int64 { return w.clock.Add(1) }

// run is the driver.
func (w *world) run() {
	defer func() {
		if v := recover(); v != nil {
			w.fault("the driver panics: %v\n%s", v, debug.Stack())
		}
	}()
	w.setUp()
	for i := range w.s.Ops {
		o := &w.s.Ops[i]
		p := new(printer)
		p.op(o)
		w.now.Store(fmt.Sprintf("operation %d, %.40q", i, p.String()))
		verify := w.do(o)
		synctest.Wait()
		if verify != nil {
			verify()
		}
		w.check()
		if len(w.faults) > 0 {
			break
		}
	}
	w.finish()
}

func (w *world) setUp() {
	for i := range w.ex {
		w.ex[i] = w.newArena(i, w.s.Ex[i])
	}
	for i := range w.s.Ops {
		if o := &w.s.Ops[i]; o.Task != nil {
			w.addTask(o.Task, nil, nil)
		} else if o.Map != nil {
			w.addMap(o.Map, nil)
		}
	}
	w.look()
}

func (w *world) addTask(t *scriptTask, parent *run, m *mapRun) *run {
	r := &run{w: w, task: t, ex: w.ex[t.Ex], parent: parent, m: m}
	if m != nil {
		r.ex = m.ex
	}
	w.runs = append(w.runs, r)
	w.byID[t.ID] = r
	for i := range t.Steps {
		st := &t.Steps[i]
		switch st.Do {
		case "gate", "until":
			w.gates[st.ID] = &gate{ch: make(chan struct{})}
		case "map":
			w.addMap(st.Map, r)
		case "kids":
			for _, k := range st.Kids {
				w.addTask(k, r, nil)
			}
		}
	}
	return r
}

func (w *world) addMap(sm *scriptMap, by *run) {
	m := &mapRun{w: w, spec: sm, ex: w.ex[sm.Ex], by: by}
	m.ex.maps = append(m.ex.maps, m)
	w.maps[sm] = m
	for _, t := range sm.Items {
		m.items = append(m.items, w.addTask(t, nil, m))
	}
}

// do does an operation. It returns what is to be checked at rest, if
// that is other than at any time.
func (w *world) do(o *scriptOp) (verify func()) {
	r := w.byID[o.ID]
	switch o.Do {
	case "task":
		return w.submit(w.byID[o.Task.ID])
	case "map":
		go w.maps[o.Map].consume(w.root, never)
	case "open":
		w.open(o.ID)
	case "sleep":
		time.Sleep(ms(o.N))
	case "cancel":
		w.cancel(r)
	case "stop":
		return w.stop(r)
	case "end":
		if r != nil && r.cancel != nil {
			r.cancel(scriptError(r.task.ID))
			r.cut = true
		}
	case "ondone":
		w.onDone(r, o.N)
	case "wait":
		w.wait(o)
	case "resize":
		w.ex[o.Ex].resize(o.N)
	case "shutdown":
		w.shutDown(o)
	}
	return nil
}

func never() bool { return false }

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func (w *world) open(id int) {
	if g := w.gates[id]; g != nil && !g.open {
		g.open = true
		close(g.ch)
	}
}

// finish lets everything end, and looks for leftovers.
func (w *world) finish() {
	w.now.Store("the end")
	for id := range w.gates {
		w.open(id)
	}
	synctest.Wait()
	w.check()
	time.Sleep(time.Hour) // whatever there is to wait for
	synctest.Wait()
	w.check()
	for _, a := range w.ex {
		if !a.Open {
			a.closing.Store(true)
			a.heard(a.Close())
		}
	}
	for _, f := range w.undo {
		f()
	}
	synctest.Wait()
	w.check()
	for _, r := range w.runs {
		if r.called > 0 && (!r.returned || r.starts > 0 && !r.ended.Load() || r.fut != nil && !r.over()) {
			w.fault("task %d has no end", r.task.ID)
		}
	}
	for _, a := range w.ex {
		a.checkEnd()
	}
}

// An arena is an executor and what the model knows of it.
type arena struct {
	*Executor
	scriptExecutor
	w       *world
	id      int
	maps    []*mapRun
	limited int          // the limit
	cap     atomic.Int64 // tasks that may run: the limit, or more if it was more
	inside  atomic.Int64 // tasks in code that is the script's
	resized bool
	closing atomic.Bool // Shutdown has been called
	emptied bool        // with CancelQueued
	causes  []error     // with CancelRunning
	told    map[int]int // panics that Shutdown has returned, by task

	handled, inits, onSubmit, onStart, onDone atomic.Int64 // calls

	view    view
	mark    int64             // the clock at the last look
	was     []*blocked        // those that wanted their slot back then
	blocked map[*run]*blocked // those that had given it up
}

// A view is an executor's own counts.
type view struct {
	Stats
	queued, tickets, resuming, admitting, active, searching, pending, parked int
}

func (w *world) newArena(i int, s scriptExecutor) *arena {
	a := &arena{scriptExecutor: s, w: w, id: i, limited: s.Workers, told: make(map[int]int)}
	a.cap.Store(int64(s.Workers))
	opts := []Option{WithMaxWorkers(s.Workers), WithQueue(s.Queue)}
	if s.Idle {
		opts = append(opts, WithIdleTimeout(ms(3)))
	}
	if s.Named {
		opts = append(opts, WithNamePrefix("w"))
	}
	if s.Breaks > 0 {
		opts = append(opts, WithInitializer(a.init))
	}
	if s.Handler {
		opts = append(opts, WithPanicHandler(func(_ context.Context, p *PanicError) { a.handled.Add(1) }))
	}
	if s.Hooks {
		opts = append(opts, WithHooks(Hooks{
			OnSubmit: func(context.Context) context.Context { a.onSubmit.Add(1); return nil },
			OnStart:  func(ctx context.Context) context.Context { a.onStart.Add(1); return ctx },
			OnDone:   func(context.Context, error) { a.onDone.Add(1) },
		}))
	}
	a.Executor = New(opts...)
	return a
}

// init is the initializer. It fails once.
func (a *arena) init() error {
	if a.inits.Add(1) == int64(a.Breaks) {
		return scriptError(0)
	}
	return nil
}

func (a *arena) broken() bool { return a.Breaks > 0 && a.inits.Load() >= int64(a.Breaks) }

// refuses reports whether err is what the executor refuses tasks with, or nil
// and it accepts them.
func (a *arena) refuses(err error) bool {
	b, ok := err.(*BrokenError) //nolint:errorlint // never wrapped
	switch {
	case ok:
		return a.broken() && b.Cause == scriptError(0)
	case err == ErrShutdown:
		return a.closing.Load()
	}
	return err == nil && !a.broken() && !a.closing.Load()
}

// occupy notes that a task runs the script's code, and leave that it does
// not.
func (a *arena) occupy() {
	if n, most := a.inside.Add(1), a.cap.Load(); n > most {
		a.w.fault("ex%d runs %d tasks at a time of %d", a.id, n, most)
	}
}

func (a *arena) leave() { a.inside.Add(-1) }

func (a *arena) resize(n int) {
	a.resized = true
	a.limited = n
	a.cap.Store(max(int64(n), a.cap.Load()))
	a.Resize(n)
}

// heard notes the panics that Shutdown has returned.
func (a *arena) heard(err error) {
	a.w.tick()
	switch err := err.(type) { //nolint:errorlint // never wrapped
	case *PanicError:
		a.w.mu.Lock()
		id := int(err.Value.(scriptError))
		a.told[id]++
		a.w.mu.Unlock()
		if a.w.byID[id].known {
			a.w.fault("Shutdown of ex%d returns the panic of task %d, which was seen", a.id, id)
		}
		a.w.reached("panic returned by Shutdown")
	case interface{ Unwrap() []error }:
		for _, err := range err.Unwrap() {
			a.heard(err)
		}
	}
}
