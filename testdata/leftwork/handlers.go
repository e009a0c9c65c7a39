package leftwork

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

var handlers = []handler{
	{"helper", helper, 1},
	{"helperTwoLevels", helperTwoLevels, 1},
	{"helperLiteral", helperLiteral, 1},
	{"helperVariable", helperVariable, 1},
	{"helperAssigned", helperAssigned, 1},
	{"helperTimer", helperTimer, 1},
	{"helperPool", helperPool, 1},
	{"helperGroup", helperGroup, 1},
	{"helperSafe", helperSafe, 1},
	{"helperCalls", helperCalls, 1},
	{"helperReturned", helperReturned, 1},
	{"helperKept", helperKept, 1},
	{"helperMethod", helperMethod, 1},
	{"helperInTask", helperInTask, 1},
	{"helperDeferred", helperDeferred, 1},
	{"helperErrgroup", helperErrgroup, 1},
	{"helperSelect", helperSelect, 1},
	{"literal", literal, 1},
	{"variable", variable, 1},
	{"timer", timer, 1},
	{"submitted", submitted, 1},
	{"grouped", grouped, 1},
	{"safely", safely, 1},
	{"called", called, 1},
	{"calledTwice", calledTwice, 1},
	{"limited", limited, 1},
	{"broken", broken, 1},
	{"continued", continued, 2},
	{"gone", gone, 1},
	{"sometimes", sometimes, 1},
	{"oneCase", oneCase, 1},
	{"otherOrder", otherOrder, 1},
	{"firstWins", firstWins, 1},
	{"signalsFirst", signalsFirst, 1},
	{"nested", nested, 1},
	{"scheduled", scheduled, 1},
	{"handedBack", handedBack, 1},
	{"mapped", mapped, 1},
	{"sent", sent, 1},
	{"cancelFirst", cancelFirst, 0},
	{"rowsReturned", rowsReturned, 0},
	{"rowsOfHelper", rowsOfHelper, 0},
}

// The helper starts the task, and gets the context by a parameter.

func helper(w http.ResponseWriter, r *http.Request) { leaveNow("helper") }
func leaveNow(s string)                             { go save(context.TODO(), s) }

func helperTwoLevels(w http.ResponseWriter, r *http.Request) { outer("two levels") }
func outer(s string)                                         { inner(s) }
func inner(s string)                                         { go save(context.TODO(), s) }

func helperLiteral(w http.ResponseWriter, r *http.Request) { leaveLiteral("literal") }
func leaveLiteral(s string) {
	go func() {
		_ = save(context.TODO(), s)
	}()
}

func helperVariable(w http.ResponseWriter, r *http.Request) { leaveVariable("variable") }
func leaveVariable(s string) {
	ctx := context.TODO()
	go save(ctx, s)
}

func helperAssigned(w http.ResponseWriter, r *http.Request) { leaveAssigned("assigned") }
func leaveAssigned(s string) {
	f := func() { _ = save(context.TODO(), s) }
	go f()
}

func helperTimer(w http.ResponseWriter, r *http.Request) { leaveTimer("timer") }
func leaveTimer(s string) {
	time.AfterFunc(time.Microsecond, func() { _ = save(context.TODO(), s) })
}

func helperPool(w http.ResponseWriter, r *http.Request) { leavePool("pool") }
func leavePool(s string) {
	tasks.Submit(func() { _ = save(context.TODO(), s) })
}

func helperGroup(w http.ResponseWriter, r *http.Request) { leaveGroup("group") }
func leaveGroup(s string) {
	group.Go(func() { _ = save(context.TODO(), s) })
}

func helperSafe(w http.ResponseWriter, r *http.Request) { leaveSafe("safe") }
func leaveSafe(s string) {
	go safe(func() { _ = save(context.TODO(), s) })
}

func helperCalls(w http.ResponseWriter, r *http.Request) { leaveCalls("calls") }
func leaveCalls(s string) {
	go func(f func()) { f() }(func() { _ = save(context.TODO(), s) })
}

func helperReturned(w http.ResponseWriter, r *http.Request) {
	f := returned("returned")
	go f()
}
func returned(s string) func() {
	return func() { _ = save(context.TODO(), s) }
}

func helperKept(w http.ResponseWriter, r *http.Request) {
	keep("kept")
	go hook()
}

var hook func()

func keep(s string) {
	hook = func() { _ = save(context.TODO(), s) }
}

type server struct{ wg sync.WaitGroup }

func helperMethod(w http.ResponseWriter, r *http.Request) { new(server).leave("method") }
func (s *server) leave(what string) {
	s.wg.Add(1)
	go s.run(what)
}
func (s *server) run(what string) {
	defer s.wg.Done()
	_ = save(context.TODO(), what)
}

func helperInTask(w http.ResponseWriter, r *http.Request) {
	go inTask("in task")
}
func inTask(s string) { _ = save(context.TODO(), s) }

func helperDeferred(w http.ResponseWriter, r *http.Request) { leaveDeferred("deferred") }
func leaveDeferred(s string) {
	defer func() {
		go save(context.TODO(), s)
	}()
}

func helperErrgroup(w http.ResponseWriter, r *http.Request) { _ = leaveErrgroup("errgroup") }
func leaveErrgroup(s string) *errgroup.Group {
	g := new(errgroup.Group)
	g.Go(func() error { return save(context.TODO(), s) })
	return g
}

func helperSelect(w http.ResponseWriter, r *http.Request) { leaveSelect("select") }
func leaveSelect(s string) {
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		_ = save(context.TODO(), s)
	}()
	select {
	case <-finished:
	case <-time.After(time.Millisecond):
	}
}

// The handler starts it itself.

