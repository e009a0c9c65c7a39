package ctxrun

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The model test runs random scripts (see script) in a synctest bubble, and
// looks at everything whenever nothing moves any more. The model does not
// foretell which of two tasks that run at the same time is faster: it takes what
// has happened since the last look for granted, and says whether it may have.
// What a task returns, what an operation of the driver does and how many tasks
// run is determined, and compared. Of starts it says that they are in the order
// of the submits where that is determined, and that no slot is idle while
// somebody wants one: together with a queue whose length is known, this leaves
// one executor's tasks no freedom but whether a task that wants its slot back
// came before or after a worker looked for the next task.
var (
	seeds      = flag.Int("seeds", 3000, "number of scripts that the model test runs")
	firstSeed  = flag.Uint64("seed", 0, "seed of the first of them")
	scriptFlag = flag.String("script", "", "the one script that the model test runs, as it has printed it")
)

// modelChild says that this process runs the scripts. A bug can end in a
// failed check or in a deadlock of the bubble, which synctest.Test turns into a panic
// that can be recovered; but also in a panic on a worker's goroutine, a hang
// that synctest does not see (a goroutine that spins or waits for a mutex) or a
// data race, and then only another process can say which script it was, and
// make it shorter.
const modelChild = "CTXRUN_MODEL_CHILD"

func TestModel(t *testing.T) {
	switch {
	case *scriptFlag != "":
		s := new(script)
		s.decode(*scriptFlag)
		for range 20 { // it may take luck
			if fault := runScript(t, s, nil); fault != "" {
				t.Fatalf("%s\n%s", fault, s)
			}
		}
	case os.Getenv(modelChild) != "":
		runSeeds(t)
	default:
		out, err := runChild("-seeds="+strconv.Itoa(*seeds), "-seed="+strconv.FormatUint(*firstSeed, 10))
		t.Logf("%s", reachedLines.FindString(out))
		if err != nil {
			reportModel(t, out, err)
		}
	}
}

// runSeeds runs the scripts. Each seed is announced, in case it is the last.
func runSeeds(t *testing.T) {
	reached := make(map[string]int)
	for seed := *firstSeed; seed < *firstSeed+uint64(*seeds); seed++ {
		fmt.Printf("seed %d\n", seed)
		if fault := runScript(t, makeScript(seedDice(seed)), reached); fault != "" {
			t.Fatal(fault)
		}
	}
	fmt.Printf("reached: %v\n", reached)
	for _, what := range wantReached {
		if *seeds >= 300 && reached[what] == 0 {
			t.Errorf("no script of %d reached: %s", *seeds, what)
		}
	}
}

var (
	seedLines    = regexp.MustCompile(`(?m)^seed (\d+)\n`)
	reachedLines = regexp.MustCompile(`(?m)^reached: .*`)
)

// wantReached is what random scripts must come across, lest they be of no use.
var wantReached = []string{
	"wants its slot back", "waits for room", "4 nested waits", "skipped", "cancelled", "stopped", "refused", "queue full",
	"panicked", "Goexit", "map left early", "above the limit", "kept worker", "broken", "panic returned by Shutdown", "shut down with tasks",
}

