package pool

import (
	"context"
	"testing"
)

var stackKeepers = []library{
	{"go", goBare},
	{"ctxrun.Go,kept", ctxrunGoIdle},
	{"ctxrun.Go", ctxrunGo},
	{"ants", antsSubmit},
	{"pond.Go", pondGo},
}

// BenchmarkDeepStack has tasks run, one after the other, that need a stack of
// 32 KiB: a new goroutine has to grow to it each time, a kept one has it.
func BenchmarkDeepStack(b *testing.B) {
	for _, lib := range stackKeepers {
		b.Run("lib="+lib.name, func(b *testing.B) {
			spawn, stop := lib.open(1)
			defer stop()
			request(b.Context(), 0, func(ctx context.Context) {
				done := make(chan byte, 1)
				t := newTask(ctx, func(context.Context) { done <- deep(32) })
				run := func(n int) {
					for range n {
						spawn(t)
						<-done
					}
				}
				run(warmUp)
				measure(b, func() { run(b.N) })
			})
		})
	}
}

// deep uses n KiB of stack, and a little more.
//
//go:noinline
func deep(n int) byte {
	var frame [1024]byte
	frame[n] = byte(n)
	if n == 1 {
		return frame[n]
	}
	return deep(n-1) + frame[n]
}
