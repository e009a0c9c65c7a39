package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

// A row is a question. The probe runs in a process of its own, so that it may hang,
// crash and leave things behind. What it returns is the cell.
type row struct {
	name  string
	probe func(library) string
	crash string // the cell if the process ends with the task's panic
}

var rows = []row{
	{name: "what a task is given", probe: given},
	{name: "profile labels of a task on a worker that another request's task had", probe: labels},
	{name: "a panic in a task", probe: panics, crash: "ends the program"},
	{name: "`Goexit` in a task (`t.FailNow`)", probe: goexit},
	{name: "a task that waits for a task, with one worker", probe: nested},
	{name: "closing it while a task runs", probe: closes},
	{name: "a task that comes after that", probe: afterClose},
	{name: "a waiting task whose request was canceled", probe: canceled},
	{name: "the results of tasks", probe: results},
	{name: "the errors of two tasks that fail", probe: failures},
	{name: "results in order, while later tasks run", probe: streams},
	{name: "goroutines of one that is idle and not closed", probe: idle},
	{name: "allocations a task without a result", probe: allocations},
}

// patience is how long a probe waits for what will not come.
const patience = 700 * time.Millisecond

// within reports whether f returns in time.
func within(f func()) bool {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
		return true
	case <-time.After(patience):
		return false
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func given(l library) string {
	f := reflect.TypeOf(l.takes)
	for i := range f.NumIn() {
		if in := f.In(i); in.Kind() == reflect.Func && in.NumIn() > 0 && in.In(0) == reflect.TypeFor[context.Context]() {
			for i := range f.NumIn() {
				if f.In(i) == reflect.TypeFor[context.Context]() {
					return "its submitter's context"
				}
			}
			return "the pool's context"
		}
	}
	return "nothing"
}

// labels has the task of one request run on the worker that has run the task of another.
func labels(l library) string {
	p := l.open(1)
	gate, got := make(chan struct{}), make(chan string, 1)
	asA, asB := make(chan struct{}), make(chan struct{})
	go pprof.Do(context.Background(), pprof.Labels("request", "a"), func(ctx context.Context) {
		_, err := p.submit(ctx, func(context.Context) error { <-gate; return nil })
		must(err)
		close(asA)
	})
	<-asA
	go pprof.Do(context.Background(), pprof.Labels("request", "b"), func(ctx context.Context) {
		close(asB)
		_, err := p.submit(ctx, func(context.Context) error { got <- labelsHere(); return nil })
		must(err)
	})
	<-asB
	time.Sleep(200 * time.Millisecond) // for b to be in the queue, or to block
	close(gate)
	switch got := <-got; got {
	case `{"request":"b"}`:
		return "its own"
	case `{"request":"a"}`:
		return "the other's"
	case "":
		return "none"
	default:
		return got
	}
}

// labelsHere returns the labels of the goroutine that it is called on, as a profile shows
// them.
//
//go:noinline
func labelsHere() string {
	var buf bytes.Buffer
	must(pprof.Lookup("goroutine").WriteTo(&buf, 1))
	for group := range strings.SplitSeq(buf.String(), "\n\n") {
		if strings.Contains(group, "compare.labelsHere") {
			if m := regexp.MustCompile(`(?m)^# labels: (.*)$`).FindStringSubmatch(group); m != nil {
				return m[1]
			}
			return ""
		}
	}
	panic("this goroutine is not in the profile")
}

func panics(l library) (cell string) {
	p := l.open(1)
	wait, err := p.submit(context.Background(), func(context.Context) error { panic("boom") })
	must(err)
	if wait == nil {
		must(p.shut())
		time.Sleep(50 * time.Millisecond) // it may be on its way to end the program
		return "is not fatal, and nobody is told"
	}
	defer func() {
		if recover() != nil {
			cell = "panics again in `Wait`"
		}
	}()
	err = wait()
	var stack interface{ Stack() string }
	switch {
	case err == nil:
		return "is lost"
	case errors.As(err, &stack) && strings.Contains(stack.Stack(), "compare.panics.func"):
		return "is the task's error, with its stack"
	default:
		return "is the task's error, without a stack"
	}
}

func goexit(l library) string {
	p := l.open(1)
	ran := make(chan struct{})
	wait, err := p.submit(context.Background(), func(context.Context) error { defer close(ran); runtime.Goexit(); return nil })
	must(err)
	<-ran
	next := make(chan struct{})
	works := within(func() {
		_, _ = p.submit(context.Background(), func(context.Context) error { close(next); return nil })
		<-next
	})
	outcome := "nobody is told"
	if wait != nil {
		ended := within(func() { err = wait() })
		switch {
		case !ended:
			outcome = "the wait never ends"
		case err == nil:
			outcome = "looks like success"
		case errors.Is(err, ctxrun.ErrGoexit):
			outcome = "is an error of its own"
		default:
			outcome = "is an error"
		}
	}
	if !works {
		outcome += "; the worker is lost"
	}
	return outcome
}

func nested(l library) string {
	p := l.open(1)
	if within(func() {
		done := make(chan struct{})
		_, err := p.submit(context.Background(), func(ctx context.Context) error {
			ran := make(chan struct{})
			wait, err := p.submit(ctx, func(context.Context) error { close(ran); return nil })
			must(err)
			if l.futures {
				must(wait())
			}
			<-ran
			close(done)
			return nil
		})
		must(err)
		<-done
	}) {
		return "works"
	}
	return "deadlock"
}

func closes(l library) string {
	p := l.open(1)
	gate, running := make(chan struct{}), make(chan struct{})
	_, err := p.submit(context.Background(), func(context.Context) error { close(running); <-gate; return nil })
	must(err)
	<-running
	if within(func() { must(p.shut()) }) {
		return "does not wait"
	}
	return "waits"
}

func afterClose(l library) (cell string) {
	p := l.open(1)
	wait, err := p.submit(context.Background(), func(context.Context) error { return nil })
	must(err)
	if wait != nil {
		must(wait())
	}
	must(p.shut())
	defer func() {
		if recover() != nil {
			cell = "panics"
		}
	}()
	ran := make(chan struct{})
	wait, err = p.submit(context.Background(), func(context.Context) error { close(ran); return nil })
	if err == nil && wait != nil {
		err = wait()
	}
	switch {
	case err != nil:
		return "is refused"
	case within(func() { <-ran }):
		return "runs"
	default:
		return "is lost"
	}
}

func canceled(l library) string {
	p := l.open(1)
	cell := canceledIn(p)
	if l.name == "pond" {
		return cell + "; of a group with the context: " + canceledIn(openPondGroup())
	}
	return cell
}

func canceledIn(p *opened) string {
	gate, running := make(chan struct{}), make(chan struct{})
	_, err := p.submit(context.Background(), func(context.Context) error { close(running); <-gate; return nil })
	must(err)
	<-running
	ctx, cancel := context.WithCancel(context.Background())
	var ran atomic.Bool
	submitted := make(chan struct{})
	go func() {
		defer close(submitted)
		_, _ = p.submit(ctx, func(context.Context) error { ran.Store(true); return nil })
	}()
	time.Sleep(200 * time.Millisecond) // for it to be in the queue, or to block
	cancel()
	close(gate)
	<-submitted
	must(p.shut())
	if ran.Load() {
		return "runs"
	}
	return "does not run"
}

func failures(l library) string {
	p := l.open(2)
	one, two := errors.New("one"), errors.New("two")
	wait1, err := p.submit(context.Background(), func(context.Context) error { return one })
	must(err)
	wait2, err := p.submit(context.Background(), func(context.Context) error { return two })
	must(err)
	if wait1 == nil {
		must(p.shut())
		return "lost"
	}
	if l.futures {
		if err1, err2 := wait1(), wait2(); errors.Is(err1, one) && errors.Is(err2, two) {
			return "each with its task"
		}
	}
	switch err := wait1(); {
	case errors.Is(err, one) && errors.Is(err, two):
		return "joined"
	case errors.Is(err, one) || errors.Is(err, two):
		return "the first"
	}
	return "lost"
}

// idle counts the goroutines that a pool keeps which nobody uses and nobody has closed,
// when what goes by itself in a moment has gone.
func idle(l library) string {
	before := runtime.NumGoroutine()
	p := l.open(4)
	var wg sync.WaitGroup
	wg.Add(4)
	for range 4 {
		_, err := p.submit(context.Background(), func(context.Context) error { wg.Done(); wg.Wait(); return nil })
		must(err)
	}
	wg.Wait()
	n := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if n = runtime.NumGoroutine() - before; n == 0 {
			break
		}
	}
	runtime.KeepAlive(p)
	return fmt.Sprint(n)
}

