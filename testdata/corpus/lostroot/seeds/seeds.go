// Package seeds has what the oracle has found: programs that lost a trace and
// were not reported, or that a fix broke.
package seeds

import (
	"context"
	"sync"

	"example.com/corpus/lostgo/errgroup"
	"example.com/corpus/lostgo/trace"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

// The statement goes away: ctx = ctx would be left.
func assignsTODO(ctx context.Context, s Store) {
	s.Save(ctx, "a")
	ctx = context.TODO() // want `context.TODO\(\) loses ctx, which it replaces`
	s.Save(ctx, "b")
}

// A loop that makes a context of itself is no reason to lose sight of it.
func carried(ctx context.Context, s Store, t trace.Tracer) {
	for range 2 {
		var span trace.Span
		ctx, span = t.Start(ctx, "round")
		s.Save(ctx, "a")
		s.Save(context.Background(), "b") // want `context.Background\(\) loses ctx`
		span.End()
	}
}

// The parameter of a literal is called as the context at hand.
func literal(ctx context.Context, s Store) {
	func(ctx context.Context, id string) {
		s.Save(ctx, id)
	}(context.Background(), "a") // want `context.Background\(\) loses ctx`
}

func literalOtherName(c context.Context, s Store) {
	func(ctx context.Context, id string) {
		s.Save(ctx, id)
	}(context.Background(), "a") // want `context.Background\(\) loses c`
}

// A link is a decision about the root that is given it, not about the next one.
func linksElsewhere(ctx context.Context, s Store, t trace.Tracer) {
	s.Save(context.Background(), "a") // want `context.Background\(\) loses ctx`
	linked, span := t.Start(context.Background(), "long", trace.WithLinks(trace.LinkFromContext(ctx)))
	defer span.End()
	s.Save(linked, "b")
}

// The link comes after the start.
func linksLater(ctx context.Context, s Store, t trace.Tracer) {
	linked, span := t.Start(context.Background(), "long")
	defer span.End()
	span.AddLink(trace.LinkFromContext(ctx))
	s.Save(linked, "b")
}

// Another span has no link.
func linksOther(ctx context.Context, s Store, t trace.Tracer) {
	_, linked := t.Start(context.Background(), "long", trace.WithLinks(trace.LinkFromContext(ctx)))
	defer linked.End()
	own, span := t.Start(context.Background(), "other") // want `context.Background\(\) loses ctx`
	defer span.End()
	s.Save(own, "b")
}

// Who gathers links has decided: nobody knows for which span.
func gathers(ctx context.Context, s Store, t trace.Tracer) {
	links := []trace.Link{trace.LinkFromContext(ctx)}
	own, span := t.Start(context.Background(), "long", trace.WithLinks(links...))
	defer span.End()
	s.Save(own, "a")
	s.Save(context.Background(), "b")
}

// Shared work, with a context of its own.
func shared(ctx context.Context, s Store, once *sync.Once) {
	once.Do(func() {
		own := context.WithValue(ctx, seedKey{}, 1)
		s.Save(own, "a")
		s.Save(context.Background(), "b")
	})
}

type seedKey struct{}

// Who is given the function calls it, with whose work nobody knows.
func stored(ctx context.Context, s Store, hooks map[string]func()) {
	var none context.Context
	hooks["none"] = func() { s.Save(none, "a") }
	s.Save(ctx, "b")
}

// What shared work makes of the context of whoever came first is no better than
// that.
func sharedInside(ctx context.Context, s Store, once *sync.Once) {
	once.Do(func() {
		func() {
			first := context.WithValue(ctx, seedKey{}, "first")
			s.Save(first, "a")
			s.Save(context.Background(), "b")
		}()
	})
}

// A variable of the package that is a root, and nothing more.
var (
	base    = context.Background()
	labeled = context.WithValue(context.Background(), seedKey{}, "label")
)

func global(ctx context.Context, s Store) {
	s.Save(base, "a")                             // want `base loses ctx`
	ctx = context.WithValue(base, seedKey{}, "b") // want `base loses ctx, which it replaces`
	s.Save(ctx, "b")
}

// It has a value that others may need: a person has to see.
func globalValue(ctx context.Context, s Store) {
	s.Save(labeled, "a") // want `labeled loses ctx`
}

var theStore Store

// A local function that reads nothing.
func callsLocal(ctx context.Context, s Store) {
	nothing := func(ctx context.Context, id string) {}
	something := func(ctx context.Context, id string) { s.Save(ctx, id) }
	nothing(context.Background(), "a")
	something(context.Background(), "b") // want `context.Background\(\) loses ctx`
	inert(context.Background())
}

func inert(ctx context.Context) {
	nothing := func(ctx context.Context, id string) {}
	nothing(ctx, "a")
}

// A literal that is called in its place replaces the parameter for good.
func replacedInside(ctx context.Context, s Store, set bool) {
	func(parent context.Context) {
		func() {
			parent = context.Background() // want `context.Background\(\) loses parent, which it replaces`
			s.Save(parent, "a")
		}()
	}(ctx)
	func(parent context.Context) {
		if set {
			func() { parent = context.Background() }()
		}
		s.Save(parent, "b")
	}(ctx)
}

// The context at hand where the root is made has another name where it is used.
func hiddenLater(ctx context.Context, s Store, n int) {
	background := context.Background() // want `context.Background\(\) loses ctx`
	{
		ctx := n + 1
		s.Save(background, string(rune(ctx)))
	}
}

// A task is given it where nothing of the caller's can be seen.
func hiddenAtTask(ctx context.Context, s Store, ids []int) {
	own := context.WithValue(context.Background(), "tenant", 1) // want `context.Background\(\) loses ctx: it is passed to seeds.Store.Save; pass context.WithoutCancel\(ctx\) to keep its values`
	for _, ctx := range ids {
		if ctx > 0 {
			go s.Save(own, "b")
		}
	}
}

// What a function leaves to a task that nobody waits for is not made to end with
// ctx, TODO or not.
func leavesToTask(ctx context.Context, s Store) {
	saveLater(context.TODO(), s) // want `context.TODO\(\) loses ctx`
	saveNow(context.TODO(), s)   // want `context.TODO\(\) loses ctx`
}

func saveLater(ctx context.Context, s Store) {
	s.Save(ctx, "a")
	go s.Save(ctx, "b")
}

func saveNow(ctx context.Context, s Store) { s.Save(ctx, "a") }

// A task ends after who started it, and so does a literal that it calls in place.
func startsTask(ctx context.Context, s Store) { go runTask(context.WithoutCancel(ctx), s) }

func runTask(ctx context.Context, s Store) {
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
	func(ctx context.Context) {
		s.Save(context.TODO(), "b") // want `context.TODO\(\) loses ctx`
	}(ctx)
}

// A task that is started through an interface of the package is one too.
type taker interface {
	take(ctx context.Context, s Store)
}

type takes struct{}

func (takes) take(ctx context.Context, s Store) {
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
}

func startsTaker(ctx context.Context, s Store) {
	var t taker = takes{}
	go t.take(context.WithoutCancel(ctx), s)
}

// So is one that is started by a value: a variable that is set twice, a field, an element
// of a list.
func startsByValue(ctx context.Context, s Store, other bool) {
	f := byVariable
	if other {
		f = byNothing
	}
	go f(ctx, s)
	job := struct {
		do func(context.Context, Store, int)
	}{byField}
	go job.do(ctx, s, 1)
	for _, f := range []func(context.Context, Store, string){byList} {
		go f(ctx, s, "a")
	}
}

func byVariable(ctx context.Context, s Store) {
	s.Save(ctx, "a")
	s.Save(context.TODO(), "b") // want `context.TODO\(\) loses ctx`
}

func byNothing(ctx context.Context, s Store) {}

func byField(ctx context.Context, s Store, n int) {
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
}

func byList(ctx context.Context, s Store, id string) {
	s.Save(context.TODO(), id) // want `context.TODO\(\) loses ctx`
}

// What is called in place, by a value or not, ends with its caller.
func callsByValue(ctx context.Context, s Store) {
	for _, f := range []func(context.Context, Store, bool){inPlace} {
		f(ctx, s, true)
	}
}

func inPlace(ctx context.Context, s Store, really bool) {
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
}

// A literal that is called in place leaves its context to a task, or not.
func literalLeaves(ctx context.Context, s Store) {
	func(ctx context.Context) {
		go s.Save(ctx, "a")
	}(context.TODO()) // want `context.TODO\(\) loses ctx`
	go func(ctx context.Context) {
		go func(parent context.Context) {
			go s.Save(parent, "a")
		}(ctx)
	}(context.TODO()) // want `context.TODO\(\) loses ctx`
	func(ctx context.Context) {
		func() {
			go func() { s.Save(ctx, "a") }()
		}()
	}(context.TODO()) // want `context.TODO\(\) loses ctx`
	func(ctx context.Context) {
		var wg sync.WaitGroup
		wg.Go(func() { s.Save(ctx, "a") })
		wg.Wait()
	}(context.TODO()) // want `context.TODO\(\) loses ctx`
}

// Who reports back is waited for only where every path does.
func reportsBack(ctx context.Context, s Store) error {
	results := make(chan error, 2)
	saveInto(context.TODO(), s, results)   // want `context.TODO\(\) loses ctx`
	return joinedInside(context.TODO(), s) // want `context.TODO\(\) loses ctx`
}

func saveInto(ctx context.Context, s Store, results chan error) {
	go func() { results <- s.Save(ctx, "a") }()
}

func joinedInside(ctx context.Context, s Store) error {
	result := make(chan error)
	own := context.WithValue(ctx, seedKey{}, 1)
	go func() { result <- s.Save(own, "a") }()
	return <-result
}

// A literal is called with the context that is given beside it.
func givesBeside(ctx context.Context, s Store, q *queue) {
	queuesEach(context.TODO(), q)   // want `context.TODO\(\) loses ctx`
	savesEach(context.TODO(), s, q) // want `context.TODO\(\) loses ctx`
}

type queue struct{ items chan item }

type item struct{ ctx context.Context }

func (q *queue) each(ctx context.Context, f func(context.Context)) { f(ctx) }

func queuesEach(ctx context.Context, q *queue) {
	q.each(ctx, func(parent context.Context) { q.items <- item{parent} })
}

func savesEach(ctx context.Context, s Store, q *queue) {
	q.each(ctx, func(parent context.Context) { s.Save(parent, "a") })
}

// The literal may be beside the root.
func literalBeside(ctx context.Context, s Store, q *queue) {
	q.each(context.TODO(), func(parent context.Context) { // want `context.TODO\(\) loses ctx`
		go s.Save(parent, "a")
	})
	q.each(context.TODO(), func(parent context.Context) { // want `context.TODO\(\) loses ctx`
		s.Save(parent, "a")
	})
}

// Who calls a value may be left to a task himself.
func startsCaller(ctx context.Context, s Store) { go callsField(ctx, s) }

func callsField(ctx context.Context, s Store) {
	job := struct {
		do func(context.Context, Store, float64)
	}{inField}
	defer job.do(ctx, s, 1)
}

func inField(ctx context.Context, s Store, n float64) {
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
}

// The context of a group is over when that has been waited for.
func afterGroup(ctx context.Context, s Store, quick bool) error {
	g, groupCtx := errgroup.WithContext(ctx)
	own := context.WithValue(groupCtx, seedKey{}, 1)
	g.Go(func() error { return s.Save(groupCtx, "a") })
	if quick {
		s.Save(context.TODO(), "b") // want `context.TODO\(\) loses own`
	}
	err := g.Wait()
	s.Save(context.TODO(), "c") // want `context.TODO\(\) loses ctx`
	s.Save(own, "d")
	return err
}

// Where another context hides the caller's, that of the group has the values still.
func afterHiding(ctx context.Context, s Store) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Save(ctx, "a") })
	if err := g.Wait(); err != nil {
		s.Save(context.Background(), "failed") // want `context.Background\(\) loses ctx`
		s.Save(context.TODO(), "failed")       // want `context.TODO\(\) loses ctx`
		return err
	}
	return nil
}