func runChild(args ...string) (out string, err error) {
	cmd := exec.Command(os.Args[0], append([]string{"-test.run=^TestModel$", "-test.timeout=0"}, args...)...)
	cmd.Env = append(os.Environ(), modelChild+"=1", "GORACE=halt_on_error=1")
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// reportModel shows the shortest script that fails like the last one.
func reportModel(t *testing.T, out string, err error) {
	all := seedLines.FindAllStringSubmatch(out, -1)
	if len(all) == 0 {
		t.Fatalf("%v:\n%s", err, out)
	}
	last, _ := strconv.ParseUint(all[len(all)-1][1], 10, 64)
	t.Errorf("seed %d: %v:\n%.8000s", last, err, seedLines.ReplaceAllString(out, ""))
	why, stop := "", time.Now().Add(2*time.Minute) // a script that hangs takes seconds
	fails := func(s *script) bool {
		if time.Now().After(stop) {
			return false
		}
		out, err := runChild("-script=" + string(s.encode()))
		if err != nil {
			why = out
		}
		return err != nil
	}
	s := makeScript(seedDice(last))
	if !fails(s) {
		t.Fatalf("the script alone does not fail:\n%s", s)
	}
	s = shrink(s, fails)
	t.Errorf("the shortest script that fails:\n%s\n%.4000s\nto run it again: go test -run TestModel -script '%s'", s, why, s.encode())
}

// runScript runs a script and returns what is wrong, or "".
func runScript(t *testing.T, s *script, reached map[string]int) (fault string) {
	w := newWorld(s)
	watchdog := time.AfterFunc(10*time.Second, func() { // a thousand times what it takes
		fmt.Printf("hangs at %v:\n%s", w.now.Load(), s)
		debug.SetTraceback("all")
		panic("hangs")
	})
	defer watchdog.Stop()
	defer func() {
		if v := recover(); v != nil {
			w.fault("%v", v)
		}
		fault = strings.Join(w.faults, "\n")
		for what, n := range w.seen {
			if reached != nil {
				reached[what] += n
			}
		}
	}()
	synctest.Test(t, func(*testing.T) { w.run() })
	return
}

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

// A run is one task of the script.
type run struct {
	w      *world
	task   *scriptTask
	ex     *arena
	parent *run
	m      *mapRun // whose item it is

	base   context.Context // it is submitted with
	dead   func() bool     // whether base is done
	why    []error         // of what base may then be done, and
	from   *run            // if not nil, of what the context of that is
	cancel context.CancelCauseFunc
	cut    bool // cancel has been called

	called   int64 // when Submit was
	arrived  int64 // when it was known to have a place, in the queue or among those that wait for room
	returned bool  // Submit has
	err      error // what it refused Go with
	fut      *Future[int]

	ctx    context.Context
	cause  error // the end of ctx, once there is one
	starts int
	since  int64 // when it started
	ended  atomic.Bool
	in     *blocked // where it has given up its slot
	until  bool     // waits for its context

	dropped   bool  // perhaps, by CancelQueued before Submit had returned
	doomed    bool  // at the last look it had not been started, and base was done
	want      error // of a task that was cancelled
	tried     bool  // another task called Cancel
	stopped   bool
	told      atomic.Bool // somebody got its error
	known     bool        // at the last look they had, and Shutdown had not returned it
	asked     []int       // of OnDone
	heard     []int
	listening atomic.Bool
}

// A task is blocked in a function of the package.
type blocked struct {
	ready func() bool // whether it is to go on; nil: the model does not know
	since int         // the look that first found it wants its slot back
	vague bool        // it may want its slot back before that, to look and go on waiting
}

// submit is the driver's: whether a task is accepted is determined.
func (w *world) submit(r *run) (verify func()) {
	w.contextOf(r, nil, nil)
	a, v := r.ex, r.ex.view
	full := a.Queue >= 0 && (v.admitting > 0 || v.queued >= a.Queue+max(0, a.limited-v.active))
	refusal := context.Cause(r.base)
	if refusal == nil {
		refusal = a.Err()
	}
	if refusal == nil && full && r.task.Via == "TryGo" {
		refusal = ErrQueueFull
		w.reached("queue full")
	}
	go r.launch()
	return func() {
		err := r.err
		if r.fut != nil && r.over() && r.starts == 0 {
			_, err = r.result()
		}
		switch {
		case refusal != nil:
			w.reached("refused")
			if !r.returned || err != refusal || r.starts > 0 {
				w.fault("task %d: error %v, want the refusal %v", r.task.ID, err, refusal)
			}
		case full && r.returned:
			w.fault("task %d was accepted by a full queue, or refused: %v", r.task.ID, err)
		case !full && (!r.returned || err != nil && (!a.broken() || !a.refuses(err))): // it may have broken the executor
			w.fault("task %d was not accepted, err %v", r.task.ID, err)
		}
	}
}

// launch submits the task.
func (r *run) launch() {
	r.called = r.w.tick()
	fn := func(ctx context.Context) { _, _ = r.body(ctx) }
	switch r.task.Via {
	case "Submit":
		f := Submit(r.base, r.ex.Executor, r.body)
		r.w.tick()
		r.fut = f
	case "Go":
		r.refuse(r.ex.Go(r.base, fn))
	case "TryGo":
		r.refuse(r.ex.TryGo(r.base, fn))
	}
	if r.arrived == 0 {
		r.arrived = r.w.tick()
	}
	r.returned = true
}

func (r *run) refuse(err error) {
	r.w.tick()
	r.err = err
}

// contextOf gives a task its context, from that of the task that submits it.
func (w *world) contextOf(r, parent *run, ctx context.Context) {
	deadline := time.Now().Add(ms(r.task.D))
	passed := func() bool { return !time.Now().Before(deadline) }
	var cancel context.CancelFunc
	r.base, r.dead, r.from, r.why = w.root, never, parent, []error{scriptError(r.task.ID), context.DeadlineExceeded, context.Canceled}
	kind := r.task.Ctx
	if kind == "root" && parent != nil && r.ex.Queue >= 0 {
		kind = "detached" // with a context that is not its own, the task would keep its slot while it waits for room
	}
	switch kind {
	case "own":
		r.base, r.cancel = context.WithCancelCause(w.root)
		r.dead = func() bool { return r.cut }
		cancel = func() { r.cancel(nil); r.cut = true }
	case "dead":
		c, end := context.WithCancelCause(w.root)
		end(scriptError(r.task.ID))
		r.base, r.dead = c, func() bool { return true }
	case "deadline":
		r.base, cancel = context.WithTimeout(w.root, ms(r.task.D))
		r.dead = passed
	case "inherit":
		r.base, r.dead = ctx, parent.done
	case "detached":
		r.base = context.WithoutCancel(ctx)
	case "timeout":
		r.base, cancel = context.WithTimeout(ctx, ms(r.task.D))
		r.dead = func() bool { return parent.done() || passed() }
	}
	if cancel != nil {
		w.later(cancel)
	}
}

// later has f called at the end.
func (w *world) later(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.undo = append(w.undo, f)
}

// done reports whether the context that the task has is done.
func (r *run) done() bool {
	if r.m != nil {
		return r.m.dead() || len(r.ex.causes) > 0
	}
	return r.dead() || r.stopped || len(r.ex.causes) > 0 || r.task.Via == "Submit" && r.ended.Load()
}

// over reports whether the future has ended, and result is its result then.
func (r *run) over() bool { return r.fut != nil && r.fut.at.completed() }

func (r *run) result() (int, error) {
	if r.fut.fn == nil {
		return r.fut.val, nil
	}
	_, err := r.fut.fn(r.base) // outcome would note that it was seen
	return r.fut.val, err
}

// end is how the task ends.
func (r *run) end() string {
	if r.task.End == "panic" && r.m == nil && r.task.Via != "Submit" && !r.ex.Handler {
		return "error" // it would end the program
	}
	return r.task.End
}

// matches reports whether the task may have this result.
func (r *run) matches(val int, err error) bool {
	id := r.task.ID
	switch r.end() {
	case "value":
		return val == id && err == nil
	case "error":
		return val == 0 && err == scriptError(id)
	case "panic":
		p, ok := err.(*PanicError) //nolint:errorlint // never wrapped
		return ok && val == 0 && p.Value == scriptError(id) && strings.Contains(p.Stack(), "body")
	}
	return val == 0 && err == ErrGoexit
}

func (r *run) body(ctx context.Context) (int, error) {
	r.since = r.w.tick()
	r.starts++
	r.ctx = ctx
	r.ex.occupy()
	defer func() {
		r.w.tick()
		r.ended.Store(true)
		r.ex.leave()
	}()
	if ctx.Value(rootKey{}) != "root" {
		r.w.fault("task %d has not its context", r.task.ID)
	}
	for i := range r.task.Steps {
		r.do(ctx, &r.task.Steps[i])
	}
	switch r.end() {
	case "error":
		return 0, scriptError(r.task.ID)
	case "panic":
		r.w.reached("panicked")
		panic(scriptError(r.task.ID))
	case "Goexit":
		r.w.reached("Goexit")
		runtime.Goexit()
	}
	return r.task.ID, nil
}

func (r *run) do(ctx context.Context, st *scriptStep) {
	switch st.Do {
	case "gate":
		<-r.w.gates[st.ID].ch
	case "until":
		r.w.tick()
		r.until = true
		select {
		case <-r.w.gates[st.ID].ch:
		case <-ctx.Done():
		}
		r.w.tick()
		r.until = false
	case "sleep":
		time.Sleep(ms(st.N))
	case "thread":
		r.join(ctx, st.N)
	case "shutdown":
		r.ex.closing.Store(true)
		if err := r.ex.Shutdown(ctx); err != ErrSelfJoin {
			r.w.fault("a task's shutdown of its executor: %v, want %v", err, ErrSelfJoin)
		}
	case "map":
		r.w.maps[st.Map].consume(ctx, r.done)
	case "kids":
		r.kids(ctx, st)
	}
}

// pause is called where the task may give up its slot, and resume when it has
// it.
func (r *run) pause(ready func() bool) {
	if r != nil {
		r.ex.leave()
		r.w.tick()
		r.in = &blocked{ready: ready}
	}
}

func (r *run) resume() {
	if r != nil {
		r.w.tick()
		r.in = nil
		r.ex.occupy()
	}
}

func (r *run) join(ctx context.Context, n int) {
	t := NewThread(ctx, func(context.Context) error { time.Sleep(ms(n)); return scriptError(n) })
	_ = t.Start()
	r.pause(func() bool { return !t.Alive() || ctx.Err() != nil })
	err := t.Join(ctx)
	r.resume()
	if err != scriptError(n) && (ctx.Err() == nil || err != context.Cause(ctx)) {
		r.w.fault("Join in task %d: %v", r.task.ID, err)
	}
}

// kids submits children and waits for them.
func (r *run) kids(ctx context.Context, st *scriptStep) {
	var kids []*run
	for _, t := range st.Kids {
		kid := r.w.byID[t.ID]
		r.w.contextOf(kid, r, ctx)
		r.pause(nil)
		kid.launch()
		r.resume()
		if kid.fut != nil {
			kids = append(kids, kid)
		}
	}
	if st.D > 0 {
		c, cancel := context.WithTimeout(ctx, ms(st.D))
		defer cancel()
		ctx = c
	}
	if len(kids) > 0 {
		r.waitFor(ctx, st.How, kids)
	}
}

func (r *run) waitFor(ctx context.Context, how string, kids []*run) {
	ready := func(mode WaitMode) func() bool {
		return func() bool { return satisfied(mode, kids) || ctx.Err() != nil }
	}
	switch how {
	case "Result", "Err":
		r.resultOf(ctx, how, kids)
	case "AllDone", "FirstDone", "FirstError":
		mode := WaitMode(slices.Index(hows, how) - 3)
		r.pause(ready(mode))
		r.in.vague = true
		done, pending, err := Wait(ctx, mode, waiting(kids)...)
		r.resume()
		r.w.checkWait(ctx, mode, kids, done, pending, err)
	case "WaitAll":
		r.pause(ready(AllDone))
		r.in.vague = true
		vals, err := WaitAll(ctx, futures(kids)...)
		r.resume()
		r.w.checkWaitAll(ctx, kids, vals, err)
	case "AsCompleted":
		r.asCompleted(ctx, kids)
	case "Cancel":
		for _, kid := range kids {
			kid.tried = true
			if kid.fut.Cancel() && kid.starts > 0 || !kid.fut.Cancel() && kid.fut.State() == Cancelled {
				r.w.fault("Cancel of task %d, which has %d starts", kid.task.ID, kid.starts)
			}
		}
	}
}

func (r *run) resultOf(ctx context.Context, how string, kids []*run) {
	for _, kid := range kids {
		before := kid.over()
		r.pause(func() bool { return kid.over() || ctx.Err() != nil })
		var err error
		val := 0
		if how == "Err" {
			err = kid.fut.Err(ctx)
		} else {
			val, err = kid.fut.Result(ctx)
		}
		r.resume()
		if kid.over() {
			v, e := kid.result()
			if e == err && (how == "Err" || v == val) {
				kid.told.Store(true)
				continue
			}
		}
		if before || val != 0 || ctx.Err() == nil || err != context.Cause(ctx) {
			r.w.fault("%s of task %d: %d, %v", how, kid.task.ID, val, err)
		}
	}
}

func (r *run) asCompleted(ctx context.Context, kids []*run) {
	n, before := 0, make(map[*Future[int]]bool)
	over := func() (n int) {
		for _, kid := range kids {
			if kid.over() {
				n++
			}
		}
		return n
	}
	r.pause(func() bool { return over() > n || ctx.Err() != nil })
	for f, err := range AsCompleted(ctx, futures(kids)...) {
		r.resume()
		n++
		i := slices.IndexFunc(kids, func(kid *run) bool { return kid.fut == f })
		switch {
		case f == nil:
			if ctx.Err() == nil || err != context.Cause(ctx) {
				r.w.fault("AsCompleted in task %d yields nil, %v", r.task.ID, err)
			}
			n = len(kids)
		case before[f] || !kids[i].over():
			r.w.fault("AsCompleted in task %d yields task %d twice, or before its end", r.task.ID, kids[i].task.ID)
		default:
			kids[i].told.Store(true)
			if _, e := kids[i].result(); e != err {
				r.w.fault("AsCompleted yields task %d with %v, want %v", kids[i].task.ID, err, e)
			}
		}
		before[f] = true
		r.pause(func() bool { return over() > n || ctx.Err() != nil })
	}
	r.resume()
	if n < len(kids) {
		r.w.fault("AsCompleted in task %d yields %d of %d", r.task.ID, n, len(kids))
	}
}

func futures(rs []*run) (fs []*Future[int]) {
	for _, r := range rs {
		fs = append(fs, r.fut)
	}
	return fs
}

func waiting(rs []*run) (ws []Waiter) {
	for _, r := range rs {
		ws = append(ws, r.fut)
	}
	return ws
}

// satisfied reports whether what mode says has happened.
func satisfied(mode WaitMode, rs []*run) bool {
	over, failed := 0, false
	for _, r := range rs {
		if r.over() {
			_, err := r.result()
			over++
			failed = failed || err != nil
		}
	}
	return over == len(rs) || mode == FirstDone && over > 0 || mode == FirstError && failed
}

// checkWait checks what Wait has returned.
func (w *world) checkWait(ctx context.Context, mode WaitMode, rs []*run, done, pending []Waiter, err error) {
	var ended []*run
	var errs []error
	for _, r := range rs {
		switch {
		case len(done) > 0 && done[0] == Waiter(r.fut):
			done = done[1:]
			if !r.over() {
				w.fault("Wait returns task %d as done", r.task.ID)
				return
			}
			if _, err := r.result(); err != nil {
				errs = append(errs, err)
			}
			ended = append(ended, r)
			r.told.Store(true)
		case len(pending) > 0 && pending[0] == Waiter(r.fut):
			pending = pending[1:]
		default:
			w.fault("Wait returns task %d nowhere, or not in its place", r.task.ID)
		}
	}
	all := len(ended) == len(rs)
	if enough := all || mode == FirstDone && len(ended) > 0 || mode == FirstError && len(errs) > 0; !enough {
		if ctx.Err() == nil {
			w.fault("Wait returns too soon: %d of %d, %v", len(ended), len(rs), err)
		}
		errs = append(errs, context.Cause(ctx))
	}
	w.checkJoined("Wait", err, errs, context.Cause(ctx))
}

// checkJoined checks that err consists of errs, and perhaps of more: the
// context of a wait can end when what it waited for has happened as well.
func (w *world) checkJoined(name string, err error, errs []error, more error) {
	got := parts(err)
	if len(got) == len(errs)+1 && more != nil {
		errs = append(errs, more)
	}
	if !slices.Equal(got, errs) {
		w.fault("%s returns the errors %v, want %v", name, got, errs)
	}
}

// parts returns what an error of errors.Join was made of.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	return err.(interface{ Unwrap() []error }).Unwrap()
}

