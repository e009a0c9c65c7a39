package ctxrun

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var loadFlag = flag.Int("load", 100_000, "number of tasks that TestLoad runs; the figure to reach is 10 million")

const (
	loadSubmitters = 64
	loadWorkers    = 64 // at most
)

// TestLoad has many goroutines push tasks through a queue with a limit while
// the limit of workers changes: some tasks panic, some call Goexit, some wait
// for a child, some are canceled. All must end as they should, the
// counts must add up, nothing may be left behind, and memory must stay flat.
func TestLoad(t *testing.T) {
	l := &load{n: *loadFlag, beat: make(chan struct{}, 1), boom: errors.New("boom"), gone: errors.New("gone")}
	l.ex = New(WithMaxWorkers(loadWorkers), WithQueue(1000),
		WithPanicHandler(func(context.Context, *PanicError) { l.handled.Add(1) }))
	var submitters sync.WaitGroup
	submitters.Add(loadSubmitters)
	for i := range loadSubmitters {
		go func() {
			defer submitters.Done()
			l.submit(t, i)
		}()
	}
	resized := make(chan struct{})
	go func() {
		defer close(resized)
		dice := rand.New(rand.NewPCG(1, 2))
		for range l.beat {
			l.ex.Resize(1 + dice.IntN(loadWorkers))
		}
	}()
	submitters.Wait()
	close(l.beat)
	<-resized
	if err := l.ex.Close(); err != nil {
		t.Errorf("Close: %v, though there is a panic handler", err)
	}
	l.check(t)
	checkNoWorkers(t)
}

// A load is a run of TestLoad, and its counts.
type load struct {
	n    int // tasks
	ex   *Executor
	beat chan struct{} // now and then: resize
	boom error         // what tasks panic with
	gone error         // the cause of contexts that end

	pushed, running, most            atomic.Int64
	accepted, ran, panicked, handled atomic.Int64
	certain, certainRan              atomic.Int64 // tasks that nobody cancels

	mu      sync.Mutex
	samples []uint64 // of the heap
}

// What becomes of a task.
type fate int

const (
	returns fate = iota
	panics
	exits
	nests    // submits a child and waits for it
	canceled // by Cancel, at once: perhaps too late
	leaves   // its context ends when it has been submitted: perhaps too late
	left     // its context ended before
)

// draw returns 1% panics, 0.1% Goexit and 5% canceled tasks.
func draw(dice *rand.Rand) fate {
	switch n := dice.IntN(1000); {
	case n < 10:
		return panics
	case n < 11:
		return exits
	case n < 21:
		return nests
	case n < 41:
		return canceled
	case n < 61:
		return leaves
	case n < 71:
		return left
	}
	return returns
}

// A pledge is a future and what is known of its end.
type pledge struct {
	f       *Future[int]
	fate    fate
	refused bool // Cancel has returned true
}

// submit is a submitter. It looks at the futures of its last tasks now and
// then, and keeps no more of them.
func (l *load) submit(t *testing.T, id int) {
	dice := rand.New(rand.NewPCG(uint64(id), 0))
	var pledges []pledge
	for range l.n / loadSubmitters {
		fate := draw(dice)
		ctx, cancel := context.Background(), func() {}
		if fate == left || fate == leaves {
			c, end := context.WithCancelCause(ctx)
			ctx, cancel = c, func() { end(l.gone) }
		}
		if fate == left {
			cancel()
		}
		if dice.IntN(2) == 0 && fate != canceled { // there is nothing to cancel it by
			l.push(t, ctx, fate)
		} else {
			pledges = append(pledges, l.pledge(ctx, fate))
		}
		cancel()
		if len(pledges) == 100 {
			l.redeem(t, pledges)
			pledges = pledges[:0]
		}
		l.count()
	}
	l.redeem(t, pledges)
}

// push submits a task with Go.
func (l *load) push(t *testing.T, ctx context.Context, fate fate) {
	err := l.ex.Go(ctx, func(ctx context.Context) { _, _ = l.task(ctx, fate) })
	if fate == left {
		if err != l.gone {
			t.Errorf("Go with a context that is done: %v", err)
		}
		return
	}
	if err != nil {
		t.Errorf("Go: %v", err)
	}
	l.accept(fate)
}

