// Package ctxrun runs functions elsewhere, on a goroutine, a pool, a timer, a
// thread, and takes the context of the caller along.
//
// A go statement, a pool or a timer takes a func(), not a context, so that
// the function which runs over there is easily written without the context of
// the request that asked for it. Its spans become orphans, its log lines lose
// the trace id, its CPU samples are charged to somebody else. The functions of
// this package take the context beside the function and carry over all three
// things that make up the context of a request:
//
//   - the values of the [context.Context]: the span, the logger, the baggage;
//   - its [runtime/pprof] labels, so that a CPU profile charges the work to
//     the request;
//   - its [runtime/trace] task: while an execution trace is being recorded,
//     the function is shown as a region of the task that ctx belongs to.
//
// What to use:
//
//   - [Go] in place of a go statement;
//   - [Bind], [BindErr] and [BindResult] to hand a function to somebody else's
//     pool, group or timer; a plain closure where the function is called in
//     place, as by singleflight's Do;
//   - an [Executor] for a bounded number of tasks at a time: [Executor.Go]
//     without a result, [Submit] for a [Future], [Map] and [MapSlice] for
//     many values, [Wait], [WaitAll] and [AsCompleted] for many futures;
//   - a [Thread] for a goroutine with a name, a start and an end to wait for.
//
// # Waiting in a task
//
// A task that waits with its own context, or one derived from it, gives up its slot
// meanwhile, so that the tasks it waits for can run: this holds for
// [Future.Result], [Future.Wait], [Wait] and its relatives, the maps, [Thread.Join]
// and a submit that waits for room. A task that waits in another way keeps its slot:
//
//	ex.Go(ctx, func(ctx context.Context) {
//		f := ctxrun.Submit(ctx, ex, price)
//		f.Result(ctx)                  // right
//		f.Result(context.Background()) // keeps the slot; the linter's lostroot reports it
//		wg.Wait()                      // keeps the slot, as a channel does: nothing reports it
//	})
//
// If every slot is kept by a task that waits for a task in the queue, none of
// them ever ends. So wait for tasks of the same executor by their futures, not
// by a [sync.WaitGroup].
//
// # Cancellation
//
// Go, Bind and Executor.Go run the function with the cancellation of ctx. A
// task that must outlive the function that starts it is given a context that
// is not canceled with it:
//
//	ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) {
//		audit.Record(ctx, order)
//	})
//
// The function of a future or a thread, which can be stopped alone, gets a
// context of its own. That ends when the function has returned, as the
// context of an http.Request does. What it starts and does not wait for, and
// what it returns and somebody else is to read from, an http.Response for one,
// takes context.WithoutCancel of it, or the context that was there before.
//
// # Panics and Goexit
//
// In Go, Bind and Executor.Go a panic is not recovered: it ends the program,
// or is seen by the pool that runs the function, as it would be without this
// package. An executor with [WithPanicHandler] recovers it. The panic of a
// future's function or a map's item is its error, a *[PanicError] with the stack; if
// nobody asks for it, [Executor.Shutdown] returns it. A thread's panic ends
// the program unless it has a [ThreadPanicHandler].
//
// [runtime.Goexit], which t.FailNow calls, ends the task or thread with
// [ErrGoexit], and costs the executor no worker.
//
// # The name
//
// The package imports the standard library only. Its folder is called runtime
// and the package ctxrun, because a package called runtime would hide the
// standard one in each file that also asks for GOMAXPROCS. Import it as
//
//	import ctxrun "github.com/lostctx/lostctx/runtime"
//
// # Costs
//
// Go, Bind, BindErr and BindResult stand alone: a program that uses nothing else
// has nothing else of this package in it, and no work at init. They add 12 KB to a
// program that has net/http, and 220 KB to one that has only package context,
// mostly what runtime/pprof imports (linux/amd64, Go 1.26, without symbols).
//
// Go allocates nothing that it does not use again. A Bind function allocates the function
// that it returns and nothing when that is called. Executor.Go allocates
// nothing for a context it has seen among the last eight and 64 bytes
// otherwise, Submit 112 bytes for a small result, a map nothing an item. A
// queued task takes 16 bytes. Setting the labels costs nanoseconds and no
// allocation; the region costs nothing while no execution trace is being
// recorded. A task that asks for ctx.Done costs the context package's price of
// a cancellable context: once for each parent in Executor.Go, once for
// each task in Submit. README.md beside this file has measurements against other
// pools, testdata/bench/pool the benchmarks.
package ctxrun