func (w *world) checkWaitAll(ctx context.Context, rs []*run, vals []int, err error) {
	var errs []error
	early := ctx.Err() != nil // perhaps
	for i, r := range rs {
		if !r.over() {
			if vals[i] != 0 || !early {
				w.fault("WaitAll returns %d for task %d, which has not ended", vals[i], r.task.ID)
			}
			continue
		}
		val, e := r.result()
		if vals[i] != val && (vals[i] != 0 || !early) {
			w.fault("WaitAll returns %d for task %d, want %d", vals[i], r.task.ID, val)
		}
		// Of those that have ended since, the error is not there.
		if e != nil && (!early || slices.Contains(parts(err), e)) {
			errs = append(errs, e)
			r.told.Store(true)
		}
	}
	if !early {
		w.checkJoined("WaitAll", err, errs, nil)
	}
}

// A mapRun is a Map or MapSlice of the script.
type mapRun struct {
	w     *world
	spec  *scriptMap
	ex    *arena
	by    *run // who ranges over it; nil: a goroutine of the driver
	items []*run

	ctx    context.Context
	dead   func() bool
	begin  time.Time
	begun  bool
	got    []*run // items whose results it has yielded, in that order
	last   error  // why it ended early
	over   bool
	sealed int64 // when the model saw that
}