// pledge submits a task with Submit.
func (l *load) pledge(ctx context.Context, fate fate) pledge {
	f := Submit(ctx, l.ex, func(ctx context.Context) (int, error) { return l.task(ctx, fate) })
	p := pledge{f: f, fate: fate}
	if fate == canceled {
		p.refused = f.Cancel()
	}
	if fate != left {
		l.accept(fate)
	}
	return p
}

func (l *load) accept(fate fate) {
	l.accepted.Add(1)
	if fate < canceled {
		l.certain.Add(1)
	}
}

// task is the task.
func (l *load) task(ctx context.Context, fate fate) (int, error) {
	l.ran.Add(1)
	if fate < canceled {
		l.certainRan.Add(1)
	}
	for n := l.running.Add(1); ; {
		if most := l.most.Load(); n <= most || l.most.CompareAndSwap(most, n) {
			break
		}
	}
	defer l.running.Add(-1)
	switch fate {
	case panics:
		l.panicked.Add(1)
		panic(l.boom)
	case exits:
		runtime.Goexit()
	case nests:
		f := Submit(ctx, l.ex, func(ctx context.Context) (int, error) { return l.task(ctx, returns) })
		l.accept(returns)
		l.running.Add(-1)
		defer l.running.Add(1)
		return f.Result(ctx)
	}
	return int(fate), nil
}

// redeem waits for futures, and checks their ends.
func (l *load) redeem(t *testing.T, pledges []pledge) {
	for _, p := range pledges {
		val, err := p.f.Result(context.Background())
		ok := err == nil && p.f.State() == StateDone
		switch p.fate {
		case panics:
			ok = errors.Is(err, l.boom) && p.f.State() == StateDone
		case exits:
			ok = err == ErrGoexit && p.f.State() == StateDone
		case canceled:
			ok = p.refused == (err == ErrCanceled) && p.refused == (p.f.State() == StateCanceled) && (p.refused || val == int(canceled))
		case leaves:
			ok = ok && val == int(leaves) || err == l.gone && p.f.State() == StateCanceled
		case left:
			ok = err == l.gone && p.f.State() == StateCanceled
		}
		if !ok {
			t.Errorf("task of fate %d: %d, %v, %v; canceled: %v", p.fate, val, err, p.f.State(), p.refused)
		}
	}
}

// count has the executor resized every 500 tasks, and looks at the heap 20 times.
func (l *load) count() {
	n := int(l.pushed.Add(1))
	if n%500 == 0 {
		select {
		case l.beat <- struct{}{}:
		default:
		}
	}
	if n%max(1, l.n/20) == 0 {
		l.mu.Lock()
		defer l.mu.Unlock()
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		l.samples = append(l.samples, m.HeapAlloc)
	}
}

func (l *load) check(t *testing.T) {
	s := l.ex.Stats()
	t.Logf("%+v; at most %d at a time; heap %d KB", s, l.most.Load(), l.kilobytes())
	if most := l.most.Load(); most > loadWorkers {
		t.Errorf("%d tasks ran at a time, want at most %d", most, loadWorkers)
	}
	want := Stats{
		MaxWorkers: s.MaxWorkers,
		Submitted:  uint64(l.accepted.Load()),
		Completed:  uint64(l.ran.Load()),
		Panicked:   uint64(l.panicked.Load()),
		Canceled:   uint64(l.accepted.Load() - l.ran.Load()),
	}
	if s != want {
		t.Errorf("Stats:\n%+v, want\n%+v", s, want)
	}
	if got, want := l.certainRan.Load(), l.certain.Load(); got != want {
		t.Errorf("%d tasks ran that nobody canceled, want %d", got, want)
	}
	if got, want := l.handled.Load(), l.panicked.Load(); got != want {
		t.Errorf("the handler saw %d panics, want %d", got, want)
	}
	if len(l.samples) < 3 {
		return
	}
	for i, heap := range l.samples[2:] {
		if limit := 2*l.samples[1] + 8<<20; heap > limit {
			t.Errorf("the heap grows: %d bytes at sample %d, limit %d", heap, i+2, limit)
		}
	}
}

func (l *load) kilobytes() (kb []uint64) {
	for _, heap := range l.samples {
		kb = append(kb, heap>>10)
	}
	return kb
}

// checkNoWorkers checks that no goroutine runs a worker. When Close returns
// they have left the executor, and have a few instructions to go.
func checkNoWorkers(t *testing.T) {
	t.Helper()
	var b strings.Builder
	for range 10_000 {
		b.Reset()
		if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "(*worker).") {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("workers are left:\n%s", b.String())
}
