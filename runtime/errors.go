package ctxrun

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
)

// The errors of the package. Each is returned as it is or wrapped: compare
// with [errors.Is].
var (
	// ErrShutdown is the refusal of an executor that is shut down.
	ErrShutdown = errors.New("ctxrun: executor is shut down")

	// ErrQueueFull is returned by [Executor.TryGo] where [Executor.Go]
	// would wait for room in the queue.
	ErrQueueFull = errors.New("ctxrun: queue is full")

	// ErrCanceled is the error of a task that was canceled before it
	// started: by [Future.Cancel] or by [CancelQueued].
	ErrCanceled = errors.New("ctxrun: task was canceled before it started")

	// ErrGoexit is the error of a task or thread that ended itself with
	// [runtime.Goexit], as t.FailNow does.
	ErrGoexit = errors.New("ctxrun: function called runtime.Goexit")

	// ErrTimeout ends a [Map] whose [MapTimeout] has passed. It is
	// [context.DeadlineExceeded] for errors.Is, and has a Timeout method.
	ErrTimeout error = timeoutError{}

	// ErrStarted is returned by [Thread.Start] of a thread that has been
	// started before.
	ErrStarted = errors.New("ctxrun: thread can be started only once")

	// ErrNotStarted is returned by [Thread.Join] of a thread that has not
	// been started.
	ErrNotStarted = errors.New("ctxrun: thread has not been started")

	// ErrSelfJoin is returned where a thread or a task would wait for its
	// own end.
	ErrSelfJoin = errors.New("ctxrun: waits for itself")
)

// errReturned is the cause of a future's context once the task is over.
var errReturned error = returnedError{}

type returnedError struct{}

func (returnedError) Error() string { return "ctxrun: the task of this context has returned" }
func (returnedError) Unwrap() error { return context.Canceled }

type timeoutError struct{}

func (timeoutError) Error() string   { return "ctxrun: map timed out" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Is(e error) bool { return e == context.DeadlineExceeded }

// A PanicError is the error of a task or thread that panicked.
type PanicError struct {
	// Value is what the function panicked with.
	Value any

	pcs  []uintptr
	seen atomic.Bool // somebody was given the error
}

// newPanicError is called by the deferred function that has recovered v, when
// the frames of the panic are still on the stack. It keeps program counters:
// to format them costs ten times as much, and is for whoever reads them.
func newPanicError(v any) *PanicError {
	var pcs [64]uintptr
	n := runtime.Callers(3, pcs[:]) // less Callers, newPanicError and the deferred function
	return &PanicError{Value: v, pcs: append([]uintptr(nil), pcs[:n]...)}
}

// Error returns the value of the panic as text, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("ctxrun: function panicked: %v", e.Value) }

// Unwrap returns the value of the panic if it is an error, and nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Stack returns the stack of the goroutine at the panic, innermost function
// first, at most 64 frames: for each the function, and on a second line its
// file and line, as [runtime/debug.Stack] shows them.
func (e *PanicError) Stack() string {
	var b strings.Builder
	frames := runtime.CallersFrames(e.pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" {
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
		}
		if !more {
			return b.String()
		}
	}
}

// A BrokenError is the refusal of an executor whose initializer failed, and
// the error of the tasks that were queued then.
type BrokenError struct {
	// Cause is what the initializer returned, a *[PanicError] if it
	// panicked, or [ErrGoexit].
	Cause error
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("ctxrun: executor is broken, its initializer failed: %v", e.Cause)
}

// Unwrap returns Cause.
func (e *BrokenError) Unwrap() error { return e.Cause }

// seen notes that somebody is given err: a panic nobody is told of is
// returned by [Executor.Shutdown].
func seen(err error) error {
	if p, ok := err.(*PanicError); ok { //nolint:errorlint // our own value, never wrapped
		p.seen.Store(true)
	}
	return err
}
