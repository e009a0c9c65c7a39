package seeds

import (
	"context"
	"sync"

	"example.com/corpus/lostroot/seeds/each"
)

// What a function of another package starts may go on when that has returned, and who
// hears of its end need not wait for it on every path: then its context must not end.
func eachElsewhere(ctx context.Context, s Store) {
	each.Each(context.TODO(), s)                                    // want `context.TODO\(\) loses ctx`
	each.Below(context.TODO(), s)                                   // want `context.TODO\(\) loses ctx`
	each.New().SaveAll(context.TODO(), s)                           // want `context.TODO\(\) loses ctx`
	func(ctx context.Context) { each.Each(ctx, s) }(context.TODO()) // want `context.TODO\(\) loses ctx`
	eachBelow(context.TODO(), s)                                    // want `context.TODO\(\) loses ctx`
}

func eachBelow(ctx context.Context, s Store) { each.Each(ctx, s) }

func chosenElsewhere(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	each.Chosen(context.TODO(), &wg, s, true) // want `context.TODO\(\) loses ctx`
	wg.Wait()
}

// A field keeps it too, unless it is for who asked for it.
func queuedElsewhere(ctx context.Context, s Store, r *each.Request) {
	each.Queue(context.TODO(), "a")    // want `context.TODO\(\) loses ctx`
	each.Keep(context.TODO(), r)       // want `context.TODO\(\) loses ctx`
	each.Order(context.TODO()).Send(s) // want `context.TODO\(\) loses ctx`
}

// So does a function that is kept.
func laterElsewhere(ctx context.Context, s Store) {
	each.Later(context.TODO(), s)  // want `context.TODO\(\) loses ctx`
	each.ByName(context.TODO(), s) // want `context.TODO\(\) loses ctx`
	each.Step(context.TODO(), s)() // want `context.TODO\(\) loses ctx`
}

// These end with their function, or with nobody else's context.
func joinedElsewhere(ctx context.Context, s Store) {
	var wg sync.WaitGroup
	each.Joined(context.TODO(), s)    // want `context.TODO\(\) loses ctx`
	each.Bounded(context.TODO(), s)   // want `context.TODO\(\) loses ctx`
	each.Kept(context.TODO(), &wg, s) // want `context.TODO\(\) loses ctx`
	wg.Wait()
}