// A function around the task cancels the context and then waits.
func cancelsAround(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func(ctx context.Context) {
		defer close(done)
		var wg sync.WaitGroup
		wg.Add(1)
		go cancelledAround(ctx, s, &wg)
		wg.Wait()
	}(ctx)
	cancel()
	<-done
}

func cancelledAround(ctx context.Context, s Store, wg *sync.WaitGroup) {
	defer wg.Done()
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
}

func waitsAround(ctx context.Context, s Store) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func(ctx context.Context) {
		defer close(done)
		var wg sync.WaitGroup
		wg.Add(1)
		go waitedAround(ctx, s, &wg)
		wg.Wait()
	}(ctx)
	<-done
}

func waitedAround(ctx context.Context, s Store, wg *sync.WaitGroup) {
	defer wg.Done()
	s.Save(context.TODO(), "a") // want `context.TODO\(\) loses ctx`
}

// A task that tells its end, and then starts another one and waits for it.
func tellsThenStarts(ctx context.Context, s Store) {
	told := make(chan struct{})
	go tellsFirst(ctx, s, told)
	<-told
}

func tellsFirst(ctx context.Context, s Store, told chan struct{}) {
	close(told)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { s.Save(ctx, "a") })
	s.Save(context.TODO(), "b") // want `context.TODO\(\) loses ctx`
}
