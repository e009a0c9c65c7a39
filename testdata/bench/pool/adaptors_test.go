package pool

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A counter is what the tasks of a test do: it counts, for each task, how often
// it has run, and how many run at a time.
type counter struct {
	t           *testing.T
	runs        []atomic.Int32
	active, max atomic.Int32
}

func newCounter(t *testing.T, tasks int) *counter {
	return &counter{t: t, runs: make([]atomic.Int32, tasks)}
}

// run is task i. It returns i.
func (c *counter) run(ctx context.Context, i int) (int, error) {
	active := c.active.Add(1)
	defer c.active.Add(-1)
	for most := c.max.Load(); active > most && !c.max.CompareAndSwap(most, active); most = c.max.Load() {
	}
	if ctx.Value(requestKey{}) == nil {
		c.t.Error("a task does not have its request's context")
	}
	c.runs[i].Add(1)
	return i, nil
}

func (c *counter) check(workers int) {
	c.t.Helper()
	for i := range c.runs {
		if n := c.runs[i].Load(); n != 1 {
			c.t.Fatalf("task %d ran %d times", i, n)
		}
	}
	if n := int(c.max.Load()); workers > 0 && n > workers {
		c.t.Errorf("%d tasks at a time, want at most %d", n, workers)
	}
}

const testTasks, testWorkers = 1000, 2

// TestAdaptors checks that each adaptor runs each task once, with its request's
// context and on no more workers than it was given, and returns its result.
func TestAdaptors(t *testing.T) {
	t.Run("Trivial", func(t *testing.T) { testLibraries(t, spawners, testWorkers) })
	t.Run("Queued", func(t *testing.T) { testLibraries(t, queues, testWorkers) })
	t.Run("GoOverhead", func(t *testing.T) { testLibraries(t, goStatements, 0) })
	t.Run("DeepStack", func(t *testing.T) { testLibraries(t, stackKeepers, 0) })
	t.Run("Future", testFutures)
	t.Run("RoundTrip", testCallers)
	t.Run("OrderedMap", testMappers)
}

// testLibraries does not check the number of workers if it is 0.
func testLibraries(t *testing.T, libraries []library, workers int) {
	for _, lib := range libraries {
		t.Run(lib.name, func(t *testing.T) {
			spawn, stop := lib.open(testWorkers)
			c := newCounter(t, testTasks)
			request(t.Context(), 1, func(ctx context.Context) {
				var wg sync.WaitGroup
				for i := range testTasks {
					wg.Add(1)
					spawn(newTask(ctx, func(ctx context.Context) {
						defer wg.Done()
						c.run(ctx, i)
					}))
				}
				wg.Wait()
			})
			stop()
			c.check(workers)
		})
	}
}

func testFutures(t *testing.T) {
	for _, lib := range futureLibraries {
		t.Run(lib.name, func(t *testing.T) {
			run, stop := lib.open(testWorkers)
			c := newCounter(t, testTasks)
			var next atomic.Int32
			request(t.Context(), 1, func(ctx context.Context) {
				sum := run(ctx, testTasks, func(ctx context.Context) (int, error) {
					return c.run(ctx, int(next.Add(1)-1))
				})
				if want := testTasks * (testTasks - 1) / 2; sum != want {
					t.Errorf("the sum of the results is %d, want %d", sum, want)
				}
			})
			stop()
			c.check(testWorkers)
		})
	}
}

func testCallers(t *testing.T) {
	for _, lib := range callers {
		t.Run(lib.name, func(t *testing.T) {
			prepare, stop := lib.open(testWorkers)
			c := newCounter(t, testTasks)
			request(t.Context(), 1, func(ctx context.Context) {
				for i := range testTasks {
					task := prepare(ctx, func(ctx context.Context) (int, error) { return c.run(ctx, i) })
					if got := task(); got != i {
						t.Fatalf("the result is %d, want %d", got, i)
					}
				}
			})
			stop()
			c.check(1)
		})
	}
}

func testMappers(t *testing.T) {
	items := make([]int, testTasks)
	for i := range items {
		items[i] = i
	}
	for _, lib := range mappers {
		t.Run(lib.name, func(t *testing.T) {
			run, stop := lib.open(testWorkers)
			c := newCounter(t, testTasks)
			var got []int
			request(t.Context(), 1, func(ctx context.Context) {
				run(ctx, items, c.run, func(r int) { got = append(got, r) })
			})
			stop()
			if !slices.Equal(got, items) {
				t.Errorf("the results are not in order: %d", got)
			}
			workers := testWorkers
			if strings.HasPrefix(lib.name, "lo.") {
				workers = 0 // lo has no limit
			}
			c.check(workers)
		})
	}
}