func (m *mapRun) options() []MapOption {
	opts := []MapOption{MapChunk(m.spec.Chunk)}
	if m.spec.Buffer > 0 {
		opts = append(opts, MapBuffer(m.spec.Buffer))
	}
	if m.spec.Timeout > 0 {
		opts = append(opts, MapTimeout(ms(m.spec.Timeout)))
	}
	if m.spec.Unordered {
		opts = append(opts, MapUnordered())
	}
	if m.spec.Stop {
		opts = append(opts, MapStopOnError())
	}
	return opts
}

// consume ranges over the map.
func (m *mapRun) consume(ctx context.Context, dead func() bool) {
	m.w.tick()
	m.ctx, m.dead, m.begin, m.begun = ctx, dead, time.Now(), true
	if m.spec.D > 0 {
		c, cancel := context.WithTimeout(ctx, ms(m.spec.D))
		defer cancel()
		end := m.begin.Add(ms(m.spec.D))
		m.ctx, m.dead = c, func() bool { return m.over || dead() || !time.Now().Before(end) }
	}
	m.pause()
	m.each()
	m.w.tick()
	m.over = true // before cancel is called
	m.by.resume()
}

func (m *mapRun) pause() {
	if m.by != nil {
		m.by.pause(m.ready)
		m.by.in.vague = true
	}
}

func (m *mapRun) each() {
	item := func(ctx context.Context, r *run) (int, error) { return r.body(ctx) }
	if m.spec.Slice {
		vals, err := MapSlice(m.ctx, m.ex.Executor, m.items, item, m.options()...)
		m.checkSlice(vals, err)
		return
	}
	n := 0
	for val, err := range Map(m.ctx, m.ex.Executor, slices.Values(m.items), item, m.options()...) {
		m.by.resume()
		m.yielded(n, val, err)
		n++
		m.pause()
		if n == m.spec.Break {
			m.w.reached("map left early")
			return
		}
	}
	stopped := m.last != nil || m.spec.Stop && n > 0 && m.got[n-1].end() != "value"
	if !stopped && n < len(m.items) {
		m.w.fault("Map ends after %d of %d items", n, len(m.items))
	}
}

// yielded checks the nth result.
func (m *mapRun) yielded(n, val int, err error) {
	i := n
	m.w.tick()
	if m.spec.Unordered {
		i = slices.IndexFunc(m.items, func(r *run) bool { return !slices.Contains(m.got, r) && r.ended.Load() && r.matches(val, err) })
	}
	switch {
	case m.last != nil || m.spec.Stop && n > 0 && m.got[n-1].end() != "value":
		m.w.fault("Map yields %v after the error that ended it, %v", err, m.last)
	case i >= 0 && i < len(m.items) && m.items[i].ended.Load() && m.items[i].matches(val, err):
		m.got = append(m.got, m.items[i])
	case val == 0 && m.mayEnd(err):
		m.last = err
		m.got = append(m.got, nil)
	default:
		m.w.fault("Map yields %d, %v as result %d", val, err, n)
	}
}

// mayEnd reports whether the map may end with err.
func (m *mapRun) mayEnd(err error) bool {
	switch {
	case err == ErrTimeout:
		return m.spec.Timeout > 0 && time.Since(m.begin) >= ms(m.spec.Timeout)
	case err != nil && m.ex.refuses(err):
		return true
	case err == ErrCancelled:
		return m.ex.emptied
	}
	return m.ctx.Err() != nil && err == context.Cause(m.ctx) || slices.Contains(m.ex.causes, err)
}

