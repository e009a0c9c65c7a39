// Package seeds has what the oracle has found: programs that lost a trace and
// were not reported, or that a fix broke.
package seeds

import (
	"context"
	"net/http"
	"sync"

	"example.com/corpus/lostgo/errgroup"
	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

var store Store

// A task that the caller does not wait for, by a variable of the package.
func startsGlobal(ctx context.Context) {
	go saveGlobal(ctx) // want `goroutine loses ctx`
}

var saveGlobal = func(ctx context.Context) {
	store.Save(context.TODO(), "a")
	store.Save(ctx, "b")
}

// A local function, and a context at hand that is an expression.
func localLiteral(w http.ResponseWriter, r *http.Request) {
	x := "x"
	f := func(ctx context.Context, id string) { store.Save(ctx, id) }
	go f(context.Background(), x) // want `goroutine loses r.Context\(\)`
}

// One fix names the parameter, another declares a variable: they are called
// otherwise.
func blankAndHoisted(_ context.Context, id string) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Add(1)
	go func(ctx context.Context, id string) { // want `goroutine loses ctx`
		defer wg.Done()
		{
			ctx := len(id)
			store.Save(context.Background(), id[ctx/2:])
		}
		ignores(ctx, id)
		store.Save(context.Background(), id)
	}(context.Background(), id)
}

func ignores(ctx context.Context, id string) {}

// The function takes a context, and does not use it.
func unused(ctx context.Context, id string) {
	go saveUnused(ctx, id) // want `goroutine loses ctx: seeds.saveUnused creates its own context.Background\(\) \(seeds.go:[0-9]+\); make it use its context parameter, and pass`
}

func saveUnused(ctx context.Context, id string) { store.Save(context.Background(), id) }

// A function in a variable of the package calls a method of a generic type: an
// internal error, once.
type box[T any] struct{}

func (b *box[T]) save(ctx context.Context, id string) {
	go func(ctx context.Context) { store.Save(ctx, id) }(ctx)
}

var inVariable = func(ctx context.Context, id string) { new(box[int]).save(ctx, id) }

func generic[T ~string](ctx context.Context, id T) { store.Save(ctx, string(id)) }

// A guard is not made to assign a variable to itself.
func guarded(parent context.Context, s Store) {
	go func(ctx context.Context) { // want `goroutine loses parent`
		if ctx == nil {
			ctx = context.Background()
		}
		s.Save(ctx, "a")
	}(context.Background())
	go func(ctx context.Context, set bool) { // want `goroutine loses parent`
		if set {
			ctx = context.Background()
		}
		s.Save(ctx, "a")
	}(context.Background(), s != nil)
}

// The parameter is not called as another fix calls the context of a dropped span.
func besideSpans(parent context.Context, s Store, t trace.Tracer) {
	var g errgroup.Group
	g.Go(func() error { // want `task of errgroup.\(\*Group\).Go loses parent`
		_, span := t.Start(parent, "inside")
		defer span.End()
		s.Save(parent, "a")
		return s.Save(context.Background(), "b")
	})
	_, span := t.Start(parent, "around")
	defer span.End()
	go s.Save(context.Background(), "c") // want `goroutine loses parent`
}

// What is evaluated before stays in order where nothing uses some of it.
func inOrder(ctx context.Context, pass func(context.Context) context.Context, next func() int, s Store) {
	go func(ctx context.Context, n int) { // want `goroutine loses ctx`
		s.Save(context.Background(), string(rune(n)))
	}(pass(ctx), next())
}

// A goroutine that a task starts which another function returns, for who starts it at
// once, is the caller's.
func startsReturned(ctx context.Context) { go returnsTask(ctx)() }

func returnsTask(ctx context.Context) func() {
	return func() {
		go bareSave("a") // want `goroutine loses ctx`
		store.Save(ctx, "b")
	}
}

// Not where somebody may keep it.
func keepsReturned(ctx context.Context) func() { return returnsKept(ctx) }

func returnsKept(ctx context.Context) func() {
	return func() {
		go bareSave("a")
		store.Save(ctx, "b")
	}
}

func bareSave(id string) { store.Save(context.Background(), id) }

// A wrapper may be given a method.
type wrappedJob struct{ id string }

func (j *wrappedJob) run() { store.Save(context.Background(), j.id) }

func wrapsMethod(ctx context.Context) {
	j := &wrappedJob{"a"}
	go wrapped(j.run)() // want `goroutine loses ctx`
}

func wrapped(f func()) func() { return func() { f() } }

// The context of a span that a task starts ends with that of the function around, and so
// before the task.
func spanInTask(ctx context.Context, t trace.Tracer) {
	run := func(f func()) {
		go f() // want `goroutine loses ctx`
	}
	run(func() {
		own, span := t.Start(ctx, "own")
		defer span.End()
		store.Save(own, "a")
		store.Save(context.TODO(), "b")
	})
}

// The context of a literal that is called in place goes to a task by a map.
func leavesByMap(c context.Context) {
	func(ctx context.Context) {
		tasks := map[string]func(){"x": func() { store.Save(ctx, "a") }}
		go tasks["x"]() // want `goroutine loses c`
	}(context.TODO())
}

// What a task of another function's making starts, that function without a context.
func startsNested(ctx context.Context) {
	go makesNested("a")() // want `goroutine loses ctx`
}

func makesNested(id string) func() {
	job := struct {
		do func(context.Context, string) error
	}{store.Save}
	return func() { go job.do(context.Background(), id) }
}
