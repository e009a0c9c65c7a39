package pool

import (
	"context"
	"runtime/pprof"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A task is one function of a request, in each form that a library may take it.
//
// It is made once and submitted many times, so that the allocations and the
// bytes that are counted are the library's, and none the caller's closures.
type task struct {
	ctx     context.Context
	fn      func(context.Context)              // for a library that takes the context beside the function
	result  func(context.Context) (int, error) // the same, for a library that returns a future
	closure func()                             // for a library that does not: closes over the context
}

func newTask(ctx context.Context, fn func(context.Context)) *task {
	return &task{
		ctx:     ctx,
		fn:      fn,
		result:  func(ctx context.Context) (int, error) { fn(ctx); return 1, nil },
		closure: func() { fn(ctx) },
	}
}

// A library runs tasks, the same number of workers at most at a time.
type library struct {
	name string
	open func(workers int) (spawn func(*task), stop func())
}

// requestKey is the key of a request's number in its context.
type requestKey struct{}

// request runs f as the handler of request n: the context has a value and pprof
// labels, and the goroutine has the labels too.
func request(ctx context.Context, n int, f func(context.Context)) {
	ctx = context.WithValue(ctx, requestKey{}, n)
	pprof.Do(ctx, pprof.Labels("request", strconv.Itoa(n)), f)
}

// measure times f, which does b.N operations. Beside what [testing.B] reports,
// it reports the CPU time that the process took, with that of the garbage
// collector and of threads that spin for work.
func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuOf(f)
	b.StopTimer()
	b.ReportMetric(perOp(b, cpu), "cpu-ns/op")
}

// cpuOf returns the CPU time that the process takes while f runs.
func cpuOf(f func()) time.Duration {
	before := cpuTime()
	f()
	return cpuTime() - before
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func perOp(b *testing.B, d time.Duration) float64 {
	return float64(d.Nanoseconds()) / float64(b.N)
}

// must panics, for adaptors: an error of a library means that it was used in a
// wrong way.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
