// Package ctxrun carries a context to where a function runs.
//
// A go statement, a pool or a timer takes a func(), not a context, so that
// the function which runs over there is easily written without the context of
// the request that asked for it. Its spans become orphans, its log lines lose
// the trace id, its CPU samples are charged to somebody else. Go, Bind,
// BindErr and BindResult take the context beside the function and carry over
// all three things that make up the context of a request:
//
//   - the values of the [context.Context]: the span, the logger, the baggage;
//   - its [runtime/pprof] labels, so that a CPU profile charges the work to
//     the request;
//   - its [runtime/trace] task: while an execution trace is being recorded,
//     the function is shown as a region of the task that ctx belongs to.
//
// They change nothing else. Cancellation is ctx's own: a task that must
// outlive the function that starts it is given a context that is not
// cancelled with it,
//
//	ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) {
//		audit.Record(ctx, order)
//	})
//
// A panic is not recovered: it ends the program, or is seen by the pool that
// runs the function, as it would be without this package.
//
// The package imports the standard library only. Its folder is called runtime
// and the package ctxrun, because a package called runtime would hide the
// standard one in each file that also asks for GOMAXPROCS. Import it as
//
//	import ctxrun "github.com/lostctx/lostctx/runtime"
//
// # Costs
//
// Go allocates once, for the closure that the new goroutine starts with, as a
// go statement with arguments does. A Bind function allocates the function
// that it returns and nothing when that is called. Setting the labels costs
// nanoseconds and no allocation; the region costs nothing while no execution
// trace is being recorded. testdata/bench has the benchmarks.
package ctxrun
