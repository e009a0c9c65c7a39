package traced_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"

	exptrace "golang.org/x/exp/trace"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

const (
	submitters = 2 // of each mapper, at the same time and to the same executor
	calls      = 4 // of each submitter
)

// afterPanic runs each call on a worker that has just seen a panic.
var afterPanic = mapper{"Submit after a panic", executorRegion, func(ctx context.Context, ex *ctxrun.Executor, values []int, fn func(context.Context, int)) {
	for _, v := range values {
		bad := ctxrun.Submit(ctx, ex, func(context.Context) (int, error) { panic("bad") })
		good := ctxrun.Submit(ctx, ex, func(ctx context.Context) (int, error) { return result(fn)(ctx, v) })
		if bad.Wait(ctx) == nil {
			panic("no panic")
		}
		must(good.Wait(ctx))
	}
}}

// TestRegions records an execution trace and checks that each call is in one
// region, of the right name, that belongs to the submitter's trace task.
func TestRegions(t *testing.T) {
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Skipf("an execution trace is being recorded already: %v", err)
	}
	want := callAll(t)
	trace.Stop()
	got := make(map[string]int)
	for _, w := range work(t, &buf) {
		got[w.of]++
		region := want[w.of]
		if w.task != w.of {
			t.Errorf("%s logs for the trace task %q", w.of, w.task)
		}
		if len(w.regions) != 1 {
			t.Errorf("%s is in %d regions, want 1", w.of, len(w.regions))
			continue
		}
		if r := w.regions[0]; r.task != w.of || !region.MatchString(r.name) {
			t.Errorf("%s is in the region %q of %q, want %s of its own", w.of, r.name, r.task, region)
		}
	}
	for of := range want {
		if got[of] != calls {
			t.Errorf("%d calls of %s in the trace, want %d", got[of], of, calls)
		}
	}
}

// TestLabels is the same for pprof labels, which callAll checks, while no
// trace is recorded: what ctxrun does then is not quite the same.
func TestLabels(t *testing.T) { callAll(t) }

// callAll has each mapper called by each submitter, who has a trace task and a
// label of its own. It returns the region that is wanted for each submitter.
func callAll(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	t.Setenv("GODEBUG", "tracebacklabels=1") // for labels
	anonymous := ctxrun.New(ctxrun.WithMaxWorkers(2))
	defer anonymous.Close()
	named := ctxrun.New(ctxrun.WithMaxWorkers(2), ctxrun.WithNamePrefix("job"))
	defer named.Close()

	want := make(map[string]*regexp.Regexp)
	for _, m := range append([]mapper{afterPanic}, mappers...) {
		callWith(t, want, m, anonymous)
		if m.region == executorRegion {
			m.name += ", named"
			m.region = `job_[01]`
			callWith(t, want, m, named)
		}
	}
	return want
}

func callWith(t *testing.T, want map[string]*regexp.Regexp, m mapper, ex *ctxrun.Executor) {
	var wg sync.WaitGroup
	for i := range submitters {
		of := m.name + string(rune('A'+i))
		want[of] = regexp.MustCompile("^" + m.region + "$")
		wg.Go(func() {
			ctx := pprof.WithLabels(t.Context(), pprof.Labels("request", of))
			ctx, task := trace.NewTask(ctx, of)
			defer task.End()
			m.run(ctx, ex, make([]int, calls), func(ctx context.Context, _ int) {
				trace.Log(ctx, "work", of)
				got := labels()
				if !strings.Contains(got, `"request": "`+of+`"`) {
					t.Errorf("%s runs with the labels %s", of, got)
				}
				if named := strings.Contains(got, `"worker": "job_`); named != strings.HasPrefix(m.region, "job") {
					t.Errorf("%s runs with the labels %s", of, got)
				}
				// Labels that are left behind are not to be seen by the next.
				pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("request", "left")))
			})
		})
	}
	wg.Wait()
}

// labels returns the pprof labels of the goroutine. No function does that, but
// a traceback shows them if GODEBUG says so.
func labels() string {
	buf := make([]byte, 1<<10)
	head, _, _ := bytes.Cut(buf[:runtime.Stack(buf, false)], []byte("\n"))
	_, labels, _ := bytes.Cut(bytes.TrimSuffix(head, []byte("]:")), []byte("labels:"))
	return string(labels)
}

// A logged is a call as the execution trace shows it.
type logged struct {
	of      string
	task    string   // of the call's context
	regions []region // that the goroutine was in
}

type region struct{ task, name string }

// work returns the calls of an execution trace.
func work(t *testing.T, r io.Reader) []logged {
	t.Helper()
	events, err := exptrace.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	var logs []logged
	tasks := make(map[exptrace.TaskID]string)
	regions := make(map[exptrace.GoID][]region)
	for {
		ev, err := events.ReadEvent()
		if errors.Is(err, io.EOF) {
			return logs
		}
		if err != nil {
			t.Fatal(err)
		}
		g := ev.Goroutine()
		switch ev.Kind() {
		case exptrace.EventTaskBegin:
			tasks[ev.Task().ID] = ev.Task().Type
		case exptrace.EventRegionBegin:
			regions[g] = append(regions[g], region{tasks[ev.Region().Task], ev.Region().Type})
		case exptrace.EventRegionEnd:
			regions[g] = regions[g][:len(regions[g])-1]
		case exptrace.EventLog:
			if l := ev.Log(); l.Category == "work" {
				logs = append(logs, logged{l.Message, tasks[l.Task], append([]region(nil), regions[g]...)})
			}
		}
	}
}