func literal(w http.ResponseWriter, r *http.Request) {
	go func() {
		_ = save(context.TODO(), "literal")
	}()
}

func variable(w http.ResponseWriter, r *http.Request) {
	ctx := context.TODO()
	go func() { _ = save(ctx, "variable") }()
}

func timer(w http.ResponseWriter, r *http.Request) {
	time.AfterFunc(time.Microsecond, func() { _ = save(context.TODO(), "timer") })
}

type pool struct{ tasks chan func() }

func (p *pool) Submit(f func()) { p.tasks <- f }

func (p *pool) work() {
	for f := range p.tasks {
		f()
	}
}

var tasks = newPool()

func newPool() *pool {
	p := &pool{make(chan func(), 8)}
	go p.work()
	return p
}

func submitted(w http.ResponseWriter, r *http.Request) {
	tasks.Submit(func() { _ = save(context.TODO(), "submitted") })
}

var group sync.WaitGroup

func grouped(w http.ResponseWriter, r *http.Request) {
	group.Go(func() { _ = save(context.TODO(), "grouped") })
}

func safe(f func()) {
	defer func() { _ = recover() }()
	f()
}

func safely(w http.ResponseWriter, r *http.Request) {
	go safe(func() { _ = save(context.TODO(), "safely") })
}

func called(w http.ResponseWriter, r *http.Request) {
	go func(f func()) { f() }(func() { _ = save(context.TODO(), "called") })
}

func calledTwice(w http.ResponseWriter, r *http.Request) {
	run := func(f func()) { go f() }
	run(func() { _ = save(context.TODO(), "called twice") })
}

func limited(w http.ResponseWriter, r *http.Request) {
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		_ = save(context.TODO(), "limited")
	}()
	select {
	case <-finished:
	case <-time.After(time.Millisecond):
	}
}

var yes = true

func broken(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	for {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = save(context.TODO(), "broken")
		}()
		if yes {
			break
		}
		wg.Wait()
	}
}

func continued(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	for i := 0; i < 2; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = save(context.TODO(), "continued")
		}()
		if yes {
			continue
		}
		wg.Wait()
	}
}

func gone(w http.ResponseWriter, r *http.Request) {
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		_ = save(context.TODO(), "gone")
	}()
	if yes {
		goto end
	}
	<-finished
end:
	w.WriteHeader(http.StatusAccepted)
}

func sometimes(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	if !yes {
		defer wg.Wait()
	}
	wg.Go(func() { _ = save(context.TODO(), "sometimes") })
}

func oneCase(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Go(func() { _ = save(context.TODO(), "one case") })
	switch {
	case yes:
	default:
		wg.Wait()
	}
}

func otherOrder(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Wait()
	wg.Go(func() { _ = save(context.TODO(), "other order") })
}

func firstWins(w http.ResponseWriter, r *http.Request) {
	answers := make(chan error, 2)
	go func() { answers <- save(context.TODO(), "first wins") }()
	go func() { answers <- nil }()
	<-answers
}

func signalsFirst(w http.ResponseWriter, r *http.Request) {
	started := make(chan struct{})
	go func() {
		close(started)
		_ = save(context.TODO(), "signals first")
	}()
	<-started
}

func nested(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	wg.Go(func() {
		go func() { _ = save(context.TODO(), "nested") }()
	})
	wg.Wait()
}

type cron struct{ jobs []func() }

func (c *cron) AddFunc(f func()) { c.jobs = append(c.jobs, f) }
func (c *cron) run() {
	for _, job := range c.jobs {
		go job()
	}
}

func scheduled(w http.ResponseWriter, r *http.Request) {
	c := new(cron)
	c.AddFunc(func() { _ = save(context.TODO(), "scheduled") })
	c.run()
}

func handedBack(w http.ResponseWriter, r *http.Request) { _ = leaveBack(r.Context()) }

func leaveBack(ctx context.Context) *errgroup.Group {
	g := new(errgroup.Group)
	g.Go(func() error { return save(context.TODO(), "handed back") })
	return g
}

func mapped(w http.ResponseWriter, r *http.Request) {
	todo := map[string]func(){"x": func() { _ = save(context.TODO(), "mapped") }}
	go todo["x"]()
}

func sent(w http.ResponseWriter, r *http.Request) {
	tasks.tasks <- func() { _ = save(context.TODO(), "sent") }
}

// The task is joined, and its context cancelled before.
func cancelFirst(w http.ResponseWriter, r *http.Request) {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	wg.Go(func() {
		time.Sleep(10 * time.Millisecond)
		_ = note(context.TODO(), "cancel first")
	})
	_ = note(ctx, "now")
}

// What a call gives lives on with its context.

type db struct{}

type rows struct{ ctx context.Context }

func (r *rows) Next() bool   { _ = note(r.ctx, "rows"); return false }
func (r *rows) Close() error { return nil }

func (*db) QueryContext(ctx context.Context, q string) (*rows, error) {
	return &rows{ctx}, note(ctx, q)
}
func (d *db) Query(q string) (*rows, error) { return d.QueryContext(context.Background(), q) }

func rowsReturned(w http.ResponseWriter, r *http.Request) {
	rows := query(r.Context())
	rows.Next()
}

func query(ctx context.Context) *rows {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_ = note(ctx, "first")
	rows, err := new(db).Query("select")
	if err != nil {
		return nil
	}
	return rows
}

func rowsOfHelper(w http.ResponseWriter, r *http.Request) {
	rows := queryTODO(r.Context())
	rows.Next()
}

func queryTODO(ctx context.Context) *rows {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_ = note(ctx, "first")
	rows, err := new(db).QueryContext(context.TODO(), "select")
	if err != nil {
		return nil
	}
	return rows
}
