// Package analyzer finds where a context, and the trace that it carries, is
// lost, and fixes it without changing what the program does.
//
// A context is lost where code that reads values from a context is given a
// root, such as [context.Background], although the caller's context is at
// hand. Nothing fails when that happens: spans become orphans, log lines have
// no trace id, profiles charge the wrong request.
//
// What reads values, what runs on another goroutine and what only serves is
// inferred from the code itself, standard library and dependencies included.
//
// # Silencing
//
// A comment on the line of the finding, or on the line above it, silences it
// and must give a reason:
//
//	//lostctx:ignore the cache is filled for everybody
//
// A directive without a reason, and one that silences nothing, is itself
// reported. Test files and generated files are not reported.
//
// # Analyzer lostgo
//
// lostgo: find tasks that lose the context of the function that starts them
//
// A task is what a go statement runs, or what is passed to a function that
// takes it to another goroutine or a later time: sync.WaitGroup.Go,
// errgroup.Group.Go, time.AfterFunc, context.AfterFunc, any worker pool. The
// check reports a task that hands a root to something which reads values from
// its context, or that calls a function which does so inside, while a context
// is at hand where the task is started:
//
//	func (s *Shop) Place(ctx context.Context, o Order) {
//		go func() {
//			s.mail.Send(context.Background(), o) // an orphan
//		}()
//	}
//
// The task outlives Place, so ctx itself would be cancelled too early: that is
// why the root is there. Detach, but keep the values:
//
//	func (s *Shop) Place(ctx context.Context, o Order) {
//		ctxrun.Go(context.WithoutCancel(ctx), func(ctx context.Context) {
//			s.mail.Send(ctx, o)
//		})
//	}
//
// This is the fix that the check suggests, with package ctxrun from
// github.com/lostctx/lostctx/runtime. It changes the values that reach the
// task and nothing else: when the task is cancelled, what is evaluated when,
// and what a panic does stay as they are. Where that cannot be argued the
// finding has no fix and says what to do by hand.
//
// A context is at hand if it is a parameter (a blank one gets a name),
// derived from one, captured from the function around, or that of a request
// parameter such as an *http.Request.
//
// Not reported, because the root is right or nobody can tell:
//   - service loops and what they start, such as a ticker's rounds, a consumer,
//     an http.Server, and what a function starts before it serves: that work
//     belongs to no caller;
//   - tasks that wait for somebody else's event, or for the end of a context;
//   - what a task does after <-ctx.Done(): it cleans up;
//   - contexts that are only waited for, as by semaphore.Acquire;
//   - a root that was given the caller's span or a link to it;
//   - work that is shared, as by sync.Once and singleflight;
//   - callbacks that are called with data, such as a message: they work for
//     whoever sent it;
//   - functions that are only called with roots, such as those of main;
//   - tasks whose only use of the root is logging or metrics.
//
// If the values themselves are what must not travel, because one of them is a
// transaction, say so in a directive.
package analyzer