func (m *mapRun) checkSlice(vals []int, err error) {
	errs := parts(err)
	early := m.spec.Stop && len(errs) > 0
	if n := len(errs); n > 0 && m.mayEnd(errs[n-1]) {
		early, errs = true, errs[:n-1]
	}
	for i, r := range m.items {
		switch {
		case r.ended.Load() && len(errs) > 0 && r.matches(vals[i], errs[0]):
			errs = errs[1:]
		case r.ended.Load() && r.matches(vals[i], nil):
		case vals[i] == 0 && early:
		default:
			m.w.fault("MapSlice returns %d and %v for item %d", vals[i], errs, r.task.ID)
		}
	}
	if len(errs) > 0 {
		m.w.fault("MapSlice returns the error %v of no item", errs)
	}
}

// ready reports whether it is certain that the map goes on. Of chunks, of
// results out of order, and of a map that waits for room the model does not
// know much.
func (m *mapRun) ready() bool {
	n := len(m.got)
	switch {
	case !m.begun || m.over:
		return false
	case m.dead():
		return true
	case m.ex.Queue >= 0:
		return false
	case m.spec.Chunk == 1 && !m.spec.Unordered && !m.spec.Slice && n < len(m.items) && m.items[n].ended.Load():
		return true
	}
	return !slices.ContainsFunc(m.items, func(r *run) bool { return !r.ended.Load() })
}

// The driver's operations.

func (w *world) cancel(r *run) {
	if r == nil || r.fut == nil {
		return
	}
	pending, cancelled := r.fut.State() == Pending, r.fut.State() == Cancelled
	if got := r.fut.Cancel(); got != (pending || cancelled) {
		w.fault("Cancel of task %d: %v, pending %v, cancelled %v", r.task.ID, got, pending, cancelled)
	}
	if pending {
		w.reached("cancelled")
		r.want = ErrCancelled
	}
}

func (w *world) stop(r *run) (verify func()) {
	if r == nil || r.fut == nil {
		return nil
	}
	cause := scriptError(r.task.ID)
	pending, running, done := r.fut.State() == Pending, r.fut.State() == Running, r.done()
	if got := r.fut.Stop(cause); got != (pending || running) {
		w.fault("Stop of task %d: %v, pending %v, running %v", r.task.ID, got, pending, running)
	}
	switch {
	case pending:
		r.want = cause
	case running:
		w.reached("stopped")
		r.stopped = true
		return func() {
			if got := context.Cause(r.ctx); !done && got != cause {
				w.fault("task %d is stopped with %v, want %v", r.task.ID, got, cause)
			}
		}
	}
	return nil
}

// onDone asks for a call that ends in one of three ways.
func (w *world) onDone(r *run, way int) {
	if r == nil || r.fut == nil {
		return
	}
	if way == 1 && !r.ex.Handler {
		way = 0 // a panic would end the program
	}
	n := len(r.asked)
	r.asked = append(r.asked, n*3+way)
	r.fut.OnDone(func(ctx context.Context, f *Future[int]) {
		if !r.listening.CompareAndSwap(false, true) {
			w.fault("two calls of OnDone of task %d at a time", r.task.ID)
		}
		if f != r.fut || !r.over() || ctx.Value(rootKey{}) != "root" {
			w.fault("OnDone of task %d is called with another future, or before its end", r.task.ID)
		}
		w.tick()
		r.heard = append(r.heard, n*3+way)
		r.listening.Store(false)
		switch way {
		case 1:
			panic(scriptError(r.task.ID))
		case 2:
			runtime.Goexit()
		}
	})
}

// A waitRun is a wait of a goroutine of the driver.
type waitRun struct {
	ctx      context.Context
	mode     WaitMode
	rs       []*run
	returned bool
}

func (w *world) wait(o *scriptOp) {
	wr := &waitRun{ctx: w.root, mode: WaitMode(o.N)}
	for _, id := range o.IDs {
		if r := w.byID[id]; r != nil && r.fut != nil {
			wr.rs = append(wr.rs, r)
		}
	}
	if o.D > 0 {
		c, cancel := context.WithTimeout(w.root, ms(o.D))
		wr.ctx = c
		w.later(cancel)
	}
	w.waits = append(w.waits, wr)
	go func() {
		done, pending, err := Wait(wr.ctx, wr.mode, waiting(wr.rs)...)
		w.checkWait(wr.ctx, wr.mode, wr.rs, done, pending, err)
		w.tick()
		wr.returned = true
	}()
}

// A stopRun is a call of Shutdown.
type stopRun struct {
	a        *arena
	ctx      context.Context
	returned bool
}

func (w *world) shutDown(o *scriptOp) {
	a := w.ex[o.Ex]
	sr := &stopRun{a: a, ctx: w.root}
	if o.D > 0 {
		c, cancel := context.WithTimeout(w.root, ms(o.D))
		sr.ctx = c
		w.later(cancel)
	}
	if a.view.pending > 0 {
		w.reached("shut down with tasks")
	}
	a.closing.Store(true)
	var opts []ShutdownOption
	if o.N&1 != 0 {
		opts = append(opts, CancelQueued())
		a.emptied = true
		for _, r := range w.runs {
			if r.ex == a && r.waits() {
				r.want = ErrCancelled
			}
			r.dropped = r.dropped || r.ex == a && r.called > 0 && !r.returned
		}
	}
	if o.N&2 != 0 {
		cause := scriptError(-len(w.stops) - 1)
		opts = append(opts, CancelRunning(cause))
		a.causes = append(a.causes, cause)
	}
	w.stops = append(w.stops, sr)
	go func() {
		err := a.Shutdown(sr.ctx, opts...)
		a.heard(err)
		if sr.ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			w.fault("Shutdown returns %v", err)
		}
		w.tick()
		sr.returned = true
	}()
}

// waits reports whether the task is in the queue, for all the model knows: one
// of Go may have been skipped.
func (r *run) waits() bool {
	if r.m != nil || !r.returned || r.err != nil || r.starts > 0 || r.want != nil {
		return false
	}
	return r.fut == nil || r.fut.State() == Pending
}

