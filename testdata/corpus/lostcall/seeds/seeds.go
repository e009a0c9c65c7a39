// Package seeds has what the oracle has found: losses that were not reported.
package seeds

import (
	"context"
	"sync"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

type job struct {
	store Store
	id    string
}

func (j *job) save()     { j.store.Save(context.Background(), j.id) }
func (j *job) saveAs()   { j.store.Save(context.Background(), j.id) }
func (j *job) saveAll()  { j.store.Save(context.Background(), j.id) }
func (j *job) saveBoth() { j.store.Save(context.Background(), j.id) }
func (j *job) saveMore() { j.store.Save(context.Background(), j.id) }
func (j *job) saveLast() { j.store.Save(context.Background(), j.id) }

func later(f func()) { go f() }

// The task is named, not written where it is started.
func order(ctx context.Context, s Store) {
	named(s)    // want `call loses ctx: seeds.named creates its own context.Background\(\)`
	variable(s) // want `call loses ctx: seeds.variable creates its own context.Background\(\)`
	waitFor(s)  // want `call loses ctx: seeds.waitFor creates its own context.Background\(\)`
	each(s)     // want `call loses ctx: seeds.each creates its own context.Background\(\)`
	literal(s)  // want `call loses ctx: seeds.literal creates its own context.Background\(\)`
	keepIt(s)
}

func named(s Store) { later((&job{s, "a"}).save) }

func variable(s Store) {
	save := (&job{s, "a"}).saveAs
	later(save)
}

func literal(s Store) {
	f := func() { (&job{s, "a"}).saveMore() }
	later(f)
}

func waitFor(s Store) {
	var wg sync.WaitGroup
	wg.Go((&job{s, "a"}).saveAll)
	wg.Wait()
}

func each(s Store) { twice((&job{s, "a"}).saveBoth) }

func twice(f func()) {
	f()
	f()
}

// Who calls what is kept, nobody knows.
var kept []func()

func keepIt(s Store) { kept = append(kept, (&job{s, "a"}).saveLast) }

// Who comes second waits for what the first one fetches: it is nobody's.
type flight struct {
	mu     sync.Mutex
	active bool
	done   *sync.WaitGroup
	store  Store
}

func (f *flight) Do(fetch func()) {
	f.mu.Lock()
	if f.active {
		done := f.done
		f.mu.Unlock()
		done.Wait()
		return
	}
	f.active, f.done = true, new(sync.WaitGroup)
	f.done.Add(1)
	f.mu.Unlock()
	fetch()
	f.done.Done()
}

func (f *flight) fetch() { f.store.Save(context.Background(), "a") }

func (f *flight) next() { f.Do(f.fetch) }

func flights(ctx context.Context, f *flight) {
	f.next()
	f.Do(func() { f.store.Save(context.Background(), "b") })
	f.fetch() // want `call loses ctx`
}

// Values are followed in a function that has no context, too.
func followsValues(ctx context.Context, s Store) {
	listsTask(s)    // want `call loses ctx: seeds.listsTask`
	setsTwice(s, 1) // want `call loses ctx: seeds.setsTwice`
	startsMade(s)   // want `call loses ctx: seeds.startsMade`
	sends(s)        // want `call loses ctx: seeds.sends`
	callsList(s)    // want `call loses ctx: seeds.callsList`
	listsNothing(s)
}

func listsTask(s Store) {
	for _, f := range []func(){func() { s.Save(context.Background(), "a") }} {
		go f()
	}
}

func setsTwice(s Store, n int) {
	f := func() {}
	if n > 0 {
		f = func() { s.Save(context.TODO(), "a") }
	}
	go f()
}

// What another function makes is not mended by a parameter of this one.
func startsMade(s Store) { go makes(s)() }

func makes(s Store) func() {
	return func() { s.Save(context.Background(), "a") }
}

func sends(s Store) {
	tasks := make(chan func(), 1)
	tasks <- func() { s.Save(context.TODO(), "a") }
	go func() { (<-tasks)() }()
}

func callsList(s Store) {
	for _, f := range []func(){func() { s.Save(context.TODO(), "a") }} {
		f()
	}
}

func listsNothing(s Store) {
	for _, f := range []func(){func() {}} {
		go f()
	}
}

// A variable that is set twice starts either function, in a function without a context.
func eitherTask(s Store, n int) {
	f := saveOne
	if n > 1 {
		f = saveTwo
	}
	go f(s, n)
}

func saveOne(s Store, n int) { s.Save(context.Background(), "one") }
func saveTwo(s Store, n int) { s.Save(context.Background(), "two") }

func callsEither(ctx context.Context, s Store, n int) {
	eitherTask(s, n) // want `call loses ctx: seeds.eitherTask creates its own context.Background\(\)`
}
