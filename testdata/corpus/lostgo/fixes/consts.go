package fixes

import (
	"context"
	"time"
)

type level uint8

// A constant has the type of the parameter that it is passed for, and a literal on one line
// gets more of them.

func constants(ctx context.Context, s Store) {
	go func(ratio float64) { // want `goroutine loses ctx`
		s.Put(context.Background(), int(ratio/4*100))
	}(1)
	go func(d time.Duration) { time.Sleep(d); s.Put(context.Background(), 1) }(1500) // want `goroutine loses ctx`
	go func(b uint8, l level) {                                                      // want `goroutine loses ctx`
		s.Put(context.Background(), int(b+200)+int(l))
	}(100, 3)
	go func(r rune, f float32) { s.Put(context.Background(), int(r)+int(f)) }('a', 2) // want `goroutine loses ctx`
}

func onOneLine(ctx context.Context, s Store) {
	for i := 0; i < 3; i++ {
		go func(i int) { s.Put(context.Background(), i) }(i)                                     // want `goroutine loses ctx`
		go func(i int) { s.Put(context.Background(), i); s.Put(context.Background(), 1) }(i + 1) // want `goroutine loses ctx`
	}
	go func(i int) { /* one */ s.Put(context.Background(), i) }(1) // want `goroutine loses ctx`
}

// A goto must not jump over a variable.
func jumps(ctx context.Context, s Store, again bool) {
	if again {
		goto end
	}
	go func(n int) { s.Put(context.Background(), n) }(len("n")) // want `goroutine loses ctx`
end:
	s.Put(ctx, 1)
}