// streams looks for what the library exports: what it does not have cannot be tried.
func streams(l library) string {
	var found []string
	for _, pkg := range l.packages {
		out, err := exec.Command("go", "doc", "-short", pkg).CombinedOutput()
		if err != nil {
			panic(fmt.Sprintf("go doc %s: %v\n%s", pkg, err, out))
		}
		for _, m := range regexp.MustCompile(`(?m)^\s*(?:func|type) (\w*(?:Stream|Map|Ordered)\w*).*$`).FindAllStringSubmatch(string(out), -1) {
			found = append(found, m[1])
		}
	}
	for name, try := range map[string]func() bool{"Stream": concStreams, "Map": ctxrunStreams} {
		for _, f := range found {
			if f == name && (l.name == "conc") == (name == "Stream") {
				if !try() {
					return "`" + name + "`, which does not"
				}
				return map[string]string{"Stream": "`stream`: a callback for each", "Map": "`Map`: an iterator"}[name]
			}
		}
	}
	return "no"
}

// verdict is what a process prints before the cell.
const verdict = "the cell is: "

// TestMain runs one probe if that is what the process is for.
func TestMain(m *testing.M) {
	if what := os.Getenv("COMPARE_PROBE"); what != "" {
		name, lib, _ := strings.Cut(what, "|")
		for _, r := range rows {
			for _, l := range libraries {
				if r.name == name && l.name == lib {
					fmt.Println(verdict + r.probe(l))
					os.Exit(0)
				}
			}
		}
		panic("no such probe: " + what)
	}
	os.Exit(m.Run())
}