// look takes the executors' own counts.
func (w *world) look() {
	for _, a := range w.ex {
		if !a.mu.TryLock() {
			w.fault("ex%d.mu is locked", a.id)
			return
		}
		a.view = view{
			queued: a.queue.len, resuming: a.resuming.Len(), admitting: a.admitting.Len(),
			active: a.active, searching: a.searching, pending: a.pending, parked: len(a.parked),
		}
		n := 0
		for t := range a.queue.all() {
			n++
			if _, ok := t.at.job.(*pump); ok {
				a.view.tickets++
			}
		}
		if busy := n+a.view.resuming > 0; n != a.view.queued || a.busy.Load() != busy || a.limit.Load() != int64(a.limited) ||
			a.refusing.Load() != (a.refusal != nil) || a.refusal != nil && !a.closing.Load() && a.Breaks == 0 {
			w.fault("ex%d: %d in the queue, busy %v, limit %d, refusing %v: view %+v, limit %d, closing %v", a.id,
				n, a.busy.Load(), a.limit.Load(), a.refusing.Load(), a.view, a.limited, a.closing.Load())
		}
		a.mu.Unlock()
		if err := a.Err(); !a.refuses(err) {
			w.fault("ex%d refuses tasks with %v", a.id, err)
		}
		a.view.Stats = a.Executor.Stats() //nolint:staticcheck // the view has Stats too
	}
}

// all yields the tasks in the queue.
func (q *queue) all() func(yield func(task) bool) {
	return func(yield func(task) bool) {
		first := q.first
		for b := q.head; b != nil; b = b.next {
			last := blockLen
			if b == q.tail {
				last = q.last
			}
			for _, t := range b.tasks[first:last] {
				if !yield(t) {
					return
				}
			}
			first = 0
		}
	}
}

// check looks at everything. Nothing moves.
func (w *world) check() {
	w.round++
	w.look()
	for _, r := range w.runs {
		r.check()
	}
	for _, a := range w.ex {
		a.check()
		a.checkStats()
		a.checkOrder()
		a.checkResuming()
	}
	for _, m := range w.maps {
		m.check()
	}
	for _, wr := range w.waits {
		if want := satisfied(wr.mode, wr.rs) || wr.ctx.Err() != nil; wr.returned != want {
			w.fault("Wait(%s) has returned: %v, want %v", hows[3+wr.mode], wr.returned, want)
		}
	}
	for _, sr := range w.stops {
		v := sr.a.view
		if want := v.pending == 0 && v.Workers == 0 || sr.ctx.Err() != nil; sr.returned != want {
			w.fault("Shutdown of ex%d has returned: %v, want %v", sr.a.id, sr.returned, want)
		}
	}
	for _, a := range w.ex {
		a.blocked = make(map[*run]*blocked)
	}
	for _, r := range w.runs {
		if r.in != nil {
			r.ex.blocked[r] = r.in
		}
	}
	for _, a := range w.ex {
		a.mark = w.tick()
	}
}

// check compares a task with what is known of it.
func (r *run) check() {
	w, id := r.w, r.task.ID
	if r.called > 0 && r.arrived == 0 {
		r.arrived = w.tick() // it waits for room, or its parent does for its slot
	}
	if r.starts > 1 || r.starts > 0 && r.doomed || r.starts > 0 && r.want != nil {
		w.fault("task %d has %d starts; its context was done before: %v; cancelled: %v", id, r.starts, r.doomed, r.want)
	}
	r.checkContext()
	if r.until && r.done() {
		w.fault("task %d waits for the end of its context, which has come", id)
	}
	full := r.err == ErrQueueFull && r.task.Via == "TryGo" && r.ex.Queue >= 0
	if r.err != nil && !full && !r.mayBeCancelled(r.err) {
		w.fault("task %d was refused with %v, its context %v", id, r.err, context.Cause(r.base))
	}
	if r.fut != nil {
		r.checkFuture()
	}
	r.known = r.told.Load() && r.ex.told[id] == 0
	r.doomed = r.m == nil && r.returned && r.starts == 0 && (r.dead() || len(r.ex.causes) > 0)
}

func (r *run) checkContext() {
	if r.ctx == nil {
		return
	}
	err, cause := r.ctx.Err(), context.Cause(r.ctx)
	if (err != nil) != r.done() || (cause != nil) != (err != nil) {
		r.w.fault("task %d: its context ends with %v, cause %v, want an end: %v", r.task.ID, err, cause, r.done())
	}
	if r.cause == nil {
		r.cause = cause
	}
	if r.cause != cause || cause != nil && !r.mayEnd(cause) {
		r.w.fault("task %d: its context ends with the cause %v, and before with %v", r.task.ID, cause, r.cause)
	}
	if r.ctx.Value(rootKey{}) != "root" {
		r.w.fault("task %d: its context has lost its values", r.task.ID)
	}
}

// mayEnd reports whether the context of the task may end with a cause.
func (r *run) mayEnd(cause error) bool {
	switch {
	case r == nil:
		return false
	case r.m != nil:
		return r.m.mayEnd(cause) || r.m.by.mayEnd(cause) || cause == context.DeadlineExceeded || cause == context.Canceled
	}
	return cause == errReturned || slices.Contains(r.why, cause) || slices.Contains(r.ex.causes, cause) || r.from.mayEnd(cause)
}

func (r *run) checkFuture() {
	w, id, state := r.w, r.task.ID, r.fut.State()
	want := Done
	switch {
	case r.starts > 0 && !r.ended.Load():
		want = Running
	case r.starts == 0 && state == Cancelled:
		want = Cancelled
		_, err := r.result()
		if !r.mayBeCancelled(err) {
			w.fault("task %d was cancelled with %v, its context %v", id, err, context.Cause(r.base))
		}
	case r.starts == 0 && r.want == nil:
		want = Pending
	}
	if state != want {
		w.fault("task %d is %v, want %v", id, state, want)
		return
	}
	if id%2 == 0 { // to ask for Done changes what happens at the end
		select {
		case <-r.fut.Done():
			if !r.over() {
				w.fault("Done of task %d is closed", id)
			}
		default:
			if r.over() {
				w.fault("Done of task %d is not closed", id)
			}
		}
	}
	if !r.over() {
		return
	}
	if val, err := r.result(); state == Done && !r.matches(val, err) {
		w.fault("task %d: %d, %v", id, val, err)
	}
	if !slices.Equal(r.asked, r.heard) {
		w.fault("task %d: OnDone was called %v, want %v", id, r.heard, r.asked)
	}
}

// mayBeCancelled reports whether err says why the task was not run.
func (r *run) mayBeCancelled(err error) bool {
	if r.want != nil {
		return err == r.want
	}
	switch {
	case err != nil && r.ex.refuses(err):
		return true
	case err == ErrCancelled:
		return r.tried || r.ex.emptied
	case len(r.ex.causes) > 0 && slices.Contains(r.ex.causes, err):
		return true
	}
	if r.dead() && err == context.Cause(r.base) {
		r.w.reached("skipped")
		return true
	}
	return false
}

