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
	named(s)    // want `call loses ctx: seeds.named starts its own context.Background\(\)`
	variable(s) // want `call loses ctx: seeds.variable starts its own context.Background\(\)`
	waitFor(s)  // want `call loses ctx: seeds.waitFor starts its own context.Background\(\)`
	each(s)     // want `call loses ctx: seeds.each starts its own context.Background\(\)`
	literal(s)  // want `call loses ctx: seeds.literal starts its own context.Background\(\)`
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
