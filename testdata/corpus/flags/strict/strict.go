// Package strict starts goroutines past ctxrun and through it, for
// -lostgo.strict.
package strict

import (
	"context"
	"net/http"
	"sync"
	"time"

	ctxrun "github.com/lostctx/lostctx/runtime"
)

type Store interface {
	Save(ctx context.Context, id string) error
}

func count() {}

func bare(ctx context.Context) {
	go count()              // want `goroutine is started without ctxrun although ctx is in scope; start it with ctxrun.Go\(ctx, ..\), or with context.WithoutCancel\(ctx\) if it must outlive it`
	go func() { count() }() // want `goroutine is started without ctxrun`
	defer func() {
		go count() // want `goroutine is started without ctxrun`
	}()
}

func request(w http.ResponseWriter, r *http.Request) {
	go count() // want `goroutine is started without ctxrun although r.Context\(\) is in scope; start it with ctxrun.Go\(r.Context\(\), ..\)`
}

func blank(context.Context) {
	go count() // want `goroutine is started without ctxrun although ctx is in scope`
}

// That the task is given the context is not enough: its labels are missing.
func given(ctx context.Context, s Store) {
	go s.Save(ctx, "a") // want `goroutine is started without ctxrun although ctx is in scope`
}

func spawners(ctx context.Context, wg *sync.WaitGroup) {
	wg.Go(count)                                             // want `task of sync.\(\*WaitGroup\).Go is started without ctxrun although ctx is in scope; start it with ctxrun.Bind\(ctx, ..\)`
	time.AfterFunc(time.Second, func() {})                   // want `task of time.AfterFunc is started without ctxrun`
	context.AfterFunc(ctx, count)                            // want `task of context.AfterFunc is started without ctxrun`
	wg.Go(ctxrun.Bind(ctx, func(ctx context.Context) {}))    // bound
	go ctxrun.Bind(ctx, func(ctx context.Context) {})()      // bound
	ctxrun.Go(ctx, func(ctx context.Context) { go count() }) // want `goroutine is started without ctxrun`
	bound := ctxrun.Bind(ctx, func(context.Context) {})
	time.AfterFunc(time.Second, bound)
	go bound()
}

// The runtime's own means are no bare goroutines.
func through(ctx context.Context, ex *ctxrun.Executor) {
	ctxrun.Go(ctx, func(context.Context) {})
	ex.Go(ctx, func(context.Context) {})
	go ex.Go(ctx, func(context.Context) {})
}

// A pool of the program's own may go through ctxrun inside.
func own(ctx context.Context) {
	submit(count)
}

func submit(task func()) { go task() }

// A loss is one finding.
func lost(ctx context.Context, s Store) {
	go func() { // want `goroutine loses ctx`
		s.Save(context.Background(), "a")
	}()
	//lostctx:ignore the newsletter is for everybody
	go s.Save(context.Background(), "a")
}

func silenced(ctx context.Context) {
	//lostctx:ignore it counts for everybody
	go count()
}

// Without a context at hand there is nothing to hand on.
func none() {
	go count()
}

func root() {
	ctx := context.Background()
	go count()
	_ = ctx
}

func handler(ctx context.Context) func() {
	return func() { go count() } // runs for whoever calls it
}

func rounds(ctx context.Context, jobs <-chan int) {
	for {
		select {
		case <-jobs:
			go count() // a round is nobody's
		case <-ctx.Done():
			return
		}
	}
}

// What is sent is started by who receives it.
func sends(ctx context.Context, tasks chan func()) {
	tasks <- func() {}
}