// check is about the slots.
func (a *arena) check() {
	w, v := a.w, a.view
	inside, limit := int(a.inside.Load()), a.limited
	calls, ready, unknown, submitting := 0, 0, 0, 0
	for _, r := range w.runs {
		if r.called > 0 && !r.returned && r.ex == a {
			submitting++
		}
		switch {
		case r.ex != a || r.in == nil:
		case r.in.ready == nil:
			calls++
			unknown++
		case r.in.ready():
			calls++
			ready++
		default:
			calls++
			if r.in.vague {
				unknown++
			}
		}
	}
	for _, m := range w.maps {
		if m.begun && !m.over && m.ex == a {
			submitting++ // perhaps
		}
	}
	switch {
	case v.active != inside || v.searching != 0 || v.Running != inside:
		w.fault("ex%d: %d tasks have a slot, view %+v", a.id, inside, v)
	case v.Waiting+v.resuming != calls || v.resuming < ready || v.resuming > ready+unknown:
		w.fault("ex%d: %d tasks have given up their slot, %d want it back, view %+v", a.id, calls, ready, v)
	case v.Workers != inside+calls+v.parked:
		w.fault("ex%d: %d tasks, view %+v", a.id, inside+calls, v)
	case inside < limit && (v.queued > 0 || v.resuming > 0 || v.admitting > 0):
		w.fault("ex%d: a slot is idle, though somebody wants one: %d of %d, view %+v", a.id, inside, limit, v)
	case a.closing.Load() && v.admitting+v.parked > 0:
		w.fault("ex%d is shut down, view %+v", a.id, v)
	case v.admitting > submitting || v.admitting > 0 && v.queued < a.Queue:
		w.fault("ex%d: somebody waits for room, view %+v", a.id, v)
	}
	// A map's worker goes on with the map's items, also above the limit.
	if inside > limit && (a.lastStart(true) > a.mark || a.resumed()) {
		w.fault("ex%d gives a slot away when it runs more than the limit, %d of %d", a.id, inside, limit)
	}
	a.cap.Store(int64(max(inside, limit)))
	a.reach(inside, limit)
}

// resumed reports whether a task has its slot back since the last look.
func (a *arena) resumed() bool {
	for r, b := range a.blocked {
		if r.in != b {
			return true
		}
	}
	return false
}

// lastStart returns when the executor has last given a task a slot to start
// in; or a map's item, of which all but the first of a chunk need none.
func (a *arena) lastStart(items bool) (at int64) {
	for _, r := range a.w.runs {
		if r.ex == a && (r.m == nil || items && r.m.spec.Chunk == 1) {
			at = max(at, r.since)
		}
	}
	return at
}

func (a *arena) reach(inside, limit int) {
	for what, is := range map[string]bool{
		"wants its slot back": a.view.resuming > 0, "waits for room": a.view.admitting > 0,
		"above the limit": inside > limit, "broken": a.broken(), "kept worker": a.view.parked > 0, "4 nested waits": a.view.Waiting > 3,
	} {
		if is {
			a.w.reached(what)
		}
	}
}

// checkStats is about the counts of tasks. Those of a map count as its chunks
// go through, and the model leaves them be.
func (a *arena) checkStats() {
	w, v := a.w, a.view
	var queued, perhaps, ended, panicked, accepted int
	for _, r := range w.runs {
		if r.ex != a {
			continue
		}
		if r.ended.Load() && r.end() == "panic" {
			panicked++
		}
		switch {
		case r.m != nil || r.called == 0 || r.err != nil:
		case r.starts > 0:
			accepted++
			if r.ended.Load() {
				ended++
			}
		case !r.returned || r.fut != nil && r.fut.State() == Cancelled || r.fut == nil && (r.doomed || r.dropped || a.broken()):
			perhaps++ // accepted or not, in the queue still or not
		case r.waits():
			accepted++
			queued++
		default:
			accepted++ // and cancelled by CancelQueued
		}
	}
	n := v.queued - v.tickets
	sum := v.Completed + v.Cancelled + uint64(v.pending)
	switch {
	case n < queued || n > queued+perhaps:
		w.fault("ex%d: %d tasks are in the queue, and perhaps %d, view %+v", a.id, queued, perhaps, v)
	case v.pending != v.queued+v.Workers-v.parked:
		w.fault("ex%d: pending, view %+v", a.id, v)
	case v.Panicked != uint64(panicked):
		w.fault("ex%d: %d panicked, view %+v", a.id, panicked, v)
	case len(a.maps) > 0:
	case v.Submitted != sum || v.Submitted < uint64(accepted) || v.Submitted > uint64(accepted+perhaps):
		w.fault("ex%d: %d tasks and perhaps %d, view %+v", a.id, accepted, perhaps, v)
	case v.Completed != uint64(ended):
		w.fault("ex%d: %d tasks completed, view %+v", a.id, ended, v)
	}
}

// checkOrder is about the queue: who was there earlier has left it earlier.
// With one worker that is the order in which they started, else who left it
// later may have been faster to start.
func (a *arena) checkOrder() {
	for _, r := range a.w.runs {
		for _, s := range a.w.runs {
			if r.m != nil || s.m != nil || r.ex != a || s.ex != a || r.arrived == 0 || r.arrived >= s.called || s.starts == 0 {
				continue
			}
			if r.waits() && (r.fut != nil || !r.doomed && !r.dropped && !a.broken()) || !r.returned && r.parent == nil {
				a.w.fault("task %d has started, and not %d, which was submitted before", s.task.ID, r.task.ID)
			}
			if a.Workers == 1 && !a.resized && r.starts > 0 && r.since > s.since {
				a.w.fault("task %d has started before %d, which was submitted before", s.task.ID, r.task.ID)
			}
		}
	}
}

