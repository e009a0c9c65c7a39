package ctxrun

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
	"sync"
)

// Go runs fn(ctx) on a new goroutine, with the pprof labels of ctx and, while
// an execution trace is being recorded, in a region named "ctxrun.Go" of the
// trace task of ctx. It does not wait for fn.
//
// Go is the go statement with a context. A panic in fn ends the program. The
// call of Go happens before fn starts. Go panics if ctx or fn is nil.
func Go(ctx context.Context, fn func(context.Context)) {
	mustHave("Go", ctx, fn == nil)
	s, _ := starts.Get().(*start)
	if s == nil {
		s = new(start)
		s.run = s.body
	}
	s.ctx, s.fn = ctx, fn
	go s.run()
}

// A start is what a new goroutine begins with: a go statement with arguments would
// allocate a closure for them each time.
type start struct {
	ctx context.Context
	fn  func(context.Context)
	run func() // body
}

var starts sync.Pool // of *start

func (s *start) body() {
	ctx, fn := s.ctx, s.fn
	s.ctx, s.fn = nil, nil
	starts.Put(s)
	// The goroutine would inherit its creator's labels, which need
	// not be those of ctx, and it ends with fn: set them, never reset.
	pprof.SetGoroutineLabels(ctx)
	if trace.IsEnabled() {
		traced(ctx, "ctxrun.Go", fn)
		return
	}
	fn(ctx)
}

// traced runs fn(ctx) in a region. It is a function of its own so that its
// caller has no defer to pay for when no trace is recorded.
func traced(ctx context.Context, region string, fn func(context.Context)) {
	defer trace.StartRegion(ctx, region).End()
	fn(ctx)
}

// Bind returns a function that runs fn(ctx), for spawners that take a func():
//
//	wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) { ... }))
//	time.AfterFunc(d, ctxrun.Bind(ctx, func(ctx context.Context) { ... }))
//
// While fn runs, its goroutine has the pprof labels of ctx; while an execution
// trace is being recorded, it is in a region named "ctxrun.Bind" of the trace
// task of ctx. When fn has returned, panicked or called [runtime.Goexit] the
// goroutine has no labels: it may be a pool's, and the next task is not to be
// charged to this request. So the returned function is not for what calls it in
// place, on a goroutine that has labels to keep: singleflight's Do, a [sync.Once],
// a pool that runs a task itself when it is full. What is called in place has the
// caller's labels and trace task already, and needs nothing but the context:
//
//	v, err, _ := group.Do(key, func() (any, error) { return load(context.WithoutCancel(ctx), key) })
//
// The returned function can be called any number of times, from any
// goroutine. A panic in fn passes through it. Bind panics if ctx or fn is nil.
func Bind(ctx context.Context, fn func(context.Context)) func() {
	mustHave("Bind", ctx, fn == nil)
	return func() {
		defer enter(ctx)()
		fn(ctx)
	}
}

// BindErr is [Bind] for spawners that take a func() error, such as the Go
// method of an errgroup. The returned function returns what fn returns.
func BindErr(ctx context.Context, fn func(context.Context) error) func() error {
	mustHave("BindErr", ctx, fn == nil)
	return func() error {
		defer enter(ctx)()
		return fn(ctx)
	}
}

// BindResult is [Bind] for spawners that take a func() (T, error), such as the
// result pools of conc and pond. The returned function returns what fn returns.
func BindResult[T any](ctx context.Context, fn func(context.Context) (T, error)) func() (T, error) {
	mustHave("BindResult", ctx, fn == nil)
	return func() (T, error) {
		defer enter(ctx)()
		return fn(ctx)
	}
}

// enter gives the goroutine the labels of ctx and opens the region of the
// task. The function it returns undoes both, and is one of two that exist
// beforehand when no trace is recorded: nothing is allocated.
func enter(ctx context.Context) (leave func()) {
	pprof.SetGoroutineLabels(ctx)
	if !trace.IsEnabled() {
		return clearLabels
	}
	region := trace.StartRegion(ctx, "ctxrun.Bind")
	return func() {
		region.End()
		clearLabels()
	}
}

// clearLabels takes all labels from the goroutine. There is no way to put
// back the earlier ones: runtime/pprof has no function that reads them.
func clearLabels() { pprof.SetGoroutineLabels(context.Background()) }

// mustHave panics in the caller's goroutine, where the mistake is, rather
// than in the new one, where the stack does not show who made it.
func mustHave(name string, ctx context.Context, nilFn bool) {
	if ctx == nil {
		panic("ctxrun." + name + ": nil context")
	}
	if nilFn {
		panic("ctxrun." + name + ": nil function")
	}
}
