// Package analyzer finds where a context, and the trace that it carries, is
// lost, and fixes it without changing what the program does.
//
// A context is lost where code that reads values from a context is given a
// root, such as [context.Background], although the caller's context is in
// scope. Nothing fails when that happens: spans become orphans, log lines have
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
// # Functions of your own
//
// What a function does with contexts is inferred. Two things cannot be:
//   - -ctx.carriers names the functions that give the caller's context, where a
//     value carries one and has no method Context: with
//     -ctx.carriers='example.com/web.(*Request).Ctx' a parameter req of that type
//     has the context req.Ctx() in scope, as an *http.Request has r.Context(). A
//     function is one that takes the value and nothing else;
//   - -ctx.fresh names the functions that make a root on purpose, such as
//     example.com/tracing.NewRoot: what they give, and what they do, loses nothing.
//
// # Fixes
//
// A fix gives the caller's values to where they were lost, and changes nothing
// else: not when work is canceled, not what is evaluated in which order, not what
// a panic does. That is why it writes context.WithoutCancel(ctx) where there was
// context.Background(), and ctx only where the author wrote context.TODO() in
// work that the caller waits for. Where that cannot be argued there is a finding
// without a fix, which says what to do by hand. All fixes of a package can be
// applied at once; what they make is left alone by the next run.
//
// A function of the package that takes no context and creates its own root gets a
// context parameter, and so does every function on the way, if nobody but the
// package can call it and every caller has a context to hand on.
//
// Flags of all fixes:
//   - -fix.style=plain writes fixes without the wrappers of package ctxrun;
//   - -fix.wrapper=example.com/safego.Go starts goroutines with a function of your
//     own that takes a context and a func(context.Context);
//   - -fix.cancel says what ends the work. By default (auto) a call that takes no
//     context, and context.TODO(), get the context in scope itself where the work
//     cannot outlive it: on the same goroutine, or in a task that is joined on every
//     path, unless it is deferred or gives something, such as rows, that is used
//     later. With inherit that holds for context.Background() too; with keep only
//     context.TODO() is ended by the context, as nothing else was before;
//   - -fix.all is for editors, where a person looks at each: it offers a second fix
//     that lets the work end with the context in scope, one that only links a span
//     which is started with a root to the caller's, for work that is too long for
//     its trace, and fixes that are left out otherwise, because a comment above the
//     root mentions the context, or because the context has a transaction among
//     its values (withTx(ctx)).
//
// # Analyzer lostgo
//
// lostgo: find tasks that lose the context of the function that starts them
//
// A task is what a go statement runs, or what is passed to a function that
// takes it to another goroutine or a later time: sync.WaitGroup.Go,
// errgroup.Group.Go, time.AfterFunc, context.AfterFunc, any worker pool. So is a
// value that a worker takes out of a channel and runs, by a method of an interface
// or by a function in a field. The check reports a task that hands a root to something which reads values from
// its context, or that calls a function which does so inside, while a context
// is in scope where the task is started:
//
//	func (s *Shop) Place(ctx context.Context, o Order) {
//		go func() {
//			s.mail.Send(context.Background(), o) // an orphan
//		}()
//	}
//
// The task outlives Place, so ctx itself would be canceled too early: that is
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
// task and nothing else: when the task is canceled, what is evaluated when,
// and what a panic does stay as they are. Where that cannot be argued the
// finding has no fix and says what to do by hand.
//
// A context is in scope if it is a parameter (a blank one gets a name),
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
//   - work that is shared, as by sync.Once and singleflight, a function that gives
//     the same to all who ask for a key, the collection of garbage;
//   - callbacks that are called with data, such as a message: they work for
//     whoever sent it;
//   - functions that are only called with roots, such as those of main, the context of a
//     command line's command, and constructors and what only they call;
//   - tasks whose only use of the root is logging or metrics.
//
// The other half of a goroutine boundary is the worker that takes an item out of
// a queue, be it a channel, a list or a heap. The check reports one that leaves the
// item's own context aside,
//
//	for job := range p.jobs {
//		p.store.Save(context.Background(), job.order) // job.ctx is right there
//	}
//
// or that drops it (_, job, ok := q.Read(ctx)); and, where the item has none,
// one that gives each item a root although a context is in scope wherever items
// are sent.
//
// The flag -lostgo.strict asks for more: that every task is started through
// ctxrun, whatever it does, so that its pprof labels and its runtime/trace task are
// the caller's too. Where a context is in scope, each go statement is reported, and
// each task that is passed to a spawner of the standard library or x/sync without
// ctxrun.Bind or one of its kin:
//
//	wg.Go(func() { s.count(o) })                                       // bare
//	wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) { s.count(o) }))  // not
//
// A wrapper that -fix.wrapper names is as good as ctxrun.Go. These findings have no
// fix: only the author knows whether the task may end with the context.
//
// If the values themselves are what must not travel, because one of them is a
// transaction, say so in a directive.
//
// # Analyzer lostroot
//
// lostroot: find roots that are used although the caller's context is in scope
//
// A root that is handed to something which reads values, on the goroutine of a
// function that has its caller's context, makes orphans of all that follows:
//
//	func (s *Shop) Refund(ctx context.Context, o Order) error {
//		return s.bank.Pay(context.TODO(), o.Sum) // an orphan
//	}
//
// Where the call may end with the request, pass ctx. Where it must not, because
// it cleans up or has to be finished, keep the values and drop the cancellation:
//
//	func (s *Shop) Refund(ctx context.Context, o Order) error {
//		return s.bank.Pay(context.WithoutCancel(ctx), o.Sum)
//	}
//
// One root is one finding, however often it is used; so is a root that replaces
// a context parameter for all that follows. Deferred calls are looked at too.
//
// A task that waits for another of its ctxrun executor with a root, as by
// Future.Result(context.Background()), is reported as well. It loses more than a
// trace: the wait keeps the task's slot, which the other task may need.
//
// Not reported, because the root is right or nobody can tell:
//   - what belongs to the process or the life of a thing, not to a request:
//     package main and the packages of commands and migrations, the context of a command line's
//     command, constructors (NewX, OpenX), Start, Run, Stop, Close and their like,
//     what only those call, unless they start a span;
//   - service loops, what comes after <-ctx.Done(), contexts that are only waited
//     for, roots that were given the caller's span or a link to it, shared work
//     (singleflight, sync.Once, a cache that loads what it lacks), as for lostgo;
//   - calls that return a channel: what they watch goes on;
//   - contexts that a constructor keeps, and those that are only read to find what
//     the caller left out (if name == "");
//   - literals whose context parameter comes from a root, or is blank, unless the
//     caller's context is passed beside the literal;
//   - if ctx == nil { ctx = context.Background() };
//   - what only logs.
//
// # Analyzer lostcall
//
// lostcall: find calls of functions that take no context and lose the caller's
//
// Half of every API has a variant without a context, and so have most programs.
// The check reports the call of a function that takes none and reaches, itself or
// packages away, a root that is handed to a reader:
//
//	func (s *Store) Save(ctx context.Context, o Order) error {
//		_, err := s.db.Exec(insert, o.ID) // creates its own context.Background()
//		return err
//	}
//
// Call the sibling that takes a context: QueryContext of Query, DoWithContext of
// Do, found by name and signature in any package. (The fix passes
// context.WithoutCancel(ctx) where the call is deferred, runs in a task that may
// outlive the function, or gives rows or a transaction that the function returns.)
//
//	func (s *Store) Save(ctx context.Context, o Order) error {
//		_, err := s.db.ExecContext(ctx, insert, o.ID)
//		return err
//	}
//
// Where the function is one of your own module, let it take a context; it is
// reported once in each package that calls it, with the way to the root and with
// the other calls. Where it starts a goroutine, the way leads through it. A span
// that is started without a parent (opentracing.StartSpan beside
// StartSpanFromContext) counts as such a call.
//
// A request that is built in one chain of calls, by a builder with a method SetContext or
// WithContext, counts too: client.R().Get(url). So does what is done by a handle that lasts,
// a field or a package variable, where the package gives a handle of that type a context
// elsewhere: r.db.Create(user) beside r.db.WithContext(ctx).
//
// A call of an exported interface that takes no context loses one where each method that
// may be called does: what implements the interface in other packages, only the lostctx
// command knows, and reports it; where a task makes the call, lostgo does. Methods that do
// nothing, and test doubles, do not count.
//
// Calls that log without a context (slog.Info beside slog.InfoContext, a logger
// that has WithContext, a global logger such as zap.L()) are a class of their own: real services have thousands.
// The flag -lostcall.logs asks for them, but for lines of a logger that was given the
// context, or the ids of its trace.
//
// Not reported, because nobody could pass a context or nobody should:
//   - functions of other modules without a sibling, but for those of net/http;
//   - ways that lead through another module which takes no context there;
//   - functions that make, start or end a thing, by their names (New, Start,
//     Register, getOrCreate, Close): their root is the life of that thing;
//   - calls from what belongs to the process and not to a request, from service
//     loops and clean-ups, as for lostroot;
//   - calls in a function whose own context parameter is blank: it is known to
//     be of no use there;
//   - exec.Command and others whose context is only waited for: no value is lost.
//
// # Analyzer lostspan
//
// lostspan: find spans whose context does not reach what is done under them
//
// A span's children find their parent in the context that was made with it. If
// that is dropped, they become its siblings:
//
//	_, span := tracer.Start(ctx, "place")
//	defer span.End()
//	return s.store.Save(ctx, o) // no child of place
//
// Name the context and use it:
//
//	ctx, span := tracer.Start(ctx, "place")
//	defer span.End()
//	return s.store.Save(ctx, o)
//
// Any tracer counts: a call that takes a context and gives a context and
// something with End or Finish, or with another method that a deferred call ends it
// with, such as Close(err) or Send(). The check also reports the outer context used
// while the span is open and its own context is in scope under another name, or a
// request that was made with it before; the outer context used in a function that is
// called with the context of a span, and does not use that; a
// span that is over before the function which does the work, and is returned,
// runs; and a loop that assigns the span's context to the variable it starts the
// next round's span with, so that the rounds nest ever deeper.
//
// Not reported, because nothing is lost or nobody can tell:
//   - a function that is called with the context of a span and uses both: it knows
//     which is which;
//   - leaf spans: nothing that could start a span is given the outer context
//     while the span is open;
//   - values that are only looked up (user.FromContext(ctx)), contexts that are
//     only waited for, logging;
//   - a context with a cancel function that is returned or kept, used by tasks
//     alone that nobody waits for: they last longer than the span on purpose;
//   - spans that are not ended by a defer or a statement beside their start.
//
// # Analyzer earlycancel
//
// earlycancel: find tasks that keep a context which is canceled without them
//
// The context of a request ends when its handler returns, and one with a
// deferred cancel ends with the function. A task that nobody waits for and that
// works with such a context is cut off at a random point:
//
//	func (s *Server) Order(w http.ResponseWriter, r *http.Request) {
//		go s.mail.Send(r.Context(), order(r)) // canceled as soon as Order returns
//	}
//
// Detach, but keep the values:
//
//	func (s *Server) Order(w http.ResponseWriter, r *http.Request) {
//		go s.mail.Send(context.WithoutCancel(r.Context()), order(r))
//	}
//
// Only proven cancellations are reported: a cancel that is deferred, the context
// of an *http.Request beside its http.ResponseWriter, of gin's and echo's
// contexts, of a gRPC stream, and that of a method which a gRPC, Twirp or connect
// server calls, found by its shape. A function that starts such a task with its
// parameter is reported where it is called with a context of that kind, across
// packages, with the place of the task. A context that is put into a queue for a worker,
// a channel, a list or a map, is kept too, if the worker works with it:
//
//	s.events <- event{ctx: r.Context(), name: "placed"}
//
// Not reported, because the cancellation is wanted or nobody can tell:
//   - tasks that are joined, or that report back: over a channel, a group or a
//     pipe of the function or its caller (first answer wins, generators);
//   - service loops, watchers and tasks that only wait for the end;
//   - tasks that detach before they work, there or in a function they call;
//   - tasks of loops without a condition, which outlive them;
//   - work that is handed to a function which may wait for it inside;
//   - elements of a queue that say how to answer, whose sender waits, or whose worker
//     asks whether their context has ended;
//   - functions of other modules: that their tasks end with the context which they
//     are given is how they are meant.
//
// # Analyzer stalepool
//
// stalepool: find values that go back into a sync.Pool with a context in them
//
// Who takes such a value out and does not set its context works with the last
// request's trace, user and deadline:
//
//	func (p *printer) free() {
//		p.buf = p.buf[:0]
//		printers.Put(p) // p.ctx is still the last request's
//	}
//
// Clear it:
//
//	func (p *printer) free() {
//		p.buf = p.buf[:0]
//		p.ctx = nil
//		printers.Put(p)
//	}
//
// The field is looked for in structs of the package, and its clearing in the
// function that puts the value back, in what that calls (reset) and in what
// calls it. An *http.Request counts as a context.
//
// Not reported, because nothing is lost or nobody can tell:
//   - pools out of which each value is taken with its context set at once;
//   - fields that are never set, values of other packages, exported pools.
//
// # Analyzer lostignore
//
// lostignore: find ignore directives that silence nothing
//
// A directive that no finding needs any more hides the next one. A directive
// without a reason helps nobody, and is ignored:
//
//	//lostctx:ignore
//	go c.fill(context.Background()) // still reported
//
// Write why:
//
//	//lostctx:ignore the cache is filled for everybody
//	go c.fill(context.Background())
//
// Not reported: directives in generated files, and in test files unless a check
// looks at them.
package analyzer