// checkResuming is about the tasks that want their slot back: nobody gets one
// before them, and the first to want it is the first to have it.
func (a *arena) checkResuming() {
	var now []*blocked
	oldest := a.w.round // since when one has wanted it that wanted it at the last look too
	for _, r := range a.w.runs {
		if b := r.in; r.ex == a && b != nil && !b.vague && b.ready != nil && b.ready() {
			now = append(now, b)
			if b.since == 0 {
				b.since = a.w.round
			}
			oldest = min(oldest, b.since)
		}
	}
	if oldest < a.w.round && a.lastStart(true) > a.mark {
		a.w.fault("ex%d starts a task, though another wants its slot back", a.id)
	}
	for _, b := range a.was {
		if !slices.Contains(now, b) && b.since > oldest {
			a.w.fault("ex%d: a task has its slot back before another that wanted it first", a.id)
		}
	}
	a.was = now
}

func (m *mapRun) check() {
	w := m.w
	busy := false
	for _, r := range m.items {
		busy = busy || r.starts > 0 && !r.ended.Load()
		if m.sealed > 0 && r.since > m.sealed {
			w.fault("item %d has started when its map had ended", r.task.ID)
		}
	}
	if m.over && m.sealed == 0 {
		m.sealed = w.tick()
	}
	if !m.begun || m.over || m.by != nil && int(m.by.ex.inside.Load()) >= m.by.ex.limited {
		return
	}
	if m.ready() || !busy && int(m.ex.inside.Load()) < m.ex.limited {
		w.fault("a map is stuck: %d of %d results, ready %v", len(m.got), len(m.items), m.ready())
	}
}

// checkEnd is about what an executor leaves behind.
func (a *arena) checkEnd() {
	w, v := a.w, a.view
	v.Stats = Stats{MaxWorkers: v.MaxWorkers, Submitted: v.Submitted, Completed: v.Completed, Panicked: v.Panicked, Cancelled: v.Cancelled}
	if a.view != v || v.pending+v.queued+v.tickets+v.resuming+v.admitting+v.active+v.searching+v.parked != 0 ||
		v.Submitted != v.Completed+v.Cancelled || a.recent != (recent{}) {
		w.fault("ex%d leaves %+v, contexts %v", a.id, a.view, a.recent)
	}
	var panicked int64
	for _, r := range w.runs {
		if r.ex != a {
			continue
		}
		id := r.task.ID
		for _, way := range r.heard {
			if way%3 == 1 {
				panicked++
			}
		}
		if r.fut != nil && r.fut.at.running+r.fut.at.lent.Load()+r.fut.at.waits != 0 {
			w.fault("task %d: running %d, lent %d, waits %d", id, r.fut.at.running, r.fut.at.lent.Load(), r.fut.at.waits)
		}
		if !r.ended.Load() || r.end() != "panic" {
			continue
		}
		panicked++
		if !a.Handler && r.m == nil && !a.Open && (a.told[id] > 1 || a.told[id] == 0 && !r.told.Load()) {
			w.fault("the panic of task %d was returned by Shutdown %d times, and to others: %v", id, a.told[id], r.told.Load())
		}
	}
	if a.Handler && (a.handled.Load() != panicked || len(a.told) > 0) {
		w.fault("ex%d: the handler was called %d times of %d, and Shutdown returned %v", a.id, a.handled.Load(), panicked, a.told)
	}
	if n := a.onSubmit.Load(); a.onDone.Load() != n || a.onStart.Load() > n {
		w.fault("ex%d: OnSubmit was called %d times, OnStart %d, OnDone %d", a.id, n, a.onStart.Load(), a.onDone.Load())
	}
}

// shrink takes away what the failure does not need: operations first, in halves
// and then one by one, and then what is in them.
func shrink(s *script, fails func(*script) bool) *script {
	for shorter := true; shorter; {
		shorter = false
		for size := max(1, len(s.Ops)/2); size > 0; size /= 2 {
			for i := 0; i+size <= len(s.Ops); {
				c := s.clone()
				c.Ops = slices.Delete(c.Ops, i, i+size)
				if fails(c) {
					s, shorter = c, true
				} else {
					i += size
				}
			}
		}
		for i := 0; ; {
			c := s.clone()
			if !c.simplify(i) {
				break
			}
			if fails(c) {
				s, shorter = c, true
			} else {
				i++
			}
		}
	}
	return s
}

// A simplifier makes the nth of the changes that a script can do with.
type simplifier int

func (z *simplifier) hit() bool {
	*z--
	return *z == -1
}

func put[T comparable](z *simplifier, p *T, v T) {
	if *p != v && z.hit() {
		*p = v
	}
}

func cut[T any](z *simplifier, p *[]T) {
	for i := range *p {
		if z.hit() {
			*p = slices.Delete(*p, i, i+1)
			return
		}
	}
}

// simplify makes change n, and reports whether there is one.
func (s *script) simplify(n int) bool {
	z := simplifier(n)
	for i := range s.Ex {
		e := &s.Ex[i]
		put(&z, e, scriptExecutor{Workers: 1, Queue: -1})
		for _, flag := range []*bool{&e.Idle, &e.Handler, &e.Hooks, &e.Named, &e.Open} {
			put(&z, flag, false)
		}
		put(&z, &e.Queue, -1)
		put(&z, &e.Workers, 1)
	}
	for i := range s.Ops {
		o := &s.Ops[i]
		put(&z, &o.D, 0)
		cut(&z, &o.IDs)
		if o.Task != nil {
			o.Task.simplify(&z)
		}
		if o.Map != nil {
			o.Map.simplify(&z)
		}
	}
	return z < 0
}

func (t *scriptTask) simplify(z *simplifier) {
	cut(z, &t.Steps)
	put(z, &t.End, "value")
	if t.Ctx != "root" && t.Ctx != "inherit" && t.Ctx != "" {
		put(z, &t.Ctx, "root")
	}
	if t.Via != "" {
		put(z, &t.Via, "Submit")
	}
	put(z, &t.Ex, 0)
	for i := range t.Steps {
		st := &t.Steps[i]
		cut(z, &st.Kids)
		put(z, &st.D, 0)
		for _, k := range st.Kids {
			k.simplify(z)
		}
		if st.Map != nil {
			st.Map.simplify(z)
		}
	}
}

func (m *scriptMap) simplify(z *simplifier) {
	cut(z, &m.Items)
	put(z, &m.Ex, 0)
	put(z, &m.Chunk, 1)
	for _, n := range []*int{&m.Break, &m.Buffer, &m.Timeout, &m.D} {
		put(z, n, 0)
	}
	for _, flag := range []*bool{&m.Slice, &m.Unordered, &m.Stop} {
		put(z, flag, false)
	}
	for _, t := range m.Items {
		t.simplify(z)
	}
}
